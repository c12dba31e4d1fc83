//! Work that observers want done while the world stands still (plugin contract, section 4.1).

use crate::vcpu::{clear_jump_cache, offset};
use crate::{Engine, Seat, enter};
use host::layout::*;
use memory::arena::Arena;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

type Job = Box<dyn FnOnce(&Engine) + Send>;

/// Work that waits for its vCPU to leave the block that it is in.
#[derive(Default)]
pub struct Jobs {
    waiting: Mutex<Vec<Job>>,
    any: AtomicBool,
}

impl Jobs {
    fn lock(&self) -> MutexGuard<'_, Vec<Job>> {
        self.waiting.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether there is some. One relaxed look.
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    fn push(&self, job: Job) {
        let mut waiting = self.lock();
        waiting.push(job);
        self.any.store(true, Ordering::SeqCst);
    }

    /// All that waits. Also threads that are outside ask for work, at any time: whether there is some and what there is
    /// change together.
    fn take(&self) -> Vec<Job> {
        let mut waiting = self.lock();
        self.any.store(false, Ordering::SeqCst);
        std::mem::take(&mut *waiting)
    }

    /// Does what waits, and what comes to wait meanwhile. All vCPUs are outside.
    fn work_off(&self, engine: &Engine) {
        loop {
            let jobs = self.take();
            if jobs.is_empty() {
                return;
            }
            jobs.into_iter().for_each(|job| job(engine));
        }
    }
}

impl Engine {
    /// Throws all translations away, tells [`crate::Instrument::flushed`] and does `work`, while all vCPUs are outside:
    /// at once if the caller is no vCPU (`from` is `None`), else as soon as that vCPU has left the block that it is in.
    pub fn flush_and(&self, from: Option<&Seat>, work: Box<dyn FnOnce() + Send>) {
        self.when_stopped(
            from,
            Box::new(|engine| {
                engine.flush_now();
                work();
            }),
        );
    }

    /// Code in `start..start + len` was written past the architecture's ways: it is translated anew, by the vCPU of `from`
    /// at the latest when it has left its block.
    pub fn invalidate_from(&self, from: Option<&Seat>, start: bits::Addr, len: u64) {
        let end = start.saturating_add(len);
        self.cache.distrust_translations();
        if self.cache.lock().any_in(start, end) {
            self.when_stopped(from, Box::new(move |engine| engine.kill_in(start, end)));
        }
    }

    /// Throws all translations away as [`Engine::flush_and`] does, but nobody is told: for observers nothing has happened,
    /// and what they were shown is not shown again.
    pub fn flush_quietly(&self, from: Option<&Seat>) {
        self.when_stopped(from, Box::new(Engine::discard_quietly));
    }

    fn when_stopped(&self, from: Option<&Seat>, job: Job) {
        let Some(seat) = from else {
            return if self.gate.is_mine() { job(self) } else { self.gate.exclusive(|| job(self)) };
        };
        self.jobs.push(job);
        self.leave_block(seat.arena());
    }

    /// Does what waits. The caller is outside.
    pub(crate) fn do_jobs(&self) {
        self.gate.exclusive(|| self.jobs.work_off(self));
    }

    /// An observer writes registers of its vCPU by `write`. If that changes what blocks are translated for (the rounding
    /// mode), the vCPU comes back when it leaves its block, so that the next one is of the new mode.
    pub fn write_registers<R>(&self, seat: &Seat, write: impl FnOnce() -> R) -> R {
        let (var, mask) = self.guest().mode_var();
        let before = seat.get(var) & mask;
        let result = write();
        if seat.get(var) & mask != before {
            self.leave_block(seat.arena());
        }
        result
    }

    /// Makes the vCPU come back to the run loop when it leaves the block in which its callback runs: the block's direct
    /// exits are unlinked, the indirect ones find nothing, and loops find their poll page closed.
    fn leave_block(&self, arena: &Arena) {
        clear_jump_cache(arena);
        self.gate.kick_arena(arena);
        let Some(from) = self.return_address(arena) else { return };
        let Some(at) = self.code.offset_of(from) else { return };
        let t = self.cache.lock();
        if let Some((_, block)) = t.at_host(at) {
            for link in block.links() {
                let field = block.host + link.field;
                self.code.patch_u32(field, (block.host + link.stub).wrapping_sub(field + 4));
            }
        }
    }

    /// The host address to which the callback that runs returns, if generated code called it.
    pub(crate) fn return_address(&self, arena: &Arena) -> Option<usize> {
        let word = |at| arena.get(offset(at));
        let from_code = word(CALL_TAG) as u32 != 0 && word(CALL_ABANDON) == self.abandon as u64;
        from_code.then(|| enter::return_address(word(CALL_SP) as usize))
    }
}
