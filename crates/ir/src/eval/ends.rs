//! Block enders.

use super::{Env, Fault, Outcome, State, Step, operands};
use crate::{Code, Op, Stop};

pub fn step(op: &Op, state: &mut State, env: &mut Env) -> Option<Result<Step, Fault>> {
    let outcome = match op.code {
        Code::Branch if op.cond.holds(state.get(op.a), state.get(op.b)) => Outcome::Next(op.imm as u64),
        Code::Branch => Outcome::Next(op.ext),
        Code::Jump => Outcome::Next(op.imm as u64),
        Code::JumpInd => Outcome::Next(state.get(op.a) & !1),
        Code::Exit => Outcome::Stop { stop: op.stop(), pc: op.imm as u64 },
        Code::Syscall => syscall(op, state, env),
        _ => return None,
    };
    Some(Ok(Step::End(outcome)))
}

fn syscall(op: &Op, state: &mut State, env: &mut Env) -> Outcome {
    let [number, first, second, _] = operands(op, state);
    match (env.answer)(number, first, second) {
        (_, 0) => Outcome::Stop { stop: Stop::Syscall, pc: op.imm as u64 },
        (result, _) => {
            state.set(op.dst, result);
            Outcome::Next(op.ext)
        }
    }
}
