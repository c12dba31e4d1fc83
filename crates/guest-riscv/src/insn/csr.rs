//! Instructions on control and status registers (Zicsr). Manual, chapter 7.
//!
//! Which registers there are stands in `crate::csr`; the decoder refuses the others before anything is lifted. Every
//! one of these instructions ends its block.

use super::prelude::*;
use crate::csr;

/// What an instruction does with the old value and its operand.
#[derive(Clone, Copy)]
enum Change {
    Write,
    Set,
    Clear,
}

/// The operand: a register or five bits.
#[derive(Clone, Copy)]
enum Source {
    Reg(Var),
    Imm(i64),
}

impl Source {
    /// Setting or clearing nothing does not count as a write.
    fn is_zero(self) -> bool {
        matches!(self, Source::Reg(Var::ZERO) | Source::Imm(0))
    }

    /// The value in a temporary, so that `rd` may be written first.
    fn value(self, b: &mut Builder) -> Var {
        let v = b.temp();
        match self {
            Source::Reg(r) => b.mov(v, r),
            Source::Imm(i) => b.mov_imm(v, i),
        }
        v
    }
}

/// Reads `csr` into `rd` and changes it.
fn access(b: &mut Builder, change: Change, rd: Var, number: u32, source: Source) {
    let Some(csr) = csr::find(number) else {
        return b.exit(Stop::Illegal, b.pc);
    };
    let writes = matches!(change, Change::Write) || !source.is_zero();
    let new = source.value(b);
    if rd != Var::ZERO || !matches!(change, Change::Write) {
        let old = (csr.read)(b);
        combine(b, change, new, old);
        b.mov(rd, old);
    }
    match csr.write {
        Some(write) if writes => write(b, new),
        _ => b.jump(b.next_pc()),
    }
}

/// `new` becomes what is to be written.
fn combine(b: &mut Builder, change: Change, new: Var, old: Var) {
    match change {
        Change::Write => {}
        Change::Set => b.alu(Code::Or, Width::W64, new, old, new),
        Change::Clear => b.alu(Code::AndNot, Width::W64, new, old, new),
    }
}

insns! { pub ROWS;
    csrrw "csr:12 rs1:5 001 rd:5 1110011" Zicsr "csrrw {rd},{csr},{rs1}"
        (b, rd: X, csr: CsrName, rs1: X) { access(b, Change::Write, rd, csr, Source::Reg(rs1)) }
    csrrs "csr:12 rs1:5 010 rd:5 1110011" Zicsr "csrrs {rd},{csr},{rs1}"
        (b, rd: X, csr: CsrName, rs1: X) { access(b, Change::Set, rd, csr, Source::Reg(rs1)) }
    csrrc "csr:12 rs1:5 011 rd:5 1110011" Zicsr "csrrc {rd},{csr},{rs1}"
        (b, rd: X, csr: CsrName, rs1: X) { access(b, Change::Clear, rd, csr, Source::Reg(rs1)) }
    csrrwi "csr:12 imm:5 101 rd:5 1110011" Zicsr "csrrwi {rd},{csr},{imm}"
        (b, rd: X, csr: CsrName, imm: U) { access(b, Change::Write, rd, csr, Source::Imm(imm)) }
    csrrsi "csr:12 imm:5 110 rd:5 1110011" Zicsr "csrrsi {rd},{csr},{imm}"
        (b, rd: X, csr: CsrName, imm: U) { access(b, Change::Set, rd, csr, Source::Imm(imm)) }
    csrrci "csr:12 imm:5 111 rd:5 1110011" Zicsr "csrrci {rd},{csr},{imm}"
        (b, rd: X, csr: CsrName, imm: U) { access(b, Change::Clear, rd, csr, Source::Imm(imm)) }
}
