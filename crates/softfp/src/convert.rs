//! Conversions: between formats, to and from integers, and to integral values.

use crate::arith::nan_result;
use crate::format::{F64, Format};
use crate::number::Number;
use crate::round::{Round, round, to_multiple};
use crate::{Flags, NV, NX};

/// The integer types of conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Int {
    I32,
    U32,
    I64,
    U64,
}

impl Int {
    pub const ALL: [Int; 4] = [Int::I32, Int::U32, Int::I64, Int::U64];

    const fn range(self) -> (i128, i128) {
        match self {
            Int::I32 => (i32::MIN as i128, i32::MAX as i128),
            Int::U32 => (0, u32::MAX as i128),
            Int::I64 => (i64::MIN as i128, i64::MAX as i128),
            Int::U64 => (0, u64::MAX as i128),
        }
    }

    /// The value as a 64-bit register holds it: 32-bit values sign-extended, the unsigned ones too.
    const fn register(self, value: i128) -> u64 {
        match self {
            Int::I32 | Int::U32 => value as i32 as u64,
            Int::I64 | Int::U64 => value as u64,
        }
    }

    /// The value that a register means.
    const fn value(self, register: u64) -> i128 {
        match self {
            Int::I32 => register as i32 as i128,
            Int::U32 => register as u32 as i128,
            Int::I64 => register as i64 as i128,
            Int::U64 => register as i128,
        }
    }
}

/// `a` of format `from` in format `to`.
pub fn convert(from: Format, to: Format, a: u64, rm: Round) -> (u64, Flags) {
    if let Some((_, flags)) = nan_result(from, &[a]) {
        return (to.nan(), flags);
    }
    let negative = from.is_negative(a);
    if from.is_infinite(a) {
        (to.signed(negative, to.infinity()), 0)
    } else if from.is_zero(a) {
        (to.signed(negative, 0), 0)
    } else {
        round(to, Number::unpack(from, a), rm)
    }
}

/// `a` as an integer, saturated; a NaN gives the maximum. What is out of range after rounding is invalid, and only
/// that. 32-bit results are sign-extended, the unsigned ones too.
pub fn to_int(f: Format, a: u64, int: Int, rm: Round) -> (u64, Flags) {
    let (min, max) = int.range();
    let negative = f.is_negative(a) && !f.is_nan(a);
    let limit = int.register(if negative { min } else { max });
    if f.is_nan(a) || f.is_infinite(a) {
        return (limit, NV);
    }
    let n = Number::unpack(f, a);
    // No integer type reaches 2^64; and up to there the shifts stay inside 128 bits.
    if n.exp + (f.fraction_bits as i32) > 64 {
        return (limit, NV);
    }
    let (magnitude, inexact) = to_multiple(negative, n.sig, -n.exp, rm);
    let value = if negative { -(magnitude as i128) } else { magnitude as i128 };
    if value < min || value > max {
        return (limit, NV);
    }
    (int.register(value), if inexact { NX } else { 0 })
}

/// Zfa `fcvtmod.w.d`: toward zero, modulo 2^32, sign-extended; infinities and NaNs give 0. The flags are those of the
/// saturating conversion.
pub fn to_int_modular(a: u64) -> (u64, Flags) {
    let f = F64;
    let (_, flags) = to_int(f, a, Int::I32, Round::ToZero);
    if f.is_nan(a) || f.is_infinite(a) {
        return (0, flags);
    }
    let n = Number::unpack(f, a);
    // From 2^85 on all of the low 32 bits are zero.
    if n.exp > 32 {
        return (0, flags);
    }
    let (magnitude, _) = to_multiple(n.negative, n.sig, -n.exp, Round::ToZero);
    let low = magnitude as u32;
    let low = if n.negative { low.wrapping_neg() } else { low };
    (low as i32 as u64, flags)
}

/// The integer in a register, as a float.
pub fn from_int(f: Format, register: u64, int: Int, rm: Round) -> (u64, Flags) {
    let value = int.value(register);
    if value == 0 {
        return (0, 0);
    }
    round(f, Number { negative: value < 0, exp: 0, sig: value.unsigned_abs() }, rm)
}

/// `a` rounded to an integral value of the same format (Zfa `fround`, and `froundnx` if `exact`: only then a change
/// is inexact).
pub fn round_to_integral(f: Format, a: u64, rm: Round, exact: bool) -> (u64, Flags) {
    if let Some(nan) = nan_result(f, &[a]) {
        return nan;
    }
    let n = Number::unpack(f, a);
    if f.is_infinite(a) || n.exp >= 0 {
        return (a & f.mask(), 0);
    }
    let (magnitude, inexact) = to_multiple(n.negative, n.sig, -n.exp, rm);
    let flags = if inexact && exact { NX } else { 0 };
    if magnitude == 0 {
        return (f.signed(n.negative, 0), flags);
    }
    // Fits exactly: no integral value below the precision needs more bits than the precision.
    let (bits, _) = round(f, Number { negative: n.negative, exp: 0, sig: magnitude }, rm);
    (bits, flags)
}
