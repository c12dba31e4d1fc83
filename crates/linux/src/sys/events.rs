//! events

use super::syscalls;

syscalls! { ROWS; }
