//! Processes: children, waiting, the end.

use super::syscalls;
use crate::errno::{ERESTARTNOINTR, SysResult};
use crate::options::ExitStatus;
use crate::task::{End, Thread};

syscalls! { ROWS;
    93 exit(status: Int) Full { |t| end(t, End::Thread(status.0 & 0xff)) }
    94 exit_group(status: Int) Full { |t| end(t, End::Process(ExitStatus::Code(status.0 & 0xff))) }
    95 waitid(kind: Int, id: Int, info: Ptr, options: WaitFlags, usage: Ptr) Full { block SYS_waitid }
    260 wait4(pid: Int, status: StatusOut, options: WaitFlags, usage: Ptr) Full { block SYS_wait4 }
    434 pidfd_open(pid: Int, flags: Hex) Full { pass SYS_pidfd_open }
    438 pidfd_getfd(process: Fd, fd: Fd, flags: Hex) Full { pass SYS_pidfd_getfd }
}

/// Leaves the run loop, unless a signal comes first.
fn end(t: &mut Thread, end: End) -> SysResult {
    if hostos::signal::block_all() {
        t.end = Some(end);
    }
    Err(ERESTARTNOINTR)
}
