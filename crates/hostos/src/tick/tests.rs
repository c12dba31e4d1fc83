use super::*;
use std::sync::atomic::AtomicU32;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

static TICKS: AtomicU32 = AtomicU32::new(0);

/// Counts ticks from 0 on, for one test at a time.
fn counted() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    crate::fault::install(|_| false);
    set_told(|_| {
        TICKS.fetch_add(1, Ordering::Relaxed);
    });
    TICKS.store(0, Ordering::Relaxed);
    alone
}

fn compute(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn own_tid() -> u64 {
    call::raw(libc::SYS_gettid, [0; 6]) as u64
}

/// Waits until a thread sleeps, and sends it a tick; returns when it has come.
fn send_to_sleeper(tid: u64) {
    let state = || std::fs::read_to_string(format!("/proc/self/task/{tid}/stat")).unwrap_or_default();
    while !state().contains(") S ") {
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut info = crate::signal::SigInfo::fault(SIGNAL, libc::SI_TIMER, 0);
    info.0[24..32].copy_from_slice(&(mark().addr() as u64).to_le_bytes());
    let at = info.0.as_ptr() as u64;
    let pid = u64::from(std::process::id());
    assert_eq!(call::raw(libc::SYS_rt_tgsigqueueinfo, [pid, tid, SIGNAL as u64, at, 0, 0]), 0);
    while TICKS.load(Ordering::Relaxed) == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Makes a call that sleeps for 100 ms; a tick comes meanwhile.
fn interrupted(made: fn(i64, [u64; 6]) -> i64, name: &str, number: i64, args: [u64; 6], expected: i64) {
    TICKS.store(0, Ordering::Relaxed);
    call::clear_flag();
    let (tid, begin) = (own_tid(), Instant::now());
    std::thread::scope(|scope| {
        scope.spawn(|| send_to_sleeper(tid));
        assert_eq!(made(number, args), expected, "{name}");
    });
    assert!(begin.elapsed() >= Duration::from_millis(99), "{name}");
    assert_eq!(TICKS.load(Ordering::Relaxed), 1, "{name}");
}

/// None of the callers sees that a tick has ended its call.
#[test]
fn calls_that_ticks_end_begin_again() {
    let _alone = counted();
    let time = libc::timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    let (at, word, set) = ((&raw const time) as u64, AtomicU32::new(0), [0u64]);
    let mut event = libc::epoll_event { events: 0, u64: 0 };
    let epoll = call::raw(libc::SYS_epoll_create1, [0; 6]) as u64;
    let futex = [(&raw const word) as u64, libc::FUTEX_WAIT as u64, 0, at, 0, 0];
    let again = -i64::from(libc::EAGAIN);
    for made in [call::raw, call::interruptible] {
        let with = |name: &str, number, args, expected| interrupted(made, name, number, args, expected);
        with("nanosleep", libc::SYS_nanosleep, [at, 0, 0, 0, 0, 0], 0);
        with("poll", libc::SYS_poll, [0, 0, 100, 0, 0, 0], 0);
        with("futex", libc::SYS_futex, futex, -i64::from(libc::ETIMEDOUT));
        with("sigtimedwait", libc::SYS_rt_sigtimedwait, [set.as_ptr() as u64, 0, at, 8, 0, 0], again);
        with("epoll_wait", libc::SYS_epoll_wait, [epoll, (&raw mut event) as u64, 1, 100, 0, 0], 0);
    }
    call::raw(libc::SYS_close, [epoll, 0, 0, 0, 0, 0]);
}

#[test]
fn a_read_goes_on_after_a_tick() {
    let _alone = counted();
    let (mut ends, mut byte) = ([0i32; 2], 0u8);
    call::raw(libc::SYS_pipe2, [ends.as_mut_ptr() as u64, 0, 0, 0, 0, 0]);
    let read = [ends[0] as u64, (&raw mut byte) as u64, 1, 0, 0, 0];
    for made in [call::raw, call::interruptible] {
        TICKS.store(0, Ordering::Relaxed);
        call::clear_flag();
        let tid = own_tid();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                send_to_sleeper(tid);
                call::raw(libc::SYS_write, [ends[1] as u64, c"x".as_ptr() as u64, 1, 0, 0, 0]);
            });
            assert_eq!(made(libc::SYS_read, read), 1);
        });
    }
    for end in ends {
        call::raw(libc::SYS_close, [end as u64, 0, 0, 0, 0, 0]);
    }
}

/// A thread that computes gets ticks, and its waits are no longer for it.
#[test]
fn waits_of_threads_with_ticks_are_no_longer() {
    let _alone = counted();
    arm(Duration::from_micros(100));
    let begin = Instant::now();
    // Others may want the CPU too: it is enough that a few waits are as long as they should be, at some time.
    while sorted_waits()[5] >= Duration::from_millis(9) {
        assert!(begin.elapsed().as_secs() < 300, "waits of 5 ms take 9 ms and more");
    }
    assert_eq!(disarm(), Some(Duration::from_micros(100)));
}

/// How long each of many waits of 5 ms took, among which ticks came.
fn sorted_waits() -> Vec<Duration> {
    TICKS.store(0, Ordering::Relaxed);
    let time = libc::timespec { tv_sec: 0, tv_nsec: 5_000_000 };
    let wait = |i: u64| {
        compute(Duration::from_micros(3000 + i * 97));
        let begin = Instant::now();
        assert_eq!(call::interruptible(libc::SYS_nanosleep, [(&raw const time) as u64, 0, 0, 0, 0, 0]), 0);
        begin.elapsed()
    };
    let enough = |i: &u64| *i < 40 || TICKS.load(Ordering::Relaxed) < 5;
    let mut waits: Vec<Duration> = (0..).take_while(enough).map(wait).collect();
    waits.sort();
    assert!(waits[0] >= Duration::from_millis(5), "{waits:?}");
    waits
}

#[test]
fn a_disarmed_thread_gets_no_ticks() {
    let _alone = counted();
    arm(Duration::from_millis(1));
    let interval = disarm();
    TICKS.store(0, Ordering::Relaxed);
    compute(Duration::from_millis(30));
    assert_eq!(TICKS.load(Ordering::Relaxed), 0);
    resume(interval);
    while TICKS.load(Ordering::Relaxed) == 0 {
        compute(Duration::from_millis(1));
    }
    disarm();
}
