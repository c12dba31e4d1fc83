//! What the engine keeps of a translated block.

use crate::instrument::Probe;
use crate::packed::Packed;
use crate::stat;
use crate::tally::Adds;
use bits::{Addr, Mem};
use host::{Link, Record, RecordKind};
use ir::allowance::Draws;
use ir::{Cell, Code, Effects, Op};
use std::sync::{Arc, Mutex};

/// A translated block. Never changed after it is published, while it lives. Small, as there are many.
#[derive(Debug)]
pub struct Block {
    pub pc: Addr,
    pub mode: u32,
    /// Offset of its code.
    pub host: u32,
    /// Bytes of its code.
    pub len: u32,
    /// Its direct exits, its records, and the guest bytes that it was translated from.
    pub packed: Packed,
    /// Whether short branches were joined: it need not be a block that the guest has.
    pub joined: bool,
    /// If executions are counted.
    pub counted: Option<Box<Counted>>,
    /// What observers asked for when they were shown it, until it is dead.
    pub observed: Mutex<Option<Arc<Observed>>>,
}

/// What makes counts out of a block's executions.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Number of its pair of score cells (executions, branches not taken).
    pub cell: u32,
    pub facts: Facts,
    /// For each joined branch, the number of instructions behind it.
    pub joined: Box<[u32]>,
    /// What each execution adds to observers' cells.
    pub adds: Adds,
}

/// What observers asked for.
#[derive(Debug)]
pub struct Observed {
    pub probes: Arc<[Probe]>,
    /// Which of their counters the block draws for, and from what.
    pub draws: Draws,
}

impl Block {
    /// One past the last guest byte.
    pub fn end(&self) -> Addr {
        self.pc + self.source().len() as u64
    }

    /// The guest bytes. Lifting them again gives the same operations.
    pub fn source(&self) -> &[u8] {
        self.packed.source()
    }

    /// Its direct exits.
    pub fn links(&self) -> impl Iterator<Item = Link> + '_ {
        self.packed.links(self.pc)
    }

    /// What each execution adds to observers' cells.
    pub fn adds(&self) -> &[(Cell, u64)] {
        self.counted.as_ref().map_or(&[], |c| &c.adds)
    }

    /// What observers asked for.
    pub fn observed(&self) -> Option<Arc<Observed>> {
        self.observed.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// What observers want to see of it.
    pub fn probes(&self) -> Option<Arc<[Probe]>> {
        self.observed().map(|o| o.probes.clone())
    }

    /// Nobody will ever be in it again. What its executions so far have added to counts is kept.
    pub fn bury(&self) {
        *self.observed.lock().unwrap_or_else(|e| e.into_inner()) = None;
    }

    /// The record of the host instruction at this offset of code memory, if that faults.
    pub fn record_at(&self, offset: u32) -> Option<Record> {
        self.records_at(offset).find(|r| r.kind != RecordKind::Callback)
    }

    /// The record of the call that returns to this offset. What stands there may have one of its own.
    pub fn callback_at(&self, offset: u32) -> Option<Record> {
        self.records_at(offset).find(|r| r.kind == RecordKind::Callback)
    }

    fn records_at(&self, offset: u32) -> impl Iterator<Item = Record> + '_ {
        let at = offset - self.host;
        self.packed.records().filter(move |r| r.host == at)
    }
}

/// What one execution of operations adds to the counts of `fluoro stat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub insns: u32,
    pub loads: u32,
    pub load_bytes: u32,
    pub stores: u32,
    pub store_bytes: u32,
    /// Conditional branches (0 or 1), and those that were joined.
    pub branches: u32,
    pub joined: u32,
    /// Direct and indirect jumps (0 or 1).
    pub jumps: u32,
}

impl Facts {
    /// Counts these operations. An access counts as the plugin contract reports it: read-modify-writes are a load and
    /// a store; a store-conditional is left to run time and counted as neither; zeroing a block is no access.
    pub fn of(ops: &[Op]) -> Facts {
        let mut f = Facts::default();
        for op in ops {
            f.add(op);
        }
        f
    }

    fn add(&mut self, op: &Op) {
        let effects = op.code.info().effects;
        let bytes = if op.code == Code::CasPair { 16 } else { op.mem.bytes() };
        match op.code {
            Code::Insn => self.insns += 1,
            Code::Branch => self.branches += 1,
            Code::ScoreAdd if stat::is_joined(op) => self.joined += 1,
            Code::Jump | Code::JumpInd => self.jumps += 1,
            Code::StoreCond | Code::ZeroBlock => {}
            _ => {
                if effects.has(Effects::READS) {
                    self.loads += 1;
                    self.load_bytes += bytes;
                }
                if effects.has(Effects::WRITES) {
                    self.stores += 1;
                    self.store_bytes += bytes;
                }
            }
        }
        debug_assert!(op.mem.bytes() <= Mem::U64.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ir::{Builder, Cond, Rmw, Var};

    #[test]
    fn accesses_and_jumps_are_counted_as_the_contract_says() {
        let mut b = Builder::default();
        b.insn(0x100, 4);
        b.load(Mem::U8, Var(1), Var(2), 0);
        b.insn(0x104, 4);
        b.store(Mem::U16, Var(1), Var(2), 0);
        b.insn(0x108, 4);
        b.amo(Rmw::Add, Mem::I32, Var(1), Var(2), Var(3));
        b.push(Op { mem: Mem::U64, dst: Var(1), a: Var(2), b: Var(3), ..Op::new(Code::StoreCond) });
        b.cas_pair(Var(4), Var(2), Var(4), Var(6));
        let straight = Facts { insns: 3, loads: 3, load_bytes: 21, stores: 3, store_bytes: 22, ..Facts::default() };
        assert_eq!(Facts::of(&b.block.ops), straight);
        b.branch(Cond::Eq, Var(1), Var(2), 0x100);
        assert_eq!(Facts::of(&b.block.ops), Facts { branches: 1, ..straight });
        b.block.ops.pop();
        b.jump(0x100);
        assert_eq!(Facts::of(&b.block.ops), Facts { jumps: 1, ..straight });
    }
}
