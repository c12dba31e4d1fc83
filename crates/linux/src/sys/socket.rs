//! socket

use super::syscalls;

syscalls! { ROWS; }
