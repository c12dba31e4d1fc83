//! Everything that fits nowhere else, and what is refused on purpose.

use super::{pass, syscalls};
use crate::errno::{SysResult, code};
use crate::seccomp;
use crate::task::Thread;

syscalls! { ROWS;
    0 io_setup(count: Uint, context: Ptr) Part "the ring lies outside the guest's part of the address space" { pass SYS_io_setup }
    1 io_destroy(context: Hex) Full { pass SYS_io_destroy }
    2 io_submit(context: Hex, count: Long, blocks: Ptr) Full {
        |t| super::vectors::submit(t, &[context.0, count.0 as u64, blocks.0, 0, 0, 0])
    }
    3 io_cancel(context: Hex, block: Ptr, result: Ptr) Full { pass SYS_io_cancel }
    4 io_getevents(context: Hex, least: Long, most: Long, events: Ptr, timeout: Time) Full { wait SYS_io_getevents }
    60 quotactl(command: Hex, special: Path, id: Int, addr: Ptr) Full { pass SYS_quotactl }
    58 vhangup() Full { pass SYS_vhangup }
    89 acct(path: Path) Full { pass SYS_acct }
    97 unshare(flags: CloneFlags) Full { pass SYS_unshare }
    104 kexec_load(entry: Addr, count: Ulong, segments: Ptr, flags: Hex) None "would load a guest's kernel on the host" { missing }
    105 init_module(image: Ptr, len: Size, parameters: Path) None "would load a guest's module on the host" { missing }
    106 delete_module(name: Path, flags: Hex) None "the host's modules are not the guest's" { missing }
    117 ptrace(request: Long, pid: Int, addr: Addr, data: Either) None "registers would be the host's" { missing }
    142 reboot(magic: Hex, magic2: Hex, command: Hex, arg: Ptr) Part "always EPERM: the machine is the host's" { |_t| {
        let _ = (magic, magic2, command, arg);
        Err(code::EPERM)
    } }
    167 prctl(option: Int, a: Either, b: Either, c: Either, d: Either) Part "options of other architectures, PR_SET_MM: EINVAL" {
        |t| prctl(t, option.0, [option.0 as u64, a.0, b.0, c.0, d.0, 0])
    }
    217 add_key(kind: Path, name: Path, payload: Ptr, len: Size, ring: Int) Full { pass SYS_add_key }
    218 request_key(kind: Path, name: Path, info: Path, ring: Int) Full { pass SYS_request_key }
    219 keyctl(operation: Int, a: Either, b: Either, c: Either, d: Either) Full { pass SYS_keyctl }
    224 swapon(path: Path, flags: Hex) Full { pass SYS_swapon }
    225 swapoff(path: Path) Full { pass SYS_swapoff }
    241 perf_event_open(attributes: Ptr, pid: Int, cpu: Int, group: Fd, flags: Hex) None "would count the host's instructions" { missing }
    268 setns(fd: Fd, kind: CloneFlags) Full { pass SYS_setns }
    272 kcmp(a: Int, b: Int, kind: Int, x: Ulong, y: Ulong) Full { pass SYS_kcmp }
    273 finit_module(fd: Fd, parameters: Path, flags: Hex) None "would load a guest's module on the host" { missing }
    277 seccomp(operation: Uint, flags: Hex, args: Ptr) Part "no listeners; with filters no program of the host can be executed" {
        |t| seccomp::seccomp(t, operation.0, flags.0, args.0)
    }
    280 bpf(command: Int, attributes: Ptr, size: Uint) Part "addresses in its attributes are not looked at" { pass SYS_bpf }
    292 io_pgetevents(context: Hex, least: Long, most: Long, events: Ptr, timeout: Time, mask: Ptr) None "programs fall back to io_getevents" { missing }
    294 kexec_file_load(kernel: Fd, initrd: Fd, len: Size, line: Path, flags: Hex) None "would load a guest's kernel on the host" { missing }
    425 io_uring_setup(entries: Uint, parameters: Ptr) None "its rings would lie above the guest's memory; programs fall back" { missing }
    426 io_uring_enter(fd: Fd, submit: Uint, complete: Uint, flags: Hex, arg: Ptr, size: Size) None "there is no ring" { missing }
    427 io_uring_register(fd: Fd, operation: Uint, arg: Ptr, count: Uint) None "there is no ring" { missing }
    443 quotactl_fd(fd: Fd, command: Hex, id: Int, addr: Ptr) Full { pass SYS_quotactl_fd }
}

/// Options that act on the process or the thread as such and mean the same on every architecture.
static PASSED: &[i32] = &[
    libc::PR_SET_PDEATHSIG,
    libc::PR_GET_PDEATHSIG,
    libc::PR_GET_DUMPABLE,
    libc::PR_SET_DUMPABLE,
    libc::PR_GET_KEEPCAPS,
    libc::PR_SET_KEEPCAPS,
    libc::PR_GET_TIMING,
    libc::PR_SET_TIMING,
    libc::PR_SET_NAME,
    libc::PR_GET_NAME,
    libc::PR_CAPBSET_READ,
    libc::PR_CAPBSET_DROP,
    libc::PR_GET_SECUREBITS,
    libc::PR_SET_SECUREBITS,
    libc::PR_SET_TIMERSLACK,
    libc::PR_GET_TIMERSLACK,
    libc::PR_TASK_PERF_EVENTS_DISABLE,
    libc::PR_TASK_PERF_EVENTS_ENABLE,
    libc::PR_MCE_KILL,
    libc::PR_MCE_KILL_GET,
    libc::PR_SET_PTRACER,
    libc::PR_SET_CHILD_SUBREAPER,
    libc::PR_GET_CHILD_SUBREAPER,
    libc::PR_SET_NO_NEW_PRIVS,
    libc::PR_GET_NO_NEW_PRIVS,
    libc::PR_SET_THP_DISABLE,
    libc::PR_GET_THP_DISABLE,
    libc::PR_CAP_AMBIENT,
    libc::PR_GET_SPECULATION_CTRL,
    libc::PR_SET_SPECULATION_CTRL,
    libc::PR_SCHED_CORE,
    PR_SET_IO_FLUSHER,
    PR_GET_IO_FLUSHER,
    PR_SET_VMA,
];

const PR_SET_IO_FLUSHER: i32 = 57;
const PR_GET_IO_FLUSHER: i32 = 58;
const PR_SET_VMA: i32 = 0x5356_4d41;
const PR_RISCV_SET_ICACHE_FLUSH_CTX: i32 = 71;

fn prctl(t: &mut Thread, option: i32, args: [u64; 6]) -> SysResult {
    match option {
        libc::PR_GET_TID_ADDRESS => {
            crate::errno::fault(memory::guarded::store(args[1], t.own.clear_tid))?;
            Ok(0)
        }
        libc::PR_GET_SECCOMP => Ok(seccomp::mode(t)),
        libc::PR_SET_SECCOMP => seccomp::set_mode(t, args[1], args[2]),
        // Promises that other harts see code after a fence.i here; they always do.
        PR_RISCV_SET_ICACHE_FLUSH_CTX if args[1] <= 1 && args[2] <= 1 => Ok(0),
        option if PASSED.contains(&option) => pass(libc::SYS_prctl, &args),
        _ => Err(code::EINVAL),
    }
}
