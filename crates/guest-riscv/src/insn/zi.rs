//! Small extensions: conditional zeroing (Zicond), cache blocks (Zicboz), waiting (Zawrs), may-be-operations (Zimop).
//!
//! Prefetches (Zicbop) are `ori` to zero, locality hints (Zihintntl) `add` to zero, landing pads (Zicfilp) `auipc` to
//! zero, and shadow stacks (Zicfiss) may-be-operations: while the last two are off, which they are, they have no rows.
//! `cbo.clean`, `cbo.flush` and `cbo.inval` (Zicbom) are refused in user mode, so they have none either.

use super::prelude::*;

/// Bytes of a cache block, as Linux reports it for `cbo.zero`.
pub(crate) const CACHE_BLOCK: i64 = 64;

insns! { pub ROWS;
    /// `rd` = 0 if `rs2` is 0, else `rs1`. Manual, 12.1.
    czero_eqz "0000111 rs2:5 rs1:5 101 rd:5 0110011" Zicond "czero.eqz {rd},{rs1},{rs2}" (b, rd: X, rs1: X, rs2: X) {
        b.select(Cond::Eq, rd, rs2, Var::ZERO, Var::ZERO, rs1)
    }
    czero_nez "0000111 rs2:5 rs1:5 111 rd:5 0110011" Zicond "czero.nez {rd},{rs1},{rs2}" (b, rd: X, rs1: X, rs2: X) {
        b.select(Cond::Ne, rd, rs2, Var::ZERO, Var::ZERO, rs1)
    }
    /// Writes zeros to the block that holds the address. The text shows what the reference shows.
    cbo_zero "000000000100 rs1:5 010 00000 0001111" Zicboz "cbo.zero ({rs1})" (b, rs1: X) {
        b.push(Op { a: rs1, imm: CACHE_BLOCK, ..Op::new(Code::ZeroBlock) })
    }
    /// Waiting for a store to the reservation may end at any time: others run meanwhile. Manual, 15.
    wrs_nto "000000001101 00000 000 00000 1110011" Zawrs "wrs.nto" (b) { b.exit(Stop::Yield, b.next_pc()) }
    wrs_sto "000000011101 00000 000 00000 1110011" Zawrs "wrs.sto" (b) { b.exit(Stop::Yield, b.next_pc()) }
    /// These two the reference accepts in user mode (and shows as `illegal`); there is nothing to fence.
    sfence_w_inval "000110000000 00000 000 00000 1110011" Svinval "illegal" (b) {}
    sfence_inval_ir "000110000001 00000 000 00000 1110011" Svinval "illegal" (b) {}
    /// Writes 0 until an extension gives it a meaning. Manual, 8.1.
    mop_r "1 n[4] 00 n[3:2] 0111 n[1:0] rs1:5 100 rd:5 1110011" Zimop "mop.r.{n} {rd},{rs1}"
        (b, n: U, rd: X, rs1: X) { b.mov_imm(rd, 0) }
    mop_rr "1 n[2] 00 n[1:0] 1 rs2:5 rs1:5 100 rd:5 1110011" Zimop "mop.rr.{n} {rd},{rs1},{rs2}"
        (b, n: U, rd: X, rs1: X, rs2: X) { b.mov_imm(rd, 0) }
}
