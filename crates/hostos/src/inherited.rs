//! What this process was started with and Rust's start-up code changes before `main`: it ignores SIGPIPE, and opens
//! `/dev/null` in place of a standard stream that was closed. A guest must see the state as it was.
//!
//! A function in `.init_array` runs before that code and notes the state; [`restore`] brings it back.

use crate::signal::{FAULTS, bit};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

static PIPE_IGNORED: AtomicBool = AtomicBool::new(false);
/// Bit n: descriptor n was closed.
static CLOSED: AtomicU8 = AtomicU8::new(0);
/// Of the signals that faults raise, those that were ignored; bit `n - 1` stands for signal `n`.
static FAULTS_IGNORED: AtomicU64 = AtomicU64::new(0);

#[used]
// SAFETY: the section holds pointers to functions of this type, and nothing that `look` does needs Rust's start-up.
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

extern "C" fn look() {
    PIPE_IGNORED.store(crate::signal::is_ignored(libc::SIGPIPE), Ordering::Relaxed);
    for signal in (1..=64).filter(|&s| FAULTS & bit(s) != 0 && crate::signal::is_ignored(s)) {
        FAULTS_IGNORED.fetch_or(bit(signal), Ordering::Relaxed);
    }
    for fd in 0..3 {
        // SAFETY: F_GETFD has no memory operand.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            CLOSED.fetch_or(1 << fd, Ordering::Relaxed);
        }
    }
}

/// Gives SIGPIPE its inherited disposition and closes the standard streams that were closed at the start. To be called
/// once, before a guest is loaded; nothing of ours may use those streams afterwards.
pub fn restore() {
    // Keeps the note-taker in the program: a linker may drop what nobody names.
    std::hint::black_box(&LOOK);
    if !PIPE_IGNORED.load(Ordering::Relaxed) {
        // SAFETY: the default action is no code of ours.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    }
    let closed = CLOSED.swap(0, Ordering::Relaxed);
    for fd in (0..3).filter(|fd| closed & 1 << fd != 0) {
        // SAFETY: the descriptor is the `/dev/null` of Rust's start-up code, which nothing owns.
        unsafe { libc::close(fd) };
    }
}

/// The signals that faults raise which were ignored at the start, before handlers were installed for them.
pub fn ignored_faults() -> u64 {
    FAULTS_IGNORED.load(Ordering::Relaxed)
}
