//! dirs

use super::syscalls;

syscalls! { ROWS; }
