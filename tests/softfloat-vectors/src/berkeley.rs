//! The operations of the vectors as Berkeley SoftFloat computes them, in its RISC-V flavour.
//!
//! What it lacks is built from what it has: minimum and maximum from its comparisons (as the RISC-V manual defines
//! them), bfloat16 from exact single-precision differences, the modular conversion from its exact remainder.

use crate::format::{Operation, Outcome, Type, Verb};
use softfloat_wrapper::{ExceptionFlags, F16, F32, F64, Float, RoundingMode};

/// RISC-V's order.
pub const MODES: [RoundingMode; 5] = [
    RoundingMode::TiesToEven,
    RoundingMode::TowardZero,
    RoundingMode::TowardNegative,
    RoundingMode::TowardPositive,
    RoundingMode::TiesToAway,
];

/// What SoftFloat says of an operation; `mode` indexes [`MODES`].
pub fn compute(op: Operation, operands: [u64; 3], mode: usize) -> Outcome {
    let rm = MODES[mode];
    ExceptionFlags::default().set();
    let bits = match op.on {
        Type::F16 => on_float::<F16>(op, operands, rm),
        Type::F32 => on_float::<F32>(op, operands, rm),
        Type::F64 => on_float::<F64>(op, operands, rm),
        Type::Bf16 => from_bfloat(operands[0]),
        _ => from_int(op, operands[0], rm),
    };
    let mut flags = ExceptionFlags::default();
    flags.get();
    (bits, flags.to_bits() as u64)
}

/// The bits of any float, widened.
trait Bits: Float + Copy {
    fn new(bits: u64) -> Self;
    fn raw(self) -> u64;
    const NAN: u64;
}

macro_rules! bits {
    ($($float:ident $payload:ty, $nan:literal;)*) => { $(
        impl Bits for $float {
            fn new(bits: u64) -> Self { $float::from_bits(bits as $payload) }
            fn raw(self) -> u64 { self.to_bits() as u64 }
            const NAN: u64 = $nan;
        }
    )* };
}

bits! {
    F16 u16, 0x7e00;
    F32 u32, 0x7fc0_0000;
    F64 u64, 0x7ff8_0000_0000_0000;
}

fn on_float<F: Bits>(op: Operation, operands: [u64; 3], rm: RoundingMode) -> u64 {
    let [a, b, c] = operands.map(F::new);
    match op.verb {
        Verb::Add => a.add(b, rm).raw(),
        Verb::Sub => a.sub(b, rm).raw(),
        Verb::Mul => a.mul(b, rm).raw(),
        Verb::Div => a.div(b, rm).raw(),
        Verb::Sqrt => a.sqrt(rm).raw(),
        Verb::MulAdd => a.fused_mul_add(b, c, rm).raw(),
        Verb::Eq => Float::eq(&a, b) as u64,
        Verb::Lt => Float::lt(&a, b) as u64,
        Verb::Le => Float::le(&a, b) as u64,
        Verb::LtQuiet => a.lt_quiet(b) as u64,
        Verb::LeQuiet => a.le_quiet(b) as u64,
        Verb::Min => smaller(a, b).raw(),
        Verb::Max => larger(a, b).raw(),
        Verb::Minimum => nan_or(a, b, smaller),
        Verb::Maximum => nan_or(a, b, larger),
        Verb::RoundToInt => a.round_to_integral(rm).raw(),
        Verb::RoundToIntExact => round_to_integral_exact(a, rm),
        Verb::ToIntModular => to_int_modular(operands[0]),
        Verb::To(Type::F16) => a.to_f16(rm).raw(),
        Verb::To(Type::F32) => a.to_f32(rm).raw(),
        Verb::To(Type::F64) => a.to_f64(rm).raw(),
        Verb::To(Type::I32) => a.to_i32(rm, true) as u64,
        Verb::To(Type::U32) => a.to_u32(rm, true) as i32 as u64,
        Verb::To(Type::I64) => a.to_i64(rm, true) as u64,
        Verb::To(Type::U64) => a.to_u64(rm, true),
        Verb::To(Type::Bf16) => to_bfloat(operands[0], rm),
    }
}

fn from_int(op: Operation, a: u64, rm: RoundingMode) -> u64 {
    fn to<F: Bits>(on: Type, a: u64, rm: RoundingMode) -> u64 {
        match on {
            Type::I32 => F::from_i32(a as i32, rm).raw(),
            Type::U32 => F::from_u32(a as u32, rm).raw(),
            Type::I64 => F::from_i64(a as i64, rm).raw(),
            _ => F::from_u64(a, rm).raw(),
        }
    }
    match op.verb {
        Verb::To(Type::F16) => to::<F16>(op.on, a, rm),
        Verb::To(Type::F32) => to::<F32>(op.on, a, rm),
        _ => to::<F64>(op.on, a, rm),
    }
}

/// RISC-V `fmin`.
fn smaller<F: Bits>(a: F, b: F) -> F {
    let less = a.lt_quiet(b) || (Float::eq(&a, b) && a.is_negative());
    choose(a, b, less)
}

/// RISC-V `fmax`.
fn larger<F: Bits>(a: F, b: F) -> F {
    let greater = b.lt_quiet(a) || (Float::eq(&a, b) && b.is_negative());
    choose(a, b, greater)
}

fn choose<F: Bits>(a: F, b: F, first: bool) -> F {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => F::new(F::NAN),
        (true, false) => b,
        (false, true) => a,
        _ if first => a,
        _ => b,
    }
}

/// Zfa `fminm`, `fmaxm`.
fn nan_or<F: Bits>(a: F, b: F, choose: fn(F, F) -> F) -> u64 {
    let chosen = choose(a, b).raw();
    if a.is_nan() || b.is_nan() { F::NAN } else { chosen }
}

/// Zfa `froundnx`: what changes a number is inexact.
fn round_to_integral_exact<F: Bits>(a: F, rm: RoundingMode) -> u64 {
    let rounded = a.round_to_integral(rm);
    if !a.is_nan() && rounded.raw() != a.raw() {
        add_flags(1);
    }
    rounded.raw()
}

/// Zfa `fcvtmod.w.d`: the flags of the saturating conversion, the value by the exact remainder modulo 2^32.
fn to_int_modular(bits: u64) -> u64 {
    let a = F64::from_bits(bits);
    a.to_i32(RoundingMode::TowardZero, true);
    if a.is_nan() || !a.is_negative() && a.is_positive_infinity() || a.is_negative_infinity() {
        return 0;
    }
    let mut flags = ExceptionFlags::default();
    flags.get();
    let whole = a.round_to_integral(RoundingMode::TowardZero);
    let rest = whole.rem(F64::from_u64(1 << 32, RoundingMode::TiesToEven), RoundingMode::TiesToEven);
    let low = rest.to_i64(RoundingMode::TowardZero, false) as i32 as u64;
    flags.set();
    low
}

fn from_bfloat(bits: u64) -> u64 {
    // The conversion is exact; adding zero quiets and reports NaNs, but loses the sign of -0.
    let a = F32::from_bits((bits as u32) << 16);
    if a.is_zero() { a.raw() } else { a.add(F32::from_bits(0), RoundingMode::TiesToEven).raw() }
}

/// Rounds a single to its upper half. Both neighbours are singles, and so are the distances to them, exactly.
fn to_bfloat(bits: u64, rm: RoundingMode) -> u64 {
    let a = F32::from_bits(bits as u32);
    if a.is_nan() {
        a.add(a, rm);
        return 0x7fc0;
    }
    let rounded = to_upper_half(bits as u32, rm);
    if rounded << 16 != bits as u32 {
        add_flags(1);
        if rounded & 0x7fff == 0x7f80 {
            add_flags(4);
        }
        let below_normals = (bits as u32 & 0x7fff_ffff) < 0x0080_0000;
        if below_normals && is_tiny_rounded(a, rm) {
            add_flags(2);
        }
    }
    rounded as u64
}

/// Tiny after rounding: scaled up (exactly) by 2^24, where the exponent has no end, it still rounds below 2^(24-126).
fn is_tiny_rounded(a: F32, rm: RoundingMode) -> bool {
    let scale = F32::from_bits((127 + 24) << 23);
    let scaled = a.mul(scale, RoundingMode::TiesToEven).to_bits();
    (to_upper_half(scaled, rm) & 0x7fff) << 16 < (1 + 24) << 23
}

fn to_upper_half(bits: u32, rm: RoundingMode) -> u32 {
    let toward_zero = bits >> 16;
    if bits & 0xffff == 0 {
        return toward_zero;
    }
    let negative = bits >> 31 == 1;
    // By magnitude; an infinite neighbour stands where the next number would be, at the same distance.
    let cut = bits & 0xffff;
    let away = match rm {
        RoundingMode::TiesToEven => cut > 0x8000 || cut == 0x8000 && toward_zero & 1 == 1,
        RoundingMode::TowardZero => false,
        RoundingMode::TowardNegative => negative,
        RoundingMode::TowardPositive => !negative,
        RoundingMode::TiesToAway => cut >= 0x8000,
    };
    toward_zero + away as u32
}

fn add_flags(more: u8) {
    let mut flags = ExceptionFlags::default();
    flags.get();
    ExceptionFlags::from_bits(flags.to_bits() | more).set();
}
