//! Counters under a condition that an allowance can serve: who gets one, who draws from it, and when it ends.

use super::Tally;
use super::allowance::{self, Allowance, BYTES};
use crate::gate::Gate;
use crate::scores::{Board, raise_generation};
use crate::vcpu::offset;
use crate::{Engine, Seat};
use host::layout::SETTLED;
use ir::allowance::{Draws, fits};
use ir::{Block, Cell, Code, Compare};
use memory::arena::Arena;
use std::sync::atomic::Ordering;

/// What a condition may do with a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Served {
    /// It has an allowance, or now has one.
    Already,
    /// The same, and there are blocks that add to it otherwise.
    Counted,
    /// It cannot have one.
    Never,
}

/// The cells that a block adds to.
fn adds(block: &Block) -> impl Iterator<Item = Cell> + '_ {
    block.ops.iter().filter(|o| o.code == Code::ScoreAdd && o.aux == 0).map(|o| Cell::from_ext(o.ext))
}

impl Tally {
    /// What a block draws from for the counters that it adds to or looks at.
    pub fn draws(&self, arena: &Arena, block: &Block) -> Draws {
        if !self.any_allowance.load(Ordering::Acquire) {
            return Draws::default();
        }
        let inner = self.read();
        let conditions = block.calls.iter().filter_map(|c| c.when).map(|w| w.cell);
        let mut cells: Vec<Cell> = adds(block).chain(conditions).collect();
        cells.sort_by_key(|c| c.ext());
        cells.dedup();
        let served = cells.into_iter().filter_map(|c| inner.allowance(c).filter(|a| !a.ended));
        let n = self.drawing.fetch_add(1, Ordering::Relaxed) % u32::from(u16::MAX);
        served.map(|a| (a.counter, a.quiet_part(arena, n))).collect()
    }

    /// A block that is being translated adds to these cells. To be called before it asks what it draws from.
    pub fn note_adds(&self, block: &Block) {
        for cell in adds(block).filter(|c| c.pointer().is_none()) {
            if !self.read().added.contains(&cell) {
                self.write().added.insert(cell);
            }
        }
    }

    /// All blocks are gone: what living allowances have left is found out anew, for blocks may have added to their counters
    /// directly. All vCPUs are outside.
    pub fn begin_anew(&self, gate: &Gate) {
        for a in &self.read().allowances {
            gate.arenas().for_each(|(_, arena)| a.begin(arena, 0));
        }
    }

    /// Whether a condition that a board's cell reaches a limit has an allowance; `None`: it needs room for it.
    fn serve(&self, board: Board, counter: Cell, limit: u64, room: &mut Option<u32>, gate: &Gate) -> Option<Served> {
        let mut inner = self.write();
        if let Some(a) = inner.allowance(counter) {
            return Some(if a.limit == limit && !a.ended { Served::Already } else { Served::Never });
        }
        if inner.plain.contains(&board.0) || inner.unfit.contains(&(board.0, counter)) {
            return Some(Served::Never);
        }
        let allowance = Allowance { board, counter, limit, at: room.take()?, ended: false };
        for (_, arena) in gate.arenas() {
            allowance.begin(arena, inner.counted_by_blocks(arena, counter).0);
        }
        inner.allowances.push(allowance);
        inner.cells.remove(&counter);
        inner.of_board.entry(board.0).or_default().retain(|c| *c != counter);
        self.any_allowance.store(true, Ordering::Release);
        raise_generation();
        let counted = inner.blocks.contains_key(&counter) || inner.added.contains(&counter);
        Some(if counted { Served::Counted } else { Served::Already })
    }

    /// So much is added to a cell at once that no allowance can serve it. Returns whether one did.
    fn unfit(&self, board: Board, cell: Cell) -> bool {
        if self.read().unfit.contains(&(board.0, cell)) {
            return false;
        }
        let mut inner = self.write();
        inner.unfit.insert((board.0, cell));
        inner.end_allowances(|a| a.counter == cell)
    }

    /// A part of a counter's allowance, if it has one.
    fn part_of(&self, counter: Cell) -> Option<Cell> {
        self.read().allowance(counter).map(|a| a.part(0))
    }

    /// Settles the allowance to which a cell belongs; whether its condition holds.
    pub fn settle(&self, arena: &Arena, part: Cell) -> bool {
        let inner = self.read();
        let Some(a) = inner.allowances.iter().find(|a| a.has(part)) else { return false };
        a.settle(arena, inner.counted_by_blocks(arena, a.counter).0)
    }

    /// Takes out the allowances that have ended. No block draws from them.
    fn take_ended(&self) -> Vec<Allowance> {
        if !self.any_allowance.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut inner = self.write();
        let (ended, living) = inner.allowances.drain(..).partition(|a| a.ended);
        inner.allowances = living;
        self.any_allowance.store(!inner.allowances.is_empty(), Ordering::Release);
        ended
    }
}

impl Engine {
    /// The word of a vCPU's cell was written, not by generated code. To be called at once. `from` is the vCPU that did it.
    pub fn written(&self, board: Board, at: usize, index: u32, from: Option<&Seat>) {
        if !self.tally.any_allowance.load(Ordering::Acquire) {
            return;
        }
        let (Some(cell), Some(arena)) = (self.own_cell(board, at), self.gate.arena(index)) else { return };
        let Some(part) = self.tally.part_of(cell) else { return };
        if self.gate.is_mine() || from.is_some_and(|seat| seat.index() == index) {
            self.tally.settle(arena, part);
        } else {
            // Only the vCPU itself may settle, and until then it may believe that it has more left.
            self.make_plain(board, from);
        }
    }

    /// Settles the allowance that generated code has noted; whether its condition holds.
    pub(crate) fn settle(&self, arena: &Arena) -> bool {
        self.tally.settle(arena, Cell::own(arena.get(offset(SETTLED)) as u32))
    }

    /// The cell for a condition. Unless an allowance can serve it, its board becomes plain.
    pub fn condition_cell(&self, board: Board, at: usize, condition: (Compare, u64), from: Option<&Seat>) -> Cell {
        let cell = self.plain_cell(board, at);
        let own = cell.pointer().is_none() && cell.offset().is_multiple_of(8);
        let limit = allowance::limit(condition.0, condition.1).filter(|_| own);
        match limit.map_or(Served::Never, |limit| self.serve(board, cell, limit)) {
            Served::Already => {}
            Served::Counted => self.bring_up_to_date(from),
            Served::Never => self.make_plain(board, from),
        }
        cell
    }

    fn serve(&self, board: Board, counter: Cell, limit: u64) -> Served {
        if let Some(served) = self.tally.serve(board, counter, limit, &mut None, &self.gate) {
            return served;
        }
        let mut room = self.take_own_cells(BYTES);
        let served = self.tally.serve(board, counter, limit, &mut room, &self.gate);
        room.into_iter().for_each(|at| self.give_own_cells(at, BYTES));
        served.unwrap_or(Served::Never)
    }

    /// The cell for adds of `n`: binds an unbound board to the arenas.
    pub fn cell_to_add(&self, board: Board, at: usize, n: u64, from: Option<&Seat>) -> Cell {
        let cell = self.cell(board, at);
        if !fits(n) && self.tally.unfit(board, cell) {
            self.make_plain(board, from);
        }
        cell
    }

    /// The end of allowances from which no block draws any more. All vCPUs are outside.
    pub(crate) fn drop_ended_allowances(&self) {
        for a in self.tally.take_ended() {
            self.gate.arenas().for_each(|(_, arena)| a.wipe(arena));
            self.give_own_cells(a.at, BYTES);
        }
    }
}
