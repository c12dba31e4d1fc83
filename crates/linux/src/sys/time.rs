//! time

use super::syscalls;

syscalls! { ROWS; }
