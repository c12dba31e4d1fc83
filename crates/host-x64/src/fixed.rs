//! The fixed pieces of code: entry, exits.

use crate::asm::*;
use crate::pins::{INT_REGS, Pins, float_reg};
use host::layout::*;
use host::{Fixed, Return};

const SAVED: [Reg; 6] = [RBP, RBX, R12, R13, R14, R15];

/// Assembles the pieces.
pub fn fixed(pins: &Pins, avx: bool) -> Fixed {
    let mut a = Asm::default();
    let enter = a.here() as u32;
    for r in SAVED {
        a.push(r);
    }
    a.alu_imm(Alu::Sub, true, RSP, 8); // generated code calls with an aligned stack
    a.mov_rr(true, RBP, RDI);
    a.mov_rr(true, RAX, RSI);
    a.store_control(mem(RBP, HOST_CONTROL));
    a.load_control(mem(RBP, GUEST_CONTROL));
    load_pins(&mut a, pins, avx);
    a.jmp_rm(RAX);

    let link = a.here() as u32;
    a.pop(RAX);
    a.mov_store(8, mem(RBP, LINK_FROM), RAX);
    a.mov_imm(RAX, Return::Link as u64);
    let to_stop = a.jmp_short();

    let lookup = a.here() as u32;
    a.mov_store(8, mem(RBP, PC), RAX);
    a.mov_imm(RAX, Return::Lookup as u64);

    a.bind(to_stop);
    let stop = a.here() as u32;
    save_pins(&mut a, pins, avx);
    a.store_control(mem(RBP, GUEST_CONTROL));
    a.load_control(mem(RBP, HOST_CONTROL));
    a.alu_imm(Alu::Add, true, RSP, 8);
    for r in SAVED.iter().rev() {
        a.pop(*r);
    }
    a.ret();
    Fixed { code: a.code, enter, stop, link, lookup }
}

fn load_pins(a: &mut Asm, pins: &Pins, avx: bool) {
    for (i, v) in pins.floats.iter().enumerate() {
        a.load_scalar(avx, true, float_reg(i), mem(RBP, slot(*v)));
    }
    for (i, v) in pins.ints.iter().enumerate() {
        a.mov(true, INT_REGS[i], mem(RBP, slot(*v)));
    }
}

fn save_pins(a: &mut Asm, pins: &Pins, avx: bool) {
    for (i, v) in pins.ints.iter().enumerate() {
        a.mov_store(8, mem(RBP, slot(*v)), INT_REGS[i]);
    }
    for (i, v) in pins.floats.iter().enumerate() {
        a.store_scalar(avx, true, mem(RBP, slot(*v)), float_reg(i));
    }
}
