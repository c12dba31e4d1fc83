//! What depends on the guest's architecture in its Linux ABI.
//!
//! One module per architecture. There is one so far; when a second comes, the functions below become a trait object
//! that the process holds.

pub mod riscv64;

pub use riscv64::*;
