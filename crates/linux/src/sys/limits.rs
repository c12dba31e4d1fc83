//! Resource limits. Those of address space, data and stack concern the guest's memory, not ours, so they are kept here.

use super::syscalls;
use std::sync::Mutex;

/// Soft and hard limit.
type Pair = [u64; 2];

/// The limits that the host must not apply to us.
#[derive(Debug, Default)]
pub struct Limits {
    kept: Mutex<[Option<Pair>; 3]>,
}

impl Limits {
    fn slot(resource: i32) -> Option<usize> {
        [libc::RLIMIT_AS, libc::RLIMIT_DATA, libc::RLIMIT_STACK].iter().position(|&r| r as i32 == resource)
    }

    /// What the guest has set, if it is one of ours.
    pub fn get(&self, resource: i32) -> Option<Pair> {
        self.kept.lock().unwrap_or_else(|e| e.into_inner())[Self::slot(resource)?]
    }
}

syscalls! { ROWS; }
