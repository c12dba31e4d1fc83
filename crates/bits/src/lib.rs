//! Vocabulary that every floor shares: guest addresses, access sizes and sign extension.
//!
//! Nothing in here knows a guest, a host or an operating system. Guest addresses are plain `u64` values under the
//! name [`Addr`]: they are computed with far more often than they are passed around.
#![forbid(unsafe_code)]

/// A guest virtual address.
pub type Addr = u64;

/// Bytes in a guest page (and in a host page on every host that we run on).
pub const PAGE: u64 = 4096;

/// The first address of the page that holds `addr`.
pub const fn page_of(addr: Addr) -> Addr {
    addr & !(PAGE - 1)
}

/// `addr` rounded up to a page; wraps to 0 above the last page.
pub const fn page_up(addr: Addr) -> Addr {
    addr.wrapping_add(PAGE - 1) & !(PAGE - 1)
}

/// Sign-extends the low `bits` bits (1 to 64) of `value`.
pub const fn sext(value: u64, bits: u32) -> u64 {
    let shift = 64 - bits;
    (((value << shift) as i64) >> shift) as u64
}

/// Zero-extends the low `bits` bits (1 to 64) of `value`.
pub const fn zext(value: u64, bits: u32) -> u64 {
    let shift = 64 - bits;
    (value << shift) >> shift
}

/// What a memory access moves: its size and, for loads, how the value is widened to 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Mem {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
}

impl Mem {
    /// Every kind, indexed by its number.
    pub const ALL: [Mem; 7] = [Mem::U8, Mem::I8, Mem::U16, Mem::I16, Mem::U32, Mem::I32, Mem::U64];

    /// The kind with number `n` (as given by `kind as u8`).
    ///
    /// # Panics
    /// If there is no such number.
    pub const fn from_u8(n: u8) -> Mem {
        Mem::ALL[n as usize]
    }

    /// Bytes accessed.
    pub const fn bytes(self) -> u32 {
        match self {
            Mem::U8 | Mem::I8 => 1,
            Mem::U16 | Mem::I16 => 2,
            Mem::U32 | Mem::I32 => 4,
            Mem::U64 => 8,
        }
    }

    /// Whether a load sign-extends.
    pub const fn signed(self) -> bool {
        matches!(self, Mem::I8 | Mem::I16 | Mem::I32)
    }

    /// Widens the low bytes of `raw` as a load of this kind does.
    pub const fn extend(self, raw: u64) -> u64 {
        let bits = self.bytes() * 8;
        if self.signed() { sext(raw, bits) } else { zext(raw, bits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        assert_eq!(sext(0x80, 8), 0xffff_ffff_ffff_ff80);
        assert_eq!(zext(0xffff_ff80, 8), 0x80);
        assert_eq!(Mem::I32.extend(0xdead_beef_8000_0000), 0xffff_ffff_8000_0000);
        assert_eq!(Mem::U64.extend(u64::MAX), u64::MAX);
        assert_eq!(page_up(4097), 8192);
    }
}
