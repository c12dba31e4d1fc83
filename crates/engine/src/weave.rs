//! From probes to operations: puts what observers asked for into a lifted block (architecture, section 4 step 4).
//!
//! Pure: the same block and probes give the same operations, so a block can be lifted and woven again when its side
//! table wants its operations back. Temporaries beyond those of the lifter hold what a callback about an access needs.

mod access;

use crate::instrument::{Action, Probe, Site};
use access::Access;
use ir::{Block, Code, Op, Var};

/// Inserts the probes into the block. `threads`: the process has or had more than one, as descriptions of accesses tell.
pub fn weave(block: &mut Block, probes: &[Probe], threads: bool) {
    if probes.is_empty() {
        return;
    }
    let lifted = std::mem::take(&mut block.ops);
    let mut w = Weaver { block, probes: Sorted::new(probes), threads, insn: 0, temps: 0 };
    let mut at = 0;
    while at < lifted.len() {
        let end = lifted[at + 1..].iter().position(|o| o.code == Code::Insn).map_or(lifted.len(), |i| at + 1 + i);
        w.insn(&lifted[at..end]);
        at = end;
    }
}

/// Probes by where they sit.
struct Sorted<'a> {
    block: Vec<&'a Action>,
    /// By instruction, then as listed.
    insns: Vec<(u32, &'a Action)>,
    accesses: Vec<(u32, crate::instrument::Accesses, &'a Action)>,
}

impl<'a> Sorted<'a> {
    fn new(probes: &'a [Probe]) -> Sorted<'a> {
        let mut s = Sorted { block: Vec::new(), insns: Vec::new(), accesses: Vec::new() };
        for p in probes {
            match p.site {
                Site::Block => s.block.push(&p.action),
                Site::Insn(n) => s.insns.push((n, &p.action)),
                Site::Access(n, which) => s.accesses.push((n, which, &p.action)),
            }
        }
        s.insns.sort_by_key(|(n, _)| *n);
        s.accesses.sort_by_key(|(n, ..)| *n);
        s
    }

    fn of_insn(&self, n: u32) -> &[(u32, &'a Action)] {
        let from = self.insns.partition_point(|(i, _)| *i < n);
        let to = self.insns.partition_point(|(i, _)| *i <= n);
        &self.insns[from..to]
    }

    fn of_accesses(&self, n: u32) -> &[(u32, crate::instrument::Accesses, &'a Action)] {
        let from = self.accesses.partition_point(|(i, ..)| *i < n);
        let to = self.accesses.partition_point(|(i, ..)| *i <= n);
        &self.accesses[from..to]
    }
}

struct Weaver<'a> {
    block: &'a mut Block,
    probes: Sorted<'a>,
    threads: bool,
    /// Number of the instruction.
    insn: u32,
    /// Temporaries in use.
    temps: u16,
}

impl Weaver<'_> {
    /// One instruction: its mark and operations.
    fn insn(&mut self, ops: &[Op]) {
        self.temps = ops.iter().flat_map(|o| [o.dst, o.a, o.b, o.c, o.d]).map(temps_up_to).max().unwrap_or(0);
        self.block.ops.push(ops[0]);
        if self.insn == 0 {
            for action in std::mem::take(&mut self.probes.block) {
                self.act(action, Var::IMM);
            }
        }
        let here: Vec<&Action> = self.probes.of_insn(self.insn).iter().map(|(_, a)| *a).collect();
        here.into_iter().for_each(|a| self.act(a, Var::IMM));
        let watched = !self.probes.of_accesses(self.insn).is_empty();
        for op in &ops[1..] {
            match watched.then(|| Access::of(op)).flatten() {
                Some(access) => self.access(*op, access),
                None => self.block.ops.push(*op),
            }
        }
        self.insn += 1;
    }

    /// A probe that has nothing to do with an access.
    fn act(&mut self, action: &Action, guard: Var) {
        let op = match *action {
            Action::Add(cell, n) => Op { imm: n as i64, ext: cell.ext(), a: guard, ..Op::new(Code::ScoreAdd) },
            Action::Store(cell, n) => Op { imm: n as i64, ext: cell.ext(), a: guard, ..Op::new(Code::ScoreStore) },
            Action::Call(call) => {
                self.block.calls.push(call);
                Op { imm: self.block.calls.len() as i64 - 1, a: guard, ..Op::new(Code::Callback) }
            }
        };
        self.block.ops.push(op);
    }

    fn temp(&mut self) -> Var {
        self.temps += 1;
        Var::temp(self.temps - 1)
    }
}

/// How many temporaries there are if `v` is one of them.
fn temps_up_to(v: Var) -> u16 {
    if v.is_temp() { v.0 - Var::GUEST_END + 1 } else { 0 }
}

#[cfg(test)]
mod tests;
