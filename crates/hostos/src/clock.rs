//! Reading clocks without entering the kernel, where the host's vDSO can.

use std::time::Duration;

/// Seconds and nanoseconds of a clock (`CLOCK_*`), or the error number. Async-signal-safe.
///
/// # Errors
/// EINVAL for a clock that does not exist, and what the kernel says of dynamic ones.
pub fn read(clock: i32) -> Result<[i64; 2], i32> {
    // SAFETY: the structure is live and only written to.
    asked(|time| unsafe { libc::clock_gettime(clock, time) })
}

fn asked(ask: impl FnOnce(&mut libc::timespec) -> i32) -> Result<[i64; 2], i32> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    if ask(&mut time) != 0 {
        return Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL));
    }
    Ok([time.tv_sec, time.tv_nsec])
}

/// Whether the host's vDSO has this clock: those that the kernel keeps by a counter.
pub fn needs_no_call(clock: i32) -> bool {
    use libc::*;
    const COUNTED: [i32; 7] = [
        CLOCK_REALTIME,
        CLOCK_MONOTONIC,
        CLOCK_MONOTONIC_RAW,
        CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE,
        CLOCK_BOOTTIME,
        CLOCK_TAI,
    ];
    COUNTED.contains(&clock)
}

/// Seconds and nanoseconds between two values of a clock, or the error number.
///
/// # Errors
/// As for [`read`].
pub fn resolution(clock: i32) -> Result<[i64; 2], i32> {
    // SAFETY: as for `read`.
    asked(|time| unsafe { libc::clock_getres(clock, time) })
}

/// The CPU that runs this thread, if the host says so.
pub fn cpu() -> Option<u32> {
    // SAFETY: has no arguments and changes nothing.
    u32::try_from(unsafe { libc::sched_getcpu() }).ok()
}

/// The host's counter of cycles, which counts at a constant rate.
pub fn ticks() -> u64 {
    // SAFETY: the instruction exists on every such processor.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::x86_64::_rdtsc()
    }
}

/// One of the pauses, counted from 0, of somebody who waits for another thread: nothing but the processor is given up at
/// first, later ones get longer, up to a millisecond.
pub fn pause(round: u32) {
    const SHORT: u32 = 256;
    const GROWING: u32 = 8;
    match round.checked_sub(SHORT) {
        None => std::thread::yield_now(),
        Some(n) => std::thread::sleep(Duration::from_micros((20 << (n / GROWING).min(6)).min(1000))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_go_on_and_bad_ones_are_refused() {
        let first = read(libc::CLOCK_MONOTONIC).unwrap();
        assert!(read(libc::CLOCK_MONOTONIC).unwrap() >= first);
        assert_eq!(read(77), Err(libc::EINVAL));
        assert_eq!(resolution(libc::CLOCK_MONOTONIC).map(|r| r[0]), Ok(0));
        assert_eq!(resolution(77), Err(libc::EINVAL));
        assert!(cpu().is_some());
    }
}
