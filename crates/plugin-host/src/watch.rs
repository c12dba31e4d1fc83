//! Callbacks that do not end are named, and end the run.
//!
//! A thread that may be in callbacks gets a tick each time that it has computed for a while ([`hostos::tick`]), and
//! counts those that found it in the same call. So the calls themselves pay next to nothing, no thread is added to the
//! process, and a callback may wait, for a peer or for its user, as long as it likes. (What generated code calls without
//! a note, a leaf, has no loop.)

use crate::crash;
use crate::current;
use crate::place::Place;
use crate::plugin::Plugin;
use engine::Seat;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Seconds that a callback may compute; 0: it is not watched.
static LIMIT: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// Ticks in the outermost call of ours.
    static OURS: Cell<u32> = const { Cell::new(0) };
    /// Ticks in the call that generated code has made.
    static GENERATED: Cell<u32> = const { Cell::new(0) };
}

/// Watches from now on, if there is a limit; the calling thread first of all.
pub fn start(limit: u32) {
    LIMIT.store(limit, Ordering::Relaxed);
    hostos::tick::set_told(tick);
    arm();
}

/// This thread may make calls, if it could not before.
pub fn arm() {
    let limit = LIMIT.load(Ordering::Relaxed);
    if limit != 0 {
        hostos::tick::arm(interval(limit));
    }
}

/// This thread makes no more calls.
pub fn disarm() {
    hostos::tick::disarm();
}

/// This is a new process, into which only the thread that forked has come.
pub fn forked() {
    hostos::tick::forget();
    arm();
}

/// This thread begins or ends an outermost call of ours.
#[inline]
pub fn begin() {
    OURS.set(0);
}

fn interval(limit: u32) -> Duration {
    Duration::from_millis(if limit < 10 { 100 } else { 1000 })
}

/// How many ticks make up the limit. The first one in a call only shows that there is one.
fn due(limit: u32) -> u32 {
    1 + if limit < 10 { limit * 10 } else { limit }
}

/// While the host is in no plugin's own code, it may hold what is needed to describe the callback. So many more ticks
/// are given to get out there; then it is named as well as goes without.
const GRACE: u32 = 10;

/// Runs in the signal handler.
fn tick(host_pc: u64) {
    let ours = if current::noted().is_some() { count(&OURS, true) } else { 0 };
    let generated = current::seat().and_then(Seat::marked_running).map_or(0, |(_, seen)| count(&GENERATED, seen));
    let (limit, ticks) = (LIMIT.load(Ordering::Relaxed), ours.max(generated));
    if ticks < due(limit) {
        return;
    }
    let may_look = Plugin::at(host_pc as usize).is_some();
    if let (true, Some(place)) = (may_look || ticks >= due(limit) + GRACE, Place::now()) {
        crash::end_looping(place, may_look, limit);
    }
}

/// One more tick, of the same call as the last one or of another.
fn count(ticks: &'static std::thread::LocalKey<Cell<u32>>, same: bool) -> u32 {
    ticks.set(if same { ticks.get() + 1 } else { 1 });
    ticks.get()
}
