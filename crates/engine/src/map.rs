//! The shared map from guest pc to host code: read without locks, written under the cache's lock.
//!
//! Open addressing in levels of doubling size. Growing copies everything into the next level and publishes its number;
//! readers of an old level still find what was there. Old levels stay allocated (they sum up to the size of the
//! current one) and are cleared with it, while all vCPUs are stopped.

use memory::arena::Words;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const FIRST_BITS: usize = 12;
const LEVELS: usize = 20;
/// The key of an entry that was never used.
const FREE: u64 = 0;
/// The value of an entry whose block was removed. Its key stays, so that probing goes on over it and a new block at the
/// same pc finds its place again: a program that rewrites its code does not fill the map.
const GONE: u64 = 0;

/// The map. An entry is two words: key, value.
pub struct Map {
    levels: [OnceLock<Words>; LEVELS],
    current: AtomicUsize,
    /// Used entries of the current level, removed ones included.
    used: AtomicUsize,
}

/// Pcs that fit beside the mode in a key. There is no code above.
const PC_END: u64 = 1 << 56;

/// Never `FREE`.
fn key(pc: u64, mode: u32) -> u64 {
    (pc | (mode as u64) << 56).wrapping_add(2)
}

/// log2 of the guest bytes whose blocks stand close together.
const NEAR_BITS: u32 = 9;

/// Where the search for a key begins. Keys of one neighbourhood follow each other in the guest's order, so that what is
/// looked up after a block, most of the time something near it, is found in cache lines that are at hand.
fn start(key: u64, entries: usize) -> usize {
    let hash = (key >> NEAR_BITS).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let near = key >> 3 & ((1 << NEAR_BITS >> 3) - 1);
    hash.wrapping_add(near) as usize & (entries - 1)
}

fn new_level(level: usize) -> Words {
    let words = Words::new(2 << (FIRST_BITS + level)).expect("address space for the block map");
    words.prepare();
    words
}

fn entries(level: &Words) -> usize {
    level.len() / 2
}

fn key_at(level: &Words, i: usize) -> &AtomicU64 {
    level.at(2 * i)
}

fn value_at(level: &Words, i: usize) -> &AtomicU64 {
    level.at(2 * i + 1)
}

/// The index at which `key` stands, or of the free entry that ends the search.
fn probe(level: &Words, key: u64) -> (usize, bool) {
    let mut i = start(key, entries(level));
    loop {
        match key_at(level, i).load(Ordering::Acquire) {
            k if k == key => return (i, true),
            FREE => return (i, false),
            _ => i = (i + 1) & (entries(level) - 1),
        }
    }
}

impl Map {
    pub fn new() -> Map {
        Map { levels: [const { OnceLock::new() }; LEVELS], current: AtomicUsize::new(0), used: AtomicUsize::new(0) }
    }

    fn level(&self) -> &Words {
        let n = self.current.load(Ordering::Acquire);
        self.levels[n].get_or_init(|| new_level(n))
    }

    /// The value for a pc in a mode.
    pub fn get(&self, pc: u64, mode: u32) -> Option<u64> {
        if pc >= PC_END {
            return None;
        }
        let level = self.level();
        let (i, found) = probe(level, key(pc, mode));
        let value = if found { value_at(level, i).load(Ordering::Acquire) } else { GONE };
        (value != GONE).then_some(value)
    }

    /// A pc will soon be looked up: has the processor fetch what is to be seen then.
    pub fn expect(&self, pc: u64, mode: u32) {
        let level = self.level();
        std::hint::black_box(key_at(level, start(key(pc, mode), entries(level))).load(Ordering::Relaxed));
    }

    /// Adds an entry, with a value that is not 0, unless there is one: then that one's value. Writers exclude each other.
    pub fn insert(&self, pc: u64, mode: u32, value: u64) -> Option<u64> {
        let level = self.level();
        let key = key(pc, mode);
        let (i, known) = probe(level, key);
        let there = if known { value_at(level, i).load(Ordering::Relaxed) } else { GONE };
        if there != GONE {
            return Some(there);
        }
        set(level, i, key, value);
        if !known {
            let used = self.used.load(Ordering::Relaxed) + 1;
            self.used.store(used, Ordering::Relaxed);
            if used * 2 > entries(level) {
                self.grow();
            }
        }
        None
    }

    fn grow(&self) {
        let n = self.current.load(Ordering::Relaxed);
        let old = self.level();
        let new = self.levels[n + 1].get_or_init(|| new_level(n + 1));
        let mut used = 0;
        for i in 0..entries(old) {
            let k = key_at(old, i).load(Ordering::Relaxed);
            let value = value_at(old, i).load(Ordering::Relaxed);
            if k != FREE && value != GONE {
                set(new, probe(new, k).0, k, value);
                used += 1;
            }
        }
        self.used.store(used, Ordering::Relaxed);
        self.current.store(n + 1, Ordering::Release);
    }

    /// Removes an entry. All vCPUs are stopped.
    pub fn remove(&self, pc: u64, mode: u32) {
        let level = self.level();
        let (i, found) = probe(level, key(pc, mode));
        if found {
            value_at(level, i).store(GONE, Ordering::Release);
        }
    }

    /// Removes everything. All vCPUs are stopped.
    pub fn clear(&self) {
        self.levels.iter().filter_map(OnceLock::get).for_each(Words::clear);
        self.used.store(0, Ordering::Release);
    }
}

/// Sets an entry: its key last, so that who finds that finds the value.
fn set(level: &Words, i: usize, key: u64, value: u64) {
    value_at(level, i).store(value, Ordering::Release);
    key_at(level, i).store(key, Ordering::Release);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_as_a_hash_map_across_growth_and_removal() {
        let map = Map::new();
        let mut model = std::collections::HashMap::new();
        for i in 1..20_000u64 {
            let (pc, mode) = (i.wrapping_mul(0x9e37_79b9) & 0xffff_fffe, (i % 3) as u32);
            if model.insert((pc, mode), i).is_none() {
                assert_eq!(map.insert(pc, mode, i), None);
            } else {
                let there = map.get(pc, mode).unwrap();
                assert_eq!(map.insert(pc, mode, i), Some(there));
                model.insert((pc, mode), there);
            }
            if i % 5 == 0 {
                map.remove(pc, mode);
                model.remove(&(pc, mode));
            }
        }
        for i in 0..20_000u64 {
            let at = (i.wrapping_mul(0x9e37_79b9) & 0xffff_fffe, (i % 3) as u32);
            assert_eq!(map.get(at.0, at.1), model.get(&at).copied());
        }
        assert_eq!(map.get(u64::MAX - 1, 0), None);
        map.clear();
        assert_eq!(map.get(0, 0), None);
    }

    #[test]
    fn what_was_pushed_aside_is_found_when_the_first_is_gone() {
        let place = |pc: &u64| start(key(*pc, 0), 1 << FIRST_BITS);
        let first = 0x1000;
        let pcs: Vec<u64> = (first..1 << 20).step_by(2).filter(|pc| place(pc) == place(&first)).take(3).collect();
        let map = Map::new();
        pcs.iter().for_each(|pc| assert_eq!(map.insert(*pc, 0, pc + 1), None));
        map.remove(pcs[0], 0);
        map.remove(pcs[1], 0);
        assert_eq!([pcs[0], pcs[1], pcs[2]].map(|pc| map.get(pc, 0)), [None, None, Some(pcs[2] + 1)]);
        map.insert(pcs[0], 0, 7);
        assert_eq!(map.get(pcs[0], 0), Some(7));
    }
}
