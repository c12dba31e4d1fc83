//! Compressed instructions: each is a short form of a 32-bit one. Manual, chapters 27 (C), 28.8 (Zcb), 8 (Zcmop).
//!
//! A body gives the long form; 0, which is no instruction, stands for a reserved encoding. What the long form needs
//! (`c.fld` the extension D, `c.mul` Zmmul) is asked when that is decoded.

use super::prelude::*;

/// Numbers of registers that short forms imply.
const ZERO: u32 = 0;
const RA: u32 = 1;
const SP: u32 = 2;

/// Major opcodes of the long forms.
mod major {
    pub const LOAD: u32 = 0x03;
    pub const LOAD_FP: u32 = 0x07;
    pub const OP_IMM: u32 = 0x13;
    pub const OP_IMM_32: u32 = 0x1b;
    pub const STORE: u32 = 0x23;
    pub const STORE_FP: u32 = 0x27;
    pub const OP: u32 = 0x33;
    pub const LUI: u32 = 0x37;
    pub const OP_32: u32 = 0x3b;
    pub const BRANCH: u32 = 0x63;
    pub const JALR: u32 = 0x67;
    pub const JAL: u32 = 0x6f;
}
use major::*;

/// Bits `high..=low` of an immediate, moved to bit `at`.
fn bits(imm: i64, high: u32, low: u32, at: u32) -> u32 {
    ((imm as u64 >> low & ((1 << (high - low + 1)) - 1)) as u32) << at
}

/// An I-type instruction.
fn i(opcode: u32, funct3: u32, rd: u32, rs1: u32, imm: i64) -> u32 {
    opcode | rd << 7 | funct3 << 12 | rs1 << 15 | bits(imm, 11, 0, 20)
}

/// An S-type instruction.
fn s(opcode: u32, funct3: u32, rs1: u32, rs2: u32, imm: i64) -> u32 {
    opcode | bits(imm, 4, 0, 7) | funct3 << 12 | rs1 << 15 | rs2 << 20 | bits(imm, 11, 5, 25)
}

/// An R-type instruction.
fn r(opcode: u32, funct7: u32, funct3: u32, rd: u32, rs1: u32, rs2: u32) -> u32 {
    opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25
}

/// A branch that compares with zero.
fn branch(funct3: u32, rs1: u32, imm: i64) -> u32 {
    BRANCH
        | bits(imm, 11, 11, 7)
        | bits(imm, 4, 1, 8)
        | funct3 << 12
        | rs1 << 15
        | bits(imm, 10, 5, 25)
        | bits(imm, 12, 12, 31)
}

/// `jal zero`.
fn jump(imm: i64) -> u32 {
    JAL | bits(imm, 19, 12, 12) | bits(imm, 11, 11, 20) | bits(imm, 10, 1, 21) | bits(imm, 20, 20, 31)
}

/// A long form, or the mark of a reserved encoding.
fn unless(reserved: bool, long: u32) -> u32 {
    if reserved { 0 } else { long }
}

shorts! { pub ROWS;
    c_addi4spn "000 imm[5:4|9:6|2|3] rd:3 00" Zca (rd: Xc, imm: U) { unless(imm == 0, i(OP_IMM, 0, rd, SP, imm)) }
    c_fld "001 imm[5:3] rs1:3 imm[7:6] rd:3 00" Zcd (rd: Xc, rs1: Xc, imm: U) { i(LOAD_FP, 3, rd, rs1, imm) }
    c_lw "010 imm[5:3] rs1:3 imm[2|6] rd:3 00" Zca (rd: Xc, rs1: Xc, imm: U) { i(LOAD, 2, rd, rs1, imm) }
    c_ld "011 imm[5:3] rs1:3 imm[7:6] rd:3 00" Zca (rd: Xc, rs1: Xc, imm: U) { i(LOAD, 3, rd, rs1, imm) }
    c_fsd "101 imm[5:3] rs1:3 imm[7:6] rs2:3 00" Zcd (rs1: Xc, rs2: Xc, imm: U) { s(STORE_FP, 3, rs1, rs2, imm) }
    c_sw "110 imm[5:3] rs1:3 imm[2|6] rs2:3 00" Zca (rs1: Xc, rs2: Xc, imm: U) { s(STORE, 2, rs1, rs2, imm) }
    c_sd "111 imm[5:3] rs1:3 imm[7:6] rs2:3 00" Zca (rs1: Xc, rs2: Xc, imm: U) { s(STORE, 3, rs1, rs2, imm) }

    /// Also `c.nop` and hints.
    c_addi "000 imm[5] rd:5 imm[4:0] 01" Zca (rd: N, imm: S) { i(OP_IMM, 0, rd, rd, imm) }
    c_addiw "001 imm[5] rd:5 imm[4:0] 01" Zca (rd: N, imm: S) { unless(rd == ZERO, i(OP_IMM_32, 0, rd, rd, imm)) }
    c_li "010 imm[5] rd:5 imm[4:0] 01" Zca (rd: N, imm: S) { i(OP_IMM, 0, rd, ZERO, imm) }
    c_addi16sp "011 imm[9] 00010 imm[4|6|8:7|5] 01" Zca refines c_lui
        (imm: S) { unless(imm == 0, i(OP_IMM, 0, SP, SP, imm)) }
    c_lui "011 imm[17] rd:5 imm[16:12] 01" Zca
        (rd: N, imm: S) { unless(imm == 0, LUI | rd << 7 | bits(imm, 31, 12, 12)) }
    c_srli "100 imm[5] 00 rd:3 imm[4:0] 01" Zca (rd: Xc, imm: U) { i(OP_IMM, 5, rd, rd, imm) }
    c_srai "100 imm[5] 01 rd:3 imm[4:0] 01" Zca (rd: Xc, imm: U) { i(OP_IMM, 5, rd, rd, imm | 0x400) }
    c_andi "100 imm[5] 10 rd:3 imm[4:0] 01" Zca (rd: Xc, imm: S) { i(OP_IMM, 7, rd, rd, imm) }
    c_sub "100 0 11 rd:3 00 rs2:3 01" Zca (rd: Xc, rs2: Xc) { r(OP, 0x20, 0, rd, rd, rs2) }
    c_xor "100 0 11 rd:3 01 rs2:3 01" Zca (rd: Xc, rs2: Xc) { r(OP, 0, 4, rd, rd, rs2) }
    c_or "100 0 11 rd:3 10 rs2:3 01" Zca (rd: Xc, rs2: Xc) { r(OP, 0, 6, rd, rd, rs2) }
    c_and "100 0 11 rd:3 11 rs2:3 01" Zca (rd: Xc, rs2: Xc) { r(OP, 0, 7, rd, rd, rs2) }
    c_subw "100 1 11 rd:3 00 rs2:3 01" Zca (rd: Xc, rs2: Xc) { r(OP_32, 0x20, 0, rd, rd, rs2) }
    c_addw "100 1 11 rd:3 01 rs2:3 01" Zca (rd: Xc, rs2: Xc) { r(OP_32, 0, 0, rd, rd, rs2) }
    c_j "101 imm[11|4|9:8|10|6|7|3:1|5] 01" Zca (imm: S) { jump(imm) }
    c_beqz "110 imm[8|4:3] rs1:3 imm[7:6|2:1|5] 01" Zca (rs1: Xc, imm: S) { branch(0, rs1, imm) }
    c_bnez "111 imm[8|4:3] rs1:3 imm[7:6|2:1|5] 01" Zca (rs1: Xc, imm: S) { branch(1, rs1, imm) }

    c_slli "000 imm[5] rd:5 imm[4:0] 10" Zca (rd: N, imm: U) { i(OP_IMM, 1, rd, rd, imm) }
    c_fldsp "001 imm[5] rd:5 imm[4:3|8:6] 10" Zcd (rd: N, imm: U) { i(LOAD_FP, 3, rd, SP, imm) }
    c_lwsp "010 imm[5] rd:5 imm[4:2|7:6] 10" Zca (rd: N, imm: U) { unless(rd == ZERO, i(LOAD, 2, rd, SP, imm)) }
    c_ldsp "011 imm[5] rd:5 imm[4:3|8:6] 10" Zca (rd: N, imm: U) { unless(rd == ZERO, i(LOAD, 3, rd, SP, imm)) }
    c_jr "100 0 rs1:5 00000 10" Zca refines c_mv (rs1: N) { unless(rs1 == ZERO, i(JALR, 0, ZERO, rs1, 0)) }
    c_mv "100 0 rd:5 rs2:5 10" Zca "mv {rd},{rs2}" (rd: N, rs2: N) { r(OP, 0, 0, rd, ZERO, rs2) }
    c_ebreak "100 1 00000 00000 10" Zca refines c_jalr () { 0x0010_0073 }
    c_jalr "100 1 rs1:5 00000 10" Zca refines c_add (rs1: N) { i(JALR, 0, RA, rs1, 0) }
    c_add "100 1 rd:5 rs2:5 10" Zca (rd: N, rs2: N) { r(OP, 0, 0, rd, rd, rs2) }
    c_fsdsp "101 imm[5:3|8:6] rs2:5 10" Zcd (rs2: N, imm: U) { s(STORE_FP, 3, SP, rs2, imm) }
    c_swsp "110 imm[5:2|7:6] rs2:5 10" Zca (rs2: N, imm: U) { s(STORE, 2, SP, rs2, imm) }
    c_sdsp "111 imm[5:3|8:6] rs2:5 10" Zca (rs2: N, imm: U) { s(STORE, 3, SP, rs2, imm) }
}

shorts! {
    /// Zcb, and the may-be-operations of Zcmop, which have texts of their own.
    pub EXTRA_ROWS;
    c_lbu "100 000 rs1:3 imm[0|1] rd:3 00" Zcb "c.lbu {rd},{imm}({rs1})"
        (rd: Xc, rs1: Xc, imm: U) { i(LOAD, 4, rd, rs1, imm) }
    c_lhu "100 001 rs1:3 0 imm[1] rd:3 00" Zcb "c.lhu {rd},{imm}({rs1})"
        (rd: Xc, rs1: Xc, imm: U) { i(LOAD, 5, rd, rs1, imm) }
    c_lh "100 001 rs1:3 1 imm[1] rd:3 00" Zcb "c.lh {rd},{imm}({rs1})"
        (rd: Xc, rs1: Xc, imm: U) { i(LOAD, 1, rd, rs1, imm) }
    c_sb "100 010 rs1:3 imm[0|1] rs2:3 00" Zcb "c.sb {rs2},{imm}({rs1})"
        (rs1: Xc, rs2: Xc, imm: U) { s(STORE, 0, rs1, rs2, imm) }
    c_sh "100 011 rs1:3 0 imm[1] rs2:3 00" Zcb "c.sh {rs2},{imm}({rs1})"
        (rs1: Xc, rs2: Xc, imm: U) { s(STORE, 1, rs1, rs2, imm) }
    c_mul "100 1 11 rd:3 10 rs2:3 01" Zcb "c.mul {rd},{rs2}" (rd: Xc, rs2: Xc) { r(OP, 1, 0, rd, rd, rs2) }
    c_zext_b "100 1 11 rd:3 11 000 01" Zcb "c.zext.b {rd}" (rd: Xc) { i(OP_IMM, 7, rd, rd, 255) }
    c_sext_b "100 1 11 rd:3 11 001 01" Zcb "c.sext.b {rd}" (rd: Xc) { i(OP_IMM, 1, rd, rd, 0x604) }
    c_zext_h "100 1 11 rd:3 11 010 01" Zcb "c.zext.h {rd}" (rd: Xc) { r(OP_32, 4, 4, rd, rd, ZERO) }
    c_sext_h "100 1 11 rd:3 11 011 01" Zcb "c.sext.h {rd}" (rd: Xc) { i(OP_IMM, 1, rd, rd, 0x605) }
    c_zext_w "100 1 11 rd:3 11 100 01" Zcb "c.zext.w {rd}" (rd: Xc) { r(OP_32, 4, 0, rd, rd, ZERO) }
    c_not "100 1 11 rd:3 11 101 01" Zcb "c.not {rd}" (rd: Xc) { i(OP_IMM, 4, rd, rd, -1) }
    /// Shadow stack push: does nothing while shadow stacks are off.
    c_sspush "011 0 0 000 1 00000 01" Zcmop refines c_mop "sspush ra" () { NOP }
    /// Shadow stack pop and check: the same.
    c_sspopchk "011 0 0 010 1 00000 01" Zcmop refines c_mop "sspopchk t0" () { NOP }
    /// Odd numbers from 1 to 15. Unlike their long relatives they write no register. Manual, 8.2.
    c_mop "011 0 0 n[3:1] 1 00000 01" Zcmop refines c_lui "c.mop.{n}" (n: Odd) { NOP }
}

/// The long form of an instruction that does nothing.
const NOP: u32 = 0x13;
