//! Robust futexes at a thread's end (`exit_robust_list` in Linux; Documentation/locking/robust-futexes).
//!
//! The kernel knows the guest's list and deals with it when the host thread is gone. But the thread's end is told a
//! moment earlier, and whoever was waiting for it must find its locks released: so the list is walked before that.

use memory::guarded::{self, BadAddress};

const WAITERS: u32 = 0x8000_0000;
const OWNER_DIED: u32 = 0x4000_0000;
const TID_MASK: u32 = 0x3fff_ffff;

/// Entries are tagged: this one is a priority-inheriting lock, which only the kernel can release.
const PI: u64 = 1;

/// A list may be circular in a bad way.
const LONGEST: usize = 2048;

/// Releases all locks of thread `tid` on the list at `head`.
pub fn release(head: u64, tid: i32) {
    if head != 0 {
        // A list that cannot be read ends there, as in the kernel.
        let _ = walk(head, tid as u32);
    }
}

fn walk(head: u64, tid: u32) -> Result<(), BadAddress> {
    // First entry, distance from an entry to its futex, entry that was about to be added or removed.
    let [mut entry, distance, pending] = guarded::load::<[u64; 3]>(head)?;
    for _ in 0..LONGEST {
        let at = entry & !PI;
        if at == head {
            break;
        }
        let next = guarded::load::<u64>(at);
        if at != pending & !PI {
            let _ = release_one(at.wrapping_add(distance), entry & PI != 0, tid);
        }
        entry = next?;
    }
    if pending & !PI != 0 {
        let _ = release_one((pending & !PI).wrapping_add(distance), pending & PI != 0, tid);
    }
    Ok(())
}

fn release_one(addr: u64, is_pi: bool, tid: u32) -> Result<(), BadAddress> {
    if is_pi || !addr.is_multiple_of(4) {
        return Ok(());
    }
    loop {
        let old = guarded::load32(addr)?;
        if old & TID_MASK != tid {
            return Ok(());
        }
        if guarded::compare_exchange32(addr, old, old & WAITERS | OWNER_DIED)? == old {
            if old & WAITERS != 0 {
                hostos::call::raw(libc::SYS_futex, [addr, libc::FUTEX_WAKE as u64, 1, 0, 0, 0]);
            }
            return Ok(());
        }
    }
}
