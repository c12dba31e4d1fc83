//! Scoreboards: arrays with one element per vCPU (plugin contract, section 4.4; decision D4).
//!
//! A board is *bound* by its first use. One whose cells generated code counts in lives in the vCPUs' arenas, at a
//! constant displacement: no index arithmetic, and no cache line that two vCPUs share. One whose elements are asked for
//! by address first, or by a plugin that may ask, is a contiguous array, as the contract wants; generated code reaches
//! its element through a pointer in the arena. So does one that is too large for the arena.
//!
//! Looking a board up takes no lock: callbacks do it all the time.

mod array;
mod own;
mod slot;

use crate::vcpu::offset;
use crate::{Engine, Seat, enter};
use array::Arrays;
use host::layout::{BOARDS, SCORES};
use ir::Cell;
use memory::arena::Arena;
use own::{Own, POINTERS};
pub(crate) use slot::raise_generation;
use slot::{Bound, Slot};
pub use slot::{Element, generation};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, OnceLock};

/// A scoreboard's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Board(pub u32);

/// A number is no scoreboard's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoBoard;

/// Boards of a group, which is made when the first of them is: most programs have none.
const GROUP: usize = 4096;
const GROUPS: usize = 256;
/// Larger elements live in arrays.
const OWN_MAX: usize = 4096;
/// So many boards are arrays from the beginning: each has a pointer in the arenas.
const MOST_ARRAYS: usize = POINTERS as usize / 16;
/// Elements that arrays have at first (plugin contract, section 4.4).
const CAPACITY: u32 = 16;

/// All boards of an engine.
pub struct Scores {
    slots: [OnceLock<Box<[Slot; GROUP]>>; GROUPS],
    inner: Mutex<Inner>,
}

struct Inner {
    own: Own,
    arrays: Arrays,
    /// Numbers that are free, and those that will be after the next flush, with their offset or array.
    free: Vec<u32>,
    ended: Vec<u32>,
    next: u32,
    /// Boards that are there.
    living: usize,
    capacity: u32,
}

impl Scores {
    pub fn new() -> Scores {
        Scores {
            slots: [const { OnceLock::new() }; GROUPS],
            inner: Mutex::new(Inner {
                own: Own::default(),
                arrays: Arrays::default(),
                free: Vec::new(),
                ended: Vec::new(),
                next: 0,
                living: 0,
                capacity: CAPACITY,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn slot(&self, n: u32) -> &Slot {
        let all = || std::array::from_fn(|_| Slot::default());
        &self.slots[n as usize / GROUP].get_or_init(|| Box::new(all()))[n as usize % GROUP]
    }

    /// The slot with this number, if its group was ever needed.
    #[inline]
    fn made(&self, n: usize) -> Option<&Slot> {
        Some(&self.slots.get(n / GROUP)?.get()?[n % GROUP])
    }
}

impl Engine {
    /// Makes a board with elements of so many bytes (at least 1), all zero.
    ///
    /// # Panics
    /// If there are a million.
    pub fn new_board(&self, element: usize) -> Board {
        self.make_board(element, false)
    }

    /// The same, of elements that lie one behind the other: for whom may ask for their addresses.
    pub fn new_array(&self, element: usize) -> Board {
        self.make_board(element, true)
    }

    fn make_board(&self, element: usize, array: bool) -> Board {
        let mut inner = self.scores.lock();
        let number = inner.free.pop().unwrap_or_else(|| {
            inner.next += 1;
            inner.next - 1
        });
        assert!((number as usize) < GROUP * GROUPS, "a million scoreboards");
        inner.living += 1;
        let slot = self.scores.slot(number);
        slot.bind(Bound::Not);
        slot.element.store(element.max(1), Ordering::Release);
        if array && inner.arrays.len() < MOST_ARRAYS {
            self.bind_array(&mut inner, number);
        }
        Board(number)
    }

    /// Whether there is such a board, and it was not given back.
    pub fn has_board(&self, board: Board) -> bool {
        let there = |s: &Slot| s.element.load(Ordering::Acquire) != 0 && !s.ended.load(Ordering::Acquire);
        (board.0 as usize) < GROUP * GROUPS && there(self.scores.slot(board.0))
    }

    /// Bytes of an element of a board; 0 if there is none.
    #[inline]
    pub fn element_len(&self, board: Board) -> usize {
        self.scores.made(board.0 as usize).map_or(0, |slot| slot.element.load(Ordering::Relaxed))
    }

    /// Ends a board. Translations may refer to its cells until the next flush, so its memory is reused after that.
    pub fn free_board(&self, board: Board) {
        let mut inner = self.scores.lock();
        let slot = self.scores.slot(board.0);
        if slot.element.load(Ordering::Acquire) == 0 || slot.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        slot.forget_summary();
        inner.living -= 1;
        inner.ended.push(board.0);
    }

    /// The cell at `at` in each element, for probes that add to it: binds an unbound board to the arenas.
    pub fn cell(&self, board: Board, at: usize) -> Cell {
        let cell = self.plain_cell(board, at);
        self.tally.offer(board, cell);
        cell
    }

    /// The same for stores, which need its value in its place. `from` is the vCPU that asks.
    pub fn exact_cell(&self, board: Board, at: usize, from: Option<&Seat>) -> Cell {
        let cell = self.plain_cell(board, at);
        self.make_plain(board, from);
        cell
    }

    /// The cell if it lies in the arenas.
    pub(crate) fn own_cell(&self, board: Board, at: usize) -> Option<Cell> {
        match self.scores.slot(board.0).bound() {
            Bound::Own(offset) => Some(Cell::own(cell_base() + offset + at as u32)),
            _ => None,
        }
    }

    /// The cell if the board is bound.
    pub(crate) fn bound_cell(&self, board: Board, at: usize) -> Option<Cell> {
        let slot = self.scores.slot(board.0);
        match slot.bound() {
            Bound::Array(_) => Some(Cell::through(cell_base() + slot.pointer(), at as u32)),
            _ => self.own_cell(board, at),
        }
    }

    pub(crate) fn plain_cell(&self, board: Board, at: usize) -> Cell {
        let slot = self.scores.slot(board.0);
        if slot.bound() == Bound::Not {
            self.bind_own(board);
        }
        self.bound_cell(board, at).expect("it is bound")
    }

    /// Room for so many bytes in each arena, all zero; its offset in cells.
    pub(crate) fn take_own_cells(&self, bytes: usize) -> Option<u32> {
        self.scores.lock().own.take(bytes).map(|at| cell_base() + at)
    }

    /// Gives it back, all zero.
    pub(crate) fn give_own_cells(&self, at: u32, bytes: usize) {
        self.scores.lock().own.give(at - cell_base(), bytes);
    }

    fn bind_own(&self, board: Board) {
        let slot = self.scores.slot(board.0);
        let mut inner = self.scores.lock();
        if slot.bound() != Bound::Not {
            return;
        }
        let element = slot.element.load(Ordering::Acquire);
        match if element <= OWN_MAX { inner.own.take(element) } else { None } {
            Some(at) => slot.bind(Bound::Own(at)),
            None => self.bind_array(&mut inner, board.0),
        }
    }

    /// The host address of a vCPU's element, for whoever keeps addresses: binds an unbound board as an array. Valid
    /// until the array grows. `from` is the vCPU that asks.
    pub fn element(&self, board: Board, index: u32, from: Option<&Seat>) -> usize {
        self.make_plain(board, from);
        let slot = self.scores.slot(board.0);
        if slot.bound() == Bound::Not {
            let mut inner = self.scores.lock();
            if slot.bound() == Bound::Not {
                self.bind_array(&mut inner, board.0);
            }
        }
        self.peek_element(board, index).expect("it is bound")
    }

    /// As [`Engine::peek_element`], with the answer to [`Engine::has_board`] in one look: callbacks ask all the time.
    ///
    /// # Errors
    /// There is no such board.
    #[inline]
    pub fn look_up(&self, board: Board, index: u32) -> Result<Option<usize>, NoBoard> {
        let slot = self.scores.made(board.0 as usize).ok_or(NoBoard)?;
        let element = slot.element.load(Ordering::Relaxed);
        if element == 0 || slot.ended.load(Ordering::Relaxed) {
            return Err(NoBoard);
        }
        Ok(self.address(slot, index))
    }

    #[inline]
    fn address(&self, slot: &Slot, index: u32) -> Option<usize> {
        match slot.bound() {
            Bound::Not => None,
            Bound::Own(at) => self.gate.arena(index).map(|a| a.addr(board_byte(at))),
            Bound::Array(address) => Some(address + index as usize * slot.element.load(Ordering::Relaxed)),
        }
    }

    /// The same for a single look at it, which binds nothing. `None`: it was never touched and reads as zero.
    pub fn peek_element(&self, board: Board, index: u32) -> Option<usize> {
        self.address(self.scores.slot(board.0), index)
    }

    fn bind_array(&self, inner: &mut Inner, number: u32) {
        let slot = self.scores.slot(number);
        let element = slot.element.load(Ordering::Acquire);
        let address = inner.arrays.make(number, element, inner.capacity);
        self.point(inner.arrays.pointer_of(number), address, element);
        slot.bind_array(address, inner.arrays.pointer_of(number));
    }

    /// All arenas learn where their elements of an array are.
    fn point(&self, pointer: u32, address: usize, element: usize) {
        for (index, arena) in self.gate.arenas() {
            arena.set(board_byte(pointer), (address + index as usize * element) as u64);
        }
    }

    /// A new arena learns where its elements of all arrays are.
    pub(crate) fn point_at_arrays(&self, index: u32, arena: &Arena) {
        let inner = self.scores.lock();
        for (pointer, address, element) in inner.arrays.all() {
            arena.set(board_byte(pointer), (address + index as usize * element) as u64);
        }
    }

    /// Makes room for a vCPU with this index, before it is initialised. If there are boards, all vCPUs stop for that and
    /// translations are thrown away (plugin contract, section 4.4).
    pub fn reserve_elements(&self, index: u32) {
        if index < self.scores.lock().capacity {
            return;
        }
        self.gate.exclusive(|| {
            let grown = {
                let mut inner = self.scores.lock();
                let from = inner.capacity;
                while inner.capacity <= index {
                    inner.capacity *= 2;
                }
                let to = inner.capacity;
                for (number, pointer, address, element) in inner.arrays.grow(from, to) {
                    self.point(pointer, address, element);
                    self.scores.slot(number).bind(Bound::Array(address));
                }
                inner.living > 0
            };
            if grown {
                self.flush_now();
            }
        });
    }

    /// Nothing refers to ended boards any more: their memory is free. All vCPUs are outside.
    pub(crate) fn recycle_boards(&self) {
        let ended = std::mem::take(&mut self.scores.lock().ended);
        ended.iter().for_each(|number| self.tally.forget(Board(*number)));
        self.drop_ended_allowances();
        let mut inner = self.scores.lock();
        for number in ended {
            let slot = self.scores.slot(number);
            let element = slot.element.swap(0, Ordering::AcqRel);
            slot.ended.store(false, Ordering::Release);
            match slot.bound() {
                Bound::Not => {}
                Bound::Own(at) => {
                    for (_, arena) in self.gate.arenas() {
                        own::clear(arena, board_byte(at), element);
                    }
                    inner.own.give(at, element);
                }
                Bound::Array(_) => {
                    let capacity = inner.capacity;
                    inner.arrays.end(number, capacity);
                }
            }
            slot.bind(Bound::Not);
            inner.free.push(number);
        }
    }

    /// A vCPU's cell. The vCPU is not running.
    pub(crate) fn cell_value(&self, arena: &Arena, cell: Cell) -> u64 {
        if let Some(address) = cell.address() {
            return enter::word_of_observer(address).load(Ordering::Relaxed);
        }
        match cell.pointer() {
            None => arena.get_unaligned(offset(SCORES) + cell.offset() as usize),
            Some(pointer) => {
                let address = arena.get(offset(SCORES) + pointer as usize) + cell.offset() as u64;
                self.scores.lock().arrays.get(address as usize)
            }
        }
    }

    /// Adds to a vCPU's cell. The vCPU is not running.
    pub(crate) fn add_to_cell(&self, arena: &Arena, cell: Cell, n: u64) {
        if let Some(address) = cell.address() {
            enter::word_of_observer(address).fetch_add(n, Ordering::Relaxed);
            return;
        }
        let at = match cell.pointer() {
            None => offset(SCORES) + cell.offset() as usize,
            Some(pointer) => {
                let address = arena.get(offset(SCORES) + pointer as usize) + cell.offset() as u64;
                return self.scores.lock().arrays.add(address as usize, n);
            }
        };
        arena.add_unaligned(at, n);
    }
}

/// Displacement of the boards from the scores, in which cells are given.
const fn cell_base() -> u32 {
    (BOARDS - SCORES) as u32
}

/// Offset in an arena of byte `at` of its boards.
fn board_byte(at: u32) -> usize {
    offset(BOARDS) + at as usize
}

#[cfg(test)]
mod tests;
