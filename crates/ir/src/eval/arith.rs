//! Arithmetic: moves, sums, products, quotients, minima, comparisons.

use crate::{Code, Op, Width};

/// Operands as an operation of the given width sees them.
#[derive(Clone, Copy)]
struct Pair {
    a: u64,
    b: u64,
    width: Width,
}

impl Pair {
    fn signed(self) -> (i64, i64) {
        match self.width {
            Width::W64 => (self.a as i64, self.b as i64),
            _ => (self.a as i32 as i64, self.b as i32 as i64),
        }
    }

    fn unsigned(self) -> (u64, u64) {
        match self.width {
            Width::W64 => (self.a, self.b),
            _ => (self.a as u32 as u64, self.b as u32 as u64),
        }
    }

    /// Signed quotient. 32-bit minimum by -1 leaves 2^31, which wraps to the minimum.
    fn div_signed(self) -> u64 {
        match self.signed() {
            (_, 0) => u64::MAX,
            (a, b) => a.wrapping_div(b) as u64,
        }
    }

    fn rem_signed(self) -> u64 {
        match self.signed() {
            (a, 0) => a as u64,
            (a, b) => a.wrapping_rem(b) as u64,
        }
    }

    fn div_unsigned(self) -> u64 {
        let (a, b) = self.unsigned();
        a.checked_div(b).unwrap_or(u64::MAX)
    }

    fn rem_unsigned(self) -> u64 {
        let (a, b) = self.unsigned();
        a.checked_rem(b).unwrap_or(a)
    }
}

/// The upper half of a 128-bit product.
fn high(product: i128) -> u64 {
    (product >> 64) as u64
}

fn pick(holds: bool, yes: u64, no: u64) -> u64 {
    if holds { yes } else { no }
}

pub fn value(op: &Op, [a, b, c, d]: [u64; 4]) -> Option<u64> {
    let pair = Pair { a, b, width: op.width };
    let (sa, sb) = (a as i64, b as i64);
    let raw = match op.code {
        Code::Mov => a,
        Code::Add => a.wrapping_add(b),
        Code::Sub => a.wrapping_sub(b),
        Code::Mul => a.wrapping_mul(b),
        Code::MulHS => high(sa as i128 * sb as i128),
        Code::MulHU => ((a as u128 * b as u128) >> 64) as u64,
        Code::MulHSU => high(sa as i128 * b as i128),
        Code::DivS => pair.div_signed(),
        Code::DivU => pair.div_unsigned(),
        Code::RemS => pair.rem_signed(),
        Code::RemU => pair.rem_unsigned(),
        Code::MinS => sa.min(sb) as u64,
        Code::MaxS => sa.max(sb) as u64,
        Code::MinU => a.min(b),
        Code::MaxU => a.max(b),
        Code::ShlAdd => (a << op.imm).wrapping_add(b),
        Code::ShlAddU => ((a as u32 as u64) << op.imm).wrapping_add(b),
        Code::SetCond => op.cond.holds(a, b) as u64,
        Code::Select => pick(op.cond.holds(a, b), c, d),
        _ => return None,
    };
    Some(op.width.wrap(raw))
}
