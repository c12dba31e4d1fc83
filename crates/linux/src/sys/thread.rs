//! Threads: clone, futexes, robust lists, barriers.

use super::vectors::words;
use super::{block, pass, syscalls};
use crate::errno::{ERESTARTNOINTR, ERESTARTSYS, SysResult, code};
use crate::process::clone::{Request, clone};
use crate::task::Thread;

syscalls! { ROWS;
    96 set_tid_address(addr: Addr) Full { |t| {
        t.own.clear_tid = addr.0;
        Ok(t.tid as u64)
    } }
    98 futex(addr: Ptr, op: FutexOp, value: Uint, timeout: Either, addr2: Ptr, value3: Uint) Full {
        |t| futex(t, [addr.0, op.0 as u64, value.0.into(), timeout.0, addr2.0, value3.0.into()])
    }
    99 set_robust_list(head: Ptr, size: Size) Full { |t| {
        pass(libc::SYS_set_robust_list, &[head.0, size.0, 0, 0, 0, 0])?;
        t.own.robust_list = head.0;
        Ok(0)
    } }
    100 get_robust_list(tid: Int, head: Ptr, size: Ptr) Full { pass SYS_get_robust_list }
    220 clone(flags: CloneFlags, stack: Addr, parent_tid: Ptr, tls: Addr, child_tid: Ptr) Full {
        |t| clone(t, &Request::from_clone(flags.0, stack.0, parent_tid.0, tls.0, child_tid.0))
    }
    283 membarrier(command: Int, flags: Uint, cpu: Int) Part "without the commands for restartable sequences" {
        |t| membarrier(t, command.0, flags.0, cpu.0)
    }
    293 rseq(area: Ptr, size: Uint, flags: Hex, signature: Hex) None "the commit of a sequence could not be aborted, see below; C libraries go without" { missing }
    435 clone3(arguments: Ptr, size: Size) Full { |t| {
        let request = Request::from_clone3(arguments.0, size.0)?;
        clone(t, &request)
    } }
    449 futex_waitv(waiters: Ptr, count: Uint, flags: Hex, timeout: Time, clock: Clock) Full { |t| {
        let copy = futexes(waiters.0, count.0.into());
        let waiters = copy.as_ref().map_or(waiters.0, |c| c.as_ptr() as u64);
        block(t, libc::SYS_futex_waitv, &[waiters, count.0.into(), flags.0, timeout.0, clock.0 as u64, 0])
    } }
    454 futex_wake(addr: Ptr, mask: Hex, count: Int, flags: Hex) Full { |_t| {
        pass(SYS_FUTEX_WAKE, &[addr.0, mask.0, count.0 as u64, flags.0, 0, 0])
    } }
    455 futex_wait(addr: Ptr, value: Ulong, mask: Hex, flags: Hex, timeout: Time, clock: Clock) Full { |t| {
        block(t, SYS_FUTEX_WAIT, &[addr.0, value.0, mask.0, flags.0, timeout.0, clock.0 as u64])
    } }
    456 futex_requeue(waiters: Ptr, flags: Hex, wake: Int, requeue: Int) Full { |_t| {
        let copy = futexes(waiters.0, 2);
        let waiters = copy.as_ref().map_or(waiters.0, |c| c.as_ptr() as u64);
        pass(SYS_FUTEX_REQUEUE, &[waiters, flags.0, wake.0 as u64, requeue.0 as u64, 0, 0])
    } }
}

/// Corrects the addresses in a list of `struct futex_waitv`.
fn futexes(list: u64, count: u64) -> Option<Vec<[u64; 3]>> {
    words(list, count, 1..=1)
}

/// These have the same numbers on every architecture.
const SYS_FUTEX_WAKE: i64 = 454;
const SYS_FUTEX_WAIT: i64 = 455;
const SYS_FUTEX_REQUEUE: i64 = 456;

fn futex(t: &mut Thread, raw: [u64; 6]) -> SysResult {
    const LOCK_PI2: i32 = 13;
    let command = raw[1] as i32 & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    let locks = [libc::FUTEX_LOCK_PI, LOCK_PI2].contains(&command);
    match block(t, libc::SYS_futex, &raw) {
        // Taking such a lock begins again after every handler.
        Err(ERESTARTSYS) if locks => Err(ERESTARTNOINTR),
        result => result,
    }
}

/// The commands for restartable sequences; `MEMBARRIER_CMD_FLAG_CPU` is theirs.
const RSEQ_COMMANDS: i32 = 1 << 7 | 1 << 8;
const SYNC_CORE: i32 = 1 << 5;

fn membarrier(t: &mut Thread, command: i32, flags: u32, cpu: i32) -> SysResult {
    if command & RSEQ_COMMANDS != 0 {
        return Err(code::EINVAL);
    }
    let result = pass(libc::SYS_membarrier, &[command as u64, flags.into(), cpu as u64, 0, 0, 0])?;
    match command {
        0 => Ok(result & !(RSEQ_COMMANDS as u64)),
        SYNC_CORE => {
            let engine = t.process.engine.clone();
            engine.sync_code(&mut t.vcpu);
            Ok(result)
        }
        _ => Ok(result),
    }
}
