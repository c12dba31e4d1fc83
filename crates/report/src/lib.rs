//! What verbs print about a run: the table of `fluoro stat`, numbers for people, JSON for machines.
//!
//! Knows no guest and no engine: callers hand over plain figures and names. Text and JSON are made from the same
//! values, so that nothing is shown that `--json` does not hold.
#![forbid(unsafe_code)]

pub mod json;
pub mod number;
pub mod stat;

pub use stat::{Counts, Stat, Thread, Times};
