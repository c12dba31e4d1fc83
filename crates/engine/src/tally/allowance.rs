//! A counter under a condition that it reaches a limit: what each vCPU has left up to it, dealt out to several cells
//! ([`ir::allowance`] says why).
//!
//! Only a vCPU itself draws and settles. Others may read the counter meanwhile: a word that is odd while amounts move
//! between the words tells them to look again.

use super::Board;
use crate::vcpu::offset;
use host::layout::SCORES;
use ir::{Cell, Compare};
use memory::arena::Arena;
use std::sync::atomic::{Ordering, fence};

/// Cells that blocks draw from. Neighbours in a loop should have different ones.
const PARTS: usize = 256;
/// Bytes of all words of an allowance: what is left, what was dealt out, how much was drawn lately, and the word that
/// tells whether amounts are on the move.
pub const BYTES: usize = (3 * PARTS + 1) * 8;
/// Smaller limits are reached so often that settling would cost more than it saves.
const SMALLEST: u64 = 1 << 18;
/// What a cell has left when the limit is reached. Every look finds it negative.
const NOTHING: u64 = (i64::MIN / 2) as u64;

/// The limit that a condition is about, if an allowance can serve it.
pub fn limit(compare: Compare, value: u64) -> Option<u64> {
    let limit = match compare {
        Compare::Ge => value,
        Compare::Gt => value.checked_add(1)?,
        _ => return None,
    };
    (SMALLEST..=i64::MAX as u64 / 2).contains(&limit).then_some(limit)
}

/// An allowance of every vCPU.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub board: Board,
    /// The counter: an own cell.
    pub counter: Cell,
    pub limit: u64,
    /// Byte offset of its words, as in cells.
    pub at: u32,
    /// No block draws from it any more that is translated from now on.
    pub ended: bool,
}

impl Allowance {
    /// The cell that the `n`th block draws from: that or the next from which little was drawn lately.
    pub fn quiet_part(&self, arena: &Arena, n: u32) -> Cell {
        let words = self.words(arena);
        let most = words.all_weights() / PARTS as u64;
        let quiet = (n..n + PARTS as u32).find(|n| arena.get(words.weight(*n as usize % PARTS)) <= most);
        self.part(quiet.unwrap_or(n))
    }

    /// The `n`th of the cells, beginning anew behind the last.
    pub fn part(&self, n: u32) -> Cell {
        Cell::own(self.at + 8 * (n % PARTS as u32))
    }

    /// Whether a cell is one of those.
    pub fn has(&self, part: Cell) -> bool {
        (self.at..self.at + 8 * PARTS as u32).contains(&part.offset())
    }

    fn words<'a>(&self, arena: &'a Arena) -> Words<'a> {
        Words { arena, at: offset(SCORES) + self.at as usize }
    }

    /// What was drawn since it was settled.
    pub fn drawn(&self, arena: &Arena) -> u64 {
        self.words(arena).drawn()
    }

    /// A number that changes whenever amounts move, and is odd meanwhile.
    pub fn moves(&self, arena: &Arena) -> u64 {
        let moves = arena.get_ordered(self.words(arena).moves());
        fence(Ordering::SeqCst);
        moves
    }

    /// Moves what was drawn to the counter and deals out anew. `due` is what the counter's value has beyond its word. Says
    /// whether the limit is reached.
    pub fn settle(&self, arena: &Arena, due: u64) -> bool {
        self.collect(arena, |words, counted| {
            let value = counted.wrapping_add(due);
            let rest = self.limit.checked_sub(value).filter(|rest| *rest > 0 && !self.ended);
            words.weigh();
            match rest {
                // One less than the rest: while no part is negative, the limit is not reached.
                Some(rest) => words.deal(rest - 1),
                None => words.give_nothing(),
            }
            value >= self.limit
        })
    }

    /// Makes the next who looks settle, unless the counter is zero: then no limit is reached. For a vCPU that draws from
    /// nothing meanwhile.
    pub fn begin(&self, arena: &Arena, due: u64) {
        let untouched = arena.get(offset(SCORES) + self.counter.offset() as usize) == 0 && due == 0;
        if untouched && self.drawn(arena) == 0 {
            return;
        }
        self.collect(arena, |words, counted| match counted.wrapping_add(due) {
            0 => (0..PARTS).for_each(|i| words.give(i, 0)),
            _ => words.give_nothing(),
        });
    }

    /// Moves what was drawn to the counter, whose word `deal` gets to deal out anew.
    fn collect<R>(&self, arena: &Arena, deal: impl FnOnce(&Words, u64) -> R) -> R {
        let words = self.words(arena);
        let (counter, drawn) = (offset(SCORES) + self.counter.offset() as usize, words.drawn());
        arena.swap(words.moves(), arena.get(words.moves()) | 1);
        arena.add_unaligned(counter, drawn);
        let result = deal(&words, arena.get(counter));
        arena.swap(words.moves(), arena.get(words.moves()) + 1);
        result
    }

    /// Makes its words zero; the counter gets what was drawn.
    pub fn wipe(&self, arena: &Arena) {
        let words = self.words(arena);
        let drawn = words.drawn();
        if drawn != 0 {
            arena.add_unaligned(offset(SCORES) + self.counter.offset() as usize, drawn);
        }
        let touched = (0..BYTES).step_by(8).filter(|at| arena.get(words.at + at) != 0);
        touched.for_each(|at| arena.set(words.at + at, 0));
    }
}

/// The words of one vCPU.
struct Words<'a> {
    arena: &'a Arena,
    at: usize,
}

impl Words<'_> {
    fn left(&self, i: usize) -> u64 {
        self.arena.get(self.at + 8 * i)
    }

    fn dealt(&self, i: usize) -> u64 {
        self.arena.get(self.at + 8 * (PARTS + i))
    }

    fn weight(&self, i: usize) -> usize {
        self.at + 8 * (2 * PARTS + i)
    }

    fn all_weights(&self) -> u64 {
        (0..PARTS).map(|i| self.arena.get(self.weight(i))).sum()
    }

    fn moves(&self) -> usize {
        self.at + 8 * 3 * PARTS
    }

    fn drawn(&self) -> u64 {
        (0..PARTS).fold(0, |sum: u64, i| sum.wrapping_add(self.dealt(i).wrapping_sub(self.left(i))))
    }

    fn give(&self, i: usize, n: u64) {
        self.arena.set(self.at + 8 * (PARTS + i), n);
        self.arena.set(self.at + 8 * i, n);
    }

    fn give_nothing(&self) {
        (0..PARTS).for_each(|i| self.give(i, NOTHING));
    }

    /// Remembers how much was drawn from each part, the latest most.
    fn weigh(&self) {
        for i in 0..PARTS {
            let drawn = self.dealt(i).wrapping_sub(self.left(i)) as i64;
            let weight = self.arena.get(self.weight(i)) / 2 + drawn.clamp(0, 1 << 40) as u64;
            self.arena.set(self.weight(i), weight);
        }
    }

    /// Deals out `n`: three quarters as was drawn lately, so that parts come to their ends together, and the rest evenly.
    fn deal(&self, n: u64) {
        let all = self.all_weights();
        let even = if all == 0 { n } else { n / 4 } / PARTS as u64;
        let weighted = n - even * PARTS as u64;
        for i in 0..PARTS {
            let share = u128::from(weighted) * u128::from(self.arena.get(self.weight(i))) / u128::from(all.max(1));
            self.give(i, even + share as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::layout::{ARENA_LEN, POLL};

    const COUNTER: u32 = 8;

    fn made() -> (Arena, Allowance) {
        let arena = Arena::new(ARENA_LEN, offset(POLL)).unwrap();
        let a = Allowance { board: Board(0), counter: Cell::own(COUNTER), limit: 1 << 20, at: 64, ended: false };
        (arena, a)
    }

    fn draw(arena: &Arena, part: Cell, n: u64) -> bool {
        let at = offset(SCORES) + part.offset() as usize;
        arena.set(at, arena.get(at).wrapping_sub(n));
        (arena.get(at) as i64) < 0
    }

    fn value(arena: &Arena, a: &Allowance) -> u64 {
        arena.get(offset(SCORES) + COUNTER as usize).wrapping_add(a.drawn(arena))
    }

    #[test]
    fn only_what_served_limits_has_one() {
        assert_eq!(limit(Compare::Ge, 1 << 20), Some(1 << 20));
        assert_eq!(limit(Compare::Gt, 1 << 20), Some((1 << 20) + 1));
        for (compare, value) in
            [(Compare::Ge, 10), (Compare::Gt, u64::MAX), (Compare::Ge, 1 << 63), (Compare::Eq, 1 << 20)]
        {
            assert_eq!(limit(compare, value), None);
        }
    }

    /// Whatever blocks draw from whatever parts: the value is the sum, and the limit is seen exactly when it is reached.
    #[test]
    fn the_limit_is_seen_when_it_is_reached_and_not_before() {
        let (arena, a) = made();
        let (mut sum, mut settled, mut reached) = (0u64, 0, 0);
        let mut x = 1u64;
        for _ in 0..2_000_000 {
            x = x.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            // Few parts most of the time, now and then any.
            let part = if x >> 60 == 0 { (x >> 33) as u32 } else { (x >> 33) as u32 & 3 };
            let n = 1 + (x >> 50 & 15);
            sum += n;
            let overdrawn = draw(&arena, a.part(part), n);
            let holds = overdrawn && a.settle(&arena, 0);
            settled += u32::from(overdrawn);
            assert_eq!(holds, sum >= a.limit);
            assert_eq!(value(&arena, &a), sum);
            if holds && x >> 40 & 1 == 1 {
                // The observer sets it back.
                arena.set(offset(SCORES) + COUNTER as usize, 0u64.wrapping_sub(a.drawn(&arena)));
                assert!(!a.settle(&arena, 0));
                (sum, reached) = (0, reached + 1);
            }
        }
        assert!(reached >= 10, "{reached}");
        assert!(settled < reached * 100, "{settled} settlements for {reached} times");
    }

    #[test]
    fn a_limit_that_was_reached_before_is_seen_by_the_first_look() {
        let (arena, a) = made();
        a.begin(&arena, 0);
        assert!(!draw(&arena, a.part(3), 0), "a counter of zero has reached nothing");
        arena.set(offset(SCORES) + COUNTER as usize, a.limit + 5);
        a.begin(&arena, 0);
        assert!(draw(&arena, a.part(3), 0) && a.settle(&arena, 0));
        assert_eq!(value(&arena, &a), a.limit + 5);
    }

    #[test]
    fn blocks_keep_away_from_parts_that_are_in_use() {
        let (arena, a) = made();
        assert!(draw(&arena, a.part(5), 100));
        a.settle(&arena, 0);
        assert_eq!(a.quiet_part(&arena, 5), a.part(6));
        assert_eq!(a.quiet_part(&arena, 4), a.part(4));
        assert_eq!(a.quiet_part(&arena, PARTS as u32 + 5), a.part(6));
    }

    #[test]
    fn ended_ones_give_nothing_and_leave_nothing() {
        let (arena, mut a) = made();
        draw(&arena, a.part(0), 5);
        a.settle(&arena, 0);
        a.ended = true;
        draw(&arena, a.part(7), 3);
        a.settle(&arena, 0);
        assert!(draw(&arena, a.part(9), 1), "every draw settles");
        assert_eq!(value(&arena, &a), 9);
        a.wipe(&arena);
        assert_eq!(arena.get(offset(SCORES) + COUNTER as usize), 9);
        assert!((0..BYTES).step_by(8).all(|at| arena.get(offset(SCORES) + a.at as usize + at) == 0));
    }
}
