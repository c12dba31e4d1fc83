//! Exact counts at nearly no cost: one counter per block and vCPU, multiplied by the block's facts when somebody asks.
//!
//! The counters are ordinary probes: an add at the block's head, one between a branch and its fall-through, and one for
//! each branch that was joined (`join`), under the guard that it is not taken.
//! Executions that ended in the middle are corrected where the exit is dealt with.

use crate::Engine;
use crate::block::Facts;
use crate::cache::Tables;
use crate::exit::Exit;
use crate::vcpu::{Vcpu, offset};
use host::layout::{SCORES, STAT_LEN};
use ir::{Block, Builder, Code, Op, Var};
use memory::arena::Arena;
use std::sync::atomic::Ordering;

/// Bytes of a block's pair of cells.
pub(crate) const PAIR: usize = 16;

/// Bytes of a cell.
const CELL: usize = 8;

/// Counts of one vCPU. Signed, because corrections are kept in the same form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Instructions begun (one that faults counts, as a plugin's callback would).
    pub insns: i64,
    /// Block executions.
    pub blocks: i64,
    pub loads: i64,
    pub load_bytes: i64,
    pub stores: i64,
    pub store_bytes: i64,
    /// Conditional branches.
    pub branches: i64,
    /// Conditional branches taken.
    pub taken: i64,
    /// Unconditional jumps, direct and indirect.
    pub jumps: i64,
    pub syscalls: i64,
    /// Faults, illegal instructions and breakpoints.
    pub faults: i64,
}

impl Stat {
    /// `n` executions of operations with these facts; joined branches count as not taken, and make a block more of them.
    pub fn of(f: &Facts, n: i64) -> Stat {
        Stat {
            insns: f.insns as i64 * n,
            blocks: f.joined as i64 * n,
            loads: f.loads as i64 * n,
            load_bytes: f.load_bytes as i64 * n,
            stores: f.stores as i64 * n,
            store_bytes: f.store_bytes as i64 * n,
            branches: (f.branches + f.joined) as i64 * n,
            taken: 0,
            jumps: f.jumps as i64 * n,
            syscalls: 0,
            faults: 0,
        }
    }

    /// What differs if a joined branch over so many instructions is taken.
    pub fn joined_taken(insns: u32, n: i64) -> Stat {
        Stat { insns: -i64::from(insns) * n, taken: n, ..Stat::default() }
    }

    fn fields(&mut self) -> [&mut i64; 11] {
        [
            &mut self.insns,
            &mut self.blocks,
            &mut self.loads,
            &mut self.load_bytes,
            &mut self.stores,
            &mut self.store_bytes,
            &mut self.branches,
            &mut self.taken,
            &mut self.jumps,
            &mut self.syscalls,
            &mut self.faults,
        ]
    }

    pub fn add(&mut self, other: &Stat) {
        let mut other = *other;
        for (a, b) in self.fields().into_iter().zip(other.fields()) {
            *a += *b;
        }
    }

    pub fn subtract(&mut self, other: &Stat) {
        let mut other = *other;
        for (a, b) in self.fields().into_iter().zip(other.fields()) {
            *a -= *b;
        }
    }
}

/// Counts the executions of a joined branch that are not taken, `insns` instructions behind it each, in a cell that is not
/// known yet.
pub(crate) fn count_joined(b: &mut Builder, branch: &Op, insns: u32) {
    let taken = b.temp();
    b.set_cond(branch.cond, taken, branch.a, branch.b);
    b.push(Op { a: taken, imm: 1, ext: insns.into(), ..Op::new(Code::ScoreAdd) });
}

/// Whether it is the counter of a joined branch.
pub(crate) fn is_joined(op: &Op) -> bool {
    is_own(op) && op.a != Var::IMM
}

/// The instructions behind each joined branch, while its counter has no cell.
pub fn joined_insns(ops: &[Op]) -> Box<[u32]> {
    ops.iter().filter(|o| is_joined(o)).map(|o| o.ext as u32).collect()
}

/// How many pairs of cells a block with so many joined branches needs.
pub fn pairs(joined: usize) -> u32 {
    1 + (joined * CELL).div_ceil(PAIR) as u32
}

/// Where a block's joined branches are counted.
fn joined_at(cell: u32, n: usize) -> usize {
    (cell as usize + 1) * PAIR + n * CELL
}

/// Counts executions of the block in cell `2 * cell`, not-taken `branches` in the next, and joined branches behind it.
pub fn add_probes(block: &mut Block, cell: u32, branches: bool) {
    let at = cell as u64 * PAIR as u64;
    let mut joined = 0;
    for op in block.ops.iter_mut().filter(|o| branches && is_joined(o)) {
        op.ext = joined_at(cell, joined) as u64;
        joined += 1;
    }
    assert!(joined_at(cell, joined) < STAT_LEN, "cells are used up before code memory is");
    let add = |aux, ext| Op { aux, imm: 1, ext, ..Op::new(Code::ScoreAdd) };
    // Behind the first mark, so that every operation belongs to an instruction.
    block.ops.insert(1, add(0, at));
    if branches && block.ops.last().is_some_and(|o| o.code == Code::Branch) {
        let last = block.ops.len() - 1;
        block.ops.insert(last, add(1, at + 8));
    }
}

impl Engine {
    /// Counts per vCPU index, of all that have ever been. Exact while no vCPU runs; `fluoro stat` asks at the end.
    pub fn stat(&self) -> Vec<Stat> {
        self.gate.exclusive(|| self.fold_counts());
        self.totals.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Blocks translated so far, translations after a flush included.
    pub fn translations(&self) -> u64 {
        self.translations.load(Ordering::Relaxed)
    }

    /// Nanoseconds spent on them; measured only with `Options::stat`.
    pub fn translation_ns(&self) -> u64 {
        self.translation_ns.load(Ordering::Relaxed)
    }

    /// Moves what the cells hold into the totals. All vCPUs are outside.
    pub(crate) fn fold_counts(&self) {
        let t = self.cache.lock();
        for (index, arena) in self.gate.arenas() {
            self.fold(&t, index, arena);
        }
    }

    /// The same for one vCPU, which is not in generated code.
    pub(crate) fn fold_counts_of(&self, index: u32) {
        if let Some(arena) = self.gate.arena(index) {
            self.fold(&self.cache.lock(), index, arena);
        }
    }

    fn fold(&self, t: &Tables, index: u32, arena: &Arena) {
        let mut sum = Stat::default();
        for block in t.blocks.iter() {
            let Some(counted) = &block.counted else { continue };
            let at = counted.cell as usize * PAIR;
            let executed = take(arena, at);
            for (cell, n) in &counted.adds {
                self.add_to_cell(arena, *cell, n.wrapping_mul(executed));
            }
            let (executed, not_taken) = (executed as i64, take(arena, at + CELL) as i64);
            sum.add(&Stat::of(&counted.facts, executed));
            sum.blocks += executed;
            if counted.facts.branches != 0 {
                sum.taken += executed - not_taken;
            }
            for (i, insns) in counted.joined.iter().enumerate() {
                let taken = executed - take(arena, joined_at(counted.cell, i)) as i64;
                sum.add(&Stat::joined_taken(*insns, taken));
            }
        }
        if self.options.stat {
            self.add_counts(index, &sum);
        }
    }

    /// What a vCPU's index has counted so far, by all who have had it.
    pub fn counted_by(&self, index: u32) -> Stat {
        if self.options.stat {
            self.fold_counts_of(index);
        }
        self.totals.lock().unwrap_or_else(|e| e.into_inner()).get(index as usize).copied().unwrap_or_default()
    }

    /// Gives the index of another process's vCPU back, whose counts are not this process's: `before` is what
    /// [`Engine::counted_by`] said when it began.
    pub fn retire_other_vcpu(&self, vcpu: Vcpu, before: Stat) {
        let index = vcpu.index();
        self.counted_by(index);
        let mut totals = self.totals.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(total) = totals.get_mut(index as usize) {
            *total = before;
        }
        // Nor is there an entry for who never counted.
        let len = totals.iter().rposition(|t| *t != Stat::default()).map_or(0, |last| last + 1);
        totals.truncate(len);
        drop(totals);
        self.gate.leave(index);
    }

    /// A forked child begins to count anew.
    pub(crate) fn forget_counts(&self, vcpu: &mut Vcpu) {
        if self.options.stat {
            self.fold_counts();
            self.totals.lock().unwrap_or_else(|e| e.into_inner()).clear();
            vcpu.correction = Stat::default();
            self.translations.store(0, Ordering::Relaxed);
            self.translation_ns.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn add_counts(&self, index: u32, counts: &Stat) {
        if *counts == Stat::default() {
            // Nor is there an entry for who never counted.
            return;
        }
        let mut totals = self.totals.lock().unwrap_or_else(|e| e.into_inner());
        if totals.len() <= index as usize {
            totals.resize(index as usize + 1, Stat::default());
        }
        totals[index as usize].add(counts);
    }

    /// Counts what the world gets to see, and settles: nobody knows whether this vCPU will run again.
    pub(crate) fn count_exit(&self, vcpu: &mut Vcpu, exit: Exit) {
        if !self.options.stat {
            return;
        }
        match exit {
            Exit::Syscall => vcpu.correction.syscalls += 1,
            Exit::Fault(_) | Exit::Illegal | Exit::Breakpoint => vcpu.correction.faults += 1,
            Exit::Interrupted => {}
        }
        self.settle_counts(vcpu);
    }

    /// Adds a vCPU's corrections to the totals.
    pub fn settle_counts(&self, vcpu: &mut Vcpu) {
        let correction = std::mem::take(&mut vcpu.correction);
        self.add_counts(vcpu.index, &correction);
    }
}

/// Whether it is one of ours: scoreboards lie behind our cells.
pub(crate) fn is_own(op: &Op) -> bool {
    op.code == Code::ScoreAdd && op.ext < STAT_LEN as u64
}

fn take(arena: &Arena, at: usize) -> u64 {
    let at = offset(SCORES) + at;
    let n = arena.get(at);
    if n != 0 {
        arena.set(at, 0);
    }
    n
}
