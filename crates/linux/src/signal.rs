//! Signals: noted by host handlers, delivered to the guest in the run loop.

use crate::options::ExitStatus;
use crate::task::{End, Process, Thread};
use engine::Fault;
use std::sync::Arc;

/// What the threads of a process share: actions.
#[derive(Debug, Default)]
pub struct ProcessSignals {}

/// A thread's own: its mask, noted signals, alternate stack.
#[derive(Debug, Default)]
pub struct ThreadSignals {}

/// Called once before the guest runs.
pub fn install(_process: &Arc<Process>) {}

/// Delivers what is due; called before every entry into guest code. May change registers, or end the thread.
pub fn deliver(_t: &mut Thread) {}

/// The guest's memory access failed.
pub fn on_fault(t: &mut Thread, _fault: Fault) {
    t.end = Some(End::Process(ExitStatus::Signal(libc::SIGSEGV)));
}

/// The guest's instruction is illegal.
pub fn on_illegal(t: &mut Thread) {
    t.end = Some(End::Process(ExitStatus::Signal(libc::SIGILL)));
}

/// The guest ran into a breakpoint.
pub fn on_breakpoint(t: &mut Thread) {
    t.end = Some(End::Process(ExitStatus::Signal(libc::SIGTRAP)));
}

/// A filter refuses the call `number` with a signal (`SECCOMP_RET_TRAP`): SIGSYS with `si_code` 1 (SYS_SECCOMP),
/// `si_errno` = `data`, the pc behind the call, its number, and the guest's `AUDIT_ARCH`.
pub fn on_filtered_call(t: &mut Thread, _number: i32, _data: u16) {
    t.end = Some(End::Process(ExitStatus::Signal(libc::SIGSYS)));
}
