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
        if op.width != Width::W64 || op.dst == Var::ZERO {
            return false;
        }
        match op.code {
            Code::Shl if op.b == Var::IMM && (op.imm == 48 || op.imm == 56) => self.fold_extend_small(op),
            Code::Shl if op.b == Var::IMM && op.imm == 32 => self.fold_zero_extend(op),
            Code::Shl if op.b == Var::IMM && (1..=3).contains(&op.imm) => self.fold_shift_add(op),
            Code::Add if op.b != Var::IMM => self.fold_add_load(op),
            _ => false,
        }
    }

    /// The add behind operation `at` that adds something to `x` and keeps the sum there: its index and the other operand.
    fn add_behind(&self, at: usize, x: Var) -> Option<(usize, Var)> {
        let next = self.next_op(at)?;
        let add = self.block.ops[next];
        if add.code != Code::Add || add.width != Width::W64 || add.dst != x || add.b == Var::IMM {
            return None;
        }
        let base = match (add.a == x, add.b == x) {
            (true, false) => add.b,
            (false, true) => add.a,
            _ => return None,
        };
        (base != Var::ZERO).then_some((next, base))
    }

    /// `x = y << n; x = x + base`, and `x = load [x]` if that follows.
    fn fold_shift_add(&mut self, op: &Op) -> bool {
        let Some((add, base)) = self.add_behind(self.at, op.dst) else { return false };
        if op.a == Var::ZERO {
            return false;
        }
        let index = self.read(op.a);
        self.finish_indexed(op.dst, index, op.imm as u8, base, add);
        true
    }

    /// `x = base + y; x = load [x]`
    fn fold_add_load(&mut self, op: &Op) -> bool {
        if op.a == Var::ZERO || op.b == Var::ZERO || self.load_behind(self.at, op.dst).is_none() {
            return false;
        }
        let index = self.read(op.b);
        self.finish_indexed(op.dst, index, 0, op.a, self.at);
        true
    }

    /// The load behind operation `at` that replaces its address `x` by what it loads.
    fn load_behind(&self, at: usize, x: Var) -> Option<usize> {
        let next = self.next_op(at)?;
        let load = self.block.ops[next];
        (load.code == Code::Load && load.a == x && load.dst == x).then_some(next)
    }

    /// `x = base + index << n`, which operation `add` ends, folded into a load that follows. On a fault the evaluator
    /// computes the address again from the group's start, where `resume` points: nothing has been written by then.
    fn finish_indexed(&mut self, x: Var, index: Reg, n: u8, base: Var, add: usize) {
        let b = self.read(base);
        if let Some(load) = self.load_behind(add, x) {
            let op = self.block.ops[load];
            self.at = load;
            self.mark_insn(load);
            self.show_lazy();
            return self.load_from(&op, mem_index(b, index, n, op.imm as i32));
        }
        let d = self.dst(x);
        self.a.lea(true, d, mem_index(b, index, n, 0));
        self.at = add;
        self.mark_insn(add);
        self.commit(x, d, Width::W64);
    }

    /// Index of the next operation that is not an instruction mark, if it is emitted as it stands.
    fn next_op(&self, from: usize) -> Option<usize> {
        let i = from + 1;
        let i = if self.block.ops.get(i)?.code == Code::Insn { i + 1 } else { i };
        let as_it_stands = i < self.block.ops.len() && !self.plan.skips(i) && self.plan.instead(i).is_none();
        as_it_stands.then_some(i)
    }

    /// `x = y << 32; x = x >> m`: a zero extension and one shift, which may be part of an address.
    fn fold_zero_extend(&mut self, op: &Op) -> bool {
        let Some(next) = self.next_op(self.at) else { return false };
        let shr = self.block.ops[next];
        let same = shr.code == Code::Shr && shr.width == Width::W64 && shr.b == Var::IMM;
        if !same || shr.a != op.dst || shr.dst != op.dst || !(1..=32).contains(&shr.imm) || op.a == Var::ZERO {
            return false;
        }
        let left = 32 - shr.imm as u8;
        let a = self.read_low(op.a);
        if let Some((add, base)) = self.add_behind(next, op.dst).filter(|_| left <= 3) {
            // A register of its own: the group's inputs stay as they are until its last operation.
            let index = self.alloc();
            self.a.mov_rr(false, index, a);
            self.keep_only(index);
            self.finish_indexed(op.dst, index, left, base, add);
            return true;
        }
        let d = self.dst(op.dst);
        self.a.mov_rr(false, d, a);
        if left > 0 {
            self.a.shift_imm(Shift::Shl, true, d, left);
        }
        self.at = next;
        self.mark_insn(next);
        self.commit(op.dst, d, Width::W64);
        true
    }

    /// `x = y << n; x = x >> n` with n 48 or 56: a zero or sign extension of 16 or 8 bits.
    fn fold_extend_small(&mut self, op: &Op) -> bool {
        let Some(next) = self.next_op(self.at) else { return false };
        let right = self.block.ops[next];
        let same = right.width == Width::W64 && right.b == Var::IMM && right.imm == op.imm;
        let shifts = matches!(right.code, Code::Shr | Code::Sar);
        if !same || !shifts || right.a != op.dst || right.dst != op.dst || op.a == Var::ZERO {
            return false;
        }
        let a = self.read_low(op.a);
        let d = self.dst(op.dst);
        self.a.extend(right.code == Code::Sar, (64 - op.imm as u32) / 8, d, a);
        self.at = next;
        self.mark_insn(next);
        self.commit_sext(op.dst, d);
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
