//! Mappings. Addresses are chosen by [`memory::AddressSpace`]; the engine hears of every change that concerns code.

use super::args::pointer;
use super::vectors::{process_vm, with_vector, words};
use super::{pass, syscalls};
use crate::errno::{SysResult, code, from_raw};
use crate::task::Thread;
use bits::{PAGE, page_of, page_up};
use memory::{Change, GUEST_END, MapRequest, Prot as Rights, Role};

syscalls! { ROWS;
    214 brk(addr: Addr) Full { |t| Ok(t.process.memory.brk(addr.0).value) }
    215 munmap(addr: Addr, len: Size) Full { |t| {
        let change = t.process.memory.unmap(addr.0, len.0);
        done(t, change, addr.0, len.0)
    } }
    216 mremap(old: Addr, old_len: Size, new_len: Size, flags: RemapFlags, new: Addr) Full {
        |t| remap(t, old.0, old_len.0, new_len.0, flags.0, new.0)
    }
    222 mmap(addr: Addr, len: Size, prot: Prot, flags: MapFlags, fd: Fd, offset: Hex) Full { |t| {
        map(t, &MapRequest {
            addr: addr.0,
            len: len.0,
            prot: Rights::from_bits(prot.0 as u32),
            flags: flags.0,
            fd: fd.0,
            offset: offset.0,
            role: Role::Plain,
        })
    } }
    226 mprotect(addr: Addr, len: Size, prot: Prot) Full { |t| protect(t, addr.0, len.0, prot.0) }
    227 msync(addr: Addr, len: Size, flags: Hex) Full { |_t| in_guest(libc::SYS_msync, [addr.0, len.0, flags.0, 0, 0, 0]) }
    228 mlock(addr: Addr, len: Size) Full { |_t| in_guest(libc::SYS_mlock, [addr.0, len.0, 0, 0, 0, 0]) }
    229 munlock(addr: Addr, len: Size) Full { |_t| in_guest(libc::SYS_munlock, [addr.0, len.0, 0, 0, 0, 0]) }
    230 mlockall(flags: Hex) Part "succeeds without locking: our own memory must not be locked with the guest's" { |_t| {
        if flags.0 == 0 || flags.0 > 7 || flags.0 == 4 { Err(code::EINVAL) } else { Ok(0) }
    } }
    231 munlockall() Full { pass SYS_munlockall }
    232 mincore(addr: Addr, len: Size, vec: Ptr) Full { |_t| in_guest(libc::SYS_mincore, [addr.0, len.0, vec.0, 0, 0, 0]) }
    233 madvise(addr: Addr, len: Size, advice: Advice) Full { |t| {
        let change = t.process.memory.advise(addr.0, len.0, advice.0);
        done(t, change, addr.0, len.0)
    } }
    234 remap_file_pages(addr: Addr, len: Size, prot: Prot, offset: Ulong, flags: MapFlags) Full { |t| {
        let result = in_guest(libc::SYS_remap_file_pages, [addr.0, len.0, prot.0 as u64, offset.0, flags.0 as u64, 0]);
        t.invalidate(addr.0, page_up(len.0));
        result
    } }
    235 mbind(addr: Addr, len: Size, mode: Int, mask: Ptr, bits: Ulong, flags: Hex) Full {
        |_t| in_guest(libc::SYS_mbind, [addr.0, len.0, mode.0 as u64, mask.0, bits.0, flags.0])
    }
    236 get_mempolicy(mode: Ptr, mask: Ptr, bits: Ulong, addr: Ptr, flags: Hex) Full { pass SYS_get_mempolicy }
    237 set_mempolicy(mode: Int, mask: Ptr, bits: Ulong) Full { pass SYS_set_mempolicy }
    238 migrate_pages(pid: Int, bits: Ulong, from: Ptr, to: Ptr) Full { pass SYS_migrate_pages }
    239 move_pages(pid: Int, count: Ulong, pages: Ptr, nodes: Ptr, status: Ptr, flags: Hex) Full { |_t| {
        let copy = words::<1>(pages.0, count.0, 0..=0);
        let pages = copy.as_ref().map_or(pages.0, |c| c.as_ptr() as u64);
        pass(libc::SYS_move_pages, &[pid.0 as u64, count.0, pages, nodes.0, status.0, flags.0])
    } }
    270 process_vm_readv(pid: Int, local: Ptr, local_count: Size, remote: Ptr, remote_count: Size, flags: Hex) Full {
        |_t| process_vm(libc::SYS_process_vm_readv, &[pid.0 as u64, local.0, local_count.0, remote.0, remote_count.0, flags.0])
    }
    271 process_vm_writev(pid: Int, local: Ptr, local_count: Size, remote: Ptr, remote_count: Size, flags: Hex) Full { |t| {
        // It may reach pages that nobody is allowed to write.
        t.process.engine.distrust_protections();
        process_vm(libc::SYS_process_vm_writev, &[pid.0 as u64, local.0, local_count.0, remote.0, remote_count.0, flags.0])
    } }
    282 userfaultfd(flags: OpenFlags) Full { pass SYS_userfaultfd }
    284 mlock2(addr: Addr, len: Size, flags: Hex) Full { |_t| in_guest(libc::SYS_mlock2, [addr.0, len.0, flags.0, 0, 0, 0]) }
    288 pkey_mprotect(addr: Addr, len: Size, prot: Prot, key: Int) Full { |t| {
        // RISC-V has no protection keys: only "no key" is valid.
        if key.0 == -1 { protect(t, addr.0, len.0, prot.0) } else { Err(code::EINVAL) }
    } }
    289 pkey_alloc(flags: Hex, rights: Hex) Full { |_t| {
        if flags.0 != 0 || rights.0 > 3 { Err(code::EINVAL) } else { Err(code::ENOSPC) }
    } }
    290 pkey_free(key: Int) Full { |_t| { let _ = key; Err(code::EINVAL) } }
    440 process_madvise(process: Fd, vector: Ptr, count: Size, advice: Advice, flags: Hex) Full {
        |_t| with_vector(&[process.0 as u64, vector.0, count.0, advice.0 as u64, flags.0, 0], 1, |args| pass(libc::SYS_process_madvise, args))
    }
    448 process_mrelease(process: Fd, flags: Hex) Full { pass SYS_process_mrelease }
    450 set_mempolicy_home_node(addr: Addr, len: Size, node: Ulong, flags: Hex) Full {
        |_t| in_guest(libc::SYS_set_mempolicy_home_node, [addr.0, len.0, node.0, flags.0, 0, 0])
    }
    453 map_shadow_stack(addr: Addr, size: Size, flags: Hex) None "shadow stacks are off" { missing }
    462 mseal(addr: Addr, len: Size, flags: Hex) None "sealed mappings would have to be known to every mapping call" { missing }
}

/// Tells the engine about a change, and gives its result.
pub(super) fn done(t: &mut Thread, change: Result<Change, crate::Errno>, start: u64, len: u64) -> SysResult {
    let change = change?;
    if change.code {
        t.invalidate(start, page_up(len));
    }
    from_raw(change.value as i64)
}

fn map(t: &mut Thread, request: &MapRequest) -> SysResult {
    let change = t.process.memory.map(request);
    let start = change.map_or(0, |c| c.value);
    done(t, change, start, request.len)
}

fn protect(t: &mut Thread, addr: u64, len: u64, prot: i32) -> SysResult {
    let change = t.process.memory.protect(addr, len, prot);
    done(t, change, addr, len)
}

fn remap(t: &mut Thread, old: u64, old_len: u64, new_len: u64, flags: i32, new: u64) -> SysResult {
    let change = t.process.memory.remap(old, old_len, new_len, flags, new)?;
    if change.code {
        t.invalidate(old, page_up(old_len));
        t.invalidate(change.value, page_up(new_len));
    }
    Ok(change.value)
}

/// A call on a range that must lie in the guest's memory.
fn in_guest(number: i64, mut args: [u64; 6]) -> SysResult {
    // A range that is empty, or ends before it begins, is for the kernel to judge: it looks at no memory then.
    let (start, offset) = (page_of(args[0]), args[0] % PAGE);
    let empty = start.wrapping_add(page_up(args[1].wrapping_add(offset))) <= start;
    let fits = args[0].checked_add(args[1]).is_some_and(|end| end <= GUEST_END);
    if !empty && !fits {
        // Nothing is mapped there for the guest; the kernel still checks the other arguments first.
        args[0] = pointer(u64::MAX) + offset;
        args[1] = args[1].clamp(1, PAGE);
    }
    pass(number, &args)
}
