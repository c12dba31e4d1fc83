//! Signals.

use super::syscalls;

syscalls! { ROWS; }
