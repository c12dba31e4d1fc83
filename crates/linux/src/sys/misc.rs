//! misc

use super::syscalls;

syscalls! { ROWS; }
