//! Texts of floating point without meaning: pseudo-instructions, quad precision and moves of RV32, which the reference
//! shows but does not execute, and `fcvtmod.w.d` with rounding modes that it must not have.

use crate::operand::*;
use guest::aliases;

aliases! {
    pub WORDS, 32;
    "00100 00 rs:5 rs:5 000 rd:5 1010011" "fmv.s {rd},{rs}" (rd: F, rs: F);
    "00100 00 rs:5 rs:5 001 rd:5 1010011" "fneg.s {rd},{rs}" (rd: F, rs: F);
    "00100 00 rs:5 rs:5 010 rd:5 1010011" "fabs.s {rd},{rs}" (rd: F, rs: F);
    "00100 01 rs:5 rs:5 000 rd:5 1010011" "fmv.d {rd},{rs}" (rd: F, rs: F);
    "00100 01 rs:5 rs:5 001 rd:5 1010011" "fneg.d {rd},{rs}" (rd: F, rs: F);
    "00100 01 rs:5 rs:5 010 rd:5 1010011" "fabs.d {rd},{rs}" (rd: F, rs: F);
    "00100 11 rs:5 rs:5 000 rd:5 1010011" "fmv.q {rd},{rs}" (rd: F, rs: F);
    "00100 11 rs:5 rs:5 001 rd:5 1010011" "fneg.q {rd},{rs}" (rd: F, rs: F);
    "00100 11 rs:5 rs:5 010 rd:5 1010011" "fabs.q {rd},{rs}" (rd: F, rs: F);

    "imm:12 rs1:5 100 rd:5 0000111" "flq {rd},{imm}({rs1})" (rd: F, rs1: X, imm: S);
    "imm[11:5] rs2:5 rs1:5 100 imm[4:0] 0100111" "fsq {rs2},{imm}({rs1})" (rs1: X, rs2: F, imm: S);
    "rs3:5 11 rs2:5 rs1:5 rm:3 rd:5 1000011" "fmadd.q {rm},{rd},{rs1},{rs2},{rs3}" (rm: Rm, rd: F, rs1: F, rs2: F, rs3: F);
    "rs3:5 11 rs2:5 rs1:5 rm:3 rd:5 1000111" "fmsub.q {rm},{rd},{rs1},{rs2},{rs3}" (rm: Rm, rd: F, rs1: F, rs2: F, rs3: F);
    "rs3:5 11 rs2:5 rs1:5 rm:3 rd:5 1001011" "fnmsub.q {rm},{rd},{rs1},{rs2},{rs3}" (rm: Rm, rd: F, rs1: F, rs2: F, rs3: F);
    "rs3:5 11 rs2:5 rs1:5 rm:3 rd:5 1001111" "fnmadd.q {rm},{rd},{rs1},{rs2},{rs3}" (rm: Rm, rd: F, rs1: F, rs2: F, rs3: F);
    "00000 11 rs2:5 rs1:5 rm:3 rd:5 1010011" "fadd.q {rm},{rd},{rs1},{rs2}" (rm: Rm, rd: F, rs1: F, rs2: F);
    "00001 11 rs2:5 rs1:5 rm:3 rd:5 1010011" "fsub.q {rm},{rd},{rs1},{rs2}" (rm: Rm, rd: F, rs1: F, rs2: F);
    "00010 11 rs2:5 rs1:5 rm:3 rd:5 1010011" "fmul.q {rm},{rd},{rs1},{rs2}" (rm: Rm, rd: F, rs1: F, rs2: F);
    "00011 11 rs2:5 rs1:5 rm:3 rd:5 1010011" "fdiv.q {rm},{rd},{rs1},{rs2}" (rm: Rm, rd: F, rs1: F, rs2: F);
    "01011 11 00000 rs1:5 rm:3 rd:5 1010011" "fsqrt.q {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "00100 11 rs2:5 rs1:5 000 rd:5 1010011" "fsgnj.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "00100 11 rs2:5 rs1:5 001 rd:5 1010011" "fsgnjn.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "00100 11 rs2:5 rs1:5 010 rd:5 1010011" "fsgnjx.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "00101 11 rs2:5 rs1:5 000 rd:5 1010011" "fmin.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "00101 11 rs2:5 rs1:5 001 rd:5 1010011" "fmax.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "00101 11 rs2:5 rs1:5 010 rd:5 1010011" "fminm.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "00101 11 rs2:5 rs1:5 011 rd:5 1010011" "fmaxm.q {rd},{rs1},{rs2}" (rd: F, rs1: F, rs2: F);
    "10100 11 rs2:5 rs1:5 000 rd:5 1010011" "fle.q {rd},{rs1},{rs2}" (rd: X, rs1: F, rs2: F);
    "10100 11 rs2:5 rs1:5 001 rd:5 1010011" "flt.q {rd},{rs1},{rs2}" (rd: X, rs1: F, rs2: F);
    "10100 11 rs2:5 rs1:5 010 rd:5 1010011" "feq.q {rd},{rs1},{rs2}" (rd: X, rs1: F, rs2: F);
    "10100 11 rs2:5 rs1:5 100 rd:5 1010011" "fleq.q {rd},{rs1},{rs2}" (rd: X, rs1: F, rs2: F);
    "10100 11 rs2:5 rs1:5 101 rd:5 1010011" "fltq.q {rd},{rs1},{rs2}" (rd: X, rs1: F, rs2: F);
    "11100 11 00000 rs1:5 001 rd:5 1010011" "fclass.q {rd},{rs1}" (rd: X, rs1: F);
    "11100 11 00000 rs1:5 000 rd:5 1010011" "fmv.x.q {rd},{rs1}" (rd: X, rs1: F);
    "11110 11 00000 rs1:5 000 rd:5 1010011" "fmv.q.x {rd},{rs1}" (rd: F, rs1: X);
    "11000 11 00000 rs1:5 rm:3 rd:5 1010011" "fcvt.w.q {rm},{rd},{rs1}" (rm: Rm, rd: X, rs1: F);
    "11010 11 00000 rs1:5 rm:3 rd:5 1010011" "fcvt.q.w {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: X);
    "11000 11 00001 rs1:5 rm:3 rd:5 1010011" "fcvt.wu.q {rm},{rd},{rs1}" (rm: Rm, rd: X, rs1: F);
    "11010 11 00001 rs1:5 rm:3 rd:5 1010011" "fcvt.q.wu {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: X);
    "11000 11 00010 rs1:5 rm:3 rd:5 1010011" "fcvt.l.q {rm},{rd},{rs1}" (rm: Rm, rd: X, rs1: F);
    "11010 11 00010 rs1:5 rm:3 rd:5 1010011" "fcvt.q.l {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: X);
    "11000 11 00011 rs1:5 rm:3 rd:5 1010011" "fcvt.lu.q {rm},{rd},{rs1}" (rm: Rm, rd: X, rs1: F);
    "11010 11 00011 rs1:5 rm:3 rd:5 1010011" "fcvt.q.lu {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: X);
    "01000 00 00011 rs1:5 rm:3 rd:5 1010011" "fcvt.s.q {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "01000 01 00011 rs1:5 rm:3 rd:5 1010011" "fcvt.d.q {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "01000 11 00000 rs1:5 rm:3 rd:5 1010011" "fcvt.q.s {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "01000 11 00001 rs1:5 rm:3 rd:5 1010011" "fcvt.q.d {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "01000 11 00100 rs1:5 rm:3 rd:5 1010011" "fround.q {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "01000 11 00101 rs1:5 rm:3 rd:5 1010011" "froundnx.q {rm},{rd},{rs1}" (rm: Rm, rd: F, rs1: F);
    "11110 11 00001 value:5 000 rd:5 1010011" "fli.q {rd},{value}" (rd: F, value: Fli);
    "11100 01 00001 rs1:5 000 rd:5 1010011" "fmvh.x.d {rd},{rs1}" (rd: X, rs1: F);
    "11100 11 00001 rs1:5 000 rd:5 1010011" "fmvh.x.q {rd},{rs1}" (rd: X, rs1: F);
    "10110 01 rs2:5 rs1:5 000 rd:5 1010011" "fmvp.d.x {rd},{rs1},{rs2}" (rd: F, rs1: X, rs2: X);
    "10110 11 rs2:5 rs1:5 000 rd:5 1010011" "fmvp.q.x {rd},{rs1},{rs2}" (rd: F, rs1: X, rs2: X);
    "11000 01 01000 rs1:5 rm:3 rd:5 1010011" "fcvtmod.w.d {rm},{rd},{rs1}" (rm: Rm, rd: X, rs1: F);
}
