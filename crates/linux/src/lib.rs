//! The world of user mode: what a Linux program sees of its kernel.
//!
//! A [`Program`] is loaded from an ELF file into guest memory; its threads are host threads, each with a vCPU that runs
//! in the engine until it makes a system call, faults, or is kicked ([`run`]). System calls are rows of tables
//! ([`sys`]): most go through to the host's kernel unchanged, because guest memory is host memory at the same address
//! and both ABIs are 64-bit Linux; the others translate what differs. Signals are noted by host handlers and delivered
//! in the run loop ([`signal`]). What is deliberately not here: anything about a concrete guest's instructions, plugins,
//! or printing of errors (the command line does that).
#![forbid(unsafe_code)]

pub mod abi;
pub mod errno;
pub mod load;
pub mod observe;
pub mod options;
pub mod path;
pub mod process;
pub mod procfs;
pub mod program;
pub mod run;
pub mod seccomp;
pub mod signal;
pub mod strace;
pub mod sys;
pub mod task;
pub mod thread;

pub use errno::Errno;
pub use load::LoadError;
pub use options::{CpuFacts, ExitStatus, Options};
pub use process::handover::was_started;
pub use program::Program;
pub use sys::time::answer;
pub use task::{Process, Thread};
