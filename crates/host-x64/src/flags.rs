//! Sticky floating-point flags: the guest's order of bits against MXCSR's.
//!
//! MXCSR has IE 0, ZE 2, OE 3, UE 4, PE 5 (Intel SDM volume 1, 10.2.3); guests see NV 4, DZ 3, OF 2, UF 1, NX 0. Generated
//! code translates by two small tables in the arena.

use host::layout::{FLAGS_TO_GUEST, FLAGS_TO_HOST};

/// Bit in MXCSR, bit of the guest.
const BITS: [(u32, u32); 5] = [(0, 4), (2, 3), (3, 2), (4, 1), (5, 0)];

/// The bits of MXCSR that mask exceptions; each stands [`TO_MASK`] above its flag.
pub const ALL_MASKED: u32 = 0x1f80;
pub const TO_MASK: u8 = 7;
/// Flags that the guest has: all but DE.
pub const GUEST_FLAGS: u32 = 0x3d;
/// The mask of the flag that it does not have.
pub const DENORMAL_MASK: u32 = 0x100;

/// The guest's flags in an MXCSR.
pub fn to_guest(control: u32) -> u64 {
    BITS.iter().map(|(h, g)| ((control >> h & 1) as u64) << g).sum()
}

/// The bits of MXCSR for the guest's flags.
pub fn to_host(flags: u64) -> u32 {
    BITS.iter().map(|(h, g)| ((flags >> g & 1) as u32) << h).sum()
}

/// Both tables as words of the arena.
pub fn tables() -> Vec<(i32, u64)> {
    let guest = (0..64).map(|c| to_guest(c) as u8).collect::<Vec<u8>>();
    let host = (0..32).map(|f| to_host(f) as u8).collect::<Vec<u8>>();
    words(FLAGS_TO_GUEST, &guest).chain(words(FLAGS_TO_HOST, &host)).collect()
}

fn words(at: i32, bytes: &[u8]) -> impl Iterator<Item = (i32, u64)> + use<> {
    let chunks: Vec<u64> =
        bytes.chunks(8).map(|c| c.iter().rev().fold(0, |word, byte| word << 8 | *byte as u64)).collect();
    chunks.into_iter().enumerate().map(move |(i, word)| (at + i as i32 * 8, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_both_directions() {
        let bytes: Vec<u8> = tables().iter().flat_map(|(_, w)| w.to_le_bytes()).collect();
        assert_eq!(bytes.len(), 96);
        for flags in 0..32u64 {
            let host = bytes[64 + flags as usize];
            assert_eq!(bytes[host as usize] as u64, flags);
        }
    }
}
