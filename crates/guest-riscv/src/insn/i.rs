//! Base integer instructions RV64I, with `fence` and `fence.i`. Manual, chapters 2 to 4 and 6.

use super::prelude::*;
use crate::vars;
use Code::{Add, And, Fence, Or, Sar, Shl, Shr, Sub, Xor};
use Width::{W32S, W64};

/// `rd = rs1 + imm`, as a move where it is one: `li`, `mv` and `nop` are additions.
fn add_imm(b: &mut Builder, rd: Var, rs1: Var, imm: i64) {
    match (rs1, imm) {
        (Var::ZERO, _) => b.mov_imm(rd, imm),
        (_, 0) => b.mov(rd, rs1),
        _ => b.alu_imm(Add, W64, rd, rs1, imm),
    }
}

/// `rd = rs1 + rs2`, as a move where it is one (`c.mv`).
fn add(b: &mut Builder, rd: Var, rs1: Var, rs2: Var) {
    match (rs1, rs2) {
        (Var::ZERO, v) | (v, Var::ZERO) => b.mov(rd, v),
        _ => b.alu(Add, W64, rd, rs1, rs2),
    }
}

/// A conditional branch by `offset`.
fn branch(b: &mut Builder, cond: Cond, rs1: Var, rs2: Var, offset: i64) {
    b.branch(cond, rs1, rs2, b.pc.wrapping_add_signed(offset))
}

/// `jalr`. The target is computed before the link register is written: they may be the same.
fn jump_and_link(b: &mut Builder, rd: Var, rs1: Var, imm: i64) {
    let mut target = rs1;
    if imm != 0 || (rd == rs1 && rd != Var::ZERO) {
        target = b.temp();
        add_imm(b, target, rs1, imm);
    }
    b.mov_imm(rd, b.next_pc() as i64);
    b.jump_ind(jump_kind(rd, rs1), target)
}

/// What the choice of registers tells about an indirect jump. Manual, table 3 of 2.5.1.
fn jump_kind(rd: Var, rs1: Var) -> Jump {
    let link = |r: Var| r == vars::x(1) || r == vars::x(5);
    match (link(rd), link(rs1)) {
        (true, _) => Jump::Call,
        (false, true) => Jump::Return,
        _ => Jump::Plain,
    }
}

/// Whether a fence orders an earlier store before a later load, which a host with total store order does not do by
/// itself. `fence.tso` (`fm` = 8) does not ask for it. Manual, 2.7.
fn store_load(fm: i64, pred: u32, succ: u32) -> bool {
    const STORES: u32 = 0b0101;
    const LOADS: u32 = 0b1010;
    fm != 8 && pred & STORES != 0 && succ & LOADS != 0
}

insns! { pub ROWS;
    lui "imm[31:12] rd:5 0110111" I "lui {rd},{imm}" (b, rd: X, imm: Upper) { b.mov_imm(rd, imm) }
    /// Also `lpad` (rd = zero), which does nothing while landing pads are off.
    auipc "imm[31:12] rd:5 0010111" I "auipc {rd},{imm}{@imm}" (b, rd: X, imm: Upper) {
        b.mov_imm(rd, b.pc.wrapping_add_signed(imm) as i64)
    }
    jal "imm[20|10:1|11|19:12] rd:5 1101111" I "jal {rd},{imm}{@imm}" (b, rd: X, imm: S) {
        b.mov_imm(rd, b.next_pc() as i64);
        b.jump(b.pc.wrapping_add_signed(imm))
    }
    jalr "imm:12 rs1:5 000 rd:5 1100111" I "jalr {rd},{rs1},{imm}" (b, rd: X, rs1: X, imm: S) {
        jump_and_link(b, rd, rs1, imm)
    }

    beq "imm[12|10:5] rs2:5 rs1:5 000 imm[4:1|11] 1100011" I "beq {rs1},{rs2},{imm}{@imm}" (b, rs1: X, rs2: X, imm: S) {
        branch(b, Cond::Eq, rs1, rs2, imm)
    }
    bne "imm[12|10:5] rs2:5 rs1:5 001 imm[4:1|11] 1100011" I "bne {rs1},{rs2},{imm}{@imm}" (b, rs1: X, rs2: X, imm: S) {
        branch(b, Cond::Ne, rs1, rs2, imm)
    }
    blt "imm[12|10:5] rs2:5 rs1:5 100 imm[4:1|11] 1100011" I "bgt {rs2},{rs1},{imm}{@imm}" (b, rs1: X, rs2: X, imm: S) {
        branch(b, Cond::Lt, rs1, rs2, imm)
    }
    bge "imm[12|10:5] rs2:5 rs1:5 101 imm[4:1|11] 1100011" I "ble {rs2},{rs1},{imm}{@imm}" (b, rs1: X, rs2: X, imm: S) {
        branch(b, Cond::Ge, rs1, rs2, imm)
    }
    bltu "imm[12|10:5] rs2:5 rs1:5 110 imm[4:1|11] 1100011" I "bgtu {rs2},{rs1},{imm}{@imm}"
        (b, rs1: X, rs2: X, imm: S) {
        branch(b, Cond::Ltu, rs1, rs2, imm)
    }
    bgeu "imm[12|10:5] rs2:5 rs1:5 111 imm[4:1|11] 1100011" I "bleu {rs2},{rs1},{imm}{@imm}"
        (b, rs1: X, rs2: X, imm: S) {
        branch(b, Cond::Geu, rs1, rs2, imm)
    }

    lb "imm:12 rs1:5 000 rd:5 0000011" I "lb {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::I8, rd, rs1, imm) }
    lh "imm:12 rs1:5 001 rd:5 0000011" I "lh {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::I16, rd, rs1, imm) }
    lw "imm:12 rs1:5 010 rd:5 0000011" I "lw {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::I32, rd, rs1, imm) }
    ld "imm:12 rs1:5 011 rd:5 0000011" I "ld {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::U64, rd, rs1, imm) }
    lbu "imm:12 rs1:5 100 rd:5 0000011" I "lbu {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::U8, rd, rs1, imm) }
    lhu "imm:12 rs1:5 101 rd:5 0000011" I "lhu {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::U16, rd, rs1, imm) }
    lwu "imm:12 rs1:5 110 rd:5 0000011" I "lwu {rd},{imm}({rs1})"
        (b, rd: X, rs1: X, imm: S) { b.load(Mem::U32, rd, rs1, imm) }
    sb "imm[11:5] rs2:5 rs1:5 000 imm[4:0] 0100011" I "sb {rs2},{imm}({rs1})"
        (b, rs1: X, rs2: X, imm: S) { b.store(Mem::U8, rs2, rs1, imm) }
    sh "imm[11:5] rs2:5 rs1:5 001 imm[4:0] 0100011" I "sh {rs2},{imm}({rs1})"
        (b, rs1: X, rs2: X, imm: S) { b.store(Mem::U16, rs2, rs1, imm) }
    sw "imm[11:5] rs2:5 rs1:5 010 imm[4:0] 0100011" I "sw {rs2},{imm}({rs1})"
        (b, rs1: X, rs2: X, imm: S) { b.store(Mem::U32, rs2, rs1, imm) }
    sd "imm[11:5] rs2:5 rs1:5 011 imm[4:0] 0100011" I "sd {rs2},{imm}({rs1})"
        (b, rs1: X, rs2: X, imm: S) { b.store(Mem::U64, rs2, rs1, imm) }

    /// Also `nop`, `mv`, `li`.
    addi "imm:12 rs1:5 000 rd:5 0010011" I "addi {rd},{rs1},{imm}"
        (b, rd: X, rs1: X, imm: S) { add_imm(b, rd, rs1, imm) }
    slti "imm:12 rs1:5 010 rd:5 0010011" I "slti {rd},{rs1},{imm}"
        (b, rd: X, rs1: X, imm: S) { b.set_cond_imm(Cond::Lt, rd, rs1, imm) }
    sltiu "imm:12 rs1:5 011 rd:5 0010011" I "sltiu {rd},{rs1},{imm}"
        (b, rd: X, rs1: X, imm: S) { b.set_cond_imm(Cond::Ltu, rd, rs1, imm) }
    xori "imm:12 rs1:5 100 rd:5 0010011" I "xori {rd},{rs1},{imm}"
        (b, rd: X, rs1: X, imm: S) { b.alu_imm(Xor, W64, rd, rs1, imm) }
    /// Also the prefetch hints of Zicbop (rd = zero).
    ori "imm:12 rs1:5 110 rd:5 0010011" I "ori {rd},{rs1},{imm}"
        (b, rd: X, rs1: X, imm: S) { b.alu_imm(Or, W64, rd, rs1, imm) }
    andi "imm:12 rs1:5 111 rd:5 0010011" I "andi {rd},{rs1},{imm}"
        (b, rd: X, rs1: X, imm: S) { b.alu_imm(And, W64, rd, rs1, imm) }
    slli "000000 shamt:6 rs1:5 001 rd:5 0010011" I "slli {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Shl, W64, rd, rs1, shamt) }
    srli "000000 shamt:6 rs1:5 101 rd:5 0010011" I "srli {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Shr, W64, rd, rs1, shamt) }
    srai "010000 shamt:6 rs1:5 101 rd:5 0010011" I "srai {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Sar, W64, rd, rs1, shamt) }

    /// Also the hints of Zihintntl (rd = rs1 = zero).
    add "0000000 rs2:5 rs1:5 000 rd:5 0110011" I "add {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { add(b, rd, rs1, rs2) }
    sub "0100000 rs2:5 rs1:5 000 rd:5 0110011" I "sub {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Sub, W64, rd, rs1, rs2) }
    sll "0000000 rs2:5 rs1:5 001 rd:5 0110011" I "sll {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Shl, W64, rd, rs1, rs2) }
    slt "0000000 rs2:5 rs1:5 010 rd:5 0110011" I "slt {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.set_cond(Cond::Lt, rd, rs1, rs2) }
    sltu "0000000 rs2:5 rs1:5 011 rd:5 0110011" I "sltu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.set_cond(Cond::Ltu, rd, rs1, rs2) }
    xor "0000000 rs2:5 rs1:5 100 rd:5 0110011" I "xor {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Xor, W64, rd, rs1, rs2) }
    srl "0000000 rs2:5 rs1:5 101 rd:5 0110011" I "srl {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Shr, W64, rd, rs1, rs2) }
    sra "0100000 rs2:5 rs1:5 101 rd:5 0110011" I "sra {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Sar, W64, rd, rs1, rs2) }
    or "0000000 rs2:5 rs1:5 110 rd:5 0110011" I "or {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Or, W64, rd, rs1, rs2) }
    and "0000000 rs2:5 rs1:5 111 rd:5 0110011" I "and {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(And, W64, rd, rs1, rs2) }
}

insns! {
    /// Instructions on words, and those that concern memory order and the system.
    pub WORD_ROWS;
    /// Also `sext.w`.
    addiw "imm:12 rs1:5 000 rd:5 0011011" I "addiw {rd},{rs1},{imm}" (b, rd: X, rs1: X, imm: S) {
        match (rs1, imm) {
            (Var::ZERO, _) => b.mov_imm(rd, imm),
            (_, 0) => b.ext(Mem::I32, rd, rs1),
            _ => b.alu_imm(Add, W32S, rd, rs1, imm),
        }
    }
    slliw "0000000 shamt:5 rs1:5 001 rd:5 0011011" I "slliw {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Shl, W32S, rd, rs1, shamt) }
    srliw "0000000 shamt:5 rs1:5 101 rd:5 0011011" I "srliw {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Shr, W32S, rd, rs1, shamt) }
    sraiw "0100000 shamt:5 rs1:5 101 rd:5 0011011" I "sraiw {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Sar, W32S, rd, rs1, shamt) }
    addw "0000000 rs2:5 rs1:5 000 rd:5 0111011" I "addw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Add, W32S, rd, rs1, rs2) }
    subw "0100000 rs2:5 rs1:5 000 rd:5 0111011" I "subw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Sub, W32S, rd, rs1, rs2) }
    sllw "0000000 rs2:5 rs1:5 001 rd:5 0111011" I "sllw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Shl, W32S, rd, rs1, rs2) }
    srlw "0000000 rs2:5 rs1:5 101 rd:5 0111011" I "srlw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Shr, W32S, rd, rs1, rs2) }
    sraw "0100000 rs2:5 rs1:5 101 rd:5 0111011" I "sraw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Sar, W32S, rd, rs1, rs2) }

    /// A fence with an empty set of successors that only the hint uses: lets others run. Manual, 5.
    pause "0000 0001 0000 00000 000 00000 0001111" Zihintpause refines fence "fence w,"
        (b) { b.exit(Stop::Yield, b.next_pc()) }
    fence "fm:4 pred:4 succ:4 rs1:5 000 rd:5 0001111" I "fence {pred},{succ}"
        (b, fm: U, pred: Order, succ: Order, rs1: X, rd: X) {
        b.push(Op { imm: store_load(fm, pred, succ) as i64, ..Op::new(Fence) })
    }
    fence_i "imm:12 rs1:5 001 rd:5 0001111" Zifencei "fence.i"
        (b, imm: S, rs1: X, rd: X) { b.exit(Stop::FenceCode, b.next_pc()) }
    /// Number in `a7`, arguments from `a0` on, result in `a0`: so say Linux and the SBI.
    ecall "000000000000 00000 000 00000 1110011" I "ecall" (b) { b.syscall(vars::x(17), [vars::x(10), vars::x(11)], vars::x(10)) }
    ebreak "000000000001 00000 000 00000 1110011" I "ebreak" (b) { b.exit(Stop::Breakpoint, b.pc) }
}
