//! Block enders.

use super::{Env, Fault, Outcome, State, Step};
use crate::{Code, Op};

pub fn step(op: &Op, state: &mut State, _: &mut Env) -> Option<Result<Step, Fault>> {
    let outcome = match op.code {
        Code::Branch if op.cond.holds(state.get(op.a), state.get(op.b)) => Outcome::Next(op.imm as u64),
        Code::Branch => Outcome::Next(op.ext),
        Code::Jump => Outcome::Next(op.imm as u64),
        Code::JumpInd => Outcome::Next(state.get(op.a) & !1),
        Code::Exit => Outcome::Stop { stop: op.stop(), pc: op.imm as u64 },
        _ => return None,
    };
    Some(Ok(Step::End(outcome)))
}
