//! Blocks whose guest code changed, or may have.
//!
//! RISC-V and Linux promise new code only at certain points: `fence.i` and its system calls, and every call that
//! changes mappings. So code pages are not write-protected; at those points the blocks that could have changed are
//! compared with memory (decision D5). A store into a page with translated code costs nothing and never fails for it.

use crate::Engine;
use crate::block::Block;
use crate::cache::Tables;
use crate::vcpu::{Vcpu, clear_jump_cache};
use bits::{Addr, PAGE, page_of};
use memory::files::Seen;
use std::sync::atomic::Ordering;

impl Engine {
    /// Code in `start..start + len` is gone, moved or differently protected: its blocks never run again.
    /// To be called after the mapping changed, before the guest goes on.
    pub fn invalidate(&self, _vcpu: &mut Vcpu, start: Addr, len: u64) {
        let end = start.saturating_add(len);
        self.cache.distrust_translations();
        if self.cache.lock().any_in(start, end) {
            self.gate.exclusive(|| self.kill_in(start, end));
        }
    }

    /// All vCPUs are outside.
    pub(crate) fn kill_in(&self, start: Addr, end: Addr) {
        self.shown.forget(start, end);
        let mut t = self.cache.lock();
        let dead = t.blocks_in(start, end);
        self.kill(&mut t, &dead);
    }

    /// The architecture or Linux promises that code written so far is seen from now on by all vCPUs.
    pub fn sync_code(&self, _vcpu: &mut Vcpu) {
        self.cache.distrust_translations();
        let files = self.memory().look_at_files();
        let dead = self.changed(&self.cache.lock(), &files);
        if !dead.is_empty() {
            self.gate.exclusive(|| {
                let mut t = self.cache.lock();
                // Looked up again: others may have been here in between.
                let dead = self.changed(&t, &files);
                self.kill(&mut t, &dead);
            });
        }
        self.memory().files_dealt_with(&files);
    }

    /// Someone wrote to memory past the mappings' protections (`/proc/self/mem`, `process_vm_writev`): from now on
    /// [`Engine::sync_code`] compares all code.
    pub fn distrust_protections(&self) {
        self.distrust.store(true, Ordering::SeqCst);
    }

    /// Numbers of the blocks whose bytes are not what they were.
    fn changed(&self, t: &Tables, files: &Seen) -> Vec<u32> {
        let distrust = self.distrust.load(Ordering::SeqCst);
        let suspect = |page: &Addr| distrust || self.memory().changeable(*page, files);
        let mut dead = Vec::new();
        let mut bytes = [0; PAGE as usize];
        for page in t.page_list().into_iter().filter(suspect) {
            let list = t.blocks_in(page, page + 1);
            let blocks = || list.iter().map(|n| t.blocks.get(*n as usize)).filter(|b| b.pc >= page);
            let first = blocks().map(|b| b.pc).min().unwrap_or(page);
            let end = blocks().map(|b| b.end()).max().unwrap_or(page).min(page + PAGE);
            let got = self.memory().fetch(first, &mut bytes[..(end - first) as usize]);
            dead.extend(list.iter().filter(|n| self.differs(t.blocks.get(**n as usize), first, &bytes[..got])));
        }
        dead.sort_unstable();
        dead.dedup();
        dead
    }

    /// Whether a block is not what it was. From `first` on, `bytes` are what can be fetched of the blocks of its page.
    fn differs(&self, block: &Block, first: Addr, bytes: &[u8]) -> bool {
        let source = block.source();
        if block.pc >= first && page_of(block.end() - 1) == page_of(first) {
            let at = (block.pc - first) as usize;
            return bytes.get(at..at + source.len()) != Some(source);
        }
        let mut now = vec![0; source.len()];
        let got = self.memory().fetch(block.pc, &mut now);
        now[..got] != *source
    }

    /// Unlinks and forgets blocks. All vCPUs are outside.
    fn kill(&self, t: &mut Tables, dead: &[u32]) {
        for n in dead {
            let block = t.blocks.get(*n as usize);
            self.cache.map.remove(block.pc, block.mode);
            for link in t.take_jumps(*n) {
                self.code.patch_u32(link.field, link.stub.wrapping_sub(link.field + 4));
            }
            t.forget(*n);
        }
        if !dead.is_empty() {
            self.forget_all_targets();
        }
    }

    fn forget_all_targets(&self) {
        for (_, arena) in self.gate.arenas() {
            clear_jump_cache(arena);
        }
    }

    /// Throws all translations away. The caller is outside.
    pub(crate) fn flush(&self) {
        self.gate.exclusive(|| {
            if self.code_is_short() {
                self.flush_now();
            }
        });
    }

    /// The same, whether that is needed or not. All vCPUs are outside.
    pub(crate) fn flush_now(&self) {
        self.shown.forget_all();
        self.discard_all();
        self.recycle_boards();
        if let Some(instrument) = self.instrument() {
            instrument.flushed();
        }
    }

    /// Throws all translations away for our own sake: what observers were shown is not shown again. Their probes are kept,
    /// and so are the boards that were given back but in which those count.
    pub(crate) fn discard_quietly(&self) {
        {
            let t = self.cache.lock();
            let lives = |n: usize, b: &Block| self.cache.find(b.pc, b.mode).is_some_and(|f| f.number as usize == n);
            self.shown.keep(t.blocks.iter().enumerate().filter(|(n, b)| lives(*n, b)).map(|(_, b)| b));
        }
        self.discard_all();
    }

    fn discard_all(&self) {
        self.fold_counts();
        self.tally.clear_blocks();
        self.drop_ended_allowances();
        self.tally.begin_anew(&self.gate);
        self.cache.lock().clear();
        self.cache.map.clear();
        self.next_cell.store(0, Ordering::SeqCst);
        self.code.reset(self.code_start);
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.forget_all_targets();
    }

    pub(crate) fn current_epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }
}
