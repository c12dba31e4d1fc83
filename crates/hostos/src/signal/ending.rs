//! Whoever wants a process gone that does not go, sends another signal.
//!
//! A thread may hang in a function of an observer's, so that the signal that it has noted is never taken, or that the end
//! of the process never comes. So the signals by which users end a process are heard once more: they kill at once. But
//! `timeout` and shells send the same one to a process and to its group: right after the first one they change nothing.

use super::{Disposition, SET_BYTES, bit, handle_death, handler_of, is_ignored, say_farewell, set_action};
use crate::{call, clock};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The signals by which users end a process.
const ENDERS: [i32; 4] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM];

/// For so many milliseconds another signal belongs to the first.
const DOUBLE: u64 = 500;

static ENDING: AtomicBool = AtomicBool::new(false);
/// When the first signal came of which the process dies, in milliseconds; 0: none.
static SINCE: AtomicU64 = AtomicU64::new(0);

fn now() -> u64 {
    let [seconds, nanos] = clock::read(libc::CLOCK_MONOTONIC).unwrap_or_default();
    seconds as u64 * 1000 + nanos as u64 / 1_000_000 + 1
}

/// A signal has come of which the process dies.
pub(super) fn begins_by_signal() {
    let _ = SINCE.compare_exchange(0, now(), Ordering::SeqCst, Ordering::SeqCst);
}

/// Whether a signal that comes now belongs to an earlier one.
pub(super) fn is_double() -> bool {
    let since = SINCE.load(Ordering::SeqCst);
    since != 0 && now().saturating_sub(since) < DOUBLE
}

/// Those of [`ENDERS`] that are deadly now. Asks the kernel: a child that shares our memory has actions of its own.
pub(super) fn deadly() -> u64 {
    let ours = [handle_death as *const () as usize, say_farewell as *const () as usize];
    let is_deadly = |&&signal: &&i32| handler_of(signal).is_some_and(|h| ours.contains(&h));
    ENDERS.iter().filter(is_deadly).fold(0, |set, &signal| set | bit(signal))
}

/// The process has begun to end, by a signal or not, and observers are still to be told: from now on the signals by which
/// users end a process do so at once, unless they are ignored. The guest can neither block nor catch them any more, and
/// has got those that came before.
pub fn end_begins(by_signal: bool) {
    if ENDING.swap(true, Ordering::SeqCst) {
        return;
    }
    if by_signal {
        begins_by_signal();
    }
    let mut open = 0u64;
    for signal in ENDERS.into_iter().filter(|&s| !is_ignored(s)) {
        // What waits is forgotten.
        let _ = set_action(signal, Disposition::Ignore, 0);
        let _ = set_action(signal, Disposition::Farewell, 0);
        open |= bit(signal);
    }
    let at = (&raw const open) as u64;
    call::raw(libc::SYS_rt_sigprocmask, [libc::SIG_UNBLOCK as u64, at, 0, SET_BYTES, 0, 0]);
}

/// Whether the process has begun to end ([`end_begins`]).
pub fn is_ending() -> bool {
    ENDING.load(Ordering::SeqCst)
}
