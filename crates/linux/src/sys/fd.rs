//! Descriptors as such: copies, flags, pipes, devices.

use super::{block, pass, syscalls};
use crate::errno::{SysResult, from_io};

syscalls! { ROWS;
    23 dup(fd: Fd) Full { pass SYS_dup }
    24 dup3(old: Fd, new: Int, flags: OpenFlags) Full { |_t| {
        if old.0 != new.0 {
            hostos::fds::make_way(new.0).map_err(|e| from_io(&e))?;
        }
        pass(libc::SYS_dup3, &[old.0 as u64, new.0 as u64, flags.0 as u64, 0, 0, 0])
    } }
    25 fcntl(fd: Fd, command: FcntlCommand, arg: Either) Full { block SYS_fcntl }
    29 ioctl(fd: Fd, request: Hex, arg: Either) Part "addresses in its structures are not looked at" { |t| {
        // The request is 32 bits wide, whatever the register's upper half holds.
        block(t, libc::SYS_ioctl, &[fd.0 as u64, request.0 & 0xffff_ffff, arg.0, 0, 0, 0])
    } }
    32 flock(fd: Fd, operation: Int) Full { block SYS_flock }
    57 close(fd: Fd) Full { pass SYS_close }
    59 pipe2(ends: Pair, flags: OpenFlags) Full { pass SYS_pipe2 }
    279 memfd_create(name: Path, flags: Hex) Full { pass SYS_memfd_create }
    436 close_range(first: Uint, last: Uint, flags: Hex) Full { |_t| close_range(first.0, last.0, flags.0) }
    447 memfd_secret(flags: Hex) Full { pass SYS_memfd_secret }
}

/// Closes a range, but for our own descriptors in it.
fn close_range(first: u32, last: u32, flags: u64) -> SysResult {
    let close = |first: u32, last: u32| pass(libc::SYS_close_range, &[first.into(), last.into(), flags, 0, 0, 0]);
    let mut next = first;
    for fd in hostos::fds::hidden().into_iter().map(|fd| fd as u32).filter(|fd| (first..=last).contains(fd)) {
        if fd > next {
            close(next, fd - 1)?;
        }
        next = fd + 1;
    }
    // With nothing left, the kernel still has its say about flags and order.
    if next > last && next > first { Ok(0) } else { close(next, last) }
}
