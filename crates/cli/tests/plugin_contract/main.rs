//! The contract with plugins, point by point: a test that fails for each behaviour that a plugin can rely on.
//!
//! A test's name begins with the section of the contract it is about. Plugins are in `tests/plugins`, guests mostly a
//! few lines of assembly, so that every expected number can be counted by hand. `docs/plugin-compat.md` lists the
//! behaviours and these tests.

#[path = "../common/mod.rs"]
mod common;

mod arguments;
mod boards;
mod boundaries;
mod compat;
mod events;
mod faults;
mod life;
mod limits;
mod loading;
mod memory;
mod misuse;
mod order;
mod process;
mod queries;
mod random;
mod registers;
mod stuck;
mod syscalls;
mod threads;
mod totals;
mod versions;

use common::plugin::assembled;
use std::path::PathBuf;

/// Writes "hello", then exits with 5: a block of six instructions at 10000 and one of three at 10018.
pub fn hello() -> PathBuf {
    assembled(
        "hello",
        "
        .option norvc
        li a0, 1
        la a1, text
        li a2, 5
        li a7, 64
        ecall
        li a0, 5
        li a7, 93
        ecall
        .data
        text: .ascii \"hello\"
        ",
    )
}

/// Eleven blocks: one of three instructions, nine times one of two (10004), one of three (1000c).
pub fn counted_loop() -> PathBuf {
    assembled(
        "loop",
        "
        .option norvc
        li t0, 10
        1: addi t0, t0, -1
        bnez t0, 1b
        li a0, 0
        li a7, 93
        ecall
        ",
    )
}
