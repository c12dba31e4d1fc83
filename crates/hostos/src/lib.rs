//! The host operating system behind safe types: signals, descriptors of our own, raw system calls.
//!
//! Rules of this fence: nothing here knows a guest. The raw calls of [`call`] are safe functions by contract: every
//! pointer among their arguments either comes from a live Rust object that is large enough, or lies in the guest's part
//! of the address space, where no Rust object ever is (what the kernel stores there is the guest's business).

pub mod call;
pub mod clock;
pub mod cpu;
pub mod fault;
pub mod fds;
pub mod inherited;
pub mod own_memory;
pub mod process;
pub mod signal;
pub mod thread;
pub mod tick;
