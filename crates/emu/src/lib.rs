//! The wiring: from a description of a run to guest, host, engine and world, and back to how the guest ended.
//!
//! The only crate that names concrete guests, hosts and worlds. Adding one means a line here and nowhere else.
#![forbid(unsafe_code)]

pub mod cpu;
mod setup;

pub use setup::{End, Error, Outcome, Setup, Trace, run};
