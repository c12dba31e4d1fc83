//! Branches over one to three plain instructions become selects, so that what chance decides costs no mispredictions
//! and the block goes on behind them.
//!
//! Only where nobody watches: observers are shown the blocks that the guest has. For `fluoro stat`, which only counts, a
//! counter behind each joined branch says how often it was not taken.

use crate::stat;
use crate::translate::insn_at;
use bits::page_of;
use guest::{Flow, Guest};
use ir::{Builder, Class, Code, Op, Var};

/// Bytes that a branch may skip.
const LONGEST: u64 = 8;
/// Operations that a branch may skip.
const MOST: usize = 3;

/// The block in `b` has just ended with a branch, behind which `bytes` follow. If it skips only what can be computed in
/// any case, replaces it by that; returns the number of skipped bytes, where the block goes on. If `counted`, with an
/// unplaced counter of the branch (`stat`).
pub fn join(guest: &dyn Guest, b: &mut Builder, bytes: &[u8], max_insns: u32, counted: bool) -> Option<usize> {
    let branch = *b.block.ops.last()?;
    let skipped = (branch.imm as u64).wrapping_sub(branch.ext);
    let near = branch.code == Code::Branch && (1..=LONGEST).contains(&skipped) && bytes.len() as u64 >= skipped;
    if !near || page_of(branch.imm as u64) != page_of(b.block.pc) {
        return None;
    }
    let before = (b.block.ops.len() - 1, b.block.insns, b.block.bytes);
    b.block.ops.pop();
    let side = lift_side(guest, b, branch.ext, &bytes[..skipped as usize]) && b.block.insns < max_insns;
    let counter = counted.then_some(b.block.insns - before.1);
    let joined = side && select(b, before.0, &branch, counter);
    if !joined {
        b.block.ops.truncate(before.0);
        (b.block.insns, b.block.bytes) = (before.1, before.2);
        b.push(branch);
    }
    joined.then_some(skipped as usize)
}

/// Lifts what the branch skips. False if that is more than whole instructions that go on to the next.
fn lift_side(guest: &dyn Guest, b: &mut Builder, pc: u64, bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        let Some((raw, len)) = insn_at(guest, &bytes[at..]) else { return false };
        let Some(insn) = guest.decode(raw) else { return false };
        b.insn(pc + at as u64, len as u32);
        if guest.lift(&insn, b) == Flow::Ends {
            return false;
        }
        at += len;
    }
    true
}

/// Makes the operations from `start` on happen only if `branch` is not taken; `counter` is the number of instructions for
/// its counter, if it has one.
fn select(b: &mut Builder, start: usize, branch: &Op, counter: Option<u32>) -> bool {
    let ops = &mut b.block.ops;
    let side: Vec<Op> = ops[start..].iter().copied().filter(|o| o.code != Code::Insn).collect();
    if side.is_empty() || side.len() > MOST || !side.iter().all(is_harmless) {
        return false;
    }
    // Marks first: temporaries live until the next one.
    let mut kept = start;
    for i in start..ops.len() {
        if ops[i].code == Code::Insn {
            ops[kept] = ops[i];
            kept += 1;
        }
    }
    ops.truncate(kept);
    if let Some(insns) = counter {
        stat::count_joined(b, branch, insns);
    }
    let mut results: Vec<(Var, Var)> = Vec::new();
    for mut op in side {
        for v in [&mut op.a, &mut op.b, &mut op.c, &mut op.d] {
            *v = results.iter().find(|(x, _)| x == v).map_or(*v, |(_, t)| *t);
        }
        let x = op.dst;
        results.retain(|(r, _)| *r != x);
        if op.code == Code::Mov && op.a != Var::IMM {
            results.push((x, op.a));
            continue;
        }
        op.dst = b.temp();
        b.push(op);
        results.push((x, op.dst));
    }
    choose(b, branch, results)
}

/// `x = branch ? x : t` for each pair. What the branch compares changes last.
fn choose(b: &mut Builder, branch: &Op, mut results: Vec<(Var, Var)>) -> bool {
    let compared = |x: Var| x == branch.a || x == branch.b;
    results.sort_by_key(|(x, _)| compared(*x));
    let changed = |v: &Var| results.iter().any(|(x, _)| x == v);
    let tangled = results.iter().filter(|(x, _)| compared(*x)).count() > 1 || results.iter().any(|(_, t)| changed(t));
    if tangled {
        return false;
    }
    for (x, t) in &results {
        b.select(branch.cond, *x, branch.a, branch.b, *x, *t);
    }
    true
}

/// Whether it only computes a guest register of guest registers, quickly.
fn is_harmless(op: &Op) -> bool {
    use Code::*;
    let quick = matches!(
        op.code,
        Mov | Add | Sub | And | Or | Xor | Shl | Shr | Sar | Ext | SetCond | ShlAdd | ShlAddU | AndNot | OrNot | Xnor
    );
    quick && op.dst.is_guest() && op.code.info().dst == Class::Int && ![op.a, op.b].iter().any(|v| v.is_temp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ir::eval::{self, Env, State};
    use ir::{Cond, Width};

    const A: Var = Var(5);
    const B: Var = Var(6);
    const C: Var = Var(7);

    struct NoMemory;

    impl eval::Memory for NoMemory {
        fn load(&mut self, _: u64, _: u32) -> Result<u64, eval::Fault> {
            unreachable!()
        }
        fn store(&mut self, _: u64, _: u32, _: u64) -> Result<(), eval::Fault> {
            unreachable!()
        }
        fn check_store(&mut self, _: u64, _: u32) -> Result<(), eval::Fault> {
            unreachable!()
        }
    }

    fn run(ops: &[Op], mut state: State) -> [u64; 3] {
        let memory = &mut NoMemory;
        let mut env = Env { memory, helpers: &[], answer: &eval::no_answer, time: 0, cycles: 0 };
        assert!(eval::run_ops(ops, 0, &mut state, &mut env).is_none());
        [A, B, C].map(|v| state.get(v))
    }

    /// Joins what `body` lifts behind a branch that compares `A` and `B`; says whether that was possible, and if so
    /// compares both ways with what the branch does.
    fn joins(body: impl Fn(&mut Builder)) -> bool {
        let mut b = Builder::default();
        b.start(0x1000, 0);
        b.insn(0x1000, 4);
        let branch = Op { cond: Cond::Ltu, a: A, b: B, imm: 0x1008, ext: 0x1004, ..Op::new(Code::Branch) };
        b.insn(0x1004, 4);
        let start = 1;
        body(&mut b);
        let side = b.block.ops[start..].to_vec();
        if !select(&mut b, start, &branch, None) {
            return false;
        }
        for (x, y) in [(1, 2), (2, 1), (3, 3), (u64::MAX, 0)] {
            let mut state = State::new(0);
            [(A, x), (B, y), (C, 77)].into_iter().for_each(|(v, n)| state.set(v, n));
            let expected = if x < y { [x, y, 77] } else { run(&side, state.clone()) };
            assert_eq!(run(&b.block.ops, state), expected, "{x} {y}");
        }
        true
    }

    #[test]
    fn plain_instructions_are_joined() {
        assert!(joins(|b| b.mov(C, A)));
        assert!(joins(|b| b.mov_imm(C, -1)));
        assert!(joins(|b| b.alu_imm(Code::Add, Width::W32S, A, A, 1)));
        assert!(joins(|b| {
            b.alu(Code::Sub, Width::W64, A, B, A);
            b.alu(Code::Xor, Width::W64, C, A, C);
        }));
        assert!(joins(|b| {
            b.mov(C, A);
            b.alu_imm(Code::Shl, Width::W64, C, C, 3);
        }));
    }

    #[test]
    fn what_is_tangled_or_more_than_plain_is_not() {
        let swap = |b: &mut Builder| {
            b.mov(C, A);
            b.alu(Code::Sub, Width::W64, A, B, A);
            b.mov(B, C);
        };
        assert!(!joins(swap), "both that are compared change");
        assert!(!joins(|b| {
            b.mov(C, A);
            b.mov_imm(A, 1);
        }));
        assert!(!joins(|b| b.load(bits::Mem::U64, C, A, 0)));
        assert!(!joins(|b| b.alu(Code::DivU, Width::W64, C, A, B)));
        assert!(!joins(|_| ()));
    }
}
