//! The formats, and what can be said of a value by looking at its bits.

/// An IEEE 754 binary interchange format of at most 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// Bits of the biased exponent.
    pub exponent_bits: u32,
    /// Bits of the fraction, without the hidden one.
    pub fraction_bits: u32,
}

/// Half precision, binary16.
pub const F16: Format = Format { exponent_bits: 5, fraction_bits: 10 };
/// The upper half of a single.
pub const BF16: Format = Format { exponent_bits: 8, fraction_bits: 7 };
/// Single precision, binary32.
pub const F32: Format = Format { exponent_bits: 8, fraction_bits: 23 };
/// Double precision, binary64.
pub const F64: Format = Format { exponent_bits: 11, fraction_bits: 52 };

impl Format {
    /// Bits of a value.
    pub const fn bits(self) -> u32 {
        1 + self.exponent_bits + self.fraction_bits
    }

    /// All bits of a value.
    pub const fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }

    /// The sign bit.
    pub const fn sign_bit(self) -> u64 {
        1 << (self.bits() - 1)
    }

    /// Positive infinity: the exponent field full.
    pub const fn infinity(self) -> u64 {
        self.max_exponent_field() << self.fraction_bits
    }

    /// The canonical NaN: positive, quiet, no payload.
    pub const fn nan(self) -> u64 {
        self.infinity() | self.quiet_bit()
    }

    /// The finite number with the largest magnitude, positive.
    pub const fn largest(self) -> u64 {
        self.infinity() - 1
    }

    pub const fn is_negative(self, a: u64) -> bool {
        a & self.sign_bit() != 0
    }

    pub const fn is_nan(self, a: u64) -> bool {
        self.magnitude(a) > self.infinity()
    }

    pub const fn is_signalling(self, a: u64) -> bool {
        self.is_nan(a) && a & self.quiet_bit() == 0
    }

    pub const fn is_infinite(self, a: u64) -> bool {
        self.magnitude(a) == self.infinity()
    }

    pub const fn is_zero(self, a: u64) -> bool {
        self.magnitude(a) == 0
    }

    /// `-a`, also of a NaN.
    pub const fn negated(self, a: u64) -> u64 {
        a ^ self.sign_bit()
    }

    /// The value in a 64-bit register whose upper bits are all ones, else the canonical NaN (NaN boxing).
    pub const fn unbox(self, register: u64) -> u64 {
        if register | self.mask() == u64::MAX { register & self.mask() } else { self.nan() }
    }

    /// A 64-bit register that holds the value: all upper bits set.
    pub const fn boxed(self, a: u64) -> u64 {
        a | !self.mask()
    }

    /// RISC-V `fclass`: bit 0 -inf, 1 negative normal, 2 negative subnormal, 3 -0, 4 +0, 5 positive subnormal,
    /// 6 positive normal, 7 +inf, 8 signalling NaN, 9 quiet NaN.
    pub const fn classify(self, a: u64) -> u64 {
        if self.is_nan(a) {
            return if self.is_signalling(a) { 1 << 8 } else { 1 << 9 };
        }
        let magnitude = self.magnitude(a);
        let positive = if magnitude == 0 {
            4
        } else if magnitude >> self.fraction_bits == 0 {
            5
        } else if magnitude < self.infinity() {
            6
        } else {
            7
        };
        1 << (if self.is_negative(a) { 7 - positive } else { positive })
    }

    /// `a` without its sign.
    pub(crate) const fn magnitude(self, a: u64) -> u64 {
        a & (self.mask() >> 1)
    }

    /// `magnitude` with the given sign.
    pub(crate) const fn signed(self, negative: bool, magnitude: u64) -> u64 {
        if negative { magnitude | self.sign_bit() } else { magnitude }
    }

    /// The exponent field of infinities and NaNs.
    pub(crate) const fn max_exponent_field(self) -> u64 {
        (1 << self.exponent_bits) - 1
    }

    /// The exponent of the last fraction bit of subnormals and of the smallest normals.
    pub(crate) const fn lowest_exponent(self) -> i32 {
        let bias = (1 << (self.exponent_bits - 1)) - 1;
        1 - bias - self.fraction_bits as i32
    }

    const fn quiet_bit(self) -> u64 {
        1 << (self.fraction_bits - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_the_formats() {
        assert_eq!((F16.nan(), F16.infinity(), F16.largest()), (0x7e00, 0x7c00, 0x7bff));
        assert_eq!(BF16.nan(), 0x7fc0);
        assert_eq!(F32.nan(), 0x7fc0_0000);
        assert_eq!(F64.nan(), 0x7ff8_0000_0000_0000);
        assert_eq!((F64.mask(), F16.mask()), (u64::MAX, 0xffff));
        assert_eq!(F32.lowest_exponent(), -149);
    }

    #[test]
    fn boxing() {
        assert_eq!(F32.unbox(0xffff_ffff_3f80_0000), 0x3f80_0000);
        assert_eq!(F32.unbox(0xffff_fffe_3f80_0000), F32.nan());
        assert_eq!(F16.unbox(0xffff_ffff_ffff_3c00), 0x3c00);
        assert_eq!(F16.unbox(0xffff_ffff_3f80_0000), F16.nan());
        assert_eq!(F64.unbox(5), 5);
        assert_eq!(F16.boxed(0x3c00), 0xffff_ffff_ffff_3c00);
    }
}
