//! Chores of the repository, as a library so that `cargo test` runs the same checks as `cargo xtask`.
#![forbid(unsafe_code)]

pub mod bench;
pub mod fuzz;
pub mod mutate;
pub mod repo;
pub mod suite;
pub mod tidy;
