//! Multiplication and division. Manual, chapter 13.

use super::prelude::*;
use Code::{DivS, DivU, Mul, MulHS, MulHSU, MulHU, RemS, RemU};
use Width::{W32S, W64};

insns! { pub ROWS;
    mul "0000001 rs2:5 rs1:5 000 rd:5 0110011" Zmmul "mul {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Mul, W64, rd, rs1, rs2) }
    mulh "0000001 rs2:5 rs1:5 001 rd:5 0110011" Zmmul "mulh {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MulHS, W64, rd, rs1, rs2) }
    mulhsu "0000001 rs2:5 rs1:5 010 rd:5 0110011" Zmmul "mulhsu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MulHSU, W64, rd, rs1, rs2) }
    mulhu "0000001 rs2:5 rs1:5 011 rd:5 0110011" Zmmul "mulhu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(MulHU, W64, rd, rs1, rs2) }
    div "0000001 rs2:5 rs1:5 100 rd:5 0110011" M "div {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(DivS, W64, rd, rs1, rs2) }
    divu "0000001 rs2:5 rs1:5 101 rd:5 0110011" M "divu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(DivU, W64, rd, rs1, rs2) }
    rem "0000001 rs2:5 rs1:5 110 rd:5 0110011" M "rem {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(RemS, W64, rd, rs1, rs2) }
    remu "0000001 rs2:5 rs1:5 111 rd:5 0110011" M "remu {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(RemU, W64, rd, rs1, rs2) }
    mulw "0000001 rs2:5 rs1:5 000 rd:5 0111011" Zmmul "mulw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(Mul, W32S, rd, rs1, rs2) }
    divw "0000001 rs2:5 rs1:5 100 rd:5 0111011" M "divw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(DivS, W32S, rd, rs1, rs2) }
    divuw "0000001 rs2:5 rs1:5 101 rd:5 0111011" M "divuw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(DivU, W32S, rd, rs1, rs2) }
    remw "0000001 rs2:5 rs1:5 110 rd:5 0111011" M "remw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(RemS, W32S, rd, rs1, rs2) }
    remuw "0000001 rs2:5 rs1:5 111 rd:5 0111011" M "remuw {rd},{rs1},{rs2}"
        (b, rd: X, rs1: X, rs2: X) { b.alu(RemU, W32S, rd, rs1, rs2) }
}
