//! Counters that are kept per block (architecture, section 6).
//!
//! A block in which nobody can look at cells needs no add per cell: it counts its executions, once, in a cell of its
//! own, and what it would have added to each cell is a multiple of that. So a counter that every block adds to is no
//! chain of additions to one word of memory, and many counters cost as much as one. The value of a cell is then the
//! word itself plus its *due*: what the blocks' counts say. Whoever reads a cell through the interface gets the sum.
//!
//! A board whose words somebody sees directly cannot be kept so: one that a condition or a store refers to, one whose
//! address was asked for, or one that is read over and over. It is *plain* from then on, and blocks that count for it
//! are thrown away before the guest goes on.

use crate::scores::Board;
use crate::stat::PAIR;
use crate::vcpu::offset;
use crate::{Engine, Seat};
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
}

impl Tally {
    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(|e| e.into_inner())
    }

    /// A board's cell was named for an add; it may be kept by blocks.
    pub fn offer(&self, board: Board, cell: Cell) {
        if cell.pointer().is_some() || !cell.offset().is_multiple_of(8) || self.read().cells.contains(&cell) {
            return;
        }
        let mut inner = self.write();
        if !inner.plain.contains(&board.0) && inner.cells.insert(cell) {
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
        self.any.store(true, Ordering::Release);
    }

    /// All blocks are gone, and what they counted was added to the cells.
    pub fn clear_blocks(&self) {
        if self.any.swap(false, Ordering::AcqRel) {
            self.write().blocks.clear();
        }
        self.reads.store(0, Ordering::Relaxed);
    }

    /// A board's number is free for another.
    pub fn forget(&self, board: Board) {
        let mut inner = self.write();
        inner.plain.remove(&board.0);
        inner.withdraw(board);
    }

    /// From now on a board's cells hold their values. Returns whether blocks count for it.
    fn make_plain(&self, board: Board) -> bool {
        if self.read().plain.contains(&board.0) {
            return false;
        }
        let mut inner = self.write();
        inner.plain.insert(board.0);
        let gone = inner.withdraw(board);
        gone.iter().any(|c| inner.blocks.contains_key(c))
    }

    /// What blocks have counted for a vCPU's cell.
    fn due(&self, arena: &Arena, cell: Cell) -> (u64, usize) {
        let inner = self.read();
        let Some(blocks) = inner.blocks.get(&cell) else { return (0, 0) };
        let count = |n: u32| arena.get(offset(SCORES) + n as usize * PAIR);
        (blocks.iter().fold(0, |sum: u64, (n, k)| sum.wrapping_add(count(*n).wrapping_mul(*k))), blocks.len())
    }
}

impl Engine {
    /// What has to be added to the word of a vCPU's cell to get its value. `from` is the vCPU that asks, if one does.
    pub fn due(&self, board: Board, at: usize, index: u32, from: Option<&Seat>) -> u64 {
        if !self.tally.any.load(Ordering::Acquire) {
            return 0;
        }
        let (Some(cell), Some(arena)) = (self.own_cell(board, at), self.gate.arena(index)) else { return 0 };
        let (due, blocks) = self.tally.due(arena, cell);
        let often = blocks > MANY && self.tally.reads.fetch_add(1, Ordering::Relaxed) > PATIENCE;
        if often && from.is_some() && !self.gate.is_mine() {
            self.make_plain(board, from);
        }
        due
    }

    /// From now on a board's words hold the values of its cells: at once those of the vCPU that asks and of all while
    /// the world stands still, else before the guest goes on behind the block in which `from` is.
    pub fn make_plain(&self, board: Board, from: Option<&Seat>) {
        if self.tally.make_plain(board) {
            match from {
                _ if self.gate.is_mine() => self.fold_counts(),
                Some(seat) => {
                    self.fold_counts_of(seat.index());
                    self.flush_quietly_after(seat);
                }
                None => self.gate.exclusive(|| self.fold_counts()),
            }
        }
        self.note_plain(board);
    }
}
