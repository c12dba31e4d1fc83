//! Printing.

use super::names::{aux_words, has_address, keys, round, shows, width, word};
use crate::{Block, Class, Code, Op, Round, Var, Width};
use bits::Mem;
use std::fmt::{self, Debug, Display, Formatter};

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let i = self.code.info();
        if i.dst != Class::No {
            write!(f, "{:?} = ", self.dst)?;
        }
        write!(f, "{}", word(self.code))?;
        suffixes(self, f)?;
        let imm_shown = operands(self, f)?;
        stray_operands(self, f)?;
        key_values(self, imm_shown, f)
    }
}

impl Debug for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Display for Block {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "block {:#x} mode={}", self.pc, self.mode)?;
        self.ops.iter().try_for_each(|op| {
            let indent = if op.code == Code::Insn { "" } else { "  " };
            writeln!(f, "{indent}{op}")
        })
    }
}

fn suffixes(op: &Op, f: &mut Formatter<'_>) -> fmt::Result {
    let (mem, cond, fmt) = shows(op);
    let mut put = |show: bool, text: &str| if show { write!(f, ".{text}") } else { Ok(()) };
    put(op.width != Width::W64, width(op.width))?;
    put(mem || op.mem != Mem::U64, &word(op.mem))?;
    put(cond || op.cond != crate::Cond::Eq, &word(op.cond))?;
    put(fmt || op.fmt != crate::Fmt::F64, &word(op.fmt))?;
    put(op.round != Round::Dyn, round(op.round))?;
    aux_words(op.code).get(op.aux as usize).map_or(Ok(()), |text| put(true, text))
}

/// A number as people read it: decimal while it is short.
pub struct Number(pub i64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n.unsigned_abs() < 4096 => write!(f, "{n}"),
            n if n < 0 => write!(f, "-{:#x}", n.unsigned_abs()),
            n => write!(f, "{n:#x}"),
        }
    }
}

/// The operands that the row has; true if `imm` was among them.
fn operands(op: &Op, f: &mut Formatter<'_>) -> Result<bool, fmt::Error> {
    let i = op.code.info();
    let mut imm_shown = false;
    let mut separator = " ";
    let all = [(i.a, op.a), (i.b, op.b), (i.c, op.c), (i.d, op.d)];
    let there = |(class, var): &(Class, Var)| *class != Class::No && (*class, *var) != (Class::IntOpt, Var::IMM);
    let shown = all.iter().rposition(there).map_or(0, |last| last + 1);
    for (n, (class, var)) in all.into_iter().take(shown).enumerate() {
        if class == Class::No {
            continue;
        }
        write!(f, "{separator}")?;
        separator = ", ";
        if n == 0 && has_address(op.code) {
            address(var, op.imm, f)?;
            imm_shown = true;
        } else if class == Class::IntImm && var == Var::IMM {
            write!(f, "{}", Number(op.imm))?;
            imm_shown = true;
        } else {
            write!(f, "{var:?}")?;
        }
    }
    Ok(imm_shown)
}

fn address(base: Var, disp: i64, f: &mut Formatter<'_>) -> fmt::Result {
    match disp {
        0 => write!(f, "[{base:?}]"),
        n if n < 0 => write!(f, "[{base:?}{}]", Number(n)),
        n => write!(f, "[{base:?}+{}]", Number(n)),
    }
}

/// Operands that the row does not have but the operation does.
fn stray_operands(op: &Op, f: &mut Formatter<'_>) -> fmt::Result {
    let i = op.code.info();
    let all = [("dst", i.dst, op.dst), ("a", i.a, op.a), ("b", i.b, op.b), ("c", i.c, op.c), ("d", i.d, op.d)];
    let stray = all.into_iter().filter(|(_, class, var)| *class == Class::No && *var != Var::IMM);
    stray.into_iter().try_for_each(|(key, _, var)| write!(f, " {key}={var:?}"))
}

fn key_values(op: &Op, imm_shown: bool, f: &mut Formatter<'_>) -> fmt::Result {
    let keys = keys(op.code);
    let mut put = |name: &str, plain: &str, value: &dyn Display, set: bool| match (name, set) {
        ("", false) => Ok(()),
        ("", true) => write!(f, " {plain}={value}"),
        (name, _) => write!(f, " {name}={value}"),
    };
    if !imm_shown {
        put(keys.imm, "imm", &Number(op.imm), op.imm != 0)?;
    }
    put(keys.ext, "ext", &format_args!("{:#x}", op.ext), op.ext != 0)?;
    let worded = (op.aux as usize) < aux_words(op.code).len();
    put(keys.aux, "aux", &op.aux, op.aux != 0 && !worded)
}
