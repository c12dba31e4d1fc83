//! The functions that plugins call, by the topics of the interface.

mod block;
mod lifecycle;
mod memory;
mod misc;
mod scores;
mod state;
