//! Threads: clone, futexes, robust lists, restartable sequences.

use super::syscalls;

syscalls! { ROWS; }
