//! What observers have been shown of blocks that were thrown away for our own sake: when such a block is translated
//! again, its probes are those that they asked for then.

use crate::block::Block;
use crate::instrument::Probe;
use bits::Addr;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A block's bytes and its probes.
type Kept = (Box<[u8]>, Option<Arc<[Probe]>>);

/// Blocks by their pc.
#[derive(Default)]
pub struct Shown {
    any: AtomicBool,
    blocks: Mutex<HashMap<Addr, Kept>>,
}

impl Shown {
    fn lock(&self) -> MutexGuard<'_, HashMap<Addr, Kept>> {
        self.blocks.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// These blocks are about to be thrown away.
    pub fn keep<'a>(&self, blocks: impl Iterator<Item = &'a Block>) {
        let mut kept = self.lock();
        kept.extend(blocks.map(|b| (b.pc, (b.source().into(), b.probes()))));
        self.any.store(!kept.is_empty(), Ordering::Release);
    }

    /// A block that was shown but is not translated yet.
    pub fn keep_one(&self, pc: Addr, source: &[u8], probes: Option<Arc<[Probe]>>) {
        self.lock().insert(pc, (source.into(), probes));
        self.any.store(true, Ordering::Release);
    }

    /// The probes of the block with these bytes, if it was shown.
    pub fn probes(&self, pc: Addr, source: &[u8]) -> Option<Option<Arc<[Probe]>>> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let (bytes, probes) = self.lock().remove(&pc)?;
        (*bytes == *source).then_some(probes)
    }

    /// Code in this range is another now, even if its bytes are the same.
    pub fn forget(&self, start: Addr, end: Addr) {
        if self.any.load(Ordering::Acquire) {
            self.lock().retain(|pc, (bytes, _)| *pc >= end || pc + bytes.len() as u64 <= start);
        }
    }

    /// Everything is to be shown again.
    pub fn forget_all(&self) {
        if self.any.swap(false, Ordering::AcqRel) {
            self.lock().clear();
        }
    }
}
