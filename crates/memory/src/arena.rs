//! A vCPU's arena: one reserved range that generated code addresses at constant distances (decision D4).
//!
//! Rust reads and writes it through checked 64-bit words. Words that other threads or signal handlers look at are
//! accessed atomically; all others belong to the thread that runs the vCPU, or to nobody while it is stopped. Every
//! access is at least a relaxed atomic, so a race shows an old or a new value and nothing worse.
//!
//! Arenas are never unmapped: a vCPU index keeps its arena, so counts stay readable after its thread has ended.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// A zeroed range of memory with a poll page.
#[derive(Debug)]
pub struct Arena {
    base: usize,
    len: usize,
    poll: usize,
}

impl Arena {
    /// Reserves `len` bytes; memory is used as it is touched. `poll` is the offset of the poll page.
    ///
    /// # Errors
    /// What `mmap` said.
    pub fn new(len: usize, poll: usize) -> io::Result<Arena> {
        assert!(poll.is_multiple_of(4096) && poll + 4096 <= len, "poll page at {poll:#x}");
        let prot = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh anonymous mapping where the kernel likes.
        let p = unsafe { libc::mmap(std::ptr::null_mut(), len, prot, flags, -1, 0) };
        if p == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Arena { base: p as usize, len, poll })
    }

    /// Address of the byte at `offset`.
    pub fn addr(&self, offset: usize) -> usize {
        self.base + offset
    }

    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset.is_multiple_of(8) && offset + 8 <= self.len, "word at {offset:#x}");
        // SAFETY: aligned, inside the mapping, which lives for ever; concurrent accesses are atomic.
        unsafe { &*((self.base + offset) as *const AtomicU64) }
    }

    /// The word at `offset`.
    pub fn get(&self, offset: usize) -> u64 {
        self.word(offset).load(Ordering::Relaxed)
    }

    pub fn set(&self, offset: usize, value: u64) {
        self.word(offset).store(value, Ordering::Relaxed);
    }

    /// Exchanges the word, sequentially consistent.
    pub fn swap(&self, offset: usize, value: u64) -> u64 {
        self.word(offset).swap(value, Ordering::SeqCst)
    }

    /// Reads the word, sequentially consistent.
    pub fn get_ordered(&self, offset: usize) -> u64 {
        self.word(offset).load(Ordering::SeqCst)
    }

    /// Makes the next read of the poll page fault. Async-signal-safe.
    pub fn close_poll(&self) {
        self.protect_poll(libc::PROT_NONE);
    }

    /// Lets reads of the poll page pass again.
    pub fn open_poll(&self) {
        self.protect_poll(libc::PROT_READ);
    }

    fn protect_poll(&self, prot: i32) {
        // SAFETY: a page of our own mapping that holds no data.
        let r = unsafe { libc::mprotect((self.base + self.poll) as *mut _, 4096, prot) };
        assert_eq!(r, 0, "mprotect of the poll page");
    }

    /// Gives the memory of `offset..offset + len` (whole pages) back; it reads as zero again.
    pub fn discard(&self, offset: usize, len: usize) {
        assert!(offset.is_multiple_of(4096) && offset + len <= self.len, "discard of {offset:#x}");
        // SAFETY: private anonymous pages of our own mapping.
        unsafe { libc::madvise((self.base + offset) as *mut _, len, libc::MADV_DONTNEED) };
    }
}
