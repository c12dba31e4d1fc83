//! files

use super::syscalls;

syscalls! { ROWS; }
