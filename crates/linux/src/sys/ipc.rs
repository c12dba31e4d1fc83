//! ipc

use super::syscalls;

syscalls! { ROWS; }
