//! Helpers of floating-point rows, on `softfp`. Operands are raw registers; the third argument says [`How`], except where
//! it is an operand. Results are boxed, flags are `fflags`.

use crate::insn::fp::{How, Size};
use guest::Pair;
use softfp::{Flags, Format, Int, Round};

/// What a helper computes with.
struct Call {
    f: Format,
    rm: Round,
    variant: u8,
}

impl Call {
    fn new(how: u64) -> Call {
        let how = How::unpack(how);
        Call { f: how.size.format(), rm: Round::ALL[how.rm as usize], variant: how.variant }
    }

    /// The value in a register.
    fn operand(&self, register: u64) -> u64 {
        self.f.unbox(register)
    }

    fn float(&self, (bits, flags): (u64, Flags)) -> Pair {
        Pair(self.f.boxed(bits), flags)
    }
}

fn truth((holds, flags): (bool, Flags)) -> Pair {
    Pair(holds as u64, flags)
}

/// Makes a helper per function of `softfp` with the same shape.
macro_rules! binary {
    ($(|$c:ident, $a:ident, $b:ident| $($name:ident = $what:expr;)*)*) => { $($(
        pub extern "C" fn $name(a: u64, b: u64, how: u64) -> Pair {
            let $c = Call::new(how);
            let ($a, $b) = ($c.operand(a), $c.operand(b));
            $what
        }
    )*)* };
}

binary! { |c, a, b|
    add = c.float(softfp::add(c.f, a, b, c.rm));
    sub = c.float(softfp::sub(c.f, a, b, c.rm));
    mul = c.float(softfp::mul(c.f, a, b, c.rm));
    div = c.float(softfp::div(c.f, a, b, c.rm));
    min = c.float(softfp::min(c.f, a, b));
    max = c.float(softfp::max(c.f, a, b));
    minimum = c.float(softfp::minimum(c.f, a, b));
    maximum = c.float(softfp::maximum(c.f, a, b));
    eq = truth(softfp::eq(c.f, a, b));
    lt = truth(softfp::lt(c.f, a, b));
    le = truth(softfp::le(c.f, a, b));
    lt_quiet = truth(softfp::lt_quiet(c.f, a, b));
    le_quiet = truth(softfp::le_quiet(c.f, a, b));
    sign = c.float((with_sign(&c, a, b), 0));
}

/// `a` with the sign of `b` (variant 0), its complement (1), or the exclusive or of both signs (2).
fn with_sign(c: &Call, a: u64, b: u64) -> u64 {
    let sign = c.f.sign_bit();
    match c.variant {
        0 => a & !sign | b & sign,
        1 => a & !sign | !b & sign,
        _ => a ^ b & sign,
    }
}

pub extern "C" fn sqrt(a: u64, _: u64, how: u64) -> Pair {
    let c = Call::new(how);
    c.float(softfp::sqrt(c.f, c.operand(a), c.rm))
}

pub extern "C" fn classify(a: u64, _: u64, how: u64) -> Pair {
    let c = Call::new(how);
    Pair(c.f.classify(c.operand(a)), 0)
}

/// Variant 1: a change is inexact.
pub extern "C" fn round(a: u64, _: u64, how: u64) -> Pair {
    let c = Call::new(how);
    c.float(softfp::round_to_integral(c.f, c.operand(a), c.rm, c.variant == 1))
}

/// The variant is the integer type.
pub extern "C" fn to_int(a: u64, _: u64, how: u64) -> Pair {
    let c = Call::new(how);
    let (value, flags) = softfp::to_int(c.f, c.operand(a), Int::ALL[c.variant as usize], c.rm);
    Pair(value, flags)
}

/// The variant is the integer type.
pub extern "C" fn from_int(a: u64, _: u64, how: u64) -> Pair {
    let c = Call::new(how);
    c.float(softfp::from_int(c.f, a, Int::ALL[c.variant as usize], c.rm))
}

/// To the size, from the one that the variant names.
pub extern "C" fn convert(a: u64, _: u64, how: u64) -> Pair {
    let c = Call::new(how);
    let from = Size::ALL[c.variant as usize].format();
    c.float(softfp::convert(from, c.f, from.unbox(a), c.rm))
}

pub extern "C" fn to_int_modular(a: u64, _: u64, _: u64) -> Pair {
    let (value, flags) = softfp::to_int_modular(a);
    Pair(value, flags)
}

fn fma(f: Format, rm: Round, a: u64, b: u64, c: u64) -> Pair {
    let (bits, flags) = softfp::fma(f, f.unbox(a), f.unbox(b), f.unbox(c), rm);
    Pair(f.boxed(bits), flags)
}

macro_rules! fused {
    ($($name:ident $format:ident $round:ident;)*) => { $(
        pub extern "C" fn $name(a: u64, b: u64, c: u64) -> Pair {
            fma(softfp::$format, Round::$round, a, b, c)
        }
    )* };
}

fused! {
    fma_s_rmm F32 NearestAway;
    fma_d_rmm F64 NearestAway;
    fma_h_rne F16 NearestEven;
    fma_h_rtz F16 ToZero;
    fma_h_rdn F16 Down;
    fma_h_rup F16 Up;
    fma_h_rmm F16 NearestAway;
}
