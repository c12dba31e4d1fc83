//! Files that show memory (`/proc/<pid>/mem`): of a guest's, only the guest's part is there.
//!
//! The part that is not lies at file offsets that no other file has, so that ordinary accesses cost one comparison more
//! where an offset is given, and one flag where the file's position counts.

use super::{block, pass};
use crate::errno::{Errno, SysResult, code};
use crate::procfs;
use crate::task::Thread;
use memory::GUEST_END;
use memory::guarded;
use memory::space::USUAL_END;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a file's position was ever moved so far that reading and writing there may be reading and writing memory.
#[derive(Debug, Default)]
pub struct Sought(AtomicBool);

/// How many of `len` bytes at a file's offset may be touched.
fn within(fd: i32, offset: u64, len: u64) -> Result<u64, Errno> {
    let inside = GUEST_END.saturating_sub(offset);
    // What is negative as an offset is refused by the kernel.
    if len <= inside || (offset | len) > i64::MAX as u64 || !procfs::shows_guest(fd) {
        return Ok(len);
    }
    if inside == 0 { Err(code::EIO) } else { Ok(inside) }
}

/// `lseek`.
pub(super) fn seek(t: &mut Thread, args: &[u64; 6]) -> SysResult {
    let at = pass(libc::SYS_lseek, args)?;
    if at >= USUAL_END {
        t.process.state.sought.0.store(true, Ordering::Relaxed);
    }
    Ok(at)
}

/// The offset of an access at the file's position, if it can matter.
fn position(t: &Thread, fd: u64) -> u64 {
    if !t.process.state.sought.0.load(Ordering::Relaxed) {
        return 0;
    }
    pass(libc::SYS_lseek, &[fd, 0, libc::SEEK_CUR as u64, 0, 0, 0]).unwrap_or(0)
}

/// `read` and `write`, and with `offset` `pread64` and `pwrite64`: the third argument is how many bytes.
pub(super) fn plain(t: &mut Thread, number: i64, args: &[u64; 6], offset: Option<u64>) -> SysResult {
    let offset = offset.unwrap_or_else(|| position(t, args[0]));
    let mut args = *args;
    args[2] = within(args[0] as i32, offset, args[2])?;
    block(t, number, &args)
}

/// `readv` and its like: the third argument is how many elements the vector has.
pub(super) fn vectored(t: &mut Thread, number: i64, args: &[u64; 6], offset: Option<u64>) -> SysResult {
    let offset = offset.unwrap_or_else(|| position(t, args[0]));
    super::vectors::with_vector(args, 1, |args| {
        let copy = shorter(offset, args)?;
        let mut args = *args;
        if let Some(copy) = &copy {
            (args[1], args[2]) = (copy.as_ptr() as u64, copy.len() as u64);
        }
        block(t, number, &args)
    })
}

/// A vector without what [`within`] does not allow, if that is not all.
fn shorter(offset: u64, args: &[u64; 6]) -> Result<Option<Vec<[u64; 2]>>, Errno> {
    // Nothing is as long as that.
    if offset < USUAL_END {
        return Ok(None);
    }
    let Ok(mut all) = guarded::load_vec::<[u64; 2]>(args[1], args[2].min(1024) as usize) else { return Ok(None) };
    let len = all.iter().fold(0, |sum: u64, e| sum.saturating_add(e[1]));
    let mut rest = within(args[0] as i32, offset, len)?;
    if rest == len {
        return Ok(None);
    }
    for element in &mut all {
        element[1] = element[1].min(rest);
        rest -= element[1];
    }
    Ok(Some(all))
}
