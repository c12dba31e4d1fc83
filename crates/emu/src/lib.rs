//! The wiring: from a description of a run to guest, host, engine and world, and back to how the guest ended.
//!
//! The only crate that names concrete guests, hosts and worlds. Adding one means a line here and nowhere else.
#![forbid(unsafe_code)]

pub mod cpu;
mod crash;
mod functions;
mod kept;
mod plugins;
mod run;
mod usage;

pub use crash::DEFECT;
pub use engine::{Instrument, Stat};
pub use kept::{Kept, KeptFile, close, leave_with};
pub use linux::LoadError;
pub use plugin_host::{check, with_number};
pub use plugins::{PluginSpec, PluginText, Plugins};
pub use run::{End, Error, Outcome, Setup, run, run_observed};
pub use usage::Usage;
