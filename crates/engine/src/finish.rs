//! The evaluator takes over in the middle of a block.
//!
//! Where generated code has no fast path it traps, and the guest instruction is executed here. If nobody watches, the
//! guest goes on with a block of its own behind it. If somebody does, that block would be one that the guest does not
//! have, so the rest of the block is executed here too, with its probes.

use crate::exit::Exit;
use crate::recover::{Woven, insn_of, is_probe, put_state, retake_state, without_probes};
use crate::vcpu::Vcpu;
use crate::{Engine, enter};
use host::layout::*;
use ir::eval::{self, Outcome, State, Step};
use ir::{Call, Cell, Code, Op, Var};
use memory::arena::Arena;

impl Engine {
    /// Generated code has given up at operation `at` of the instruction whose mark is at `insn`, before which `state`
    /// holds.
    pub(crate) fn bail(
        &self,
        vcpu: &mut Vcpu,
        woven: &Woven,
        insn: usize,
        at: usize,
        mut state: State,
    ) -> Result<(), Exit> {
        if self.instrument().is_some() {
            return self.finish_block(vcpu, woven, insn, at, state);
        }
        let ops = &woven.block.ops;
        let mark = ops[insn];
        let end = ops[insn + 1..].iter().position(|o| o.code == Code::Insn).map_or(ops.len(), |i| insn + 1 + i);
        self.uncount(vcpu, woven, insn, end);
        let pc = mark.imm as u64;
        let outcome = self.with_env(|env| eval::run_ops(&without_probes(&ops[insn..end]), pc, &mut state, env));
        put_state(vcpu, &state);
        vcpu.set_pc(pc);
        match outcome {
            None => {
                vcpu.set_pc(pc + mark.aux as u64);
                // What follows is translated, and counts itself, as a block of its own, which it is not.
                vcpu.correction.blocks -= 1;
                Ok(())
            }
            Some(Outcome::Fault { fault, .. }) => Err(self.evaluated_fault(fault)),
            Some(outcome) => self.ended(vcpu, outcome),
        }
    }

    /// Deals with a block's end that the evaluator reached.
    fn ended(&self, vcpu: &mut Vcpu, outcome: Outcome) -> Result<(), Exit> {
        match outcome {
            Outcome::Next(pc) => vcpu.set_pc(pc),
            Outcome::Stop { stop, pc } => {
                vcpu.set_pc(pc);
                return self.stopped(vcpu, stop);
            }
            Outcome::Fault { .. } => unreachable!("faults are dealt with where they happen"),
        }
        Ok(())
    }

    /// Executes the block from the mark at `insn` on. Probes before operation `at` have been carried out.
    fn finish_block(
        &self,
        vcpu: &mut Vcpu,
        woven: &Woven,
        insn: usize,
        at: usize,
        mut state: State,
    ) -> Result<(), Exit> {
        let ops = &woven.block.ops;
        for (i, op) in ops.iter().enumerate().skip(insn) {
            if is_probe(op) {
                if i >= at && self.probe(vcpu, woven, i, &mut state) == Left::Yes {
                    return Ok(());
                }
                continue;
            }
            match self.with_env(|env| eval::step(op, &mut state, env)) {
                Ok(Step::On) => {}
                Ok(Step::End(outcome)) => {
                    self.count_not_taken(vcpu, ops, &outcome);
                    put_state(vcpu, &state);
                    return self.ended(vcpu, outcome);
                }
                Err(fault) => {
                    put_state(vcpu, &state);
                    let mark = insn_of(ops, i);
                    vcpu.set_pc(ops[mark].imm as u64);
                    self.uncount(vcpu, woven, mark, i);
                    return Err(self.evaluated_fault(fault));
                }
            }
        }
        unreachable!("a block has an end")
    }

    /// The statistics' probe between a branch and its fall-through.
    fn count_not_taken(&self, vcpu: &Vcpu, ops: &[Op], outcome: &Outcome) {
        let [.., probe, branch] = ops else { return };
        let not_taken = *outcome == Outcome::Next(branch.ext) && branch.imm as u64 != branch.ext;
        if probe.code == Code::ScoreAdd && probe.aux == 1 && not_taken {
            self.add_to_cell(vcpu.arena, Cell::from_ext(probe.ext), 1);
        }
    }

    /// Carries out the probe at operation `at`.
    fn probe(&self, vcpu: &mut Vcpu, woven: &Woven, at: usize, state: &mut State) -> Left {
        let op = &woven.block.ops[at];
        if op.a != Var::IMM && state.get(op.a) != 0 {
            return Left::No;
        }
        let cell = Cell::from_ext(op.ext);
        match op.code {
            Code::ScoreAdd if op.aux == 1 => Left::No,
            Code::ScoreAdd => {
                self.add_to_cell(vcpu.arena, cell, op.imm as u64);
                Left::No
            }
            Code::ScoreDraw => {
                self.add_to_cell(vcpu.arena, cell, (op.imm as u64).wrapping_neg());
                self.is_spent(vcpu.arena, cell);
                Left::No
            }
            Code::ScoreStore => {
                let old = self.cell_value(vcpu.arena, cell);
                self.add_to_cell(vcpu.arena, cell, (op.imm as u64).wrapping_sub(old));
                Left::No
            }
            _ => {
                let call = woven.block.calls[op.imm as usize];
                let holds = |w: ir::When| match w.allowance {
                    Some(allowance) => self.is_spent(vcpu.arena, allowance),
                    None => w.compare.holds(self.cell_value(vcpu.arena, w.cell), w.value),
                };
                if call.when.is_none_or(holds) { self.call(vcpu, woven, at, &call, state) } else { Left::No }
            }
        }
    }

    /// Settles an allowance if it is negative; whether the condition on its counter holds.
    fn is_spent(&self, arena: &Arena, allowance: Cell) -> bool {
        (self.cell_value(arena, allowance) as i64) < 0 && self.tally.settle(arena, allowance)
    }

    /// Calls an observer's function as generated code would.
    fn call(&self, vcpu: &mut Vcpu, woven: &Woven, at: usize, call: &Call, state: &mut State) -> Left {
        let ops = &woven.block.ops;
        let op = &ops[at];
        put_state(vcpu, state);
        vcpu.set_pc(ops[insn_of(ops, at)].imm as u64);
        vcpu.set_word(CALL_BLOCK, ops[0].imm as u64);
        vcpu.set_word(CALL_FUNCTION, call.function);
        vcpu.set_word(CALL_DATA, call.data);
        vcpu.set_word(CALL_TAG, call.tag as u64);
        let value = |v: Var| if v == Var::IMM { 0 } else { state.get(v) };
        vcpu.set_word(ACCESS_VALUE, value(op.c));
        vcpu.set_word(ACCESS_VALUE + 8, value(op.d));
        let (index, addr) = (vcpu.index(), value(op.b));
        let left = vcpu.seat().catch(&mut || match op.code {
            Code::MemCallback => enter::call_access(call.function, index, op.ext as u32, addr, call.data),
            _ => enter::call_exec(call.function, index, call.data),
        });
        vcpu.set_word(CALL_TAG, 0);
        if left {
            return Left::Yes;
        }
        retake_state(vcpu, state);
        Left::No
    }
}

/// Whether a callback has set the pc: then the rest of the block is not executed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Yes,
    No,
}
