//! Boards as contiguous arrays, and the pointers to them in the arenas.

use super::own::POINTERS;
use host::layout::BOARDS_LEN;
use memory::arena::Words;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Bytes of a pool that small arrays share: a mapping each would be too many.
const POOL: usize = 16 << 20;

/// All arrays.
#[derive(Debug, Default)]
pub struct Arrays {
    /// By their boards' numbers.
    list: BTreeMap<u32, Array>,
    pools: Vec<Pool>,
    /// Zeroed room of ended ones: bytes, pool and offset.
    free: Vec<(usize, usize, usize)>,
    /// Pointer words in use so far, and those that are free again.
    pointers: u32,
    free_pointers: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Array {
    /// Offset of the pointer in the arenas' boards.
    pointer: u32,
    element: usize,
    pool: usize,
    /// Offset in the pool.
    at: usize,
}

#[derive(Debug)]
struct Pool {
    words: Words,
    used: usize,
}

impl Pool {
    fn base(&self) -> usize {
        self.words.at(0).as_ptr() as usize
    }
}

/// Bytes of an array, with room for an access that begins in its last element.
fn bytes(element: usize, capacity: u32) -> usize {
    (element * capacity as usize + 16).next_multiple_of(64)
}

impl Arrays {
    /// Makes a board's array, all zero; its address.
    ///
    /// # Panics
    /// If the host has no memory, or there are too many arrays.
    pub fn make(&mut self, number: u32, element: usize, capacity: u32) -> usize {
        let pointer = self.free_pointers.pop().unwrap_or_else(|| {
            self.pointers += 8;
            assert!(self.pointers <= POINTERS, "too many scoreboards are arrays");
            BOARDS_LEN as u32 - self.pointers
        });
        let (pool, at) = self.room(bytes(element, capacity));
        self.list.insert(number, Array { pointer, element, pool, at });
        self.pools[pool].base() + at
    }

    fn room(&mut self, bytes: usize) -> (usize, usize) {
        if let Some(i) = self.free.iter().position(|(size, ..)| *size == bytes) {
            let (_, pool, at) = self.free.swap_remove(i);
            return (pool, at);
        }
        let last = self.pools.len().checked_sub(1);
        if let Some(last) = last.filter(|l| self.pools[*l].used + bytes <= self.pools[*l].words.len() * 8) {
            let at = self.pools[last].used;
            self.pools[last].used += bytes;
            return (last, at);
        }
        let words = Words::new(bytes.max(POOL) / 8).expect("memory for scoreboards");
        self.pools.push(Pool { words, used: bytes });
        (self.pools.len() - 1, 0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The pointer word of a board's array.
    ///
    /// # Panics
    /// If it has none.
    pub fn pointer_of(&self, number: u32) -> u32 {
        self.list[&number].pointer
    }

    /// Pointer word, address and element size of each.
    pub fn all(&self) -> impl Iterator<Item = (u32, usize, usize)> + '_ {
        self.list.values().map(|a| (a.pointer, self.pools[a.pool].base() + a.at, a.element))
    }

    /// Makes all of them anew with the same contents and more elements; number, pointer word, address and element size
    /// of each. The old ones are gone.
    pub fn grow(&mut self, from: u32, to: u32) -> Vec<(u32, u32, usize, usize)> {
        let (list, pools) = (std::mem::take(&mut self.list), std::mem::take(&mut self.pools));
        self.free.clear();
        list.into_iter()
            .map(|(number, a)| {
                let (pool, at) = self.room(bytes(a.element, to));
                copy(&pools[a.pool].words, a.at, &self.pools[pool].words, at, bytes(a.element, from));
                self.list.insert(number, Array { pool, at, ..a });
                (number, a.pointer, self.pools[pool].base() + at, a.element)
            })
            .collect()
    }

    /// Ends a board's array, which has so many elements.
    pub fn end(&mut self, number: u32, capacity: u32) {
        let Some(array) = self.list.remove(&number) else { return };
        self.free_pointers.push(array.pointer);
        let len = bytes(array.element, capacity);
        let words = &self.pools[array.pool].words;
        (array.at / 8..(array.at + len) / 8).for_each(|i| words.at(i).store(0, Ordering::Relaxed));
        self.free.push((len, array.pool, array.at));
    }

    /// The 8 bytes at an address that is inside an array.
    pub fn get(&self, address: usize) -> u64 {
        let pool = self.pool_of(address);
        pool.map_or(0, |pool| pool.words.get_unaligned(address - pool.base()))
    }

    fn pool_of(&self, address: usize) -> Option<&Pool> {
        self.pools.iter().find(|p| (p.base()..p.base() + p.words.len() * 8).contains(&address))
    }

    /// Adds to the 8 bytes at an address that is inside an array.
    pub fn add(&self, address: usize, n: u64) {
        if let Some(pool) = self.pool_of(address) {
            pool.words.add_unaligned(address - pool.base(), n);
        }
    }
}

/// Copies what is not zero.
fn copy(from: &Words, from_at: usize, to: &Words, to_at: usize, len: usize) {
    for i in 0..len / 8 {
        let word = from.at(from_at / 8 + i).load(Ordering::Relaxed);
        if word != 0 {
            to.at(to_at / 8 + i).store(word, Ordering::Relaxed);
        }
    }
}
