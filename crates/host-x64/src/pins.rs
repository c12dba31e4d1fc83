//! Which guest variables live in which host registers between blocks (decision D2).
//!
//! rbp is the state register, rsp the host's stack, rax, rcx and rdx are scratch. The other eleven hold the guest's
//! hottest integer registers, the hottest of them in registers that a C function keeps, so that calls save little.
//! xmm0 to xmm3 are scratch, the other twelve, or with AVX-512 twenty-eight, hold floats.

use crate::asm::*;
use host::Home;
use host::layout::slot;
use ir::Var;
use std::ops::Range;

/// Registers for integer pins, best first: those that survive calls.
pub const INT_REGS: [Reg; 11] = [RBX, R12, R13, R14, R15, RSI, RDI, R8, R9, R10, R11];
/// How many of them survive calls.
pub const KEPT_BY_CALLS: usize = 5;
/// The first register for floating-point pins; the rest follow by number.
pub const FIRST_FLOAT: u8 = 4;

/// The `i`th floating-point pin's register.
pub fn float_reg(i: usize) -> Xmm {
    Xmm(FIRST_FLOAT + i as u8)
}

/// The assignment for one guest.
pub struct Pins {
    pub ints: Vec<Var>,
    pub floats: Vec<Var>,
    homes: [Home; Var::COUNT as usize],
    /// Per variable: its bit in the masks of a record, if pinned.
    bits: [u8; Var::COUNT as usize],
}

impl Pins {
    /// Pins the first variables of both lists.
    pub fn new(ints: &[Var], floats: &[Var], xmm_count: usize) -> Pins {
        let ints: Vec<Var> = ints.iter().copied().take(INT_REGS.len()).collect();
        let floats: Vec<Var> = floats.iter().copied().take(xmm_count - FIRST_FLOAT as usize).collect();
        let mut homes = [Home::Slot; Var::COUNT as usize];
        let mut bits = [0; Var::COUNT as usize];
        for (i, v) in ints.iter().enumerate() {
            homes[v.0 as usize] = Home::Int(INT_REGS[i].0);
            bits[v.0 as usize] = i as u8;
        }
        for (i, v) in floats.iter().enumerate() {
            homes[v.0 as usize] = Home::Float(float_reg(i).0);
            bits[v.0 as usize] = i as u8;
        }
        Pins { ints, floats, homes, bits }
    }

    /// Stores the integer pins from number `first` on into their slots.
    pub fn save_ints(&self, a: &mut Asm, first: usize) {
        for (i, v) in self.ints.iter().enumerate().skip(first) {
            a.mov_store(8, mem(RBP, slot(*v)), INT_REGS[i]);
        }
    }

    /// Loads the integer pins with these numbers from their slots.
    pub fn load_ints(&self, a: &mut Asm, which: Range<usize>) {
        for (i, v) in self.ints.iter().enumerate().take(which.end).skip(which.start) {
            a.mov(true, INT_REGS[i], mem(RBP, slot(*v)));
        }
    }

    /// Stores the floating-point pins.
    pub fn save_floats(&self, a: &mut Asm, avx: bool) {
        for (i, v) in self.floats.iter().enumerate() {
            a.store_scalar(avx, true, mem(RBP, slot(*v)), float_reg(i));
        }
    }

    /// Loads the floating-point pins.
    pub fn load_floats(&self, a: &mut Asm, avx: bool) {
        for (i, v) in self.floats.iter().enumerate() {
            a.load_scalar(avx, true, float_reg(i), mem(RBP, slot(*v)));
        }
    }

    #[inline]
    pub fn home(&self, v: Var) -> Home {
        self.homes[v.0 as usize]
    }

    #[inline]
    pub fn int(&self, v: Var) -> Option<Reg> {
        match self.home(v) {
            Home::Int(r) => Some(Reg(r)),
            _ => None,
        }
    }

    #[inline]
    pub fn float(&self, v: Var) -> Option<Xmm> {
        match self.home(v) {
            Home::Float(x) => Some(Xmm(x)),
            _ => None,
        }
    }

    /// The mask bit of a pinned variable.
    #[inline]
    pub fn bit(&self, v: Var) -> u16 {
        1 << self.bits[v.0 as usize]
    }

    /// The same for a floating-point variable.
    #[inline]
    pub fn float_bit(&self, v: Var) -> u32 {
        1 << self.bits[v.0 as usize]
    }
}
