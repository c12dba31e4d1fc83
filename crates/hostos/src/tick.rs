//! Ticks: a thread that has computed for a while is interrupted, and what is told of it may look at what it does.
//!
//! A tick is a signal that a timer of the thread sends, of a number that [`crate::fault`] serves: its handler is always
//! ours, and nobody blocks it. The guest never sees it. The timer's clock runs only while the thread computes, so a tick
//! comes to a system call right before it would sleep or right after; a call that it has ended begins again, whole, and
//! no wait gets longer by that.

use crate::call;
use std::cell::Cell;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

/// Looks at the interrupted thread, on it; told where the host was. Async-signal-safe.
pub type Tell = fn(pc: u64);

static TELL: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
/// Its address marks our timers.
static MARK: u8 = 0;
const SIGNAL: i32 = libc::SIGSEGV;

thread_local! {
    /// The thread's timer, as the kernel numbers it, and its interval.
    static TIMER: Cell<Option<(i32, Duration)>> = const { Cell::new(None) };
}

/// Who is told of ticks.
pub fn set_told(tell: Tell) {
    TELL.store(tell as *mut (), Ordering::SeqCst);
}

/// From now on the calling thread gets a tick each time that it has computed for so long, until [`disarm`] or exec; it
/// gets none if the kernel has no timer left, or has one set already. To be undone before the thread ends, or the
/// process keeps the timer. A forked child has to [`forget`] its parent's.
pub fn arm(interval: Duration) {
    if TIMER.get().is_none() {
        TIMER.set(start(interval).map(|id| (id, interval)));
    }
}

/// The calling thread gets no more ticks. Tells [`resume`] how to undo that.
pub fn disarm() -> Option<Duration> {
    let (id, interval) = TIMER.take()?;
    call::raw(libc::SYS_timer_delete, [id as u64, 0, 0, 0, 0, 0]);
    Some(interval)
}

/// Undoes [`disarm`].
pub fn resume(interval: Option<Duration>) {
    if let Some(interval) = interval {
        arm(interval);
    }
}

/// This is a new process, and has no timers.
pub fn forget() {
    TIMER.set(None);
}

fn start(interval: Duration) -> Option<i32> {
    // SAFETY: a zeroed structure is valid.
    let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
    event.sigev_value.sival_ptr = mark();
    event.sigev_signo = SIGNAL;
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_notify_thread_id = call::raw(libc::SYS_gettid, [0; 6]) as i32;
    let mut id = 0i32;
    let at = [libc::CLOCK_THREAD_CPUTIME_ID as u64, (&raw mut event) as u64, (&raw mut id) as u64, 0, 0, 0];
    if call::raw(libc::SYS_timer_create, at) != 0 {
        return None;
    }
    let every = libc::timespec { tv_sec: interval.as_secs() as i64, tv_nsec: i64::from(interval.subsec_nanos()) };
    let times = libc::itimerspec { it_interval: every, it_value: every };
    call::raw(libc::SYS_timer_settime, [id as u64, 0, (&raw const times) as u64, 0, 0, 0]);
    Some(id)
}

fn mark() -> *mut libc::c_void {
    (&raw const MARK).cast_mut().cast()
}

/// Whether a signal that was sent is a tick.
pub(crate) fn is(info: &libc::siginfo_t) -> bool {
    // SAFETY: timers' signals have a value.
    info.si_code == libc::SI_TIMER && unsafe { info.si_value() }.sival_ptr == mark()
}

/// A tick has come to a thread at `pc`, with `rax`; says what `rax` is to be.
pub(crate) fn came(pc: u64, rax: u64) -> u64 {
    let tell = TELL.load(Ordering::SeqCst);
    if !tell.is_null() {
        // SAFETY: only `set_told` stores here, and only a `Tell`.
        let tell: Tell = unsafe { std::mem::transmute::<*mut (), Tell>(tell) };
        tell(pc);
    }
    call::on_tick(pc, rax)
}

#[cfg(test)]
mod tests;
