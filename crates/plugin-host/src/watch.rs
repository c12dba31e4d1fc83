//! Callbacks that do not end are named, and end the run.
//!
//! A thread of ours looks at the notes of calls now and then, and marks them: a note that still has its mark is of the
//! same call. So the calls themselves pay nothing. What counts is the time that a callback has *computed*: it may wait,
//! for a peer or for its user, as long as it likes. (What generated code calls without a note, a leaf, has no loop.)
//!
//! The thread takes no lock and allocates nothing, so that a fork finds none of that half done.

use crate::crash;
use crate::current::Current;
use engine::{Running, Seat};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// What is noted about a call that we make.
struct Note {
    /// 0: there is none. With [`MARK`] if the watcher has seen this call.
    tag: AtomicU64,
    data: AtomicU64,
    /// What the thread had computed when the watcher first saw the call, in milliseconds.
    since: AtomicU64,
}

const MARK: u64 = 1 << 63;

/// A vCPU's seat, and what is known about calls on its thread. Never freed.
pub struct Chair {
    pub seat: Seat,
    /// The thread; 0: it has none now.
    thread: AtomicI32,
    ours: Note,
    /// As of a [`Note`], for calls of generated code.
    since: AtomicU64,
    next: AtomicPtr<Chair>,
}

/// All chairs.
static FIRST: AtomicPtr<Chair> = AtomicPtr::new(std::ptr::null_mut());
/// For calls on the main thread while it is no vCPU's: the install functions.
static OUTSIDE: Note = Note::new();
/// Seconds that a callback may compute; 0: it is not watched.
static LIMIT: AtomicU32 = AtomicU32::new(0);

impl Note {
    const fn new() -> Note {
        Note { tag: AtomicU64::new(0), data: AtomicU64::new(0), since: AtomicU64::new(0) }
    }

    fn set(&self, call: Option<Current>) {
        self.data.store(call.map_or(0, |c| c.userdata), Ordering::Relaxed);
        self.tag.store(call.map_or(0, |c| u64::from(c.own_tag())), Ordering::Release);
    }

    /// As [`Seat::marked_running`].
    fn marked(&self) -> Option<(Running, bool)> {
        let tag = self.tag.load(Ordering::Acquire);
        let same = self.tag.compare_exchange(tag, tag | MARK, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let running = Running { tag: tag as u32, function: 0, data: self.data.load(Ordering::Relaxed) };
        (running.tag != 0 && same).then_some((running, tag & MARK != 0))
    }
}

impl Chair {
    pub fn new(seat: Seat) -> &'static Chair {
        let (thread, ours, since) = (AtomicI32::new(0), Note::new(), AtomicU64::new(0));
        let chair = Box::leak(Box::new(Chair { seat, thread, ours, since, next: AtomicPtr::default() }));
        let mut first = FIRST.load(Ordering::Acquire);
        loop {
            chair.next.store(first, Ordering::Relaxed);
            match FIRST.compare_exchange(first, chair, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return chair,
                Err(now) => first = now,
            }
        }
    }

    /// This thread runs the vCPU from now on.
    pub fn taken(&self) {
        self.thread.store(thread(), Ordering::Release);
    }

    /// Its thread runs it no longer.
    pub fn left(&self) {
        self.thread.store(0, Ordering::Release);
    }

    /// Those that were ever made.
    fn all() -> impl Iterator<Item = &'static Chair> {
        // SAFETY: only `new` stores there, and what it stores is never freed.
        let follow = |p: &AtomicPtr<Chair>| unsafe { p.load(Ordering::Acquire).as_ref() };
        std::iter::successors(follow(&FIRST), move |c: &&'static Chair| follow(&c.next))
    }

    fn look(&self, limit: u32) {
        let thread = self.thread.load(Ordering::Acquire);
        if thread == 0 {
            return;
        }
        if let Some(call) = self.ours.marked() {
            return judge(call, thread, &self.ours.since, Some(&self.seat), limit);
        }
        if let Some(call) = self.seat.marked_running() {
            judge(call, thread, &self.since, Some(&self.seat), limit);
        }
    }
}

/// Notes the call of ours that this thread is in now.
pub fn note(chair: Option<&Chair>, call: Option<Current>) {
    match chair {
        Some(chair) => chair.ours.set(call),
        None if thread() == std::process::id() as i32 => OUTSIDE.set(call),
        None => {}
    }
}

fn judge((running, seen): (Running, bool), thread: i32, since: &AtomicU64, seat: Option<&Seat>, limit: u32) {
    let Some(computed) = computed(thread) else { return };
    if !seen {
        return since.store(computed, Ordering::Relaxed);
    }
    let long = computed.saturating_sub(since.load(Ordering::Relaxed)) >= u64::from(limit) * 1000;
    if let (true, Some(call)) = (long, Current::from_running(running)) {
        crash::end_looping(call, seat, limit);
    }
}

/// What a thread of this process has computed, in milliseconds.
fn computed(thread: i32) -> Option<u64> {
    // The kernel's number for the clock of a thread (clock_getcpuclockid(3) makes those of processes alike).
    const OF_THREAD: i32 = 4 | 2;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes the time.
    let failed = unsafe { libc::clock_gettime(!thread << 3 | OF_THREAD, &mut time) } != 0;
    (!failed).then(|| time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000)
}

fn thread() -> i32 {
    // SAFETY: without effect.
    unsafe { libc::gettid() }
}

/// Watches from now on, if there is a limit.
pub fn start(limit: u32) {
    LIMIT.store(limit, Ordering::Relaxed);
    if limit == 0 {
        return;
    }
    // SAFETY: sets that the calls fill in; the thread inherits a mask in which everything is blocked.
    unsafe {
        let (mut all, mut before) = std::mem::zeroed::<(libc::sigset_t, libc::sigset_t)>();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        let action = SetxidAction::now();
        // Without it plugins work as well.
        let _ = std::thread::Builder::new().stack_size(STACK).spawn(move || watch(limit));
        action.restore();
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
    }
}

/// The kernel's `struct sigaction` for a signal that the C library takes with its first thread; it is the guest's.
struct SetxidAction([u64; 4]);

impl SetxidAction {
    /// With it C libraries change the ids of all threads.
    const SIGNAL: u64 = 33;

    fn now() -> SetxidAction {
        let mut action = [0u64; 4];
        hostos::call::raw(libc::SYS_rt_sigaction, [Self::SIGNAL, 0, action.as_mut_ptr() as u64, 8, 0, 0]);
        SetxidAction(action)
    }

    fn restore(self) {
        hostos::call::raw(libc::SYS_rt_sigaction, [Self::SIGNAL, self.0.as_ptr() as u64, 0, 8, 0, 0]);
    }
}

/// Bytes of the watcher's stack.
const STACK: usize = 256 << 10;

/// This is a new process, into which only the thread that forked has come.
pub fn forked() {
    for chair in Chair::all().filter(|c| c.thread.load(Ordering::Relaxed) != 0) {
        let here = crate::current::chair().is_some_and(|c| std::ptr::eq(c, chair));
        if here { chair.taken() } else { chair.left() }
    }
    start(LIMIT.load(Ordering::Relaxed));
}

fn watch(limit: u32) -> ! {
    let pause = Duration::from_millis(if limit < 10 { 100 } else { 1000 });
    loop {
        std::thread::sleep(pause);
        if let Some(call) = OUTSIDE.marked() {
            judge(call, std::process::id() as i32, &OUTSIDE.since, None, limit);
        }
        Chair::all().for_each(|chair| chair.look(limit));
    }
}
