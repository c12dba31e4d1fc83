//! Additional floating-point instructions Zfa. Manual, chapter 32.

use super::fp::*;
use super::prelude::*;

insns! { pub ROWS;
    /// Constants. 32.2.
    fli_s "11110 00 00001 value:5 000 rd:5 1010011" Zfa "fli.s {rd},{value}"
        (b, rd: F, value: Fli) { constant(b, Size::S, rd, fli(Size::S, value)) }
    /// Minimum and maximum to which a NaN sticks. 32.3.
    fminm_s "00101 00 rs2:5 rs1:5 010 rd:5 1010011" Zfa "fminm.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMINIMUM, Size::S, 0, rd, [rs1, rs2]) }
    fmaxm_s "00101 00 rs2:5 rs1:5 011 rd:5 1010011" Zfa "fmaxm.s {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMAXIMUM, Size::S, 0, rd, [rs1, rs2]) }
    /// Rounding to integral values. 32.4.
    fround_s "01000 00 00100 rs1:5 rm:3 rd:5 1010011" Zfa "fround.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { soft(b, helpers::FROUND, Size::S, rm, 0, rd, [rs1, Var::IMM]) }
    froundnx_s "01000 00 00101 rs1:5 rm:3 rd:5 1010011" Zfa "froundnx.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { soft(b, helpers::FROUND, Size::S, rm, 1, rd, [rs1, Var::IMM]) }
    /// Comparisons for which only signalling NaNs are invalid. 32.7.
    fleq_s "10100 00 rs2:5 rs1:5 100 rd:5 1010011" Zfa "fleq.s {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLEQ, Size::S, 0, rd, [rs1, rs2]) }
    fltq_s "10100 00 rs2:5 rs1:5 101 rd:5 1010011" Zfa "fltq.s {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLTQ, Size::S, 0, rd, [rs1, rs2]) }
    fli_d "11110 01 00001 value:5 000 rd:5 1010011" Zfa and D "fli.d {rd},{value}"
        (b, rd: F, value: Fli) { constant(b, Size::D, rd, fli(Size::D, value)) }
    fminm_d "00101 01 rs2:5 rs1:5 010 rd:5 1010011" Zfa and D "fminm.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMINIMUM, Size::D, 0, rd, [rs1, rs2]) }
    fmaxm_d "00101 01 rs2:5 rs1:5 011 rd:5 1010011" Zfa and D "fmaxm.d {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMAXIMUM, Size::D, 0, rd, [rs1, rs2]) }
    fround_d "01000 01 00100 rs1:5 rm:3 rd:5 1010011" Zfa and D "fround.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { soft(b, helpers::FROUND, Size::D, rm, 0, rd, [rs1, Var::IMM]) }
    froundnx_d "01000 01 00101 rs1:5 rm:3 rd:5 1010011" Zfa and D "froundnx.d {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { soft(b, helpers::FROUND, Size::D, rm, 1, rd, [rs1, Var::IMM]) }
    fleq_d "10100 01 rs2:5 rs1:5 100 rd:5 1010011" Zfa and D "fleq.d {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLEQ, Size::D, 0, rd, [rs1, rs2]) }
    fltq_d "10100 01 rs2:5 rs1:5 101 rd:5 1010011" Zfa and D "fltq.d {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLTQ, Size::D, 0, rd, [rs1, rs2]) }
    fli_h "11110 10 00001 value:5 000 rd:5 1010011" Zfa and Zfh "fli.h {rd},{value}"
        (b, rd: F, value: Fli) { constant(b, Size::H, rd, fli(Size::H, value)) }
    fminm_h "00101 10 rs2:5 rs1:5 010 rd:5 1010011" Zfa and Zfh "fminm.h {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMINIMUM, Size::H, 0, rd, [rs1, rs2]) }
    fmaxm_h "00101 10 rs2:5 rs1:5 011 rd:5 1010011" Zfa and Zfh "fmaxm.h {rd},{rs1},{rs2}"
        (b, rd: F, rs1: F, rs2: F) { plain(b, helpers::FMAXIMUM, Size::H, 0, rd, [rs1, rs2]) }
    fround_h "01000 10 00100 rs1:5 rm:3 rd:5 1010011" Zfa and Zfh "fround.h {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { soft(b, helpers::FROUND, Size::H, rm, 0, rd, [rs1, Var::IMM]) }
    froundnx_h "01000 10 00101 rs1:5 rm:3 rd:5 1010011" Zfa and Zfh "froundnx.h {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { soft(b, helpers::FROUND, Size::H, rm, 1, rd, [rs1, Var::IMM]) }
    fleq_h "10100 10 rs2:5 rs1:5 100 rd:5 1010011" Zfa and Zfh "fleq.h {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLEQ, Size::H, 0, rd, [rs1, rs2]) }
    fltq_h "10100 10 rs2:5 rs1:5 101 rd:5 1010011" Zfa and Zfh "fltq.h {rd},{rs1},{rs2}"
        (b, rd: X, rs1: F, rs2: F) { plain_int(b, helpers::FLTQ, Size::H, 0, rd, [rs1, rs2]) }
    /// Modular conversion; only toward zero. 32.5.
    fcvtmod_w_d "11000 01 01000 rs1:5 001 rd:5 1010011" Zfa and D "fcvtmod.w.d rtz,{rd},{rs1}"
        (b, rd: X, rs1: F) { plain_int(b, helpers::FTOINTMOD, Size::D, 0, rd, [rs1, Var::IMM]) }
}

/// The constants of `fli`; the second is the smallest normal number of the format.
const FLI: [f64; 32] = [
    -1.0,
    0.0,
    1.52587890625e-5,
    3.0517578125e-5,
    0.00390625,
    0.0078125,
    0.0625,
    0.125,
    0.25,
    0.3125,
    0.375,
    0.4375,
    0.5,
    0.625,
    0.75,
    0.875,
    1.0,
    1.25,
    1.5,
    1.75,
    2.0,
    2.5,
    3.0,
    4.0,
    8.0,
    16.0,
    128.0,
    256.0,
    32768.0,
    65536.0,
    f64::INFINITY,
    f64::NAN,
];

/// The bits of a constant. 2^16 is infinity in half precision.
fn fli(size: Size, value: i64) -> u64 {
    let f = size.format();
    if value == 1 {
        return 1 << f.fraction_bits;
    }
    softfp::convert(softfp::F64, f, FLI[value as usize].to_bits(), softfp::Round::NearestEven).0
}
