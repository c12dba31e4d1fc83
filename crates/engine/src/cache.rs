//! The translation cache: every block, by guest pc, by guest page and by host address.

use crate::block::Block;
use crate::map::Map;
use bits::{Addr, PAGE, page_of};
use memory::slab::{Kept, Slab};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// log2 of the bytes of code memory that a vCPU takes at a time.
pub const CHUNK_BITS: u32 = 16;

/// Everything behind the lock.
pub struct Tables {
    /// Living blocks and, until the next flush, dead ones; the index is the block's number.
    pub blocks: Slab<Block>,
    /// Host offset and number of the blocks in each chunk of code memory, by rising offset.
    chunks: Vec<Vec<(u32, u32)>>,
    /// Numbers of the living blocks that touch each guest page.
    pages: BTreeMap<Addr, Vec<u32>>,
    /// For each block, by its number: the last linked jump into it, as an index into `jumps`.
    incoming: Vec<u32>,
    /// Every linked jump.
    jumps: Vec<Jump>,
}

/// Blocks that lists have room for from the start. What is not used of it costs no memory; what grows step by step is
/// copied, and touches twice as much.
const ROOM: usize = 1024;

impl Default for Tables {
    fn default() -> Tables {
        Tables {
            blocks: Slab::default(),
            chunks: Vec::new(),
            pages: BTreeMap::new(),
            incoming: Vec::with_capacity(ROOM),
            jumps: Vec::with_capacity(ROOM),
        }
    }
}

/// No jump.
const NONE: u32 = u32::MAX;

/// A linked jump and the next one into the same block.
struct Jump {
    at: Incoming,
    next: u32,
}

/// A linked jump into a block.
#[derive(Clone, Copy, Debug)]
pub struct Incoming {
    /// Offset of the displacement.
    pub field: u32,
    /// Offset of the stub to which it goes back when the target dies.
    pub stub: u32,
}

/// The cache.
pub struct Cache {
    /// Value: block number in the upper half, offset of the code in the lower.
    pub map: Map,
    tables: Mutex<Tables>,
    /// Raised before each search for blocks whose code changed: a block whose bytes were read under an older number
    /// may have been missed by the search, and is not published.
    generation: AtomicU64,
}

/// A block's number and the offset of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub number: u32,
    pub host: u32,
}

impl Found {
    /// From a value of the map.
    fn of(value: u64) -> Found {
        Found { number: (value >> 32) as u32, host: value as u32 }
    }

    fn value(self) -> u64 {
        (self.number as u64) << 32 | self.host as u64
    }
}

/// A block that was just published, and the tables, which are still locked: most of the time a jump wants to be linked
/// to it.
pub type Fresh<'a> = (Found, MutexGuard<'a, Tables>);

impl Cache {
    pub fn new() -> Cache {
        Cache { map: Map::new(), tables: Mutex::new(Tables::default()), generation: AtomicU64::new(0) }
    }

    pub fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The tables, unless they stay locked: then the calling thread may be the one that holds them, which is asked in a
    /// signal handler.
    pub fn lock_soon(&self) -> Option<MutexGuard<'_, Tables>> {
        const TRIES: u32 = 10_000;
        (0..TRIES).find_map(|_| match self.tables.try_lock() {
            Ok(tables) => Some(tables),
            Err(TryLockError::Poisoned(e)) => Some(e.into_inner()),
            Err(TryLockError::WouldBlock) => {
                std::thread::yield_now();
                None
            }
        })
    }

    /// The block at `pc`, without locks.
    pub fn find(&self, pc: Addr, mode: u32) -> Option<Found> {
        self.map.get(pc, mode).map(Found::of)
    }

    /// To be read before the bytes of a block are.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Code may have changed: blocks that are being translated now have to look again. Before the search for the others.
    pub fn distrust_translations(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Publishes a block whose bytes were read in `generation`; if another thread was faster, its block wins. `None` if
    /// the bytes may have changed since.
    pub fn publish(&self, block: Block, generation: u64) -> Option<Fresh<'_>> {
        let mut t = self.lock();
        if generation != self.generation() {
            return None;
        }
        let found = Found { number: t.blocks.len() as u32, host: block.host };
        if let Some(first) = self.map.insert(block.pc, block.mode, found.value()) {
            return Some((Found::of(first), t));
        }
        t.list_at(found);
        for page in pages(&block) {
            t.pages.entry(page).or_default().push(found.number);
        }
        t.blocks.push(block);
        t.incoming.push(NONE);
        Some((found, t))
    }
}

fn pages(block: &Block) -> impl Iterator<Item = Addr> {
    let (first, last) = (page_of(block.pc), page_of(block.end() - 1));
    (first..=last).step_by(PAGE as usize)
}

impl Tables {
    /// Lists a block under the chunk of its first byte. Two vCPUs' chunks may share an aligned one, so the newest block
    /// need not be the last.
    fn list_at(&mut self, found: Found) {
        let chunk = (found.host >> CHUNK_BITS) as usize;
        if self.chunks.len() <= chunk {
            self.chunks.resize_with(chunk + 1, || Vec::with_capacity(ROOM / 2));
        }
        let list = &mut self.chunks[chunk];
        let place = match list.last() {
            Some((last, _)) if *last > found.host => list.partition_point(|(host, _)| *host < found.host),
            _ => list.len(),
        };
        list.insert(place, (found.host, found.number));
    }

    /// The block whose code holds this offset, to keep.
    pub fn at_host(&self, offset: u32) -> Option<(u32, Kept<Block>)> {
        self.block_at(offset).map(|(number, _)| (number, self.blocks.keep(number as usize)))
    }

    /// The block whose code holds this offset.
    pub fn block_at(&self, offset: u32) -> Option<(u32, &Block)> {
        // A block longer than a chunk is listed under its first one.
        (0..=(offset >> CHUNK_BITS) as usize).rev().take(8).find_map(|chunk| {
            let list = self.chunks.get(chunk)?;
            let i = match list.last() {
                // Links are wanted by the newest block most of the time.
                Some((host, _)) if *host <= offset => list.len() - 1,
                _ => list.partition_point(|(host, _)| *host <= offset).checked_sub(1)?,
            };
            let (_, number) = list[i];
            let block = self.blocks.get(number as usize);
            (offset < block.host + block.len).then_some((number, block))
        })
    }

    /// Notes a linked jump into a block.
    pub fn add_jump(&mut self, number: u32, at: Incoming) {
        let next = std::mem::replace(&mut self.incoming[number as usize], self.jumps.len() as u32);
        self.jumps.push(Jump { at, next });
    }

    /// The linked jumps into a block, which are forgotten.
    pub fn take_jumps(&mut self, number: u32) -> Vec<Incoming> {
        let mut all = Vec::new();
        let mut n = std::mem::replace(&mut self.incoming[number as usize], NONE);
        while n != NONE {
            let jump = &self.jumps[n as usize];
            all.push(jump.at);
            n = jump.next;
        }
        all
    }

    /// Whether any block touches `start..end`.
    pub fn any_in(&self, start: Addr, end: Addr) -> bool {
        self.pages.range(page_of(start)..end).next().is_some()
    }

    /// The numbers of the living blocks on the pages of `start..end`.
    pub fn blocks_in(&self, start: Addr, end: Addr) -> Vec<u32> {
        let mut all: Vec<u32> =
            self.pages.range(page_of(start)..end).flat_map(|(_, list)| list.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The guest pages with living blocks.
    pub fn page_list(&self) -> Vec<Addr> {
        self.pages.keys().copied().collect()
    }

    /// Takes a block out of the lists; its code stays until the next flush, and what counts its executions.
    pub fn forget(&mut self, number: u32) {
        let block = self.blocks.get(number as usize);
        block.bury();
        for page in pages(block) {
            if let Some(list) = self.pages.get_mut(&page) {
                list.retain(|n| *n != number);
                if list.is_empty() {
                    self.pages.remove(&page);
                }
            }
        }
    }

    /// Forgets all blocks.
    pub fn clear(&mut self) {
        *self = Tables::default();
    }
}
