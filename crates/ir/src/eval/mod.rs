//! The meaning of every operation in plain Rust: the oracle of lifters and hosts, and slow on purpose.
//!
//! [`run`] executes one [`Block`] over a [`State`]. Operations are split by family, one file each; a family claims the
//! codes that it knows and leaves the rest to the next, so no list of operations is written a second time (a test
//! checks that each code is claimed exactly once). Memory and helpers come from the caller through [`Env`].

mod arith;
mod bitwise;
mod crypto;
mod ends;
mod env;
mod float;
mod memory;
mod state_ops;
#[cfg(test)]
mod tests;

pub use env::{Env, Fault, HelperFn, Memory, Reservation, State, Window, no_answer};

use crate::{Block, Class, Code, Op, Stop, Var};
use bits::Addr;

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Goes on at this pc.
    Next(Addr),
    /// Hands over to Rust with the pc that the exit names.
    Stop { stop: Stop, pc: Addr },
    /// The instruction at `pc` faulted. Variables are as before it.
    Fault { pc: Addr, fault: Fault },
}

/// What one operation did to the course of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next operation follows.
    On,
    /// It was an ender.
    End(Outcome),
}

/// An integer family: the result for the four operand values, `None` when the code is another family's.
type Pure = fn(&Op, [u64; 4]) -> Option<u64>;
/// A family that touches more than its destination.
type Acting = fn(&Op, &mut State, &mut Env) -> Option<Result<Step, Fault>>;

const PURE: [Pure; 3] = [arith::value, bitwise::value, crypto::value];
const ACTING: [Acting; 4] = [float::step, memory::step, state_ops::step, ends::step];

/// Executes a verified block.
///
/// # Panics
/// If the block breaks the rules of [`crate::verify`]: an unknown helper, no ender, and so on.
pub fn run(block: &Block, state: &mut State, env: &mut Env) -> Outcome {
    run_ops(&block.ops, block.pc, state, env).unwrap_or_else(|| panic!("block at {:#x} has no ender", block.pc))
}

/// Executes operations of a block, the first of which belongs to the instruction at `pc`. `None`: the end of the slice
/// was reached and the block goes on.
pub fn run_ops(ops: &[Op], pc: Addr, state: &mut State, env: &mut Env) -> Option<Outcome> {
    let mut pc = pc;
    for op in ops {
        if op.code == Code::Insn {
            pc = op.imm as u64;
        }
        match step(op, state, env) {
            Ok(Step::On) => {}
            Ok(Step::End(outcome)) => return Some(outcome),
            Err(fault) => return Some(Outcome::Fault { pc, fault }),
        }
    }
    None
}

/// Executes one operation.
///
/// # Errors
/// If a memory access failed; then nothing has changed.
pub fn step(op: &Op, state: &mut State, env: &mut Env) -> Result<Step, Fault> {
    let args = operands(op, state);
    if let Some(v) = PURE.iter().find_map(|family| family(op, args)) {
        state.set(op.dst, v);
        return Ok(Step::On);
    }
    ACTING.iter().find_map(|family| family(op, state, env)).unwrap_or_else(|| panic!("no family evaluates {op:?}"))
}

/// The result of a pure integer operation on 64-bit operands, for hosts that compute it by a call.
///
/// # Panics
/// If `code` is no pure integer operation.
pub fn pure_int(code: Code, a: u64, b: u64, imm: i64) -> u64 {
    let op = Op { imm, ..Op::new(code) };
    let value = PURE.iter().find_map(|family| family(&op, [a, b, 0, 0]));
    value.unwrap_or_else(|| panic!("{code:?} is no pure integer operation"))
}

/// The values of operands `a` to `d`; 0 where there is none.
fn operands(op: &Op, state: &State) -> [u64; 4] {
    let i = op.code.info();
    [(i.a, op.a), (i.b, op.b), (i.c, op.c), (i.d, op.d)].map(|(class, var)| operand(op, state, class, var))
}

fn operand(op: &Op, state: &State, class: Class, var: Var) -> u64 {
    match (class, var) {
        (Class::IntImm, Var::IMM) => op.imm as u64,
        (Class::No, _) | (_, Var::IMM) => 0,
        _ => state.get(var),
    }
}
