//! What is known about a board without a lock, and the quick way to the element of the vCPU that asks.

use super::board_byte;
use crate::scores::Board;
use crate::{Engine, Seat};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Raised when an answer of [`Engine::element_of`] may no longer hold, or the answer of [`Engine::counts_apart`] is now yes.
static GENERATION: AtomicU64 = AtomicU64::new(1);

/// While this stays the same, so does what those two answered. Never 0.
#[inline]
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Acquire)
}

/// Something is different now.
pub fn raise_generation() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
}

/// What is known about a board.
#[derive(Debug, Default)]
pub struct Slot {
    /// Bytes of an element; 0 if there is no such board.
    pub element: AtomicUsize,
    /// 0: unbound; odd: 1 + twice the offset in the arenas' boards; else the address of the array.
    place: AtomicU64,
    /// Of an array: offset in the arenas' boards of the word that points at the vCPU's element.
    pointer: AtomicU32,
    /// It was given back, but translations may still count in it.
    pub ended: AtomicBool,
    /// All of this in one word for callbacks, which ask all the time: 0 or a [`Summary`]. Changed only by who holds the
    /// boards' lock.
    summary: AtomicU64,
}

/// Where a board is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Not,
    /// At this offset of each arena's boards.
    Own(u32),
    /// An array at this address.
    Array(usize),
}

/// A living, bound board in a word: its kind, the bytes of an element, and in the upper half where it is in the arenas.
#[derive(Clone, Copy)]
struct Summary(u64);

impl Summary {
    /// In the arenas; blocks may keep its counters.
    const OWN: u64 = 1;
    /// In the arenas, and its words hold what its counters are.
    const PLAIN: u64 = 2;
    const ARRAY: u64 = 3;
    const KIND: u64 = 3;
    /// Of an array: its words hold what its counters are.
    const ARRAY_PLAIN: u64 = 1 << 32;
    const LEN_SHIFT: u32 = 2;
    const AT_SHIFT: u32 = 32;

    /// Of an array, whose elements may be too long to be described.
    fn array(len: usize) -> u64 {
        if len < 1 << 30 { Self::ARRAY | (len as u64) << Self::LEN_SHIFT } else { 0 }
    }

    fn own(at: u32, len: usize) -> u64 {
        Self::OWN | (len as u64) << Self::LEN_SHIFT | (board_byte(at) as u64) << Self::AT_SHIFT
    }

    fn is_plain(self) -> bool {
        self.0 & Self::KIND == Self::PLAIN || self.0 & Self::KIND == Self::ARRAY && self.0 & Self::ARRAY_PLAIN != 0
    }

    fn len(self) -> usize {
        ((self.0 & 0xffff_ffff) >> Self::LEN_SHIFT) as usize
    }
}

/// The element of a vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub address: usize,
    pub len: usize,
    /// The board is plain: its address may be handed out.
    pub plain: bool,
}

impl Slot {
    #[inline]
    pub fn bound(&self) -> Bound {
        match self.place.load(Ordering::Acquire) {
            0 => Bound::Not,
            own if own & 1 != 0 => Bound::Own((own >> 1) as u32),
            address => Bound::Array(address as usize),
        }
    }

    /// The boards' lock is held.
    pub fn bind(&self, bound: Bound) {
        let len = self.element.load(Ordering::Acquire);
        let (place, summary) = match bound {
            Bound::Not => (0, 0),
            Bound::Own(at) => ((at as u64) << 1 | 1, Summary::own(at, len)),
            Bound::Array(address) => (address as u64, Summary::array(len)),
        };
        self.place.store(place, Ordering::Release);
        let ended = self.ended.load(Ordering::Acquire);
        self.summary.store(if ended { 0 } else { summary }, Ordering::Release);
        raise_generation();
    }

    /// Binds it to an array at this address, at which the arenas' words at `pointer` point.
    pub fn bind_array(&self, address: usize, pointer: u32) {
        self.pointer.store(pointer, Ordering::Release);
        self.bind(Bound::Array(address));
    }

    pub fn pointer(&self) -> u32 {
        self.pointer.load(Ordering::Acquire)
    }

    /// Nobody asks for its elements any more. The boards' lock is held.
    pub fn forget_summary(&self) {
        self.summary.store(0, Ordering::Release);
        raise_generation();
    }
}

impl Engine {
    /// The element of the vCPU of the seat in the board with this number. Nothing if that takes more than a look: the
    /// board is not there or not bound.
    #[inline]
    pub fn element_of(&self, number: usize, seat: &Seat) -> Option<Element> {
        let slot = self.scores.made(number)?;
        let summary = Summary(slot.summary.load(Ordering::Acquire));
        let len = summary.len();
        let address = match summary.0 & Summary::KIND {
            Summary::OWN | Summary::PLAIN => seat.arena().addr((summary.0 >> Summary::AT_SHIFT) as usize),
            Summary::ARRAY => slot.place.load(Ordering::Acquire) as usize + seat.index() as usize * len,
            _ => return None,
        };
        Some(Element { address, len, plain: summary.is_plain() })
    }

    /// A board was made plain.
    pub(crate) fn note_plain(&self, board: Board) {
        let Some(slot) = self.scores.made(board.0 as usize) else { return };
        if Summary(slot.summary.load(Ordering::Acquire)).is_plain() {
            return;
        }
        let _guard = self.scores.lock();
        let summary = slot.summary.load(Ordering::Acquire);
        let plain = match summary & Summary::KIND {
            Summary::OWN => summary & !Summary::KIND | Summary::PLAIN,
            Summary::ARRAY => summary | Summary::ARRAY_PLAIN,
            _ => summary,
        };
        slot.summary.store(plain, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(len: usize, bound: Bound) -> (Slot, Summary) {
        let slot = Slot::default();
        slot.element.store(len, Ordering::Relaxed);
        slot.bind(bound);
        let summary = Summary(slot.summary.load(Ordering::Relaxed));
        (slot, summary)
    }

    #[test]
    fn a_summary_says_where_a_board_is() {
        let before = generation();
        let (slot, own) = slot(4096, Bound::Own(0x12_3458));
        assert!(generation() > before);
        assert_eq!((own.0 & Summary::KIND, own.len()), (Summary::OWN, 4096));
        assert_eq!((own.0 >> Summary::AT_SHIFT) as usize, board_byte(0x12_3458));
        assert_eq!(slot.bound(), Bound::Own(0x12_3458));
    }

    #[test]
    fn long_elements_and_their_arrays() {
        let (found, array) = slot(16 << 20, Bound::Array(0x7fff_1234_5670));
        assert_eq!((array.0, array.len()), (Summary::ARRAY | (16 << 20) << Summary::LEN_SHIFT, 16 << 20));
        assert_eq!(found.bound(), Bound::Array(0x7fff_1234_5670));
        assert_eq!(slot(1 << 30, Bound::Array(0x1000)).1.0, 0, "too long to be described");
    }

    #[test]
    fn what_is_given_back_has_none() {
        let (ended, _) = slot(8, Bound::Own(64));
        ended.ended.store(true, Ordering::Relaxed);
        let before = generation();
        ended.forget_summary();
        assert!(generation() > before);
        assert_eq!(ended.summary.load(Ordering::Relaxed), 0);
        ended.bind(Bound::Own(64));
        assert_eq!(ended.summary.load(Ordering::Relaxed), 0, "not even if it moves");
        assert_eq!(slot(8, Bound::Not).1.0, 0);
    }
}
