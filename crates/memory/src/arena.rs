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

/// Every arena has its poll page, so it has these bytes: words among them, which are used all the time, need no check.
const AT_LEAST: usize = 4096;

/// Advice about a mapping of ours. It changes no contents, and only speed or the size of dumps depends on it, so refusal
/// is ignored.
fn advise(base: usize, len: usize, advice: i32) {
    // SAFETY: a range of a mapping of our own, and advice that changes no contents.
    unsafe { libc::madvise(base as *mut _, len, advice) };
}

/// Makes pages present with one call instead of a fault each.
const POPULATE_WRITE: i32 = 23;
/// Keeps a mapping out of core dumps: ours are large, and whoever reads one looks for the guest.
const UNDUMPED: i32 = libc::MADV_DONTDUMP;

/// 8 bytes that may lie in two words.
fn get_unaligned<'a>(word: impl Fn(usize) -> &'a AtomicU64, offset: usize) -> u64 {
    let (at, shift) = (offset & !7, offset % 8 * 8);
    let low = word(at).load(Ordering::Relaxed);
    if shift == 0 { low } else { low >> shift | word(at + 8).load(Ordering::Relaxed) << (64 - shift) }
}

/// Adds to 8 bytes that may lie in two words.
fn add_unaligned<'a>(word: impl Fn(usize) -> &'a AtomicU64, offset: usize, n: u64) {
    let (at, shift) = (offset & !7, offset % 8 * 8);
    let low = word(at);
    if shift == 0 {
        return low.store(low.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }
    let high = word(at + 8);
    let both = (high.load(Ordering::Relaxed) as u128) << 64 | low.load(Ordering::Relaxed) as u128;
    let mask = (u64::MAX as u128) << shift;
    let sum = ((both >> shift) as u64).wrapping_add(n);
    let both = both & !mask | (sum as u128) << shift;
    low.store(both as u64, Ordering::Relaxed);
    high.store((both >> 64) as u64, Ordering::Relaxed);
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
        advise(p as usize, len, UNDUMPED);
        Ok(Arena { base: p as usize, len, poll })
    }

    /// Makes the first `len` bytes present, which are about to be used.
    pub fn prepare(&self, len: usize) {
        advise(self.base, len.min(self.len), POPULATE_WRITE);
    }

    /// Address of the byte at `offset`.
    #[inline]
    pub fn addr(&self, offset: usize) -> usize {
        self.base + offset
    }

    #[inline]
    fn word(&self, offset: usize) -> &AtomicU64 {
        let inside = offset + 8 <= AT_LEAST || offset + 8 <= self.len;
        assert!(offset.is_multiple_of(8) && inside, "word at {offset:#x}");
        // SAFETY: aligned, inside the mapping, which lives for ever; concurrent accesses are atomic.
        unsafe { &*((self.base + offset) as *const AtomicU64) }
    }

    /// The word at `offset`.
    #[inline]
    pub fn get(&self, offset: usize) -> u64 {
        self.word(offset).load(Ordering::Relaxed)
    }

    #[inline]
    pub fn set(&self, offset: usize, value: u64) {
        self.word(offset).store(value, Ordering::Relaxed);
    }

    /// The 8 bytes at `offset`, aligned or not.
    pub fn get_unaligned(&self, offset: usize) -> u64 {
        get_unaligned(|at| self.word(at), offset)
    }

    /// Adds, wrapping, to the 8 bytes at `offset`, aligned or not. Nobody else writes them at the time.
    pub fn add_unaligned(&self, offset: usize, n: u64) {
        add_unaligned(|at| self.word(at), offset, n);
    }

    /// Exchanges the word, sequentially consistent.
    pub fn swap(&self, offset: usize, value: u64) -> u64 {
        self.word(offset).swap(value, Ordering::SeqCst)
    }

    /// Sets bits of the word; gives what it was.
    pub fn set_bits(&self, offset: usize, bits: u64) -> u64 {
        self.word(offset).fetch_or(bits, Ordering::SeqCst)
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

/// An array of words that starts as zero and costs memory only where it is touched.
#[derive(Debug)]
pub struct Words {
    base: usize,
    len: usize,
}

impl Words {
    /// `len` words.
    ///
    /// # Errors
    /// What `mmap` said.
    pub fn new(len: usize) -> io::Result<Words> {
        let prot = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh anonymous mapping where the kernel likes.
        let p = unsafe { libc::mmap(std::ptr::null_mut(), len * 8, prot, flags, -1, 0) };
        if p == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        advise(p as usize, len * 8, UNDUMPED);
        Ok(Words { base: p as usize, len })
    }

    /// Makes all of it present, which is about to be used. Large arrays that are looked into at random get large pages.
    pub fn prepare(&self) {
        const LARGE: usize = 2 << 20;
        if self.len * 8 >= LARGE {
            advise(self.base, self.len * 8, libc::MADV_HUGEPAGE);
        }
        advise(self.base, self.len * 8, POPULATE_WRITE);
    }

    /// Address of the first.
    pub(crate) fn base(&self) -> usize {
        self.base
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Word `i`.
    ///
    /// # Panics
    /// If there is none.
    pub fn at(&self, i: usize) -> &AtomicU64 {
        assert!(i < self.len, "word {i} of {}", self.len);
        // SAFETY: aligned, inside the mapping, which lives as long as `self`; every access is atomic.
        unsafe { &*((self.base + i * 8) as *const AtomicU64) }
    }

    /// The 8 bytes at byte `offset`, aligned or not.
    pub fn get_unaligned(&self, offset: usize) -> u64 {
        get_unaligned(|at| self.at(at / 8), offset)
    }

    /// Adds, wrapping, to the 8 bytes at byte `offset`, aligned or not. Nobody else writes them at the time.
    pub fn add_unaligned(&self, offset: usize, n: u64) {
        add_unaligned(|at| self.at(at / 8), offset, n);
    }

    /// Makes all words zero again and gives their memory back. Nobody reads at the time.
    pub fn clear(&self) {
        // SAFETY: private anonymous pages of our own mapping.
        unsafe { libc::madvise(self.base as *mut _, self.len * 8, libc::MADV_DONTNEED) };
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        // SAFETY: the mapping that `new` made; references into it have ended with `self`.
        unsafe { libc::munmap(self.base as *mut _, self.len * 8) };
    }
}
