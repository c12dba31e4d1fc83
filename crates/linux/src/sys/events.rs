//! Waiting for events: poll, select, epoll, and descriptors that are events.

use super::{syscalls, wait, wait_masked};
use crate::errno::{SysResult, code, fault};
use crate::task::Thread;
use memory::guarded;

syscalls! { ROWS;
    19 eventfd2(count: Uint, flags: OpenFlags) Full { pass SYS_eventfd2 }
    20 epoll_create1(flags: OpenFlags) Full { pass SYS_epoll_create1 }
    21 epoll_ctl(epoll: Fd, op: EpollOp, fd: Fd, event: Ptr) Full { |_t| epoll_ctl(epoll.0, op.0, fd.0, event.0) }
    22 epoll_pwait(epoll: Fd, events: Ptr, most: Int, timeout: Int, mask: Ptr, size: Size) Full {
        |t| epoll_wait(t, libc::SYS_epoll_pwait, events.0, mask.0, [epoll.0 as u64, 0, most.0 as u64, timeout.0 as u64, mask.0, size.0])
    }
    26 inotify_init1(flags: OpenFlags) Full { pass SYS_inotify_init1 }
    27 inotify_add_watch(fd: Fd, path: Path, mask: Hex) Full { |t| {
        let path = t.existing(libc::AT_FDCWD, path.0)?;
        super::pass(libc::SYS_inotify_add_watch, &[fd.0 as u64, path.arg(), mask.0, 0, 0, 0])
    } }
    28 inotify_rm_watch(fd: Fd, watch: Int) Full { pass SYS_inotify_rm_watch }
    72 pselect6(count: Int, read: Ptr, write: Ptr, except: Ptr, timeout: Time, mask: Ptr) Full { |t| {
        let raw = [count.0 as u64, read.0, write.0, except.0, timeout.0, mask.0];
        select(t, raw)
    } }
    73 ppoll(fds: Ptr, count: Size, timeout: Time, mask: Ptr, size: Size) Full { |t| {
        wait_masked(t, libc::SYS_ppoll, &[fds.0, count.0, timeout.0, mask.0, size.0, 0], mask.0)
    } }
    74 signalfd4(fd: Fd, mask: Ptr, size: Size, flags: OpenFlags) Full { pass SYS_signalfd4 }
    85 timerfd_create(clock: Clock, flags: OpenFlags) Full { pass SYS_timerfd_create }
    86 timerfd_settime(fd: Fd, flags: Hex, new: Ptr, old: Ptr) Full { pass SYS_timerfd_settime }
    87 timerfd_gettime(fd: Fd, value: Ptr) Full { pass SYS_timerfd_gettime }
    262 fanotify_init(flags: Hex, event_flags: OpenFlags) Full { pass SYS_fanotify_init }
    263 fanotify_mark(fd: Fd, flags: Hex, mask: Hex, dir: Dir, path: Path) Full { look 4 SYS_fanotify_mark }
    441 epoll_pwait2(epoll: Fd, events: Ptr, most: Int, timeout: Time, mask: Ptr, size: Size) Full {
        |t| epoll_wait(t, libc::SYS_epoll_pwait2, events.0, mask.0, [epoll.0 as u64, 0, most.0 as u64, timeout.0, mask.0, size.0])
    }
}

/// `pselect6`: the last argument points to a mask's address and size.
fn select(t: &mut Thread, mut raw: [u64; 6]) -> SysResult {
    if raw[5] == 0 {
        return wait(t, libc::SYS_pselect6, &raw);
    }
    let [mask, size] = fault(guarded::load::<[u64; 2]>(raw[5]))?;
    let checked = [super::args::pointer(mask), size];
    raw[5] = checked.as_ptr() as u64;
    wait_masked(t, libc::SYS_pselect6, &raw, checked[0])
}

/// Bytes of the guest's `struct epoll_event`: a 32-bit word, a gap, and 64 bits of data. The host packs it into 12.
const GUEST_EVENT: u64 = 16;
const HOST_EVENT: usize = 12;

fn epoll_ctl(epoll: i32, op: i32, fd: i32, event: u64) -> SysResult {
    let mut host = [0u8; HOST_EVENT];
    let mut arg = 0;
    if op != libc::EPOLL_CTL_DEL {
        let guest = fault(guarded::load::<[u8; 16]>(event))?;
        host[..4].copy_from_slice(&guest[..4]);
        host[4..].copy_from_slice(&guest[8..]);
        arg = host.as_ptr() as u64;
    }
    super::pass(libc::SYS_epoll_ctl, &[epoll as u64, op as u64, fd as u64, arg, 0, 0])
}

/// The most events that one call returns, so that the buffer is bounded.
const MOST_EVENTS: u64 = 4096;

/// Waits with the host's structures and writes the guest's. `args[1]` is filled in here.
fn epoll_wait(t: &mut Thread, number: i64, events: u64, mask: u64, mut args: [u64; 6]) -> SysResult {
    let most = (args[2] as i32).max(0) as u64;
    if events >= memory::GUEST_END || most > i32::MAX as u64 / GUEST_EVENT {
        return Err(if events >= memory::GUEST_END { code::EFAULT } else { code::EINVAL });
    }
    let room = most.min(MOST_EVENTS);
    let mut host = vec![0u8; room as usize * HOST_EVENT];
    args[1] = host.as_mut_ptr() as u64;
    args[2] = if most == 0 { args[2] } else { room };
    let count = wait_masked(t, number, &args, mask)?;
    let mut guest = vec![0u8; count as usize * GUEST_EVENT as usize];
    for (to, from) in guest.chunks_exact_mut(GUEST_EVENT as usize).zip(host.chunks_exact(HOST_EVENT)) {
        to[..4].copy_from_slice(&from[..4]);
        to[8..].copy_from_slice(&from[4..]);
    }
    fault(guarded::write(events, &guest))?;
    Ok(count)
}
