//! Double precision D. Manual, chapter 22.

use super::fp::*;
use super::prelude::*;

insns! { pub ROWS;
    fld "imm:12 rs1:5 011 rd:5 0000111" D "fld {rd},{imm}({rs1})"
        (b, rd: F, rs1: X, imm: S) { b.load_f(Mem::U64, rd, rs1, imm) }
    fsd "imm[11:5] rs2:5 rs1:5 011 imm[4:0] 0100111" D "fsd {rs2},{imm}({rs1})"
        (b, rs2: F, rs1: X, imm: S) { b.store_f(Mem::U64, rs2, rs1, imm) }
    fmadd_d "rs3:5 01 rs2:5 rs1:5 rm:3 rd:5 1000011" D "fmadd.d {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, 0, Size::D, rm, rd, [rs1, rs2, rs3]) }
    fmsub_d "rs3:5 01 rs2:5 rs1:5 rm:3 rd:5 1000111" D "fmsub.d {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_ADDEND, Size::D, rm, rd, [rs1, rs2, rs3]) }
    fnmsub_d "rs3:5 01 rs2:5 rs1:5 rm:3 rd:5 1001011" D "fnmsub.d {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_PRODUCT, Size::D, rm, rd, [rs1, rs2, rs3]) }
    fnmadd_d "rs3:5 01 rs2:5 rs1:5 rm:3 rd:5 1001111" D "fnmadd.d {rm},{rd},{rs1},{rs2},{rs3}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_PRODUCT | MINUS_ADDEND, Size::D, rm, rd, [rs1, rs2, rs3]) }
    fadd_d "00000 01 rs2:5 rs1:5 rm:3 rd:5 1010011" D "fadd.d {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, ADD, Size::D, rm, rd, [rs1, rs2]) }
    fsub_d "00001 01 rs2:5 rs1:5 rm:3 rd:5 1010011" D "fsub.d {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, SUB, Size::D, rm, rd, [rs1, rs2]) }
    fmul_d "00010 01 rs2:5 rs1:5 rm:3 rd:5 1010011" D "fmul.d {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, MUL, Size::D, rm, rd, [rs1, rs2]) }
    fdiv_d "00011 01 rs2:5 rs1:5 rm:3 rd:5 1010011" D "fdiv.d {rm},{rd},{rs1},{rs2}"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, DIV, Size::D, rm, rd, [rs1, rs2]) }
    fsqrt_d "01011 01 00000 rs1:5 rm:3 rd:5 1010011" D "fsqrt.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { arith(b, SQRT, Size::D, rm, rd, [rs1, Var::IMM]) }
    fsgnj_d "00100 01 rs2:5 rs1:5 000 rd:5 1010011" D "fsgnj.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { sign(b, 0, Fmt::F64, rd, [rs1, rs2]) }
    fsgnjn_d "00100 01 rs2:5 rs1:5 001 rd:5 1010011" D "fsgnjn.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { sign(b, 1, Fmt::F64, rd, [rs1, rs2]) }
    fsgnjx_d "00100 01 rs2:5 rs1:5 010 rd:5 1010011" D "fsgnjx.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { sign(b, 2, Fmt::F64, rd, [rs1, rs2]) }
    fmin_d "00101 01 rs2:5 rs1:5 000 rd:5 1010011" D "fmin.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { min_max(b, Code::FMin, Fmt::F64, rd, [rs1, rs2]) }
    fmax_d "00101 01 rs2:5 rs1:5 001 rd:5 1010011" D "fmax.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { min_max(b, Code::FMax, Fmt::F64, rd, [rs1, rs2]) }
    fle_d "10100 01 rs2:5 rs1:5 000 rd:5 1010011" D "fle.d {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { compare(b, Code::FLe, Fmt::F64, rd, [rs1, rs2]) }
    flt_d "10100 01 rs2:5 rs1:5 001 rd:5 1010011" D "flt.d {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { compare(b, Code::FLt, Fmt::F64, rd, [rs1, rs2]) }
    feq_d "10100 01 rs2:5 rs1:5 010 rd:5 1010011" D "feq.d {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { compare(b, Code::FEq, Fmt::F64, rd, [rs1, rs2]) }
    fclass_d "11100 01 00000 rs1:5 001 rd:5 1010011" D "fclass.d {rd},{rs1}"
        (b, rd: X, rs1: F) { classify(b, Fmt::F64, rd, rs1) }
    fmv_x_d "11100 01 00000 rs1:5 000 rd:5 1010011" D "fmv.x.d {rd},{rs1}"
        (b, rd: X, rs1: F) { to_bits(b, Mem::U64, rd, rs1) }
    fmv_d_x "11110 01 00000 rs1:5 000 rd:5 1010011" D "fmv.d.x {rd},{rs1}"
        (b, rd: F, rs1: X) { from_bits(b, Size::D, rd, rs1) }
    fcvt_w_d "11000 01 00000 rs1:5 rm:3 rd:5 1010011" D "fcvt.w.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::D, Int::W, rm, rd, rs1) }
    fcvt_wu_d "11000 01 00001 rs1:5 rm:3 rd:5 1010011" D "fcvt.wu.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::D, Int::Wu, rm, rd, rs1) }
    fcvt_l_d "11000 01 00010 rs1:5 rm:3 rd:5 1010011" D "fcvt.l.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::D, Int::L, rm, rd, rs1) }
    fcvt_lu_d "11000 01 00011 rs1:5 rm:3 rd:5 1010011" D "fcvt.lu.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::D, Int::Lu, rm, rd, rs1) }
    fcvt_d_w "11010 01 00000 rs1:5 rm:3 rd:5 1010011" D "fcvt.d.w {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::D, Int::W, rm, rd, rs1) }
    fcvt_d_wu "11010 01 00001 rs1:5 rm:3 rd:5 1010011" D "fcvt.d.wu {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::D, Int::Wu, rm, rd, rs1) }
    fcvt_d_l "11010 01 00010 rs1:5 rm:3 rd:5 1010011" D "fcvt.d.l {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::D, Int::L, rm, rd, rs1) }
    fcvt_d_lu "11010 01 00011 rs1:5 rm:3 rd:5 1010011" D "fcvt.d.lu {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::D, Int::Lu, rm, rd, rs1) }
    /// Between formats. 22.4.
    fcvt_s_d "01000 00 00001 rs1:5 rm:3 rd:5 1010011" D "fcvt.s.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { narrow(b, rm, rd, rs1) }
    fcvt_d_s "01000 01 00000 rs1:5 rm:3 rd:5 1010011" D "fcvt.d.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { widen(b, rm, rd, rs1) }
}
