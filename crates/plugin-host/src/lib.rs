//! Loads plugins built for QEMU's plugin interface and is the host that they expect (contract: `docs/plugin-api.md`).
//!
//! [`load()`] opens the files and calls their install functions; what it returns watches the engine
//! ([`engine::Instrument`]) and calls the plugins. The other direction, the `qemu_plugin_*` functions, stands in
//! `exports`; the executable puts them into its dynamic symbol table.
//!
//! Rules of this fence: a function address that a plugin registers has the type that the interface says, and stays
//! callable until the plugin is closed; nothing else that a plugin hands over is followed before it was checked to be
//! ours. No lock is held while a plugin runs. What lies on the stack between a plugin's callback and
//! `engine::Seat::catch` has nothing to drop, since the plugin may leave by a jump.

mod call;
mod callee;
pub mod check;
mod crash;
mod current;
mod error;
mod events;
mod exports;
mod fail;
mod glib;
mod host;
mod image;
mod instrument;
mod library;
mod lifecycle;
mod linker;
mod load;
mod log;
mod needs;
mod place;
mod plugin;
mod registers;
mod shown;
mod watch;

pub use error::LoadError;
pub use host::{Setup, Spec, Symbols};
pub use image::{ImageFacts, set_image};
pub use load::load;
pub use log::{LogTarget, with_number};
