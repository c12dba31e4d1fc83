//! Comparisons, minimum and maximum.

use crate::arith::nan_result;
use crate::format::Format;
use crate::{Flags, NV};

/// Whether `a == b`; only signalling NaNs are invalid.
pub fn eq(f: Format, a: u64, b: u64) -> (bool, Flags) {
    quiet(f, a, b, |a, b| a == b)
}

/// Whether `a < b`; every NaN is invalid.
pub fn lt(f: Format, a: u64, b: u64) -> (bool, Flags) {
    signalling(f, a, b, |a, b| a < b)
}

/// Whether `a <= b`; every NaN is invalid.
pub fn le(f: Format, a: u64, b: u64) -> (bool, Flags) {
    signalling(f, a, b, |a, b| a <= b)
}

/// Whether `a < b`; only signalling NaNs are invalid (Zfa `fltq`).
pub fn lt_quiet(f: Format, a: u64, b: u64) -> (bool, Flags) {
    quiet(f, a, b, |a, b| a < b)
}

/// Whether `a <= b`; only signalling NaNs are invalid (Zfa `fleq`).
pub fn le_quiet(f: Format, a: u64, b: u64) -> (bool, Flags) {
    quiet(f, a, b, |a, b| a <= b)
}

/// IEEE 754-2019 minimumNumber: a NaN operand loses, -0 < +0 (RISC-V `fmin`).
pub fn min(f: Format, a: u64, b: u64) -> (u64, Flags) {
    number(f, a, b, |a, b| total(f, a) < total(f, b))
}

/// IEEE 754-2019 maximumNumber (RISC-V `fmax`).
pub fn max(f: Format, a: u64, b: u64) -> (u64, Flags) {
    number(f, a, b, |a, b| total(f, a) > total(f, b))
}

/// IEEE 754-2019 minimum: a NaN operand wins (Zfa `fminm`).
pub fn minimum(f: Format, a: u64, b: u64) -> (u64, Flags) {
    nan_result(f, &[a, b]).unwrap_or_else(|| min(f, a, b))
}

/// IEEE 754-2019 maximum: a NaN operand wins (Zfa `fmaxm`).
pub fn maximum(f: Format, a: u64, b: u64) -> (u64, Flags) {
    nan_result(f, &[a, b]).unwrap_or_else(|| max(f, a, b))
}

fn quiet(f: Format, a: u64, b: u64, holds: fn(i64, i64) -> bool) -> (bool, Flags) {
    match nan_result(f, &[a, b]) {
        Some((_, flags)) => (false, flags),
        None => (holds(order(f, a), order(f, b)), 0),
    }
}

fn signalling(f: Format, a: u64, b: u64, holds: fn(i64, i64) -> bool) -> (bool, Flags) {
    if f.is_nan(a) || f.is_nan(b) { (false, NV) } else { quiet(f, a, b, holds) }
}

/// `a` if `wins(a, b)`, else `b`, and a number rather than a NaN.
fn number(f: Format, a: u64, b: u64, wins: impl Fn(u64, u64) -> bool) -> (u64, Flags) {
    let invalid = if f.is_signalling(a) || f.is_signalling(b) { NV } else { 0 };
    let chosen = match (f.is_nan(a), f.is_nan(b)) {
        (true, true) => f.nan(),
        (true, false) => b,
        (false, true) => a,
        _ if wins(a, b) => a,
        _ => b,
    };
    (chosen & f.mask(), invalid)
}

/// An integer ordered as the values of all but NaNs are, with equal zeros.
fn order(f: Format, a: u64) -> i64 {
    let magnitude = f.magnitude(a) as i64;
    if f.is_negative(a) { -magnitude } else { magnitude }
}

/// As [`order`], but -0 comes before +0.
fn total(f: Format, a: u64) -> i64 {
    if f.is_negative(a) { -1 - f.magnitude(a) as i64 } else { f.magnitude(a) as i64 }
}
