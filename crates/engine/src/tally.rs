//! Counters that are kept per block (architecture, section 6).
//!
//! A block in which nobody can look at cells needs no add per cell: it counts its executions, once, in a cell of its
//! own, and what it would have added to each cell is a multiple of that. So a counter that every block adds to is no
//! chain of additions to one word of memory, and many counters cost as much as one. The value of a cell is then the
//! word itself plus its *due*: what the blocks' counts say. Whoever reads a cell through the interface gets the sum.
//!
//! A board whose words somebody sees directly cannot be kept so: one that a store or most conditions refer to, one whose
//! address was asked for, or one that is read over and over. It is *plain* from then on, and blocks that count for it
//! are thrown away before the guest goes on. A condition that a counter reaches a large limit has an allowance instead
//! (`served`).

mod allowance;
mod served;

use crate::scores::{Board, raise_generation};
use crate::stat::PAIR;
use crate::vcpu::offset;
use crate::{Engine, Seat};
use allowance::Allowance;
use host::layout::SCORES;
use ir::{Block, Cell};
use memory::arena::Arena;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Reads of a cell by callbacks after which its board becomes plain, if there are many blocks to add up.
const PATIENCE: u32 = 64;
const MANY: usize = 16;

/// What one execution of a block adds to each cell.
pub type Adds = Box<[(Cell, u64)]>;

/// Which cells are kept so, and by which blocks.
#[derive(Default)]
pub struct Tally {
    /// Whether any block counts.
    any: AtomicBool,
    /// Whether any cell has an allowance.
    any_allowance: AtomicBool,
    /// Several vCPUs may look at each other's elements of arrays, so these hold their values.
    shared: AtomicBool,
    /// Blocks that draw, so far.
    drawing: AtomicU32,
    reads: AtomicU32,
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Cells that may be kept by blocks, and the same by their boards.
    cells: HashSet<Cell>,
    of_board: HashMap<u32, Vec<Cell>>,
    /// Boards that are plain.
    plain: HashSet<u32>,
    allowances: Vec<Allowance>,
    /// Cells that some block adds to, in whatever way.
    added: HashSet<Cell>,
    /// Cells to which too much is added at once.
    unfit: HashSet<(u32, Cell)>,
    /// For each cell, the blocks' own cells and what each of their executions adds.
    blocks: HashMap<Cell, Vec<(u32, u64)>>,
}

impl Inner {
    /// Blocks may not keep a board's cells any more; these are them.
    fn withdraw(&mut self, board: Board) -> Vec<Cell> {
        let gone = self.of_board.remove(&board.0).unwrap_or_default();
        gone.iter().for_each(|c| {
            self.cells.remove(c);
        });
        gone
    }

    /// The same for all that are arrays.
    fn withdraw_arrays(&mut self) {
        let arrays = self.of_board.iter().filter(|(_, cells)| cells.iter().any(|c| c.pointer().is_some()));
        let arrays: Vec<u32> = arrays.map(|(board, _)| *board).collect();
        for board in arrays {
            self.plain.insert(board);
            self.withdraw(Board(board));
        }
    }

    /// The allowance of a counter, also one that has ended but is still drawn from.
    fn allowance(&self, counter: Cell) -> Option<&Allowance> {
        self.allowances.iter().find(|a| a.counter == counter)
    }

    /// What blocks have counted for a vCPU's cell, and how many there are.
    fn counted_by_blocks(&self, arena: &Arena, cell: Cell) -> (u64, usize) {
        let Some(blocks) = self.blocks.get(&cell) else { return (0, 0) };
        let count = |n: u32| arena.get(offset(SCORES) + n as usize * PAIR);
        (blocks.iter().fold(0, |sum: u64, (n, k)| sum.wrapping_add(count(*n).wrapping_mul(*k))), blocks.len())
    }

    /// No block will draw for these; whether there were any.
    fn end_allowances(&mut self, which: impl Fn(&Allowance) -> bool) -> bool {
        let ending = self.allowances.iter_mut().filter(|a| !a.ended && which(a));
        ending.map(|a| a.ended = true).count() > 0
    }
}

impl Tally {
    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether there was ever more than one vCPU.
    pub fn is_shared(&self) -> bool {
        self.shared.load(Ordering::Acquire)
    }

    /// A board's cell was named for an add; it may be kept by blocks.
    pub fn offer(&self, board: Board, cell: Cell) {
        let shared = cell.pointer().is_some() && self.is_shared();
        if shared || !cell.offset().is_multiple_of(8) || self.read().cells.contains(&cell) {
            return;
        }
        let mut inner = self.write();
        let free = !inner.plain.contains(&board.0) && inner.allowance(cell).is_none();
        if free && inner.cells.insert(cell) {
            inner.of_board.entry(board.0).or_default().push(cell);
        }
    }

    /// Takes the adds out of a block that may be kept. Empty if there are none, or somebody may look in its middle.
    pub fn defer(&self, block: &mut Block) -> Adds {
        let inner = self.read();
        ir::merge::defer(block, |cell| inner.cells.contains(&cell)).into()
    }

    /// A block that counts in its own cell `n` is about to be published.
    pub fn add_block(&self, n: u32, adds: &Adds) {
        if adds.is_empty() {
            return;
        }
        let mut inner = self.write();
        adds.iter().for_each(|(cell, k)| inner.blocks.entry(*cell).or_default().push((n, *k)));
        if !self.any.swap(true, Ordering::AcqRel) {
            raise_generation();
        }
    }

    /// All blocks are gone, and what they counted was added to the cells.
    pub fn clear_blocks(&self) {
        if self.any.swap(false, Ordering::AcqRel) {
            self.write().blocks.clear();
        }
        if !self.read().added.is_empty() {
            self.write().added.clear();
        }
        self.reads.store(0, Ordering::Relaxed);
    }

    /// A board's number is free for another.
    pub fn forget(&self, board: Board) {
        let mut inner = self.write();
        inner.plain.remove(&board.0);
        inner.withdraw(board);
        inner.unfit.retain(|(b, _)| *b != board.0);
        inner.end_allowances(|a| a.board == board);
    }

    /// From now on a board's cells hold their values. Returns whether blocks count or draw for it.
    fn make_plain(&self, board: Board) -> bool {
        if self.read().plain.contains(&board.0) {
            return false;
        }
        let mut inner = self.write();
        inner.plain.insert(board.0);
        let gone = inner.withdraw(board);
        let drew = inner.end_allowances(|a| a.board == board);
        drew || gone.iter().any(|c| inner.blocks.contains_key(c))
    }

    /// The value of a vCPU's cell whose word `word` reads, and how many blocks were looked at for it.
    fn value(&self, arena: &Arena, cell: Cell, word: &dyn Fn() -> u64) -> (u64, usize) {
        let inner = self.read();
        let (due, blocks) = inner.counted_by_blocks(arena, cell);
        let Some(a) = inner.allowance(cell) else { return (word().wrapping_add(due), blocks) };
        loop {
            let before = a.moves(arena);
            let value = word().wrapping_add(due).wrapping_add(a.drawn(arena));
            if before & 1 == 0 && a.moves(arena) == before {
                return (value, blocks);
            }
            std::hint::spin_loop();
        }
    }
}

impl Engine {
    /// Whether the value of any cell may be another than its word.
    #[inline]
    pub fn counts_apart(&self) -> bool {
        self.tally.any.load(Ordering::Acquire) || self.tally.any_allowance.load(Ordering::Acquire)
    }

    /// The value of a vCPU's cell; `word` reads its word. `from` is the vCPU that asks, if one does.
    pub fn value(&self, board: Board, at: usize, index: u32, from: Option<&Seat>, word: impl Fn() -> u64) -> u64 {
        if !self.counts_apart() {
            return word();
        }
        let (Some(cell), Some(arena)) = (self.bound_cell(board, at), self.gate.arena(index)) else { return word() };
        let (value, blocks) = self.tally.value(arena, cell, &word);
        let often = blocks > MANY && self.tally.reads.fetch_add(1, Ordering::Relaxed) > PATIENCE;
        if often && from.is_some() && !self.gate.is_mine() {
            self.make_plain(board, from);
        }
        value
    }

    /// There will be more than one vCPU: from the next flush on, which has to come before, arrays hold their values.
    pub fn share_arrays(&self) {
        self.tally.shared.store(true, Ordering::Release);
        self.tally.write().withdraw_arrays();
    }

    /// What has to be added to the word of a vCPU's cell to get its value.
    pub fn due(&self, board: Board, at: usize, index: u32, from: Option<&Seat>) -> u64 {
        self.value(board, at, index, from, || 0)
    }

    /// From now on a board's words hold the values of its cells: at once those of the vCPU that asks and of all while
    /// the world stands still, else before the guest goes on behind the block in which `from` is.
    pub fn make_plain(&self, board: Board, from: Option<&Seat>) {
        if self.tally.make_plain(board) {
            self.bring_up_to_date(from);
        }
        self.note_plain(board);
    }

    fn bring_up_to_date(&self, from: Option<&Seat>) {
        if self.gate.is_mine() {
            return self.fold_counts();
        }
        if let Some(seat) = from {
            self.fold_counts_of(seat.index());
        }
        self.flush_quietly(from);
    }
}
