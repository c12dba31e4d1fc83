//! The guest's mapping calls.
//!
//! Every call changes the host's mappings and the list under one lock, so that the two always agree. Ranges are placed
//! as Linux does on RISC-V with 39-bit addresses (below 2^38, top down), because that is what programs expect; what
//! does not fit goes higher, up to [`GUEST_END`].

use crate::files::{Files, Seen, UNKNOWN};
use crate::list::{Attributes, List, Mapping, Role};
use crate::{Errno, GUEST_END, guarded};
use bits::{Addr, PAGE, page_of, page_up};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Rights of a guest page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Prot {
    pub read: bool,
    pub write: bool,
    pub exec: bool,
}

impl Prot {
    /// From the `PROT_*` bits of a system call.
    pub fn from_bits(bits: u32) -> Prot {
        let has = |bit: i32| bits & bit as u32 != 0;
        Prot { read: has(libc::PROT_READ), write: has(libc::PROT_WRITE), exec: has(libc::PROT_EXEC) }
    }

    /// What the host's page needs: the guest's code is data to the host.
    fn host(self) -> i32 {
        let read = if self.read || self.exec { libc::PROT_READ } else { 0 };
        read | if self.write { libc::PROT_WRITE } else { 0 }
    }
}

/// The result of a mapping call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the call returns.
    pub value: u64,
    /// Whether pages in the range could be executed before or can be now: translated code must be invalidated.
    pub code: bool,
}

/// What `mmap` is asked for. `flags` are Linux's; a `fd` of -1 means none.
#[derive(Clone, Copy, Debug)]
pub struct MapRequest {
    pub addr: Addr,
    pub len: u64,
    pub prot: Prot,
    pub flags: i32,
    pub fd: i32,
    pub offset: u64,
    pub role: Role,
}

/// Where things go.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Ranges are placed below this address.
    pub map_top: Addr,
    /// Where the heap begins.
    pub heap: Addr,
}

/// Top of the usual part of the address space (39-bit addresses).
pub const USUAL_END: Addr = 1 << 38;

/// No range is placed below this address unless asked for.
const LOWEST: Addr = 0x1_0000;

/// Flags that the host knows on x86 only.
const HOST_ONLY: i32 = 0x40 | 0x80;

const GROWS_DOWN: i32 = libc::PROT_GROWSDOWN;

#[derive(Debug)]
struct Inner {
    list: List,
    files: Files,
    layout: Layout,
    heap_end: Addr,
}

/// The guest's mappings. Internally locked; all methods take `&self`.
#[derive(Debug)]
pub struct AddressSpace {
    inner: RwLock<Inner>,
    /// RLIMIT_AS and RLIMIT_DATA as the guest set them, in bytes.
    limit: AtomicU64,
    data_limit: AtomicU64,
    code_changes: AtomicU64,
}

impl Default for AddressSpace {
    fn default() -> Self {
        Self::new()
    }
}

fn errno(number: i32) -> Errno {
    Errno(number)
}

const EINVAL: Errno = Errno(libc::EINVAL);
const ENOMEM: Errno = Errno(libc::ENOMEM);

fn last_error() -> Errno {
    errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL))
}

fn host_map(start: Addr, len: u64, prot: i32, flags: i32, fd: i32, offset: u64) -> Result<Addr, Errno> {
    debug_assert!(start + len <= GUEST_END);
    // SAFETY: the range lies in the guest's part, which holds no Rust object; MAP_FIXED keeps it there.
    let got = unsafe { libc::mmap(start as *mut _, len as usize, prot, flags | libc::MAP_FIXED, fd, offset as i64) };
    if got == libc::MAP_FAILED { Err(last_error()) } else { Ok(got as u64) }
}

fn host_unmap(start: Addr, len: u64) -> Result<(), Errno> {
    debug_assert!(start + len <= GUEST_END);
    // SAFETY: guest pages only.
    let failed = unsafe { libc::munmap(start as *mut _, len as usize) } != 0;
    if failed { Err(last_error()) } else { Ok(()) }
}

fn host_protect(start: Addr, len: u64, prot: i32) -> Result<(), Errno> {
    debug_assert!(start + len <= GUEST_END);
    // SAFETY: guest pages only.
    let failed = unsafe { libc::mprotect(start as *mut _, len as usize, prot) } != 0;
    if failed { Err(last_error()) } else { Ok(()) }
}

fn host_advise(start: Addr, len: u64, advice: i32) -> Result<(), Errno> {
    // SAFETY: guest pages only, whose contents no Rust object depends on.
    let failed = unsafe { libc::madvise(start as *mut _, len as usize, advice) } != 0;
    if failed { Err(last_error()) } else { Ok(()) }
}

fn host_remap(old: Addr, old_len: u64, new_len: u64, flags: i32, new: Addr) -> Result<Addr, Errno> {
    debug_assert!(old + old_len <= GUEST_END && new + new_len <= GUEST_END);
    // SAFETY: guest pages only, before and after.
    let got = unsafe { libc::mremap(old as *mut _, old_len as usize, new_len as usize, flags, new as *mut u8) };
    if got == libc::MAP_FAILED { Err(last_error()) } else { Ok(got as u64) }
}

/// Checks that a range is page-aligned and the guest's; returns its end.
fn range(start: Addr, len: u64, beyond: Errno) -> Result<Addr, Errno> {
    if !start.is_multiple_of(PAGE) {
        return Err(EINVAL);
    }
    let end = start.checked_add(len).filter(|&e| e <= GUEST_END).ok_or(beyond)?;
    Ok(page_up(end))
}

impl Inner {
    /// A free range, near `hint` if that is possible.
    fn place(&self, hint: Addr, len: u64) -> Result<Addr, Errno> {
        let hint = page_of(hint);
        let fits = |a: Addr| a >= LOWEST && a.checked_add(len).is_some_and(|e| e <= GUEST_END && self.list.free(a, e));
        if hint != 0 && fits(hint) {
            return Ok(hint);
        }
        let top = self.layout.map_top;
        let usual = self.list.gap_below(len, LOWEST, top);
        // Above the stack there is the rest of the address space, for what is huge.
        usual.or_else(|| self.list.gap_below(len, USUAL_END, GUEST_END)).ok_or(ENOMEM)
    }
}

impl AddressSpace {
    /// An empty space. Reserves the page at [`GUEST_END`], so that a system call that is given a range across the
    /// border fails there instead of reaching the host's memory.
    pub fn new() -> AddressSpace {
        // SAFETY: NOREPLACE maps only where nothing is; failure means that something is there that stops it as well.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
            libc::mmap(GUEST_END as *mut _, PAGE as usize, libc::PROT_NONE, flags, -1, 0);
        }
        let layout = Layout { map_top: USUAL_END - PAGE, heap: 0 };
        AddressSpace {
            inner: RwLock::new(Inner { list: List::default(), files: Files::default(), layout, heap_end: 0 }),
            limit: AtomicU64::new(u64::MAX),
            data_limit: AtomicU64::new(u64::MAX),
            code_changes: AtomicU64::new(0),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(|e| e.into_inner())
    }

    /// Keeps all mapping calls out while the result lives: taken around `fork`, so that the child's list is whole.
    pub fn quiesce(&self) -> impl Sized + '_ {
        self.write()
    }

    /// Sets where mappings and the heap go (the loader calls this once).
    pub fn set_layout(&self, layout: Layout) {
        let mut inner = self.write();
        inner.heap_end = layout.heap;
        inner.layout = layout;
    }

    /// RLIMIT_AS and RLIMIT_DATA for the guest, in bytes.
    pub fn set_limits(&self, total: u64, data: u64) {
        self.limit.store(total, Ordering::Relaxed);
        self.data_limit.store(data, Ordering::Relaxed);
    }

    /// What the page at `addr` allows; `None` if nothing is mapped there.
    pub fn prot(&self, addr: Addr) -> Option<Prot> {
        self.read().list.at(addr).map(|m| m.attributes.prot)
    }

    /// Copies executable bytes at `addr` into `buf`; returns how many could be read (0 if the first byte is not
    /// executable or not there). Never crosses into a page that is not executable.
    pub fn fetch(&self, addr: Addr, buf: &mut [u8]) -> usize {
        let wanted_end = addr.saturating_add(buf.len() as u64).min(GUEST_END);
        let inner = self.read();
        let mut end = addr;
        while end < wanted_end {
            match inner.list.at(end) {
                Some(m) if m.attributes.prot.exec => end = m.end.min(wanted_end),
                _ => break,
            }
        }
        let len = (end - addr) as usize;
        match guarded::read(addr, &mut buf[..len]) {
            Ok(()) => len,
            Err(bad) => bad.done,
        }
    }

    /// Looks at the files that mappings with code show, for [`AddressSpace::changeable`].
    pub fn look_at_files(&self) -> Seen {
        self.read().files.look()
    }

    /// All code that could have changed with the files was compared after they were looked at.
    pub fn files_dealt_with(&self, seen: &Seen) {
        if !seen.is_empty() {
            self.write().files.dealt_with(seen);
        }
    }

    /// Whether the bytes of the page at `addr` can have changed without a mapping call: it is writable, or shared, or
    /// its file was written to.
    pub fn changeable(&self, addr: Addr, files: &Seen) -> bool {
        let changeable = |a: Attributes| a.prot.write || a.shared || files.suspect(a.file);
        self.read().list.at(addr).is_some_and(|m| changeable(m.attributes))
    }

    /// All mappings, sorted.
    pub fn snapshot(&self) -> Vec<Mapping> {
        self.read().list.iter_told()
    }

    /// Another number than before if pages with code came, went or moved.
    pub fn code_changes(&self) -> u64 {
        self.code_changes.load(Ordering::Acquire)
    }

    fn change(&self, value: u64, code: bool) -> Change {
        if code {
            self.code_changes.fetch_add(1, Ordering::Release);
        }
        Change { value, code }
    }

    /// The mapping that holds `addr`.
    pub fn mapping(&self, addr: Addr) -> Option<Mapping> {
        self.read().list.at(addr)
    }

    fn within_limits(&self, inner: &Inner, more: u64) -> Result<(), Errno> {
        let total = inner.list.bytes().saturating_add(more);
        if total > self.limit.load(Ordering::Relaxed) { Err(ENOMEM) } else { Ok(()) }
    }

    /// RLIMIT_DATA counts what is private and writable, but for the stack.
    fn within_data_limit(&self, inner: &Inner, more: u64) -> Result<(), Errno> {
        let limit = self.data_limit.load(Ordering::Relaxed);
        if limit == u64::MAX {
            return Ok(());
        }
        let counts = |m: &Mapping| m.attributes.prot.write && !m.attributes.shared && m.attributes.role != Role::Stack;
        let used: u64 = inner.list.iter().filter(counts).map(|m| m.end - m.start).sum();
        if used.saturating_add(more) > limit { Err(ENOMEM) } else { Ok(()) }
    }

    /// `mmap`.
    pub fn map(&self, request: &MapRequest) -> Result<Change, Errno> {
        let asked_fixed = request.flags & (libc::MAP_FIXED | libc::MAP_FIXED_NOREPLACE) != 0;
        let kind = request.flags & libc::MAP_TYPE;
        let known = [libc::MAP_SHARED, libc::MAP_PRIVATE, libc::MAP_SHARED_VALIDATE].contains(&kind);
        if request.len == 0 || !known || !request.offset.is_multiple_of(PAGE) {
            return Err(EINVAL);
        }
        let len = page_up(request.len);
        if len == 0 || len > GUEST_END {
            return Err(ENOMEM);
        }
        if asked_fixed {
            range(request.addr, len, ENOMEM)?;
        }
        let mut inner = self.write();
        self.within_limits(&inner, len)?;
        if kind == libc::MAP_PRIVATE && request.prot.write {
            self.within_data_limit(&inner, len)?;
        }
        let start = if asked_fixed { map_at(&inner, request, len)? } else { map_anywhere(&inner, request, len)? };
        let shared = kind != libc::MAP_PRIVATE;
        let code = request.prot.exec || inner.list.any_exec(start, start + len);
        let shows_file = !shared && request.flags & libc::MAP_ANONYMOUS == 0 && request.role != Role::Program;
        let file = match (shows_file, request.prot.exec) {
            (false, _) => 0,
            (true, true) => inner.files.number(request.fd),
            // Code or not is seen later, when there is no descriptor any more.
            (true, false) => UNKNOWN,
        };
        inner.list.insert(
            start,
            start + len,
            Attributes { prot: request.prot, shared, role: request.role, file, no_fork: false },
        );
        Ok(self.change(start, code))
    }

    /// Places something that is mapped by another call than `mmap` (`shmat`): `attach` is given the address and must
    /// leave exactly `len` bytes mapped there. With `fixed`, whatever lies at `addr` may be replaced.
    pub fn map_with(
        &self,
        addr: Addr,
        len: u64,
        fixed: bool,
        attributes: Attributes,
        attach: impl FnOnce(Addr) -> Result<(), Errno>,
    ) -> Result<Change, Errno> {
        let len = page_up(len);
        let mut inner = self.write();
        self.within_limits(&inner, len)?;
        let start = if addr != 0 {
            let end = range(addr, len, EINVAL)?;
            if !fixed && !inner.list.free(addr, end) {
                return Err(EINVAL);
            }
            addr
        } else {
            inner.place(0, len)?
        };
        attach(start)?;
        let code = attributes.prot.exec || inner.list.any_exec(start, start + len);
        inner.list.insert(start, start + len, attributes);
        Ok(self.change(start, code))
    }

    /// Forgets `len` bytes that another call than `munmap` has unmapped (`shmdt`).
    pub fn forget(&self, start: Addr, len: u64) -> Change {
        let mut inner = self.write();
        let end = start + page_up(len);
        let code = inner.list.any_exec(start, end);
        inner.list.remove(start, end);
        self.change(0, code)
    }

    /// `munmap`.
    pub fn unmap(&self, start: Addr, len: u64) -> Result<Change, Errno> {
        let end = range(start, len, EINVAL)?;
        if len == 0 {
            return Err(EINVAL);
        }
        let mut inner = self.write();
        host_unmap(start, end - start)?;
        let code = inner.list.any_exec(start, end);
        inner.list.remove(start, end);
        Ok(self.change(0, code))
    }

    /// `mprotect`. Over a hole it fails, but what lies before the hole has changed, as in Linux.
    pub fn protect(&self, start: Addr, len: u64, bits: i32) -> Result<Change, Errno> {
        let known = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC | 8 | GROWS_DOWN | libc::PROT_GROWSUP;
        let end = range(start, len, ENOMEM)?;
        if bits & !known != 0 || bits & libc::PROT_GROWSUP != 0 {
            return Err(EINVAL);
        }
        if len == 0 {
            return Ok(Change { value: 0, code: false });
        }
        let mut inner = self.write();
        let start = if bits & GROWS_DOWN != 0 { stack_start(&inner.list, start)? } else { start };
        let prot = Prot::from_bits(bits as u32);
        let result = host_protect(start, end - start, prot.host());
        let changed = match result {
            Ok(()) => end,
            Err(Errno(libc::ENOMEM)) => inner.list.first_hole(start, end),
            Err(_) => start,
        };
        let code = prot.exec || inner.list.any_exec(start, changed);
        inner.list.protect(start, changed, prot);
        match result {
            Ok(()) => Ok(self.change(0, code)),
            // The caller must see that code may have changed even though the call failed.
            Err(e) if code && changed > start => Ok(self.change(-i64::from(e.0) as u64, code)),
            Err(e) => Err(e),
        }
    }

    /// `mremap`. On success, code in the old range and in the new one must be invalidated if `code` says so.
    pub fn remap(&self, old: Addr, old_len: u64, new_len: u64, flags: i32, new: Addr) -> Result<Change, Errno> {
        const DONT_UNMAP: i32 = 4;
        let known = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED | DONT_UNMAP;
        let fixed = flags & libc::MREMAP_FIXED != 0;
        let may_move = flags & libc::MREMAP_MAYMOVE != 0;
        let new_len = page_up(new_len);
        let old_end = range(old, old_len, EINVAL)?;
        let old_len = old_end - old;
        let bad_flags = flags & !known != 0 || (flags & (libc::MREMAP_FIXED | DONT_UNMAP) != 0 && !may_move);
        if bad_flags || new_len == 0 || (flags & DONT_UNMAP != 0 && old_len != new_len) {
            return Err(EINVAL);
        }
        if fixed {
            let end = range(new, new_len, EINVAL)?;
            if new < old_end && old < end {
                return Err(EINVAL);
            }
        }
        let mut inner = self.write();
        let attributes = inner.list.at(old).ok_or(Errno(libc::EFAULT))?.attributes;
        if !fixed && flags & DONT_UNMAP == 0 && old_len > 0 && new_len <= old_len {
            let code = resize_down(&mut inner, old, old_len, new_len)?;
            return Ok(self.change(old, code));
        }
        self.within_limits(&inner, new_len.saturating_sub(old_len))?;
        if !fixed && flags & DONT_UNMAP == 0 && old_len > 0 {
            if let Some(code) = grow_in_place(&mut inner, old, old_len, new_len)? {
                return Ok(self.change(old, code));
            }
            if !may_move {
                return Err(ENOMEM);
            }
        }
        let target = if fixed { new } else { inner.place(new, new_len)? };
        let value = host_remap(old, old_len, new_len, flags | libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED, target)?;
        let code = attributes.prot.exec || inner.list.any_exec(value, value + new_len);
        if flags & DONT_UNMAP == 0 {
            inner.list.remove(old, old_end);
        }
        inner.list.insert(value, value + new_len, attributes);
        Ok(self.change(value, code))
    }

    /// `brk`: the heap's new end, or its old one if it cannot be moved there.
    pub fn brk(&self, wanted: Addr) -> Change {
        let mut inner = self.write();
        let (heap, now) = (inner.layout.heap, inner.heap_end);
        let unchanged = Change { value: now, code: false };
        if wanted < heap || wanted >= GUEST_END {
            return unchanged;
        }
        let (old_end, new_end) = (page_up(now), page_up(wanted));
        if new_end > old_end {
            let more = new_end - old_end;
            let too_big = self.within_data_limit(&inner, more).is_err();
            if too_big || !inner.list.free(old_end, new_end) || self.within_limits(&inner, more).is_err() {
                return unchanged;
            }
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
            let prot = Prot { read: true, write: true, exec: false };
            if host_map(old_end, more, prot.host(), flags, -1, 0).is_err() {
                return unchanged;
            }
            inner.list.insert(old_end, new_end, Attributes { prot, role: Role::Heap, ..Attributes::default() });
        } else if new_end < old_end {
            if host_unmap(new_end, old_end - new_end).is_err() {
                return unchanged;
            }
            inner.list.remove(new_end, old_end);
        }
        inner.heap_end = wanted;
        Change { value: wanted, code: false }
    }

    /// Where the heap begins and ends.
    pub fn heap(&self) -> (Addr, Addr) {
        let inner = self.read();
        (inner.layout.heap, inner.heap_end)
    }

    /// In the child of a fork: what is not there any more. Code in it must be invalidated.
    pub fn forked(&self) -> Vec<Mapping> {
        let mut inner = self.write();
        let gone: Vec<Mapping> = inner.list.iter().filter(|m| m.attributes.no_fork).collect();
        gone.iter().for_each(|m| inner.list.remove(m.start, m.end));
        gone
    }

    /// `madvise`.
    pub fn advise(&self, start: Addr, len: u64, advice: i32) -> Result<Change, Errno> {
        let end = range(start, len, ENOMEM)?;
        if [libc::MADV_DONTFORK, libc::MADV_DOFORK].contains(&advice) {
            let mut inner = self.write();
            let result = host_advise(start, end - start, advice);
            // Over a hole it fails when it is done.
            if result.is_ok() || result == Err(ENOMEM) {
                inner.list.change(start, end, |attributes| attributes.no_fork = advice == libc::MADV_DONTFORK);
            }
            return result.map(|()| Change { value: 0, code: false });
        }
        let inner = self.read();
        host_advise(start, end - start, advice)?;
        Ok(Change { value: 0, code: inner.list.any_exec(start, end) })
    }
}

/// The start of the mapping at `start`, which must be one that grows down.
fn stack_start(list: &List, start: Addr) -> Result<Addr, Errno> {
    let found = list.at(start).ok_or(ENOMEM)?;
    if found.attributes.role == Role::Stack { Ok(found.start) } else { Err(EINVAL) }
}

/// `mmap` at the address asked for.
fn map_at(inner: &Inner, request: &MapRequest, len: u64) -> Result<Addr, Errno> {
    let keep = request.flags & libc::MAP_FIXED_NOREPLACE != 0;
    if keep && !inner.list.free(request.addr, request.addr + len) {
        return Err(Errno(libc::EEXIST));
    }
    host_map(request.addr, len, request.prot.host(), request.flags & !HOST_ONLY, request.fd, request.offset)
}

/// `mmap` where there is room. Something of the host's may be in the way where the list knows of nothing; then the
/// next lower place is tried.
fn map_anywhere(inner: &Inner, request: &MapRequest, len: u64) -> Result<Addr, Errno> {
    const TRIES: u32 = 1000;
    let flags = request.flags & !HOST_ONLY | libc::MAP_FIXED_NOREPLACE;
    let mut start = inner.place(request.addr, len)?;
    for _ in 0..TRIES {
        match host_map(start, len, request.prot.host(), flags, request.fd, request.offset) {
            Err(Errno(libc::EEXIST)) => {
                start = inner.list.gap_below(len, LOWEST, start + len - PAGE).ok_or(ENOMEM)?;
            }
            result => return result,
        }
    }
    Err(ENOMEM)
}

/// Returns whether code was in what is gone.
fn resize_down(inner: &mut Inner, old: Addr, old_len: u64, new_len: u64) -> Result<bool, Errno> {
    host_remap(old, old_len, new_len, 0, 0)?;
    let code = inner.list.any_exec(old + new_len, old + old_len);
    inner.list.remove(old + new_len, old + old_len);
    Ok(code)
}

/// Returns whether what grew may be executed; `None`: there is no room.
fn grow_in_place(inner: &mut Inner, old: Addr, old_len: u64, new_len: u64) -> Result<Option<bool>, Errno> {
    let (old_end, new_end) = (old + old_len, old + new_len);
    if new_end > GUEST_END || !inner.list.free(old_end, new_end) {
        return Ok(None);
    }
    match host_remap(old, old_len, new_len, 0, 0) {
        Ok(_) => {}
        Err(Errno(libc::ENOMEM)) => return Ok(None),
        Err(e) => return Err(e),
    }
    let Some(found) = inner.list.at(old) else { return Ok(None) };
    inner.list.insert(old_end, new_end, found.attributes);
    Ok(Some(found.attributes.prot.exec))
}

#[cfg(test)]
mod tests;
