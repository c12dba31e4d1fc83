//! The translation cache: every block, by guest pc, by guest page and by host address.

use crate::block::Block;
use crate::map::Map;
use bits::{Addr, PAGE, page_of};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

/// log2 of the bytes of code memory that a vCPU takes at a time.
pub const CHUNK_BITS: u32 = 16;

/// Everything behind the lock.
#[derive(Default)]
pub struct Tables {
    /// Living blocks and, until the next flush, dead ones; the index is the block's number.
    pub blocks: Vec<Arc<Block>>,
    /// Numbers of the blocks in each chunk, by rising host offset.
    chunks: HashMap<u32, Vec<u32>>,
    /// Numbers of the living blocks that touch each guest page.
    pages: BTreeMap<Addr, Vec<u32>>,
    /// For each block that direct jumps lead to: offsets of the displacements that do.
    pub incoming: HashMap<u32, Vec<Incoming>>,
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
}

/// A block's number and the offset of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub number: u32,
    pub host: u32,
}

impl Cache {
    pub fn new() -> Cache {
        Cache { map: Map::new(), tables: Mutex::new(Tables::default()) }
    }

    pub fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The block at `pc`, without locks.
    pub fn find(&self, pc: Addr, mode: u32) -> Option<Found> {
        self.map.get(pc, mode).map(|v| Found { number: (v >> 32) as u32, host: v as u32 })
    }

    /// Publishes a block; if another thread was faster, its block wins.
    pub fn publish(&self, block: Block) -> Found {
        let mut t = self.lock();
        if let Some(found) = self.find(block.pc, block.mode) {
            return found;
        }
        let found = Found { number: t.blocks.len() as u32, host: block.host };
        // Two vCPUs' chunks may share an aligned one, so the newest block need not be the last.
        let t = &mut *t;
        let list = t.chunks.entry(block.host >> CHUNK_BITS).or_default();
        let place = list.partition_point(|n| t.blocks[*n as usize].host < block.host);
        list.insert(place, found.number);
        for page in pages(&block) {
            t.pages.entry(page).or_default().push(found.number);
        }
        self.map.insert(block.pc, block.mode, (found.number as u64) << 32 | found.host as u64);
        t.blocks.push(Arc::new(block));
        found
    }
}

fn pages(block: &Block) -> impl Iterator<Item = Addr> {
    let (first, last) = (page_of(block.pc), page_of(block.end() - 1));
    (first..=last).step_by(PAGE as usize)
}

impl Tables {
    /// The block whose code holds this offset.
    pub fn at_host(&self, offset: u32) -> Option<(u32, Arc<Block>)> {
        // A block longer than a chunk is listed under its first one.
        (0..=offset >> CHUNK_BITS).rev().take(8).find_map(|chunk| {
            let list = self.chunks.get(&chunk)?;
            let i = list.partition_point(|n| self.blocks[*n as usize].host <= offset).checked_sub(1)?;
            let block = &self.blocks[list[i] as usize];
            (offset < block.host + block.len).then(|| (list[i], block.clone()))
        })
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

    /// Takes a block out of the lists; its code stays until the next flush.
    pub fn forget(&mut self, number: u32) {
        let block = self.blocks[number as usize].clone();
        for page in pages(&block) {
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
