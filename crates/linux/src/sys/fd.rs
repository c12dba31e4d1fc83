//! fd

use super::syscalls;

syscalls! { ROWS; }
