//! Marks, scores, fences, flags, clocks and calls of helpers.

use super::{Env, Fault, State, Step, operands};
use crate::{Cell, Code, Op, Var};

/// The score cell of a probe: an own one.
fn cell<'s>(op: &Op, state: &'s mut State) -> &'s mut u64 {
    &mut state.scores[Cell::from_ext(op.ext).offset() as usize / 8]
}

/// Whether a probe's guard holds it back.
fn held_back(op: &Op, state: &State) -> bool {
    op.a != Var::IMM && state.get(op.a) != 0
}

/// Calls the helper; its flags are or-ed in for `CallFlags` only.
fn call(op: &Op, state: &mut State, env: &Env) {
    let [a, b, mut c, _] = operands(op, state);
    if op.c == Var::IMM {
        c = op.ext;
    }
    let (value, flags) = env.helpers[op.imm as usize](a, b, c);
    if op.code == Code::CallFlags {
        state.flags |= flags as u8;
    }
    state.set(op.dst, value);
}

pub fn step(op: &Op, state: &mut State, env: &mut Env) -> Option<Result<Step, Fault>> {
    let a = if op.a == Var::IMM { op.imm as u64 } else { state.get(op.a) };
    match op.code {
        Code::Insn | Code::Fence => {}
        // Whoever evaluates blocks that call out splits them there.
        Code::Callback | Code::MemCallback => {}
        Code::ScoreAdd | Code::ScoreDraw | Code::ScoreStore if held_back(op, state) => {}
        Code::ScoreAdd => *cell(op, state) = cell(op, state).wrapping_add(op.imm as u64),
        Code::ScoreDraw => *cell(op, state) = cell(op, state).wrapping_sub(op.imm as u64),
        Code::ScoreStore => *cell(op, state) = op.imm as u64,
        Code::CallPure | Code::CallFlags => call(op, state, env),
        Code::ReadFlags => state.set(op.dst, state.flags as u64),
        Code::WriteFlags => state.flags = a as u8 & 31,
        Code::WriteRound => state.round = if a < 4 { a as u8 } else { 0 },
        Code::ReadReserved => state.set(op.dst, state.reservation.map_or(0, |r| r.value)),
        Code::ReadTime => state.set(op.dst, env.time),
        Code::ReadCycles => state.set(op.dst, env.cycles),
        _ => return None,
    }
    Some(Ok(Step::On))
}
