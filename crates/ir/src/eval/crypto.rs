//! Carry-less products and halves of AES rounds.
//!
//! The AES tables are computed from FIPS 197's definitions, so that nothing here was typed from a table. The state is
//! the 128-bit number `b:a`; byte `4c + r` is row `r` of column `c`.

use crate::{Code, Op};

/// Carry-less product.
fn clmul(a: u64, b: u64) -> u128 {
    (0..64).filter(|i| b >> i & 1 == 1).fold(0, |sum, i| sum ^ ((a as u128) << i))
}

/// Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2).
const fn gf_mul(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut product) = (a, b, 0);
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        let carry = a >> 7;
        a = (a << 1) ^ (carry * 0x1b);
        b >>= 1;
    }
    product
}

/// FIPS 197, 5.1.1: the inverse in the field (0 stays 0), then an affine map.
const fn sub_byte(x: u8) -> u8 {
    let mut inverse = 1;
    let mut i = 0;
    while i < 254 {
        inverse = gf_mul(inverse, x);
        i += 1;
    }
    let s = inverse;
    s ^ s.rotate_left(1) ^ s.rotate_left(2) ^ s.rotate_left(3) ^ s.rotate_left(4) ^ 0x63
}

const SBOX: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = sub_byte(i as u8);
        i += 1;
    }
    table
};

const INV_SBOX: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[SBOX[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// Replaces each byte.
fn sub(v: u64, table: &[u8; 256]) -> u64 {
    u64::from_le_bytes(v.to_le_bytes().map(|byte| table[byte as usize]))
}

/// Columns 0 and 1 of the state after its rows were rotated: row `r` takes column `c + step * r`.
fn shift_rows(a: u64, b: u64, step: usize) -> u64 {
    let state = (((b as u128) << 64) | a as u128).to_le_bytes();
    let byte = |i: usize| state[i % 4 + 4 * ((i / 4 + step * (i % 4)) % 4)];
    u64::from_le_bytes(std::array::from_fn(byte))
}

/// Multiplies both columns by the circulant matrix whose first row is `row` (FIPS 197, 5.1.3 and 5.3.3).
fn mix(v: u64, row: [u8; 4]) -> u64 {
    let bytes = v.to_le_bytes();
    let byte = |i: usize| {
        let (column, r) = (i / 4 * 4, i % 4);
        (0..4).fold(0, |sum, k| sum ^ gf_mul(row[(k + 4 - r) % 4], bytes[column + k]))
    };
    u64::from_le_bytes(std::array::from_fn(byte))
}

const MIX: [u8; 4] = [2, 3, 1, 1];
const INV_MIX: [u8; 4] = [14, 11, 13, 9];

/// `aes64ks1i`: rotate and substitute the upper word, add the round constant; round 10 does neither.
fn key1(a: u64, round: i64) -> u64 {
    let word = (a >> 32) as u32;
    let (word, constant) = match round {
        10 => (word, 0),
        n => (word.rotate_right(8), (0..n).fold(1, |c, _| gf_mul(c, 2))),
    };
    let half = sub(word as u64, &SBOX) as u32 ^ constant as u32;
    (half as u64) << 32 | half as u64
}

pub fn value(op: &Op, [a, b, ..]: [u64; 4]) -> Option<u64> {
    let encrypted = || sub(shift_rows(a, b, 1), &SBOX);
    let decrypted = || sub(shift_rows(a, b, 3), &INV_SBOX);
    Some(match op.code {
        Code::Clmul => clmul(a, b) as u64,
        Code::ClmulH => (clmul(a, b) >> 64) as u64,
        Code::AesEncLast => encrypted(),
        Code::AesEnc => mix(encrypted(), MIX),
        Code::AesDecLast => decrypted(),
        Code::AesDec => mix(decrypted(), INV_MIX),
        Code::AesInvMix => mix(a, INV_MIX),
        Code::AesKey1 => key1(a, op.imm),
        _ => return None,
    })
}
