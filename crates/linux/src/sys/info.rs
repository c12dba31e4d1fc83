//! info

use super::syscalls;

syscalls! { ROWS; }
