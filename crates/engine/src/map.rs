//! The shared map from guest pc to host code: read without locks, written under the cache's lock.
//!
//! Open addressing in levels of doubling size. Growing copies everything into the next level and publishes its number;
//! readers of an old level still find what was there. Old levels stay allocated (they sum up to the size of the
//! current one) and are cleared with it, while all vCPUs are stopped.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const FIRST_BITS: usize = 12;
const LEVELS: usize = 20;
/// No block: pc 1 is odd.
const FREE: u64 = 1;
/// A removed entry, over which probing goes on.
const GONE: u64 = 3;

struct Entry {
    key: AtomicU64,
    value: AtomicU64,
}

/// The map.
pub struct Map {
    levels: [OnceLock<Box<[Entry]>>; LEVELS],
    current: AtomicUsize,
    /// Used entries of the current level, removed ones included.
    used: AtomicUsize,
}

fn key(pc: u64, mode: u32) -> u64 {
    pc | (mode as u64) << 56
}

fn start(key: u64, len: usize) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize & (len - 1)
}

fn new_level(level: usize) -> Box<[Entry]> {
    let entry = |_| Entry { key: AtomicU64::new(FREE), value: AtomicU64::new(0) };
    (0..1usize << (FIRST_BITS + level)).map(entry).collect()
}

impl Map {
    pub fn new() -> Map {
        Map { levels: [const { OnceLock::new() }; LEVELS], current: AtomicUsize::new(0), used: AtomicUsize::new(0) }
    }

    fn level(&self) -> &[Entry] {
        let n = self.current.load(Ordering::Acquire);
        self.levels[n].get_or_init(|| new_level(n))
    }

    /// The value for a pc in a mode.
    pub fn get(&self, pc: u64, mode: u32) -> Option<u64> {
        let key = key(pc, mode);
        let level = self.level();
        let mut i = start(key, level.len());
        loop {
            match level[i].key.load(Ordering::Acquire) {
                k if k == key => return Some(level[i].value.load(Ordering::Acquire)),
                FREE => return None,
                _ => i = (i + 1) & (level.len() - 1),
            }
        }
    }

    /// Adds an entry that is not there yet. Writers exclude each other.
    pub fn insert(&self, pc: u64, mode: u32, value: u64) {
        let used = self.used.fetch_add(1, Ordering::Relaxed) + 1;
        if used * 2 > self.level().len() {
            self.grow();
        }
        put(self.level(), key(pc, mode), value);
    }

    fn grow(&self) {
        let n = self.current.load(Ordering::Relaxed);
        let old = self.level();
        let new = self.levels[n + 1].get_or_init(|| new_level(n + 1));
        let mut used = 1;
        for e in old {
            let k = e.key.load(Ordering::Relaxed);
            if k != FREE && k != GONE {
                put(new, k, e.value.load(Ordering::Relaxed));
                used += 1;
            }
        }
        self.used.store(used, Ordering::Relaxed);
        self.current.store(n + 1, Ordering::Release);
    }

    /// Removes an entry. All vCPUs are stopped.
    pub fn remove(&self, pc: u64, mode: u32) {
        let key = key(pc, mode);
        let level = self.level();
        let mut i = start(key, level.len());
        loop {
            match level[i].key.load(Ordering::Relaxed) {
                k if k == key => return level[i].key.store(GONE, Ordering::Release),
                FREE => return,
                _ => i = (i + 1) & (level.len() - 1),
            }
        }
    }

    /// Removes everything. All vCPUs are stopped.
    pub fn clear(&self) {
        for level in self.levels.iter().filter_map(OnceLock::get) {
            for e in level {
                e.key.store(FREE, Ordering::Relaxed);
            }
        }
        self.used.store(0, Ordering::Release);
    }
}

fn put(level: &[Entry], key: u64, value: u64) {
    let mut i = start(key, level.len());
    while level[i].key.load(Ordering::Relaxed) != FREE {
        i = (i + 1) & (level.len() - 1);
    }
    level[i].value.store(value, Ordering::Relaxed);
    level[i].key.store(key, Ordering::Release);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_as_a_hash_map_across_growth_and_removal() {
        let map = Map::new();
        let mut model = std::collections::HashMap::new();
        for i in 0..20_000u64 {
            let (pc, mode) = (i.wrapping_mul(0x9e37_79b9) & 0xffff_fffe, (i % 3) as u32);
            if model.insert((pc, mode), i).is_none() {
                map.insert(pc, mode, i);
            } else {
                model.insert((pc, mode), map.get(pc, mode).unwrap());
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
        map.clear();
        assert_eq!(map.get(0, 0), None);
    }
}
