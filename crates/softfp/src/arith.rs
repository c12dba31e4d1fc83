//! Sum, product, quotient, root and fused multiply-add.

use crate::format::Format;
use crate::number::Number;
use crate::round::{Round, round};
use crate::{DZ, Flags, NV};

/// `a + b`
pub fn add(f: Format, a: u64, b: u64, rm: Round) -> (u64, Flags) {
    if let Some(nan) = nan_result(f, &[a, b]) {
        return nan;
    }
    match (f.is_infinite(a), f.is_infinite(b)) {
        (true, true) if f.is_negative(a) != f.is_negative(b) => (f.nan(), NV),
        (true, _) => (a & f.mask(), 0),
        (_, true) => (b & f.mask(), 0),
        _ => rounded_sum(f, Number::unpack(f, a), Number::unpack(f, b), rm),
    }
}

/// `a - b`
pub fn sub(f: Format, a: u64, b: u64, rm: Round) -> (u64, Flags) {
    add(f, a, f.negated(b), rm)
}

/// `a * b`
pub fn mul(f: Format, a: u64, b: u64, rm: Round) -> (u64, Flags) {
    if let Some(nan) = nan_result(f, &[a, b]) {
        return nan;
    }
    let negative = f.is_negative(a) != f.is_negative(b);
    if f.is_infinite(a) || f.is_infinite(b) {
        return if f.is_zero(a) || f.is_zero(b) { (f.nan(), NV) } else { (f.signed(negative, f.infinity()), 0) };
    }
    if f.is_zero(a) || f.is_zero(b) {
        return (f.signed(negative, 0), 0);
    }
    round(f, Number::unpack(f, a).times(Number::unpack(f, b)), rm)
}

/// `a / b`
pub fn div(f: Format, a: u64, b: u64, rm: Round) -> (u64, Flags) {
    if let Some(nan) = nan_result(f, &[a, b]) {
        return nan;
    }
    let negative = f.is_negative(a) != f.is_negative(b);
    match (f.is_infinite(a), f.is_infinite(b)) {
        (true, true) => return (f.nan(), NV),
        (true, false) => return (f.signed(negative, f.infinity()), 0),
        (false, true) => return (f.signed(negative, 0), 0),
        _ => {}
    }
    match (f.is_zero(a), f.is_zero(b)) {
        (true, true) => (f.nan(), NV),
        (true, false) => (f.signed(negative, 0), 0),
        (false, true) => (f.signed(negative, f.infinity()), DZ),
        _ => {
            let (a, b) = (Number::unpack(f, a).normalised(), Number::unpack(f, b));
            let (quotient, rest) = (a.sig / b.sig, a.sig % b.sig);
            let sig = quotient | (rest != 0) as u128;
            round(f, Number { negative, exp: a.exp - b.exp, sig }, rm)
        }
    }
}

/// Square root of `a`
pub fn sqrt(f: Format, a: u64, rm: Round) -> (u64, Flags) {
    if let Some(nan) = nan_result(f, &[a]) {
        return nan;
    }
    if f.is_zero(a) {
        return (a & f.mask(), 0);
    }
    if f.is_negative(a) {
        return (f.nan(), NV);
    }
    if f.is_infinite(a) {
        return (f.infinity(), 0);
    }
    let n = Number::unpack(f, a).normalised();
    // The root of an even power of two is a power of two; a shift by one bit is still inside 127 bits.
    let odd = n.exp & 1;
    let (sig, exp) = (n.sig << odd, n.exp - odd);
    let root = sig.isqrt();
    let sig = root << 1 | (root * root != sig) as u128;
    round(f, Number { negative: false, exp: exp / 2 - 1, sig }, rm)
}

/// `a * b + c`, rounded once. Negate operands for the other three forms.
pub fn fma(f: Format, a: u64, b: u64, c: u64, rm: Round) -> (u64, Flags) {
    let negative = f.is_negative(a) != f.is_negative(b);
    let infinite = f.is_infinite(a) || f.is_infinite(b);
    // Also where `c` is a quiet NaN (section "Fused Multiply-Add" of chapter "F").
    if infinite && (f.is_zero(a) || f.is_zero(b)) {
        return (f.nan(), NV);
    }
    if let Some(nan) = nan_result(f, &[a, b, c]) {
        return nan;
    }
    if infinite {
        let clash = f.is_infinite(c) && f.is_negative(c) != negative;
        return if clash { (f.nan(), NV) } else { (f.signed(negative, f.infinity()), 0) };
    }
    if f.is_infinite(c) {
        return (c & f.mask(), 0);
    }
    let product = Number::unpack(f, a).times(Number::unpack(f, b));
    rounded_sum(f, product, Number::unpack(f, c), rm)
}

/// The sum of two finite numbers, of which either may be zero.
fn rounded_sum(f: Format, a: Number, b: Number, rm: Round) -> (u64, Flags) {
    let sum = match (a.is_zero(), b.is_zero()) {
        (true, true) if a.negative == b.negative => return (f.signed(a.negative, 0), 0),
        (true, _) => b,
        (_, true) => a,
        _ => a.plus(b),
    };
    if sum.is_zero() {
        // IEEE 754, 6.3: an exact zero sum of unlike signs is +0, except toward negative.
        return (f.signed(rm == Round::Down, 0), 0);
    }
    round(f, sum, rm)
}

/// The result if an operand is a NaN: the canonical one, invalid if any is signalling.
pub(crate) fn nan_result(f: Format, operands: &[u64]) -> Option<(u64, Flags)> {
    let nan = operands.iter().any(|&a| f.is_nan(a));
    let signalling = operands.iter().any(|&a| f.is_signalling(a));
    nan.then_some((f.nan(), if signalling { NV } else { 0 }))
}
