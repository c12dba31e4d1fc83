//! Programs that replace the running one. (linux2: execve, execveat)

use super::syscalls;

syscalls! { ROWS; }
