//! Half precision Zfh and Zfhmin. Manual, chapter 24. Most of it is shown as unknown (plugin contract, 3.2).

use super::fp::*;
use super::prelude::*;

insns! { pub ROWS;
    flh "imm:12 rs1:5 001 rd:5 0000111" Zfhmin or Zfbfmin "flh {rd},{imm}({rs1})"
        (b, rd: F, rs1: X, imm: S) { b.load_f(Mem::U16, rd, rs1, imm) }
    fsh "imm[11:5] rs2:5 rs1:5 001 imm[4:0] 0100111" Zfhmin or Zfbfmin "fsh {rs2},{imm}({rs1})"
        (b, rs2: F, rs1: X, imm: S) { b.store_f(Mem::U16, rs2, rs1, imm) }
    fmadd_h "rs3:5 10 rs2:5 rs1:5 rm:3 rd:5 1000011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, 0, Size::H, rm, rd, [rs1, rs2, rs3]) }
    fmsub_h "rs3:5 10 rs2:5 rs1:5 rm:3 rd:5 1000111" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_ADDEND, Size::H, rm, rd, [rs1, rs2, rs3]) }
    fnmsub_h "rs3:5 10 rs2:5 rs1:5 rm:3 rd:5 1001011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_PRODUCT, Size::H, rm, rd, [rs1, rs2, rs3]) }
    fnmadd_h "rs3:5 10 rs2:5 rs1:5 rm:3 rd:5 1001111" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F, rs3: F) { fused(b, MINUS_PRODUCT | MINUS_ADDEND, Size::H, rm, rd, [rs1, rs2, rs3]) }
    fadd_h "00000 10 rs2:5 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, ADD, Size::H, rm, rd, [rs1, rs2]) }
    fsub_h "00001 10 rs2:5 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, SUB, Size::H, rm, rd, [rs1, rs2]) }
    fmul_h "00010 10 rs2:5 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, MUL, Size::H, rm, rd, [rs1, rs2]) }
    fdiv_h "00011 10 rs2:5 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, DIV, Size::H, rm, rd, [rs1, rs2]) }
    fsqrt_h "01011 10 00000 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: F) { arith(b, SQRT, Size::H, rm, rd, [rs1, Var::IMM]) }
    fsgnj_h "00100 10 rs2:5 rs1:5 000 rd:5 1010011" Zfh "illegal"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FSIGN, Size::H, 0, rd, [rs1, rs2]) }
    fsgnjn_h "00100 10 rs2:5 rs1:5 001 rd:5 1010011" Zfh "illegal"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FSIGN, Size::H, 1, rd, [rs1, rs2]) }
    fsgnjx_h "00100 10 rs2:5 rs1:5 010 rd:5 1010011" Zfh "illegal"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FSIGN, Size::H, 2, rd, [rs1, rs2]) }
    fmin_h "00101 10 rs2:5 rs1:5 000 rd:5 1010011" Zfh "illegal"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMIN, Size::H, 0, rd, [rs1, rs2]) }
    fmax_h "00101 10 rs2:5 rs1:5 001 rd:5 1010011" Zfh "illegal"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMAX, Size::H, 0, rd, [rs1, rs2]) }
    fle_h "10100 10 rs2:5 rs1:5 000 rd:5 1010011" Zfh "illegal"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLE, Size::H, 0, rd, [rs1, rs2]) }
    flt_h "10100 10 rs2:5 rs1:5 001 rd:5 1010011" Zfh "illegal"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLT, Size::H, 0, rd, [rs1, rs2]) }
    feq_h "10100 10 rs2:5 rs1:5 010 rd:5 1010011" Zfh "illegal"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FEQ, Size::H, 0, rd, [rs1, rs2]) }
    fclass_h "11100 10 00000 rs1:5 001 rd:5 1010011" Zfh "illegal"
        (b, rd: X, rs1: F) { plain_int(b, helpers::FCLASS, Size::H, 0, rd, [rs1, Var::IMM]) }
    fmv_x_h "11100 10 00000 rs1:5 000 rd:5 1010011" Zfhmin or Zfbfmin "fmv.x.h {rd},{rs1}"
        (b, rd: X, rs1: F) { to_bits(b, Mem::I16, rd, rs1) }
    fmv_h_x "11110 10 00000 rs1:5 000 rd:5 1010011" Zfhmin or Zfbfmin "fmv.h.x {rd},{rs1}"
        (b, rd: F, rs1: X) { from_bits(b, Size::H, rd, rs1) }
    fcvt_w_h "11000 10 00000 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::H, Int::W, rm, rd, rs1) }
    fcvt_wu_h "11000 10 00001 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::H, Int::Wu, rm, rd, rs1) }
    fcvt_l_h "11000 10 00010 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::H, Int::L, rm, rd, rs1) }
    fcvt_lu_h "11000 10 00011 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: X, rs1: F) { to_int(b, Size::H, Int::Lu, rm, rd, rs1) }
    fcvt_h_w "11010 10 00000 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::H, Int::W, rm, rd, rs1) }
    fcvt_h_wu "11010 10 00001 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::H, Int::Wu, rm, rd, rs1) }
    fcvt_h_l "11010 10 00010 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::H, Int::L, rm, rd, rs1) }
    fcvt_h_lu "11010 10 00011 rs1:5 rm:3 rd:5 1010011" Zfh "illegal"
        (b, rm: Rm, rd: F, rs1: X) { from_int(b, Size::H, Int::Lu, rm, rd, rs1) }
    /// Between formats. 24.3.
    fcvt_s_h "01000 00 00010 rs1:5 rm:3 rd:5 1010011" Zfhmin "illegal"
        (b, rm: Rm, rd: F, rs1: F) { convert(b, Size::H, Size::S, rm, rd, rs1) }
    fcvt_h_s "01000 10 00000 rs1:5 rm:3 rd:5 1010011" Zfhmin "illegal"
        (b, rm: Rm, rd: F, rs1: F) { convert(b, Size::S, Size::H, rm, rd, rs1) }
    fcvt_d_h "01000 01 00010 rs1:5 rm:3 rd:5 1010011" Zfhmin and D "illegal"
        (b, rm: Rm, rd: F, rs1: F) { convert(b, Size::H, Size::D, rm, rd, rs1) }
    fcvt_h_d "01000 10 00001 rs1:5 rm:3 rd:5 1010011" Zfhmin and D "illegal"
        (b, rm: Rm, rd: F, rs1: F) { convert(b, Size::D, Size::H, rm, rd, rs1) }
}
