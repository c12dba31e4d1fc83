//! Clocks and timers. Their structures are the host's.

use super::syscalls;
use crate::errno::{Errno, SysResult, fault};
use guest::Pair;
use hostos::clock;
use memory::guarded;

syscalls! { ROWS;
    101 nanosleep(time: Time, rest: Ptr) Full { wait SYS_nanosleep }
    102 getitimer(which: Int, value: Ptr) Full { pass SYS_getitimer }
    103 setitimer(which: Int, new: Ptr, old: Ptr) Full { pass SYS_setitimer }
    107 timer_create(clock: Clock, event: Ptr, id: Ptr) Full { pass SYS_timer_create }
    108 timer_gettime(id: Int, value: Ptr) Full { pass SYS_timer_gettime }
    109 timer_getoverrun(id: Int) Full { pass SYS_timer_getoverrun }
    110 timer_settime(id: Int, flags: Hex, new: Ptr, old: Ptr) Full { pass SYS_timer_settime }
    111 timer_delete(id: Int) Full { pass SYS_timer_delete }
    112 clock_settime(clock: Clock, time: Time) Full { pass SYS_clock_settime }
    113 clock_gettime(clock: Clock, time: TimeOut) Full { |_t| clock_gettime(clock.0, time.0) }
    114 clock_getres(clock: Clock, time: TimeOut) Full { pass SYS_clock_getres }
    115 clock_nanosleep(clock: Clock, flags: Hex, time: Time, rest: Ptr) Full { wait SYS_clock_nanosleep }
    153 times(buf: Ptr) Full { pass SYS_times }
    169 gettimeofday(time: Ptr, zone: Ptr) Full { |_t| {
        // The zone is what nobody asks for; without it the clock is enough.
        if zone.0 == 0 { time_of_day(time.0) } else { super::pass(libc::SYS_gettimeofday, &[time.0, zone.0, 0, 0, 0, 0]) }
    } }
    170 settimeofday(time: Ptr, zone: Ptr) Full { pass SYS_settimeofday }
    171 adjtimex(buf: Ptr) Full { pass SYS_adjtimex }
    266 clock_adjtime(clock: Clock, buf: Ptr) Full { pass SYS_clock_adjtime }
}

/// Reads the clock through the host's vDSO, which is several times as fast as its system call.
fn clock_gettime(id: i32, at: u64) -> SysResult {
    let now = clock::read(id).map_err(Errno)?;
    fault(guarded::store(at, now))?;
    Ok(0)
}

/// Answers a call that the vDSO makes, as [`engine::Options::answer`] wants it: clocks that the host reads without a call,
/// and the CPU. What is answered has result 0; a bad pointer is left to the call itself.
pub extern "C" fn answer(number: u64, first: u64, second: u64) -> Pair {
    match in_place(number, first, second) {
        Some(()) => Pair(0, 1),
        None => Pair(0, 0),
    }
}

fn in_place(number: u64, first: u64, second: u64) -> Option<()> {
    let clock = first as i32;
    match number {
        113 if clock::needs_no_call(clock) => put(second, clock::read(clock).ok()?),
        114 if clock::needs_no_call(clock) && second != 0 => put(second, clock::resolution(clock).ok()?),
        168 if second == 0 => put(first, clock::cpu()?),
        169 if second == 0 && first != 0 => put(first, seconds_and_micros().ok()?),
        _ => None,
    }
}

fn put<T: guarded::Plain>(at: u64, value: T) -> Option<()> {
    guarded::store(at, value).ok()
}

/// The time of day as `struct timeval` has it.
fn seconds_and_micros() -> Result<[i64; 2], i32> {
    clock::read(libc::CLOCK_REALTIME).map(|[seconds, nanos]| [seconds, nanos / 1000])
}

fn time_of_day(at: u64) -> SysResult {
    if at != 0 {
        fault(guarded::store(at, seconds_and_micros().map_err(Errno)?))?;
    }
    Ok(0)
}
