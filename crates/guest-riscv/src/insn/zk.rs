//! Scalar cryptography: AES (Zknd, Zkne), SHA-2 (Zknh), SM4 (Zksed), SM3 (Zksh), and the entropy source's register
//! stands in `csr.rs`. Manual, chapter 32.

use super::prelude::*;
use Code::{AesDec, AesDecLast, AesEnc, AesEncLast, AesInvMix, AesKey1, Or, Rotl, Rotr, Shl, Shr, Xor};
use Width::{W32S, W64};

/// Highest round number of `aes64ks1i`.
const LAST_ROUND: i64 = 10;

/// `rd = third(x, amounts[2]) ^ rotr(x, amounts[0]) ^ rotr(x, amounts[1])`: the sigma and sum functions of SHA-2.
fn sigma(b: &mut Builder, width: Width, third: Code, amounts: [i64; 3], rd: Var, rs1: Var) {
    let (sum, term) = (b.temp(), b.temp());
    b.alu_imm(Rotr, width, sum, rs1, amounts[0]);
    b.alu_imm(Rotr, width, term, rs1, amounts[1]);
    b.alu(Xor, W64, sum, sum, term);
    b.alu_imm(third, width, term, rs1, amounts[2]);
    b.alu(Xor, W64, rd, sum, term)
}

/// `rd = x ^ rotl(x, m) ^ rotl(x, n)` of words: the permutations of SM3.
fn sm3(b: &mut Builder, m: i64, n: i64, rd: Var, rs1: Var) {
    let (sum, term) = (b.temp(), b.temp());
    b.alu_imm(Rotl, W32S, sum, rs1, m);
    b.alu_imm(Rotl, W32S, term, rs1, n);
    b.alu(Xor, W64, sum, sum, term);
    b.alu(Xor, W32S, rd, sum, rs1)
}

/// The second part of the AES key schedule: both words of `rs2` xor-ed upwards with the upper word of `rs1`.
fn key_schedule_2(b: &mut Builder, rd: Var, rs1: Var, rs2: Var) {
    let (low, high) = (b.temp(), b.temp());
    b.alu_imm(Shr, W64, low, rs1, 32);
    b.alu(Xor, Width::W32Z, low, low, rs2);
    b.alu_imm(Shr, W64, high, rs2, 32);
    b.alu(Xor, W64, high, high, low);
    b.alu_imm(Shl, W64, high, high, 32);
    b.alu(Or, W64, rd, high, low)
}

/// The first part: substitution, and the constant of round `rnum`.
fn key_schedule_1(b: &mut Builder, rd: Var, rs1: Var, rnum: i64) {
    if rnum > LAST_ROUND {
        b.exit(Stop::Illegal, b.pc)
    } else if rd != Var::ZERO {
        b.push(Op { dst: rd, a: rs1, imm: rnum, ..Op::new(AesKey1) })
    }
}

/// SM4: `helper(rs1, rs2, byte)`.
fn sm4(b: &mut Builder, helper: i64, rd: Var, rs1: Var, rs2: Var, byte: i64) {
    if rd != Var::ZERO {
        let c = b.temp();
        b.mov_imm(c, byte);
        b.push(Op { dst: rd, a: rs1, b: rs2, c, imm: helper, ..Op::new(Code::CallPure) })
    }
}

insns! { pub ROWS;
    aes64ds "0011101 rs2:5 rs1:5 000 rd:5 0110011" Zknd "aes64ds {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(AesDecLast, W64, rd, rs1, rs2) }
    aes64dsm "0011111 rs2:5 rs1:5 000 rd:5 0110011" Zknd "aes64dsm {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(AesDec, W64, rd, rs1, rs2) }
    aes64es "0011001 rs2:5 rs1:5 000 rd:5 0110011" Zkne "aes64es {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(AesEncLast, W64, rd, rs1, rs2) }
    aes64esm "0011011 rs2:5 rs1:5 000 rd:5 0110011" Zkne "aes64esm {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(AesEnc, W64, rd, rs1, rs2) }
    aes64im "001100000000 rs1:5 001 rd:5 0010011" Zknd "aes64im {rd},{rs1}"
        (b, rd: X, rs1: X) { b.unary(AesInvMix, W64, rd, rs1) }
    aes64ks1i "00110001 rnum:4 rs1:5 001 rd:5 0010011" Zkne or Zknd "aes64ks1i {rd},{rs1},{rnum}"
        (b, rd: X, rs1: X, rnum: U) { key_schedule_1(b, rd, rs1, rnum) }
    aes64ks2 "0111111 rs2:5 rs1:5 000 rd:5 0110011" Zkne or Zknd "aes64ks2 {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { key_schedule_2(b, rd, rs1, rs2) }
    sha256sum0 "000100000000 rs1:5 001 rd:5 0010011" Zknh "sha256sum0 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W32S, Rotr, [2, 13, 22], rd, rs1) }
    sha256sum1 "000100000001 rs1:5 001 rd:5 0010011" Zknh "sha256sum1 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W32S, Rotr, [6, 11, 25], rd, rs1) }
    sha256sig0 "000100000010 rs1:5 001 rd:5 0010011" Zknh "sha256sig0 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W32S, Shr, [7, 18, 3], rd, rs1) }
    sha256sig1 "000100000011 rs1:5 001 rd:5 0010011" Zknh "sha256sig1 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W32S, Shr, [17, 19, 10], rd, rs1) }
    sha512sum0 "000100000100 rs1:5 001 rd:5 0010011" Zknh "sha512sum0 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W64, Rotr, [28, 34, 39], rd, rs1) }
    sha512sum1 "000100000101 rs1:5 001 rd:5 0010011" Zknh "sha512sum1 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W64, Rotr, [14, 18, 41], rd, rs1) }
    sha512sig0 "000100000110 rs1:5 001 rd:5 0010011" Zknh "sha512sig0 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W64, Shr, [1, 8, 7], rd, rs1) }
    sha512sig1 "000100000111 rs1:5 001 rd:5 0010011" Zknh "sha512sig1 {rd},{rs1}"
        (b, rd: X, rs1: X) { sigma(b, W64, Shr, [19, 61, 6], rd, rs1) }
    sm3p0 "000100001000 rs1:5 001 rd:5 0010011" Zksh "sm3p0 {rd},{rs1}" (b, rd: X, rs1: X) { sm3(b, 9, 17, rd, rs1) }
    sm3p1 "000100001001 rs1:5 001 rd:5 0010011" Zksh "sm3p1 {rd},{rs1}" (b, rd: X, rs1: X) { sm3(b, 15, 23, rd, rs1) }
    sm4ed "byte:2 11000 rs2:5 rs1:5 000 rd:5 0110011" Zksed "sm4ed {rd},{rs1},{rs2},{byte}"
        (b, byte: U, rd: X, rs1: X, rs2: X) { sm4(b, helpers::SM4ED, rd, rs1, rs2, byte) }
    sm4ks "byte:2 11010 rs2:5 rs1:5 000 rd:5 0110011" Zksed "sm4ks {rd},{rs1},{rs2},{byte}"
        (b, byte: U, rd: X, rs1: X, rs2: X) { sm4(b, helpers::SM4KS, rd, rs1, rs2, byte) }
}
