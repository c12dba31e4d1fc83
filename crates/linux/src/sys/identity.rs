//! identity

use super::syscalls;

syscalls! { ROWS; }
