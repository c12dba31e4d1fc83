//! stat

use super::syscalls;

syscalls! { ROWS; }
