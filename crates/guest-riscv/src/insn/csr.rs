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

    /// The value, in a temporary if `rd` is written first.
    fn value(self, b: &mut Builder, rd: Var) -> Var {
        if let (Source::Reg(r), Var::ZERO) = (self, rd) {
            return r;
        }
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
    let Some(write) = csr.write.filter(|_| writes) else {
        let old = (csr.read)(b);
        b.mov(rd, old);
        return b.jump(b.next_pc());
    };
    let mut new = source.value(b, rd);
    if rd != Var::ZERO || !matches!(change, Change::Write) {
        let old = (csr.read)(b);
        new = combine(b, change, new, old);
        b.mov(rd, old);
    }
    write(b, new)
}

/// What is to be written.
fn combine(b: &mut Builder, change: Change, new: Var, old: Var) -> Var {
    let code = match change {
        Change::Write => return new,
        Change::Set => Code::Or,
        Change::Clear => Code::AndNot,
    };
    let t = b.temp();
    b.alu(code, Width::W64, t, old, new);
    t
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
