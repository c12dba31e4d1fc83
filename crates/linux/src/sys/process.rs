//! Processes: children, waiting, the end.

use super::syscalls;
use crate::errno::ERESTARTNOINTR;
use crate::options::ExitStatus;
use crate::task::End;

syscalls! { ROWS;
    93 exit(status: Int) Full { |t| {
        t.end = Some(End::Thread(status.0 & 0xff));
        Err(ERESTARTNOINTR)
    } }
    94 exit_group(status: Int) Full { |t| {
        t.end = Some(End::Process(ExitStatus::Code(status.0 & 0xff)));
        Err(ERESTARTNOINTR)
    } }
}
