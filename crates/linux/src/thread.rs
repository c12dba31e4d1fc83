//! Guest threads: their start, their end, and who is alive.

/// All threads of a process.
#[derive(Debug, Default)]
pub struct Threads {}

/// What only the thread itself knows.
#[derive(Debug, Default)]
pub struct OwnThread {
    /// Cleared and woken when the thread ends (`set_tid_address`, `CLONE_CHILD_CLEARTID`).
    pub clear_tid: u64,
    /// Head of the robust futex list.
    pub robust_list: u64,
}
