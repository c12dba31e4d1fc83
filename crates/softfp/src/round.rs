//! Rounding: the one place where precision is lost, and where inexact, underflow and overflow come from.

use crate::format::Format;
use crate::number::Number;
use crate::{Flags, NX, OF, UF};

/// A rounding mode; the numbers are RISC-V's `frm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Round {
    NearestEven = 0,
    ToZero = 1,
    Down = 2,
    Up = 3,
    /// To nearest, ties away from zero.
    NearestAway = 4,
}

impl Round {
    pub const ALL: [Round; 5] = [Round::NearestEven, Round::ToZero, Round::Down, Round::Up, Round::NearestAway];

    /// The mode with this number in RISC-V's encoding, unless it is reserved.
    pub const fn from_bits(n: u64) -> Option<Round> {
        if n < 5 { Some(Round::ALL[n as usize]) } else { None }
    }

    /// Whether a magnitude is rounded up, given its last bit that is kept and how what is cut off compares with half
    /// of that bit (`cut` and `half` in any unit).
    fn increments(self, negative: bool, odd: bool, cut: u128, half: u128) -> bool {
        match self {
            Round::NearestEven => cut > half || (cut == half && odd),
            Round::ToZero => false,
            Round::Down => negative && cut != 0,
            Round::Up => !negative && cut != 0,
            Round::NearestAway => cut >= half,
        }
    }

    /// Whether an overflow gives the largest finite number instead of an infinity.
    fn stops_at_largest(self, negative: bool) -> bool {
        match self {
            Round::NearestEven | Round::NearestAway => false,
            Round::ToZero => true,
            Round::Down => !negative,
            Round::Up => negative,
        }
    }
}

/// `sig` as a multiple of `2^places`, rounded, and whether anything was lost.
pub(crate) fn to_multiple(negative: bool, sig: u128, places: i32, rm: Round) -> (u128, bool) {
    if places <= 0 {
        return (sig << places.unsigned_abs(), false);
    }
    // Beyond that, all of `sig` is less than half of the unit.
    let (kept, cut, half) = if places > 127 {
        (0, (sig != 0) as u128, 2)
    } else {
        (sig >> places, sig & ((1 << places) - 1), 1 << (places - 1))
    };
    let up = rm.increments(negative, kept & 1 == 1, cut, half);
    (kept + up as u128, cut != 0)
}

/// Rounds a number that is not zero into a format.
pub(crate) fn round(f: Format, n: Number, rm: Round) -> (u64, Flags) {
    let top = 127 - n.sig.leading_zeros() as i32;
    // Exponents of the last bit: as precision alone would have it, and as the range allows.
    let natural = n.exp + top - f.fraction_bits as i32;
    let last = natural.max(f.lowest_exponent());
    let (sig, inexact) = to_multiple(n.negative, n.sig, last - n.exp, rm);

    // The fields simply add up: the hidden bit of `sig` counts one in the exponent field, a subnormal has neither, and
    // a `sig` that has grown into the next binade carries.
    let field = (last - f.lowest_exponent()) as u128;
    let magnitude = (field << f.fraction_bits) + sig;
    if magnitude >= f.infinity() as u128 {
        let m = if rm.stops_at_largest(n.negative) { f.largest() } else { f.infinity() };
        return (f.signed(n.negative, m), OF | NX);
    }
    let mut flags = if inexact { NX } else { 0 };
    if inexact && natural < last && is_tiny(f, n, natural, rm) {
        flags |= UF;
    }
    (f.signed(n.negative, magnitude as u64), flags)
}

/// Whether the number, rounded with unbounded exponent, lies below the smallest normal ("tininess after rounding").
/// It does lie below it unrounded.
fn is_tiny(f: Format, n: Number, natural: i32, rm: Round) -> bool {
    let (sig, _) = to_multiple(n.negative, n.sig, natural - n.exp, rm);
    let grew = sig >> (f.fraction_bits + 1) != 0;
    natural + (grew as i32) < f.lowest_exponent()
}
