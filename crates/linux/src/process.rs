//! Guest processes: fork, exec, wait, exit.

/// What belongs to the process as a whole.
#[derive(Debug, Default)]
pub struct ProcessState {}
