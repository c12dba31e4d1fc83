//! Scoreboards: arrays with one element per vCPU (plugin contract, section 4.4; decision D4).
//!
//! A board is *bound* by its first use. One whose cells generated code counts in lives in the vCPUs' arenas, at a
//! constant displacement: no index arithmetic, and no cache line that two vCPUs share. One whose elements are asked for
//! by address first is a contiguous array, as the contract wants; generated code reaches its element through one
//! pointer in the arena. So does one that is too large for the arena.

use crate::Engine;
use ir::Cell;

/// A scoreboard's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Board(pub u32);

impl Engine {
    /// Makes a board with elements of so many bytes, all zero.
    pub fn new_board(&self, _element: usize) -> Board {
        todo!()
    }

    /// Ends a board. Translations may refer to its cells until the next flush, so its memory is reused after that.
    pub fn free_board(&self, _board: Board) {
        todo!()
    }

    /// The cell at `offset` in each element, for probes.
    pub fn cell(&self, _board: Board, _offset: usize) -> Cell {
        todo!()
    }

    /// The host address of a vCPU's element, for whoever keeps addresses: binds the board as an array.
    pub fn element(&self, _board: Board, _index: u32) -> usize {
        todo!()
    }

    /// The same for a single look at it, which binds nothing. `None`: it was never touched and reads as zero.
    pub fn peek_element(&self, _board: Board, _index: u32) -> Option<usize> {
        todo!()
    }

    /// The arrays have room for vCPUs `0..capacity`; to be called before a vCPU with that index is initialised. Returns
    /// whether boards had to grow.
    pub fn reserve_elements(&self, _index: u32) -> bool {
        todo!()
    }
}
