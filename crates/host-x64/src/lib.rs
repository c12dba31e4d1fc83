//! The x86-64 host: emits blocks in one pass with pinned guest registers.
//!
//! `asm` encodes, `pins` says what lives where between blocks, `emit` turns operations into instructions, `fixed` holds
//! the few pieces that every block relies on. Features beyond x86-64-v2 are detected at start and used when present.
#![forbid(unsafe_code)]

pub mod asm;
mod emit;
mod features;
mod fixed;
mod flags;
mod inspect;
mod pins;
mod soft;

pub use features::Features;

use host::{Emitted, Fixed, Home, Host, Place};
use ir::{Block, Callee, Var};
use pins::Pins;

/// This host, set up for one guest.
pub struct X64 {
    features: Features,
    pins: Pins,
    helpers: Vec<u64>,
}

impl X64 {
    /// `ints` and `floats`: the guest's variables by falling frequency; `helpers`: addresses of the functions that
    /// `CallPure` and `CallFlags` name by index.
    pub fn new(features: Features, ints: &[Var], floats: &[Var], helpers: Vec<u64>) -> X64 {
        let xmm_count = if features.avx512 { 32 } else { 16 };
        X64 { features, pins: Pins::new(ints, floats, xmm_count), helpers }
    }
}

impl Host for X64 {
    fn fixed(&self) -> Fixed {
        fixed::fixed(&self.pins, self.features.avx)
    }

    fn emit(&self, block: &Block, place: &Place, out: &mut Emitted) {
        emit::emit(self.features, &self.pins, &self.helpers, block, place, out);
    }

    fn inspect(&self, at: u64, code: &[u8]) -> Callee {
        inspect::inspect(at, code)
    }

    fn home(&self, var: Var) -> Home {
        self.pins.home(var)
    }

    fn int_pins(&self) -> &[Var] {
        &self.pins.ints
    }

    fn float_pins(&self) -> &[Var] {
        &self.pins.floats
    }

    fn tables(&self) -> Vec<(i32, u64)> {
        flags::tables()
    }

    fn flags_of(&self, control: u32) -> u64 {
        flags::to_guest(control)
    }

    fn masked(&self, control: u32) -> u32 {
        control | flags::ALL_MASKED
    }

    fn with_flags(&self, control: u32, flags: u64) -> u32 {
        self.masked(control) & !0x3f | flags::to_host(flags)
    }

    fn with_round(&self, control: u32, mode: u64) -> u32 {
        let field = if mode < 4 { 0b10_01_11_00 >> (2 * mode) & 3 } else { 0 };
        self.masked(control) & !0x6000 | (field as u32) << 13
    }
}
