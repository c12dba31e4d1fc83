//! Conversions of bfloat16, Zfbfmin. Manual, chapter 33. Its moves, loads and stores are those of Zfhmin.

use super::fp::*;
use super::prelude::*;

insns! { pub ROWS;
    fcvt_bf16_s "01000 10 01000 rs1:5 rm:3 rd:5 1010011" Zfbfmin "fcvt.bf16.s {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { convert(b, Size::S, Size::B, rm, rd, rs1) }
    fcvt_s_bf16 "01000 00 00110 rs1:5 rm:3 rd:5 1010011" Zfbfmin "fcvt.s.bf16 {rm},{rd},{rs1}"
        (b, rm: Rm, rd: F, rs1: F) { convert(b, Size::B, Size::S, rm, rd, rs1) }
}
