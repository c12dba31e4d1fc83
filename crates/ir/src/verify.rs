//! Checks the rules at the head of `op.rs`, cheaply enough for every block of a debug build: one pass, no allocation.

use crate::limits::{limits, takes_immediate};
use crate::{Block, Class, Code, Effects, Op, Var, Width};
use std::fmt;

/// The rule that an operation breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Operand `a`, `b`, `c`, `d` or destination `=` is missing, superfluous or no variable.
    Operand(char),
    /// The zero variable is written.
    ZeroWritten,
    /// A temporary is read before its instruction wrote it.
    TempUnset(Var),
    /// A variable is used as an integer here and as a float elsewhere.
    MixedClass(Var),
    /// An operation that may fault, or that a host may restart from the instruction's mark, follows a change of guest
    /// state or memory in the same instruction.
    FaultAfterWrite,
    /// An operation stands behind a block ender.
    BehindEnder,
    /// The block has no ender.
    NoEnder,
    /// A variable is used before the first instruction mark.
    OutsideInsn,
    /// `Block::insns` or `Block::bytes` differ from the marks.
    Count,
    /// `imm` is out of its range, or set where it means nothing.
    Immediate,
    Width,
    Mem,
    Aux,
}

/// A broken rule and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Index of the operation; the number of operations if the block as a whole is wrong.
    pub at: usize,
    pub op: Option<Op>,
    pub rule: Rule,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "op {} breaks rule {:?}", self.at, self.rule)?;
        self.op.map_or(Ok(()), |op| write!(f, ": {op}"))
    }
}

impl std::error::Error for VerifyError {}

/// Checks a block.
pub fn verify(block: &Block) -> Result<(), VerifyError> {
    let mut pass = Pass::new();
    for (at, op) in block.ops.iter().enumerate() {
        pass.op(op).map_err(|rule| VerifyError { at, op: Some(*op), rule })?;
    }
    pass.end(block).map_err(|rule| VerifyError { at: block.ops.len(), op: None, rule })
}

/// How a variable was used so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Unknown,
    Int,
    Float,
}

struct Pass {
    uses: [Use; Var::COUNT as usize],
    /// One bit per temporary that the instruction has written.
    set: u64,
    insns: u32,
    bytes: u32,
    /// Whether the instruction has changed guest state or memory.
    wrote: bool,
    ended: bool,
}

fn ensure(holds: bool, rule: Rule) -> Result<(), Rule> {
    if holds { Ok(()) } else { Err(rule) }
}

impl Pass {
    fn new() -> Pass {
        Pass { uses: [Use::Unknown; Var::COUNT as usize], set: 0, insns: 0, bytes: 0, wrote: false, ended: false }
    }

    fn op(&mut self, op: &Op) -> Result<(), Rule> {
        let i = op.code.info();
        ensure(!self.ended, Rule::BehindEnder)?;
        fields(op)?;
        if op.code == Code::Insn {
            self.insn(op);
        }
        for (class, var, name) in [(i.a, op.a, 'a'), (i.b, op.b, 'b'), (i.c, op.c, 'c'), (i.d, op.d, 'd')] {
            self.operand(op.code, class, var, name)?;
        }
        ensure(!(self.wrote && may_restart(op.code)), Rule::FaultAfterWrite)?;
        self.destination(op.code, i.dst, op.dst)?;
        self.wrote |= op.dst.is_guest() || changes_state(op.code);
        self.ended = i.effects.has(Effects::ENDS);
        Ok(())
    }

    fn insn(&mut self, op: &Op) {
        self.insns += 1;
        self.bytes += op.aux as u32;
        self.set = 0;
        self.wrote = false;
        self.uses[Var::GUEST_END as usize..].fill(Use::Unknown);
    }

    fn operand(&mut self, code: Code, class: Class, var: Var, name: char) -> Result<(), Rule> {
        match (class, var) {
            (Class::No | Class::IntImm | Class::IntOpt, Var::IMM) => return Ok(()),
            (_, Var::IMM) if is_call(code) => return Ok(()),
            (Class::No, _) => return Err(Rule::Operand(name)),
            // The zero variable is an integer.
            (Class::Float, Var::ZERO) => return Err(Rule::Operand(name)),
            (_, Var::ZERO) => return Ok(()),
            _ => {}
        }
        ensure(var.0 < Var::COUNT, Rule::Operand(name))?;
        if var.is_temp() {
            ensure(self.set >> (var.0 - Var::GUEST_END) & 1 == 1, Rule::TempUnset(var))?;
        }
        self.used(code, class, var)
    }

    fn destination(&mut self, code: Code, class: Class, var: Var) -> Result<(), Rule> {
        if class == Class::No || code == Code::CasPair && var == Var::IMM {
            return ensure(var == Var::IMM, Rule::Operand('='));
        }
        ensure(var != Var::ZERO, Rule::ZeroWritten)?;
        ensure(var.0 < Var::COUNT, Rule::Operand('='))?;
        if var.is_temp() {
            let written = if code == Code::CasPair { 3 } else { 1 };
            self.set |= written << (var.0 - Var::GUEST_END);
        }
        self.used(code, class, var)
    }

    /// Records how a variable is used. Calls take raw bits of any class.
    fn used(&mut self, code: Code, class: Class, var: Var) -> Result<(), Rule> {
        ensure(self.insns > 0, Rule::OutsideInsn)?;
        if is_call(code) {
            return Ok(());
        }
        let now = if class == Class::Float { Use::Float } else { Use::Int };
        let known = &mut self.uses[var.0 as usize];
        ensure(*known == Use::Unknown || *known == now, Rule::MixedClass(var))?;
        *known = now;
        Ok(())
    }

    fn end(&self, block: &Block) -> Result<(), Rule> {
        ensure(self.ended, Rule::NoEnder)?;
        ensure(self.insns == block.insns && self.bytes == block.bytes, Rule::Count)
    }
}

fn is_call(code: Code) -> bool {
    code.info().effects.has(Effects::CALLS)
}

/// Whether the guest instruction may have to begin anew at this operation: it may fault, or it is one of those of
/// floating point for which hosts let the evaluator execute the whole instruction where theirs does not fit.
pub(crate) fn may_restart(code: Code) -> bool {
    let effects = code.info().effects;
    let float = effects.has(Effects::FLAGS) && !is_call(code);
    effects.has(Effects::FAULTS) || float || code == Code::Unbox
}

/// Whether it changes, besides its destination, something that makes a second execution of the instruction wrong.
/// (Raising sticky flags twice does no harm.)
pub(crate) fn changes_state(code: Code) -> bool {
    code.info().effects.has(Effects::WRITES) || matches!(code, Code::WriteFlags | Code::WriteRound)
}

/// The fields that are not operands.
fn fields(op: &Op) -> Result<(), Rule> {
    let (i, l) = (op.code.info(), limits(op.code));
    let imm_is_operand = takes_immediate(i) && (op.a == Var::IMM || op.b == Var::IMM && i.b == Class::IntImm);
    ensure(imm_is_operand || l.imm.allows(op.imm), Rule::Immediate)?;
    ensure(l.narrow || op.width == Width::W64, Rule::Width)?;
    ensure(l.mems.contains(&op.mem), Rule::Mem)?;
    ensure(op.aux <= l.aux, Rule::Aux)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse_block;

    fn check(body: &str) -> Result<(), Rule> {
        let block = parse_block(&format!("block 0x1000\ninsn pc=0x1000 len=4\n{body}\njump to=0x1004")).unwrap();
        verify(&block).map_err(|e| e.rule)
    }

    #[test]
    fn what_is_right_passes() {
        assert_eq!(check("t0 = add v1, 5\nv2 = load.i32 [t0-8]\nv3 = add.32s v2, zero"), Ok(()));
        assert_eq!(check("t0 = fadd.f32 v41, v42\nstoref.u32 [v1], t0\nv2 = fclass.f64 v40"), Ok(()));
    }

    #[test]
    fn each_rule_is_checked() {
        let cases = [
            ("zero = add v1, v2", Rule::ZeroWritten),
            ("v1 = add v2, t0", Rule::TempUnset(Var::temp(0))),
            ("t0 = mov v1\ninsn pc=0x1004 len=4\nv2 = mov t0", Rule::TempUnset(Var::temp(0))),
            ("v1 = add v2, v3\nstore.u8 [v1], v2", Rule::FaultAfterWrite),
            ("store.u8 [v1], v2\nt0 = fadd.f64 v40, v41", Rule::FaultAfterWrite),
            ("v2 = mov 1\nt0 = unbox.f32 v40", Rule::FaultAfterWrite),
            ("writeflags v1\nv2 = load.u8 [v1]", Rule::FaultAfterWrite),
            ("jump to=0x2000", Rule::BehindEnder),
            ("v1 = fclass.f64 v1", Rule::MixedClass(Var(1))),
            ("v1 = mulhs v2, -", Rule::Operand('b')),
            ("v1 = mov v2 b=v3", Rule::Operand('b')),
            ("v1 = fclass.f64 zero", Rule::Operand('a')),
            ("v1 = mov v300", Rule::Operand('a')),
            ("v300 = mov v1", Rule::Operand('=')),
            ("v1 = shladd v2, v3 imm=4", Rule::Immediate),
            ("v1 = mov v2 imm=4", Rule::Immediate),
            ("zeroblock v1 imm=48", Rule::Immediate),
            ("v1 = load.u8 [v2+0x80000000]", Rule::Immediate),
            ("v1 = mulhs.32s v2, v3", Rule::Width),
            ("v1 = loadres.u8 [v2]", Rule::Mem),
            ("v40 = fsgn.f64 v41, v42 aux=3", Rule::Aux),
        ];
        for (body, rule) in cases {
            assert_eq!(check(body), Err(rule), "{body}");
        }
    }

    #[test]
    fn the_block_as_a_whole() {
        let rule = |text: &str| verify(&parse_block(text).unwrap()).unwrap_err().rule;
        assert_eq!(rule("block 0\ninsn pc=0 len=4\nv1 = mov v2"), Rule::NoEnder);
        assert_eq!(rule("block 0\nv1 = mov v2\njump to=4"), Rule::OutsideInsn);
        let mut short = parse_block("block 0\ninsn pc=0 len=2\njump to=2").unwrap();
        short.bytes = 4;
        assert_eq!(verify(&short).unwrap_err().rule, Rule::Count);
    }
}
