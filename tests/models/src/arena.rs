//! What the protocol needs of an arena.

use crate::layout::ARENA_LEN;
use shuttle::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::io;

pub struct Arena {
    words: [AtomicU64; ARENA_LEN],
    closed: AtomicBool,
}

impl Arena {
    pub fn new(_: usize, _: usize) -> io::Result<Arena> {
        Ok(Arena { words: Default::default(), closed: AtomicBool::new(false) })
    }

    pub fn swap(&self, at: usize, value: u64) -> u64 {
        self.words[at].swap(value, Ordering::SeqCst)
    }

    pub fn get(&self, at: usize) -> u64 {
        self.words[at].load(Ordering::Relaxed)
    }

    pub fn get_ordered(&self, at: usize) -> u64 {
        self.words[at].load(Ordering::SeqCst)
    }

    pub fn close_poll(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub fn open_poll(&self) {
        self.closed.store(false, Ordering::SeqCst);
    }

    /// Generated code's read of the poll page: whether it faults.
    pub fn poll_faults(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}
