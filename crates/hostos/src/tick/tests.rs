use super::*;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Instant;

static TICKS: AtomicU32 = AtomicU32::new(0);

/// Runs `work` on a thread of its own that gets a tick of this clock at each interval; says how many there were.
fn with_ticks(clock: i32, interval: Duration, work: impl FnOnce() + Send) -> u32 {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    crate::fault::install(|_| false);
    set_told(|_| {
        TICKS.fetch_add(1, Ordering::Relaxed);
    });
    TICKS.store(0, Ordering::Relaxed);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            TIMER.set(start(clock, interval).map(|id| (id, interval)));
            work();
            assert_eq!(disarm(), Some(interval));
        });
    });
    TICKS.load(Ordering::Relaxed)
}

fn compute(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// A wait that lasts 100 ms unless something ends it: what to call, and what it returns then.
fn waits(with: impl Fn(&str, i64, [u64; 6], i64)) {
    let time = libc::timespec { tv_sec: 0, tv_nsec: 100_000_000 };
    let at = (&raw const time) as u64;
    let word = AtomicU32::new(0);
    with("nanosleep", libc::SYS_nanosleep, [at, 0, 0, 0, 0, 0], 0);
    with("poll", libc::SYS_poll, [0, 0, 100, 0, 0, 0], 0);
    let futex = [(&raw const word) as u64, libc::FUTEX_WAIT as u64, 0, at, 0, 0];
    with("futex", libc::SYS_futex, futex, -i64::from(libc::ETIMEDOUT));
    let set = [0u64; 1];
    with("sigtimedwait", libc::SYS_rt_sigtimedwait, [set.as_ptr() as u64, 0, at, 8, 0, 0], -i64::from(libc::EAGAIN));
    let mut event: libc::epoll_event = libc::epoll_event { events: 0, u64: 0 };
    let epoll = call::raw(libc::SYS_epoll_create1, [0; 6]) as u64;
    with("epoll_wait", libc::SYS_epoll_wait, [epoll, (&raw mut event) as u64, 1, 100, 0, 0], 0);
    call::raw(libc::SYS_close, [epoll, 0, 0, 0, 0, 0]);
    read_late(&with);
}

/// A read of a pipe that has nothing for the first 240 ms.
fn read_late(with: &impl Fn(&str, i64, [u64; 6], i64)) {
    let mut ends = [0i32; 2];
    call::raw(libc::SYS_pipe2, [ends.as_mut_ptr() as u64, 0, 0, 0, 0, 0]);
    let mut byte = 0u8;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(240));
            call::raw(libc::SYS_write, [ends[1] as u64, c"x".as_ptr() as u64, 1, 0, 0, 0]);
        });
        with("read", libc::SYS_read, [ends[0] as u64, (&raw mut byte) as u64, 1, 0, 0, 0], 1);
    });
    for end in ends {
        call::raw(libc::SYS_close, [end as u64, 0, 0, 0, 0, 0]);
    }
}

/// By a clock that runs on while the thread sleeps, which is the worst: a tick ends each of these calls. None of the
/// callers sees it.
#[test]
fn calls_that_ticks_end_begin_again() {
    for made in [call::raw, call::interruptible] {
        waits(|name, number, args, expected| {
            let ticks = with_ticks(libc::CLOCK_MONOTONIC, Duration::from_millis(150), || {
                call::clear_flag();
                compute(Duration::from_millis(100));
                let begin = Instant::now();
                // The tick comes 50 ms later, and the next one when the call has come to its end.
                assert_eq!(made(number, args), expected, "{name}");
                assert!(begin.elapsed() >= Duration::from_millis(99), "{name}");
            });
            assert!(ticks >= 1, "{name}: {ticks}");
        });
    }
}

/// By the clock that is used ticks do not make waits longer, however many there are.
#[test]
fn waits_of_threads_that_compute_are_no_longer_for_ticks() {
    let late = AtomicU64::new(0);
    let ticks = with_ticks(libc::CLOCK_THREAD_CPUTIME_ID, Duration::from_micros(100), || {
        for i in 0..40u64 {
            compute(Duration::from_micros(3000 + i * 97));
            let time = libc::timespec { tv_sec: 0, tv_nsec: 5_000_000 };
            let begin = Instant::now();
            let got = call::interruptible(libc::SYS_nanosleep, [(&raw const time) as u64, 0, 0, 0, 0, 0]);
            assert_eq!(got, 0);
            let took = begin.elapsed();
            assert!(took >= Duration::from_millis(5), "{took:?}");
            late.fetch_add((took - Duration::from_millis(5)).as_micros() as u64, Ordering::Relaxed);
        }
    });
    assert!(ticks > 10, "{ticks}");
    // Of 200 ms; mostly what the machine has to do otherwise.
    assert!(late.load(Ordering::Relaxed) < 100_000, "{late:?} us");
}

#[test]
fn a_disarmed_thread_gets_no_ticks() {
    let ticks = with_ticks(libc::CLOCK_THREAD_CPUTIME_ID, Duration::from_millis(1), || {
        let interval = disarm();
        TICKS.store(0, Ordering::Relaxed);
        compute(Duration::from_millis(30));
        assert_eq!(TICKS.load(Ordering::Relaxed), 0);
        resume(interval);
        while TICKS.load(Ordering::Relaxed) == 0 {
            compute(Duration::from_millis(1));
        }
    });
    assert!(ticks > 0);
}
