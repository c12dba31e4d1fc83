//! memory

use super::syscalls;

syscalls! { ROWS; }
