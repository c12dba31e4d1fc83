//! The fixed pieces of code: entry, exits.

use crate::asm::*;
use crate::pins::{INT_REGS, KEPT_BY_CALLS, Pins};
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
    pins.load_ints(&mut a, 0..INT_REGS.len());
    a.mov(false, RCX, mem(RBP, FLOATS_AT_ENTRY));
    a.mov_store(4, mem(RBP, FLOATS_AWAY), RCX);
    a.test(false, RCX, RCX);
    let away = a.jcc_long(Cc::Ne);
    fetch_floats(&mut a, pins, avx);
    a.bind(away);
    a.jmp_rm(RAX);

    let link = a.here() as u32;
    a.pop(RAX);
    a.mov_store(8, mem(RBP, LINK_FROM), RAX);
    a.mov_imm(RAX, Return::Link as u64);
    save_all(&mut a, pins, avx);
    // The processor expects a return behind the stub's call, where none goes: this jump it can foretell.
    a.pop(RCX);
    a.jmp_rm(RCX);

    let lookup = a.here() as u32;
    a.mov_store(8, mem(RBP, PC), RAX);
    a.mov_imm(RAX, Return::Lookup as u64);

    let stop = a.here() as u32;
    let leave = save_all(&mut a, pins, avx);
    a.ret();
    let abandon = a.here() as u32;
    a.mov_imm(RAX, Return::Lookup as u64);
    a.alu_imm(Alu::Add, true, RSP, 16); // what the piece for calls has put there
    a.jmp_back(leave);
    let call = [false, true].map(|access| call_piece(&mut a, pins, avx, access));
    let fetch = a.here() as u32;
    fetch_floats(&mut a, pins, avx);
    a.mov_store_imm(4, mem(RBP, FLOATS_AWAY), 0);
    a.ret();
    Fixed { code: a.code, enter, stop, link, lookup, call, abandon, fetch_floats: fetch }
}

/// Puts everything into its slot and restores the caller's registers, up to its return address. Where that second part
/// begins.
fn save_all(a: &mut Asm, pins: &Pins, avx: bool) -> usize {
    pins.save_ints(a, 0);
    put_floats_away(a, pins, avx);
    let leave = a.here();
    a.alu_imm(Alu::Add, true, RSP, 8);
    for r in SAVED.iter().rev() {
        a.pop(*r);
    }
    leave
}

/// Unless they are there already, puts floating-point variables into their slots, and the host's control register in
/// force.
fn put_floats_away(a: &mut Asm, pins: &Pins, avx: bool) {
    a.alu_imm(Alu::Cmp, false, mem(RBP, FLOATS_AWAY), 0);
    let away = a.jcc_long(Cc::Ne);
    pins.save_floats(a, avx);
    a.store_control(mem(RBP, GUEST_CONTROL));
    a.load_control(mem(RBP, HOST_CONTROL));
    a.mov_store_imm(4, mem(RBP, FLOATS_AWAY), 1);
    a.bind(away);
}

/// Calls the function in rax with the vCPU's index and, behind it, rcx; of an access, its description and the address
/// in rdx stand between them. Every register is in its slot meanwhile, and floats stay there; of the integer pins those
/// are loaded again that functions do not keep.
fn call_piece(a: &mut Asm, pins: &Pins, avx: bool, access: bool) -> u32 {
    while !a.here().is_multiple_of(16) {
        a.byte(0x90);
    }
    let at = a.here() as u32;
    pins.save_ints(a, 0);
    put_floats_away(a, pins, avx);
    a.mov_store(8, mem(RBP, CALL_FUNCTION), RAX);
    a.mov_store(8, mem(RBP, CALL_DATA), RCX);
    a.mov(false, RDI, mem(RBP, INDEX));
    if access {
        a.mov(false, RSI, mem(RBP, ACCESS_INFO));
    } else {
        a.mov_rr(true, RSI, RCX);
    }
    a.alu_imm(Alu::Sub, true, RSP, 8);
    a.mov_store(8, mem(RBP, CALL_SP), RSP);
    a.call_reg(RAX);
    a.alu_imm(Alu::Add, true, RSP, 8);
    a.mov_store_imm(8, mem(RBP, CALL_TAG), 0); // as wide as it is read
    pins.load_ints(a, KEPT_BY_CALLS..INT_REGS.len());
    a.ret();
    at
}

/// Floating-point pins and control.
fn fetch_floats(a: &mut Asm, pins: &Pins, avx: bool) {
    pins.load_floats(a, avx);
    a.load_control(mem(RBP, GUEST_CONTROL));
}
