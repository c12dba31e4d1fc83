//! Logic, shifts, counts, extensions, single bits and permutations of bits and bytes.

use crate::{Code, Op, Width};

/// The low `width` bits of `v`.
fn low(width: Width, v: u64) -> u64 {
    bits::zext(v, width.bits())
}

/// Arithmetic shift of the low `width` bits.
fn sar(width: Width, a: u64, by: u32) -> u64 {
    (bits::sext(a, width.bits()) as i64 >> by) as u64
}

/// Left rotation of the low `width` bits by `by < width`.
fn rotl(width: Width, a: u64, by: u32) -> u64 {
    match width {
        Width::W64 => a.rotate_left(by),
        _ => (a as u32).rotate_left(by) as u64,
    }
}

/// Applies `f` to each byte.
fn bytewise(a: u64, f: fn(u8) -> u8) -> u64 {
    u64::from_le_bytes(a.to_le_bytes().map(f))
}

fn shift(op: &Op, a: u64, b: u64) -> Option<u64> {
    let (w, size) = (op.width, op.width.bits());
    let by = b as u32 % size;
    Some(match op.code {
        Code::Shl => a << by,
        Code::Shr => low(w, a) >> by,
        Code::Sar => sar(w, a, by),
        Code::Rotl => rotl(w, a, by),
        Code::Rotr => rotl(w, a, (size - by) % size),
        _ => return None,
    })
}

fn count(op: &Op, a: u64) -> Option<u64> {
    let size = op.width.bits();
    let v = low(op.width, a);
    Some(match op.code {
        Code::Clz => (v.leading_zeros() - (64 - size)) as u64,
        Code::Ctz => v.trailing_zeros().min(size) as u64,
        Code::Popcnt => v.count_ones() as u64,
        _ => return None,
    })
}

fn logic(op: &Op, a: u64, b: u64) -> Option<u64> {
    let bit = 1u64 << (b % 64);
    Some(match op.code {
        Code::And => a & b,
        Code::Or => a | b,
        Code::Xor => a ^ b,
        Code::AndNot => a & !b,
        Code::OrNot => a | !b,
        Code::Xnor => !(a ^ b),
        Code::BitSet => a | bit,
        Code::BitClr => a & !bit,
        Code::BitInv => a ^ bit,
        Code::BitExt => (a & bit != 0) as u64,
        _ => return None,
    })
}

fn permute(op: &Op, a: u64) -> Option<u64> {
    Some(match op.code {
        Code::Ext => op.mem.extend(a),
        Code::Bswap => a.swap_bytes(),
        Code::Brev8 => bytewise(a, u8::reverse_bits),
        Code::OrcB => bytewise(a, |byte| if byte == 0 { 0 } else { 0xff }),
        _ => return None,
    })
}

pub fn value(op: &Op, [a, b, ..]: [u64; 4]) -> Option<u64> {
    let raw = logic(op, a, b).or_else(|| shift(op, a, b)).or_else(|| count(op, a)).or_else(|| permute(op, a))?;
    Some(op.width.wrap(raw))
}
