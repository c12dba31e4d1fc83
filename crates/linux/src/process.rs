//! Guest processes: children ([`clone`]), and the programs that take a process over ([`exec`]).

pub mod clone;
pub mod exec;
pub mod handover;

use crate::sys::far::Sought;
use hostos::fds::HiddenFd;

/// What belongs to the process as a whole.
#[derive(Debug, Default)]
pub struct ProcessState {
    /// Our own executable, to run further programs with.
    pub own_file: Option<HiddenFd>,
    pub sought: Sought,
}
