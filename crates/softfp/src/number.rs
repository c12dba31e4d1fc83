//! Unpacked values: what the operations compute with.

use crate::format::Format;

/// `(negative ? -1 : 1) * sig * 2^exp`. Bit 0 of `sig` may be sticky: "and something more below".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub negative: bool,
    pub exp: i32,
    pub sig: u128,
}

impl Number {
    /// A finite value. `sig` has at most `fraction_bits + 1` bits.
    pub fn unpack(f: Format, a: u64) -> Number {
        let magnitude = f.magnitude(a);
        let field = (magnitude >> f.fraction_bits) as i32;
        let fraction = magnitude & ((1 << f.fraction_bits) - 1);
        let hidden = ((field != 0) as u64) << f.fraction_bits;
        Number {
            negative: f.is_negative(a),
            exp: f.lowest_exponent() + (field - 1).max(0),
            sig: (fraction | hidden) as u128,
        }
    }

    pub fn is_zero(&self) -> bool {
        self.sig == 0
    }

    /// The same value with bit 125 the highest of `sig`, which leaves room for one carry and keeps all bits of the
    /// product of two doubles.
    pub fn normalised(self) -> Number {
        let shift = self.sig.leading_zeros() as i32 - 2;
        Number { sig: self.sig << shift, exp: self.exp - shift, ..self }
    }

    /// The same value with `exp` raised by `n`; what falls off at the right stays as a sticky bit.
    pub fn shifted_right(self, n: i32) -> Number {
        let sig =
            if n > 127 { (self.sig != 0) as u128 } else { self.sig >> n | (self.sig & ((1 << n) - 1) != 0) as u128 };
        Number { sig, exp: self.exp + n, ..self }
    }

    /// Exact product of two values of at most 64 bits.
    pub fn times(self, b: Number) -> Number {
        Number { negative: self.negative != b.negative, exp: self.exp + b.exp, sig: self.sig * b.sig }
    }

    /// Sum of two values that are not zero, correct for rounding; `sig` is zero if it is exactly zero (the sign says
    /// nothing then).
    ///
    /// Sticky bits do no harm: a value is only shifted by more than the 20 bits that it has to spare where the other
    /// one is larger by more than 2^19, and then the sum keeps at least 124 bits.
    pub fn plus(self, b: Number) -> Number {
        let (a, b) = (self.normalised(), b.normalised());
        let (a, b) = if (a.exp, a.sig) >= (b.exp, b.sig) { (a, b) } else { (b, a) };
        let b = b.shifted_right(a.exp - b.exp);
        let sig = if a.negative == b.negative { a.sig + b.sig } else { a.sig - b.sig };
        Number { sig, ..a }
    }
}
