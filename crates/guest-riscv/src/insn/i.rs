//! Base integer instructions RV64I. Manual, chapters 2 and 4.

use super::prelude::*;

insns! { pub ROWS;
    /// Adds. 2.4.1.
    addi "imm:12 rs1:5 000 rd:5 0010011" I "addi {rd},{rs1},{imm}" (b, rd: X, rs1: X, imm: S) {
        b.alu_imm(Code::Add, Width::W64, rd, rs1, imm)
    }
    beq "imm[12|10:5] rs2:5 rs1:5 000 imm[4:1|11] 1100011" I "beq {rs1},{rs2},{imm}{@imm}" (b, rs1: X, rs2: X, imm: S) {
        b.branch(Cond::Eq, rs1, rs2, b.pc.wrapping_add_signed(imm))
    }
}
