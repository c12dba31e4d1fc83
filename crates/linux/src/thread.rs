//! Guest threads: who is alive, how one starts ([`start`]) and ends, and how the process ends with or without them.
//!
//! A guest thread is a host thread with the same id. The host's main thread outlives the guest's: it waits for the
//! others, so that it can say how the process ended.

mod robust;
pub mod start;

use crate::observe;
use crate::options::ExitStatus;
use crate::process::exec::Prepared;
use crate::sys::args::pointer;
use crate::task::{End, Process, Thread};
use memory::guarded;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// All threads of a process.
#[derive(Debug, Default)]
pub struct Threads {
    inner: Mutex<Inner>,
    changed: Condvar,
    ending: AtomicBool,
    /// There is, or was, more than one; observers know that.
    parallel: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    /// Ids of those that run guest code.
    alive: Vec<i32>,
    /// How many of these have begun to end.
    leaving: usize,
    /// How the process ends.
    end: Option<ExitStatus>,
    /// The host's main thread is not there: another thread forked.
    no_main: bool,
}

/// What only the thread itself knows.
#[derive(Debug, Default)]
pub struct OwnThread {
    /// Cleared and woken when the thread ends (`set_tid_address`, `CLONE_CHILD_CLEARTID`).
    pub clear_tid: u64,
    /// Head of the robust futex list.
    pub robust_list: u64,
    /// Runs on the host's main thread.
    pub is_main: bool,
    /// Is the only thread of a child that shares its parent's memory: its end is that of the child, and nothing else.
    pub is_vfork_child: bool,
    /// What a call of `execve` that is being made points to.
    pub exec: Option<Prepared>,
}

impl Threads {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Keeps everybody out while the result lives: taken around `fork`.
    pub fn quiesce(&self) -> impl Sized + '_ {
        self.lock()
    }

    /// A thread is there.
    pub fn add(&self, tid: i32) {
        self.lock().alive.push(tid);
    }

    /// How many run guest code.
    pub fn count(&self) -> usize {
        self.lock().alive.len()
    }

    /// How the process ends, if it does.
    pub fn ending(&self) -> Option<ExitStatus> {
        if self.ending.load(Ordering::Acquire) { self.lock().end } else { None }
    }

    /// A thread is about to be made. Returns whether it is the first beside the main one.
    pub fn become_parallel(&self) -> bool {
        !self.parallel.swap(true, Ordering::AcqRel)
    }

    /// A thread begins to end. Returns whether it is the last; then the others are gone.
    fn begin_leave(&self) -> bool {
        let mut inner = self.lock();
        inner.leaving += 1;
        let last = inner.leaving == inner.alive.len();
        while last && inner.leaving > 1 {
            inner = self.changed.wait(inner).unwrap_or_else(|e| e.into_inner());
        }
        last
    }

    /// In the child of a fork: only this thread is left.
    pub fn only(&self, tid: i32, is_main: bool) {
        let mut inner = self.lock();
        (inner.alive, inner.leaving) = (vec![tid], 0);
        inner.no_main |= !is_main;
    }

    /// A thread has left the guest's code for ever. Returns the process's status if it was the last: then its code is
    /// that. `left`: it did so by itself ([`Threads::begin_leave`]).
    fn remove(&self, tid: i32, code: i32, left: bool) -> Option<ExitStatus> {
        let mut inner = self.lock();
        inner.alive.retain(|&t| t != tid);
        inner.leaving -= usize::from(left);
        let last = inner.alive.is_empty();
        if last {
            inner.end.get_or_insert(ExitStatus::Code(code));
            self.ending.store(true, Ordering::Release);
        }
        self.changed.notify_all();
        if last { inner.end } else { None }
    }

    /// The process is to end: everybody else leaves the guest's code.
    fn begin_end(&self, status: ExitStatus, me: i32) -> ExitStatus {
        let mut inner = self.lock();
        let status = *inner.end.get_or_insert(status);
        self.ending.store(true, Ordering::Release);
        inner.alive.iter().filter(|&&t| t != me).for_each(|&t| hostos::signal::wake(t));
        self.changed.notify_all();
        status
    }

    /// Waits, on the host's main thread, until the process ends.
    fn wait_for_end(&self) -> ExitStatus {
        let mut inner = self.lock();
        loop {
            if let Some(status) = inner.end {
                return status;
            }
            inner = self.changed.wait(inner).unwrap_or_else(|e| e.into_inner());
        }
    }

    /// Waits until no thread runs guest code, but not for ever: one may sleep in the kernel beyond our reach.
    fn wait_for_others(&self) {
        let limit = Instant::now() + Duration::from_secs(10);
        let mut inner = self.lock();
        while !inner.alive.is_empty() {
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            inner = self.changed.wait_timeout(inner, left).unwrap_or_else(|e| e.into_inner()).0;
        }
    }
}

/// Ends this host process at once, as the guest's ended.
pub fn end_now(status: ExitStatus) -> ! {
    match status {
        ExitStatus::Code(code) => hostos::signal::exit_group(code),
        ExitStatus::Signal(signal) => hostos::signal::die(signal),
    }
}

/// The guest's main thread has left its run loop, on the host's main thread. Returns when the process is to end.
pub fn finish_main(main: Thread, end: End) -> ExitStatus {
    let process = main.process.clone();
    match end {
        End::Thread(code) => {
            leave(main, code);
            process.threads.wait_for_end();
        }
        End::Process(status) => end_process(main, status),
    }
    if process.options.keep_results {
        process.threads.wait_for_others();
    }
    process.threads.wait_for_end()
}

/// Another guest thread has left its run loop. Returns the address of the word that the kernel is to clear when the host
/// thread is gone, or 0.
pub fn finish(t: Thread, end: End) -> u64 {
    let process = t.process.clone();
    match end {
        End::Thread(code) => {
            let word = pointer(t.own.clear_tid);
            if let Some(status) = leave(t, code) {
                // The host's main thread, which waits, ends the process; if it is not there, we do.
                if process.threads.lock().no_main {
                    end_now(status);
                }
            }
            word
        }
        End::Process(status) => {
            end_process(t, status);
            0
        }
    }
}

/// A thread ends the process. Returns if the host's main thread is to complete that.
fn end_process(mut t: Thread, status: ExitStatus) {
    let process = t.process.clone();
    let (others, no_main) = {
        let inner = process.threads.lock();
        (inner.alive.len() > 1, inner.no_main)
    };
    let main_completes = process.options.keep_results && !no_main || !others && t.own.is_main;
    if process.observer().is_some() {
        observe::end_begins(&t, status);
        process.engine.exclusive(|| {
            // Somebody else may have been faster.
            if process.threads.ending().is_none() {
                observe::ends(&mut t, status);
            }
            if !main_completes {
                end_now(status);
            }
            process.threads.begin_end(status, t.tid);
        });
    }
    if !main_completes {
        end_now(status);
    }
    let (tid, engine) = (t.tid, process.engine.clone());
    process.threads.begin_end(status, tid);
    hostos::signal::leave();
    engine.retire_vcpu(t.vcpu);
    process.threads.remove(tid, 0, false);
}

/// A thread ends: its locks are released, as the kernel does it. Returns the process's status if
/// it was the last.
fn leave(mut t: Thread, code: i32) -> Option<ExitStatus> {
    let last = t.process.threads.begin_leave();
    if last {
        observe::ends(&mut t, ExitStatus::Code(code));
    } else {
        observe::exits(&mut t);
    }
    let Thread { process, vcpu, tid, own, .. } = t;
    // Whoever learns of the end may make a thread, which is to find the index free.
    process.engine.retire_vcpu(vcpu);
    if !last {
        robust::release(own.robust_list, tid);
        if own.is_main {
            // The host's main thread does not end.
            tell_end(own.clear_tid);
        }
    }
    // Not before: the guest's memory is not touched any more.
    hostos::signal::leave();
    if !last {
        hostos::signal::hand_on();
    }
    process.threads.remove(tid, code, true)
}

/// Clears the word that others wait for, and wakes one of them.
pub fn tell_end(addr: u64) {
    if addr != 0 && guarded::store32(addr, 0).is_ok() {
        hostos::call::raw(libc::SYS_futex, [addr, libc::FUTEX_WAKE as u64, 1, 0, 0, 0]);
    }
}

impl Process {
    /// Whether the calling thread is the only one.
    pub fn is_single(&self) -> bool {
        self.threads.count() <= 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_the_process_first_says_how() {
        let threads = Threads::default();
        threads.add(1);
        assert_eq!(threads.ending(), None);
        assert_eq!(threads.begin_end(ExitStatus::Code(3), 1), ExitStatus::Code(3));
        assert_eq!(threads.begin_end(ExitStatus::Signal(libc::SIGTERM), 1), ExitStatus::Code(3));
        assert_eq!(threads.remove(1, 4, false), Some(ExitStatus::Code(3)));
        assert_eq!((threads.ending(), threads.wait_for_end()), (Some(ExitStatus::Code(3)), ExitStatus::Code(3)));
    }
}
