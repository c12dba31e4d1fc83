//! Patterns of several operations that the host does in one (block-local, linear).
//!
//! A folded group must leave the state exact wherever it can be seen: between its operations nothing may fault, stop
//! or be observed, except at its last one; and what that one shows on a fault is recovered by rolling forward from the
//! group's start with the evaluator (`Record::resume`), for which the group's inputs must still be intact.

use super::Emitter;
use crate::asm::*;
use ir::{Code, Op, Var, Width};

impl Emitter<'_> {
    /// Emits the group that starts with this operation, if there is one, and moves `at` to its last operation.
    pub fn try_fold(&mut self, op: &Op) -> bool {
        match op.code {
            Code::Shl if op.width == Width::W64 && op.b == Var::IMM && op.dst != Var::ZERO => self.fold_zero_extend(op),
            _ => false,
        }
    }

    /// Index of the next operation that is not an instruction mark.
    fn next_op(&self, from: usize) -> Option<usize> {
        let i = from + 1;
        let rest = self.block.ops.get(i)?;
        if rest.code == Code::Insn { (i + 1 < self.block.ops.len()).then_some(i + 1) } else { Some(i) }
    }

    /// `x = y << n; x = x >> m` with n of 32 to 63: a zero extension and one shift.
    fn fold_zero_extend(&mut self, op: &Op) -> bool {
        let Some(next) = self.next_op(self.at) else { return false };
        let shr = self.block.ops[next];
        let same = shr.code == Code::Shr && shr.width == Width::W64 && shr.b == Var::IMM;
        if !same || shr.a != op.dst || shr.dst != op.dst || op.imm != 32 || !(1..=32).contains(&shr.imm) {
            return false;
        }
        let a = self.read_low(op.a);
        let d = self.dst(op.dst);
        self.a.mov_rr(false, d, a);
        if shr.imm < 32 {
            self.a.shift_imm(Shift::Shl, true, d, 32 - shr.imm as u8);
        }
        self.at = next;
        self.mark_insn(next);
        self.commit(op.dst, d, Width::W64);
        true
    }

    /// The group went past an instruction mark: note where the instruction of `op` starts.
    fn mark_insn(&mut self, op: usize) {
        if let Some(i) = (0..op).rev().find(|i| self.block.ops[*i].code == Code::Insn) {
            self.insn_at = i;
        }
        self.ints.forget_temps();
        self.floats.forget_temps();
    }
}
