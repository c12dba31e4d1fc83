//! Operand values at which implementations go wrong.

use super::Rng;
use softfp::Format;

/// A 64-bit integer: 0, ±1, ends of ranges, powers of two and their neighbours, short numbers, or anything.
pub fn integer(rng: &mut Rng) -> u64 {
    let power = 1u64 << rng.below(64);
    match rng.below(10) {
        0 => 0,
        1 => rng.pick(&[
            1,
            u64::MAX,
            i64::MAX as u64,
            i64::MIN as u64,
            i32::MAX as u64,
            i32::MIN as u64,
            u32::MAX as u64,
        ]),
        2 => power.wrapping_add(rng.below(3)).wrapping_sub(1),
        3 => power.wrapping_neg().wrapping_add(rng.below(3)).wrapping_sub(1),
        4 => rng.below(64),
        5 => bits::sext(rng.next(), 12),
        6 => bits::sext(rng.next(), 32),
        7 => rng.next() as u32 as u64,
        _ => rng.next(),
    }
}

/// Raw bits of a float: zeros, ends of the subnormals and normals and their neighbours, 1 ± ulp, infinities, NaNs with
/// payloads, small integers, values around the ends of the integer types, or anything. Upper bits are zero.
pub fn float(rng: &mut Rng, f: Format) -> u64 {
    let one = softfp::from_int(f, 1, softfp::Int::U64, softfp::Round::NearestEven).0;
    let near = |rng: &mut Rng, v: u64| v.wrapping_add(rng.below(5)).wrapping_sub(2);
    let magnitude = match rng.below(10) {
        0 => 0,
        1 => near(rng, 1 << f.fraction_bits),
        2 => 1 + rng.below(3),
        3 => near(rng, f.largest()),
        4 => near(rng, one),
        5 => f.infinity(),
        6 => f.infinity() | (rng.next() & ((1 << f.fraction_bits) - 1)),
        7 => {
            let v = around_integer(rng, f);
            near(rng, v)
        }
        8 => whole(rng, f),
        _ => rng.next(),
    };
    let sign = if rng.chance(50) { f.sign_bit() } else { 0 };
    (magnitude & f.mask() & !f.sign_bit()) | sign
}

/// 2^n for n at the ends of the integer types, or half.
fn around_integer(rng: &mut Rng, f: Format) -> u64 {
    let n = rng.pick(&[0, 1, 7, 8, 15, 16, 23, 24, 31, 32, 52, 53, 62, 63]);
    softfp::from_int(f, 1 << n, softfp::Int::U64, softfp::Round::NearestEven).0
}

/// A float with an integral value.
fn whole(rng: &mut Rng, f: Format) -> u64 {
    let n = rng.next() >> rng.below(64);
    softfp::from_int(f, n, softfp::Int::U64, softfp::Round::NearestEven).0
}
