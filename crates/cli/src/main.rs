//! The program's entry, in place of the one that Rust would make.
//!
//! Rust's own start-up code reads `/proc/self/maps`, installs fault handlers and a signal stack, ignores SIGPIPE and
//! opens closed standard streams: a fifth of a millisecond for what the engine replaces at once and the guest must not
//! see. glibc hands arguments and environment to the standard library without it. This file is listed in
//! `xtask/src/tidy/fences.rs` because of the one attribute below; there is no other unsafe code in it.
#![no_main]

use std::ffi::{c_char, c_int};

// SAFETY: the C library calls `main` once, with this signature, and nothing else defines it.
#[unsafe(no_mangle)]
pub extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    cli::main()
}
