//! Bit manipulation: Zba, Zbb, Zbc, Zbs, and the parts that cryptography shares (Zbkb, Zbkc, Zbkx). Manual, chapters 29
//! and 32.

use super::prelude::*;
use Code::{
    AndNot, BitClr, BitExt, BitInv, BitSet, Brev8, Bswap, Clmul, ClmulH, Clz, Ctz, MaxS, MaxU, MinS, MinU, Or, OrNot,
    OrcB, Popcnt, Rotl, Rotr, Shl, ShlAdd, ShlAddU, Shr, Xnor,
};
use Width::{W32S, W64};

/// `rd = (rs1 << shift) + rs2`; `code` says whether `rs1` is a word.
fn shift_add(b: &mut Builder, code: Code, shift: i64, rd: Var, rs1: Var, rs2: Var) {
    if rd != Var::ZERO {
        b.push(Op { dst: rd, a: rs1, b: rs2, imm: shift, ..Op::new(code) })
    }
}

/// `rd = zext32(rs1) + rs2`. Without `rs2` it is `zext.w`.
fn add_word(b: &mut Builder, rd: Var, rs1: Var, rs2: Var) {
    if rs2 == Var::ZERO { b.ext(Mem::U32, rd, rs1) } else { shift_add(b, ShlAddU, 0, rd, rs1, rs2) }
}

/// Bits 126 to 63 of the carry-less product.
fn clmul_reversed(b: &mut Builder, rd: Var, rs1: Var, rs2: Var) {
    let (high, low) = (b.temp(), b.temp());
    b.alu(ClmulH, W64, high, rs1, rs2);
    b.alu(Clmul, W64, low, rs1, rs2);
    b.alu_imm(Shl, W64, high, high, 1);
    b.alu_imm(Shr, W64, low, low, 63);
    b.alu(Or, W64, rd, high, low)
}

/// `rd` = the low `half` bits of `rs2` above those of `rs1`, as `width` says.
fn pack(b: &mut Builder, width: Width, half: i64, part: Mem, rd: Var, rs1: Var, rs2: Var) {
    let (low, high) = (b.temp(), b.temp());
    b.ext(part, low, rs1);
    b.ext(part, high, rs2);
    b.alu_imm(Shl, width, high, high, half);
    b.alu(Or, width, rd, high, low)
}

/// `rd = helper(rs1, rs2)`.
fn call(b: &mut Builder, helper: i64, rd: Var, rs1: Var, rs2: Var) {
    if rd != Var::ZERO {
        b.push(Op { dst: rd, a: rs1, b: rs2, c: Var::ZERO, imm: helper, ..Op::new(Code::CallPure) })
    }
}

insns! {
    /// Zba: addresses.
    pub ADDRESS_ROWS;
    add_uw "0000100 rs2:5 rs1:5 000 rd:5 0111011" Zba "add.uw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { add_word(b, rd, rs1, rs2) }
    sh1add "0010000 rs2:5 rs1:5 010 rd:5 0110011" Zba "sh1add {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { shift_add(b, ShlAdd, 1, rd, rs1, rs2) }
    sh1add_uw "0010000 rs2:5 rs1:5 010 rd:5 0111011" Zba "sh1add.uw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { shift_add(b, ShlAddU, 1, rd, rs1, rs2) }
    sh2add "0010000 rs2:5 rs1:5 100 rd:5 0110011" Zba "sh2add {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { shift_add(b, ShlAdd, 2, rd, rs1, rs2) }
    sh2add_uw "0010000 rs2:5 rs1:5 100 rd:5 0111011" Zba "sh2add.uw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { shift_add(b, ShlAddU, 2, rd, rs1, rs2) }
    sh3add "0010000 rs2:5 rs1:5 110 rd:5 0110011" Zba "sh3add {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { shift_add(b, ShlAdd, 3, rd, rs1, rs2) }
    sh3add_uw "0010000 rs2:5 rs1:5 110 rd:5 0111011" Zba "sh3add.uw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { shift_add(b, ShlAddU, 3, rd, rs1, rs2) }
    slli_uw "000010 shamt:6 rs1:5 001 rd:5 0011011" Zba "slli.uw {rd},{rs1},{shamt}" (b, rd: X, rs1: X, shamt: U) {
        let word = b.temp();
        b.ext(Mem::U32, word, rs1);
        b.alu_imm(Shl, W64, rd, word, shamt)
    }
}

insns! {
    /// Zbb: basic bit manipulation; Zbkb shares a part of it.
    pub BASIC_ROWS;
    andn "0100000 rs2:5 rs1:5 111 rd:5 0110011" Zbb or Zbkb "andn {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(AndNot, W64, rd, rs1, rs2) }
    orn "0100000 rs2:5 rs1:5 110 rd:5 0110011" Zbb or Zbkb "orn {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(OrNot, W64, rd, rs1, rs2) }
    xnor "0100000 rs2:5 rs1:5 100 rd:5 0110011" Zbb or Zbkb "xnor {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Xnor, W64, rd, rs1, rs2) }
    clz "011000000000 rs1:5 001 rd:5 0010011" Zbb "clz {rd},{rs1}" (b, rd: X, rs1: X) { b.unary(Clz, W64, rd, rs1) }
    clzw "011000000000 rs1:5 001 rd:5 0011011" Zbb "clzw {rd},{rs1}" (b, rd: X, rs1: X) { b.unary(Clz, W32S, rd, rs1) }
    ctz "011000000001 rs1:5 001 rd:5 0010011" Zbb "ctz {rd},{rs1}" (b, rd: X, rs1: X) { b.unary(Ctz, W64, rd, rs1) }
    ctzw "011000000001 rs1:5 001 rd:5 0011011" Zbb "ctzw {rd},{rs1}" (b, rd: X, rs1: X) { b.unary(Ctz, W32S, rd, rs1) }
    cpop "011000000010 rs1:5 001 rd:5 0010011" Zbb "cpop {rd},{rs1}"
        (b, rd: X, rs1: X) { b.unary(Popcnt, W64, rd, rs1) }
    cpopw "011000000010 rs1:5 001 rd:5 0011011" Zbb "cpopw {rd},{rs1}"
        (b, rd: X, rs1: X) { b.unary(Popcnt, W32S, rd, rs1) }
    min "0000101 rs2:5 rs1:5 100 rd:5 0110011" Zbb "min {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MinS, W64, rd, rs1, rs2) }
    minu "0000101 rs2:5 rs1:5 101 rd:5 0110011" Zbb "minu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MinU, W64, rd, rs1, rs2) }
    max "0000101 rs2:5 rs1:5 110 rd:5 0110011" Zbb "max {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MaxS, W64, rd, rs1, rs2) }
    maxu "0000101 rs2:5 rs1:5 111 rd:5 0110011" Zbb "maxu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MaxU, W64, rd, rs1, rs2) }
    sext_b "011000000100 rs1:5 001 rd:5 0010011" Zbb "sext.b {rd},{rs1}" (b, rd: X, rs1: X) { b.ext(Mem::I8, rd, rs1) }
    sext_h "011000000101 rs1:5 001 rd:5 0010011" Zbb "sext.h {rd},{rs1}" (b, rd: X, rs1: X) { b.ext(Mem::I16, rd, rs1) }
    zext_h "000010000000 rs1:5 100 rd:5 0111011" Zbb refines packw "zext.h {rd},{rs1}"
        (b, rd: X, rs1: X) { b.ext(Mem::U16, rd, rs1) }
    rol "0110000 rs2:5 rs1:5 001 rd:5 0110011" Zbb or Zbkb "rol {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Rotl, W64, rd, rs1, rs2) }
    ror "0110000 rs2:5 rs1:5 101 rd:5 0110011" Zbb or Zbkb "ror {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Rotr, W64, rd, rs1, rs2) }
    rolw "0110000 rs2:5 rs1:5 001 rd:5 0111011" Zbb or Zbkb "rolw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Rotl, W32S, rd, rs1, rs2) }
    rorw "0110000 rs2:5 rs1:5 101 rd:5 0111011" Zbb or Zbkb "rorw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Rotr, W32S, rd, rs1, rs2) }
    rori "011000 shamt:6 rs1:5 101 rd:5 0010011" Zbb or Zbkb "rori {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Rotr, W64, rd, rs1, shamt) }
    roriw "0110000 shamt:5 rs1:5 101 rd:5 0011011" Zbb or Zbkb "roriw {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(Rotr, W32S, rd, rs1, shamt) }
    orc_b "001010000111 rs1:5 101 rd:5 0010011" Zbb "orc.b {rd},{rs1}"
        (b, rd: X, rs1: X) { b.unary(OrcB, W64, rd, rs1) }
    rev8 "011010111000 rs1:5 101 rd:5 0010011" Zbb or Zbkb "rev8 {rd},{rs1}"
        (b, rd: X, rs1: X) { b.unary(Bswap, W64, rd, rs1) }
}

insns! {
    /// Zbc and Zbkc: carry-less products; Zbs: single bits; the rest of Zbkb and Zbkx.
    pub MORE_ROWS;
    clmul "0000101 rs2:5 rs1:5 001 rd:5 0110011" Zbc or Zbkc "clmul {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Clmul, W64, rd, rs1, rs2) }
    clmulh "0000101 rs2:5 rs1:5 011 rd:5 0110011" Zbc or Zbkc "clmulh {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(ClmulH, W64, rd, rs1, rs2) }
    clmulr "0000101 rs2:5 rs1:5 010 rd:5 0110011" Zbc "clmulr {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { clmul_reversed(b, rd, rs1, rs2) }
    bclr "0100100 rs2:5 rs1:5 001 rd:5 0110011" Zbs "bclr {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(BitClr, W64, rd, rs1, rs2) }
    bclri "010010 shamt:6 rs1:5 001 rd:5 0010011" Zbs "bclri {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(BitClr, W64, rd, rs1, shamt) }
    bext "0100100 rs2:5 rs1:5 101 rd:5 0110011" Zbs "bext {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(BitExt, W64, rd, rs1, rs2) }
    bexti "010010 shamt:6 rs1:5 101 rd:5 0010011" Zbs "bexti {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(BitExt, W64, rd, rs1, shamt) }
    binv "0110100 rs2:5 rs1:5 001 rd:5 0110011" Zbs "binv {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(BitInv, W64, rd, rs1, rs2) }
    binvi "011010 shamt:6 rs1:5 001 rd:5 0010011" Zbs "binvi {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(BitInv, W64, rd, rs1, shamt) }
    bset "0010100 rs2:5 rs1:5 001 rd:5 0110011" Zbs "bset {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(BitSet, W64, rd, rs1, rs2) }
    bseti "001010 shamt:6 rs1:5 001 rd:5 0010011" Zbs "bseti {rd},{rs1},{shamt}"
        (b, rd: X, rs1: X, shamt: U) { b.alu_imm(BitSet, W64, rd, rs1, shamt) }
    pack "0000100 rs2:5 rs1:5 100 rd:5 0110011" Zbkb "pack {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { pack(b, W64, 32, Mem::U32, rd, rs1, rs2) }
    packh "0000100 rs2:5 rs1:5 111 rd:5 0110011" Zbkb "packh {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { pack(b, W64, 8, Mem::U8, rd, rs1, rs2) }
    packw "0000100 rs2:5 rs1:5 100 rd:5 0111011" Zbkb "packw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { pack(b, W32S, 16, Mem::U16, rd, rs1, rs2) }
    brev8 "011010000111 rs1:5 101 rd:5 0010011" Zbkb "brev8 {rd},{rs1}"
        (b, rd: X, rs1: X) { b.unary(Brev8, W64, rd, rs1) }
    xperm4 "0010100 rs2:5 rs1:5 010 rd:5 0110011" Zbkx "xperm4 {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { call(b, helpers::XPERM4, rd, rs1, rs2) }
    xperm8 "0010100 rs2:5 rs1:5 100 rd:5 0110011" Zbkx "xperm8 {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { call(b, helpers::XPERM8, rd, rs1, rs2) }
}
