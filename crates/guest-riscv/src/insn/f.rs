//! Single precision F. Manual, chapter 21.

use super::fp::*;
use super::prelude::*;

insns! { pub ROWS;
    /// Loads and boxes. Manual, 21.5.
    flw "imm:12 rs1:5 010 rd:5 0000111" F "flw {rd},{imm}({rs1})"
        (b, rd: F, rs1: X, imm: S) { b.load_f(Mem::U32, rd, rs1, imm) }
    fsw "imm[11:5] rs2:5 rs1:5 010 imm[4:0] 0100111" F "fsw {rs2},{imm}({rs1})"
        (b, rs2: F, rs1: X, imm: S) { b.store_f(Mem::U32, rs2, rs1, imm) }
    /// Fused. 21.6.
    fmadd_s "rs3:5 00 rs2:5 rs1:5 rm:3 rd:5 1000011" F "fmadd.s {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, 0, Size::S, rm, rd, [rs1, rs2, rs3]) }
    fmsub_s "rs3:5 00 rs2:5 rs1:5 rm:3 rd:5 1000111" F "fmsub.s {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_ADDEND, Size::S, rm, rd, [rs1, rs2, rs3]) }
    fnmsub_s "rs3:5 00 rs2:5 rs1:5 rm:3 rd:5 1001011" F "fnmsub.s {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_PRODUCT, Size::S, rm, rd, [rs1, rs2, rs3]) }
    fnmadd_s "rs3:5 00 rs2:5 rs1:5 rm:3 rd:5 1001111" F "fnmadd.s {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_PRODUCT | MINUS_ADDEND, Size::S, rm, rd, [rs1, rs2, rs3]) }
    /// Computational. 21.6.
    fadd_s "00000 00 rs2:5 rs1:5 rm:3 rd:5 1010011" F "fadd.s {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, ADD, Size::S, rm, rd, [rs1, rs2]) }
    fsub_s "00001 00 rs2:5 rs1:5 rm:3 rd:5 1010011" F "fsub.s {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, SUB, Size::S, rm, rd, [rs1, rs2]) }
    fmul_s "00010 00 rs2:5 rs1:5 rm:3 rd:5 1010011" F "fmul.s {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, MUL, Size::S, rm, rd, [rs1, rs2]) }
    fdiv_s "00011 00 rs2:5 rs1:5 rm:3 rd:5 1010011" F "fdiv.s {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, DIV, Size::S, rm, rd, [rs1, rs2]) }
    fsqrt_s "01011 00 00000 rs1:5 rm:3 rd:5 1010011" F "fsqrt.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { arith(b, SQRT, Size::S, rm, rd, [rs1, Var::IMM]) }
    /// Sign injection. 21.7.
    fsgnj_s "00100 00 rs2:5 rs1:5 000 rd:5 1010011" F "fsgnj.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { sign(b, 0, Fmt::F32, rd, [rs1, rs2]) }
    fsgnjn_s "00100 00 rs2:5 rs1:5 001 rd:5 1010011" F "fsgnjn.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { sign(b, 1, Fmt::F32, rd, [rs1, rs2]) }
    fsgnjx_s "00100 00 rs2:5 rs1:5 010 rd:5 1010011" F "fsgnjx.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { sign(b, 2, Fmt::F32, rd, [rs1, rs2]) }
    fmin_s "00101 00 rs2:5 rs1:5 000 rd:5 1010011" F "fmin.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { min_max(b, Code::FMin, Fmt::F32, rd, [rs1, rs2]) }
    fmax_s "00101 00 rs2:5 rs1:5 001 rd:5 1010011" F "fmax.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { min_max(b, Code::FMax, Fmt::F32, rd, [rs1, rs2]) }
    /// Compares. 21.8.
    fle_s "10100 00 rs2:5 rs1:5 000 rd:5 1010011" F "fle.s {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { compare(b, Code::FLe, Fmt::F32, rd, [rs1, rs2]) }
    flt_s "10100 00 rs2:5 rs1:5 001 rd:5 1010011" F "flt.s {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { compare(b, Code::FLt, Fmt::F32, rd, [rs1, rs2]) }
    feq_s "10100 00 rs2:5 rs1:5 010 rd:5 1010011" F "feq.s {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { compare(b, Code::FEq, Fmt::F32, rd, [rs1, rs2]) }
    /// Classifies. 21.9.
    fclass_s "11100 00 00000 rs1:5 001 rd:5 1010011" F "fclass.s {rd},{rs1}"
        (b, rd: X, rs1: F) { classify(b, Fmt::F32, rd, rs1) }
    /// Moves of bits. 21.7.
    fmv_x_w "11100 00 00000 rs1:5 000 rd:5 1010011" F "fmv.x.s {rd},{rs1}"
        (b, rd: X, rs1: F) { to_bits(b, Mem::I32, rd, rs1) }
    fmv_w_x "11110 00 00000 rs1:5 000 rd:5 1010011" F "fmv.s.x {rd},{rs1}"
        (b, rd: F, rs1: X) { from_bits(b, Size::S, rd, rs1) }
    /// Conversions to and from integers. 21.7.
    fcvt_w_s "11000 00 00000 rs1:5 rm:3 rd:5 1010011" F "fcvt.w.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::S, Int::W, rm, rd, rs1) }
    fcvt_wu_s "11000 00 00001 rs1:5 rm:3 rd:5 1010011" F "fcvt.wu.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::S, Int::Wu, rm, rd, rs1) }
    fcvt_l_s "11000 00 00010 rs1:5 rm:3 rd:5 1010011" F "fcvt.l.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::S, Int::L, rm, rd, rs1) }
    fcvt_lu_s "11000 00 00011 rs1:5 rm:3 rd:5 1010011" F "fcvt.lu.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::S, Int::Lu, rm, rd, rs1) }
    fcvt_s_w "11010 00 00000 rs1:5 rm:3 rd:5 1010011" F "fcvt.s.w {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::S, Int::W, rm, rd, rs1) }
    fcvt_s_wu "11010 00 00001 rs1:5 rm:3 rd:5 1010011" F "fcvt.s.wu {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::S, Int::Wu, rm, rd, rs1) }
    fcvt_s_l "11010 00 00010 rs1:5 rm:3 rd:5 1010011" F "fcvt.s.l {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::S, Int::L, rm, rd, rs1) }
    fcvt_s_lu "11010 00 00011 rs1:5 rm:3 rd:5 1010011" F "fcvt.s.lu {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::S, Int::Lu, rm, rd, rs1) }
}
