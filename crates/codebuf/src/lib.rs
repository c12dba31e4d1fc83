//! Memory for generated code that is never writable and executable at the same address (decision D8).
//!
//! One memory file is mapped twice: a view to write through and a view to run from. Code is addressed by its *offset*
//! in the buffer; both views translate offsets to addresses.
//!
//! Rules of this fence:
//! - all writes go through [`CodeBuf::write`] and [`CodeBuf::patch_u32`], which check the range;
//! - a caller writes only into a chunk that it got from [`CodeBuf::alloc`], or patches a 32-bit field that does not
//!   cross a cache line, so that a concurrent fetch sees the old or the new value;
//! - nothing is ever unmapped while the buffer lives.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Code memory with two views.
pub struct CodeBuf {
    run: usize,
    edit: usize,
    len: usize,
    next: AtomicUsize,
}

fn map(fd: i32, len: usize, prot: i32, at: Option<usize>) -> io::Result<usize> {
    let (hint, fixed) = match at {
        Some(addr) => (addr, libc::MAP_FIXED),
        None => (0, 0),
    };
    // SAFETY: a fresh mapping of a file that we own, or one placed over our own view of the same length.
    let p = unsafe { libc::mmap(hint as *mut _, len, prot, libc::MAP_SHARED | fixed, fd, 0) };
    if p == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(p as usize) }
}

fn memory_file(len: usize) -> io::Result<i32> {
    const MFD_EXEC: libc::c_uint = 0x10;
    // SAFETY: the name is a C string, and the calls have no other memory operands.
    unsafe {
        let name = c"fluoro-code".as_ptr();
        let mut fd = libc::memfd_create(name, libc::MFD_CLOEXEC | MFD_EXEC);
        if fd < 0 {
            // Linux before 6.3 does not know MFD_EXEC.
            fd = libc::memfd_create(name, libc::MFD_CLOEXEC);
        }
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        if libc::ftruncate(fd, len as libc::off_t) < 0 {
            let e = io::Error::last_os_error();
            libc::close(fd);
            return Err(e);
        }
        Ok(fd)
    }
}

fn close(fd: i32) {
    // SAFETY: closes a descriptor that this module opened and keeps nowhere.
    unsafe { libc::close(fd) };
}

const RUN: i32 = libc::PROT_READ | libc::PROT_EXEC;
const EDIT: i32 = libc::PROT_READ | libc::PROT_WRITE;

impl CodeBuf {
    /// Reserves `len` bytes; pages are only used once written.
    ///
    /// # Errors
    /// What `memfd_create`, `ftruncate` or `mmap` said.
    pub fn new(len: usize) -> io::Result<CodeBuf> {
        let fd = memory_file(len)?;
        let views = map(fd, len, RUN, None).and_then(|run| Ok((run, map(fd, len, EDIT, None)?)));
        close(fd);
        let (run, edit) = views?;
        for view in [run, edit] {
            // SAFETY: a mapping of our own; the call changes no contents. A core dump has no use for translations.
            unsafe { libc::madvise(view as *mut _, len, libc::MADV_DONTDUMP) };
        }
        Ok(CodeBuf { run, edit, len, next: AtomicUsize::new(0) })
    }

    /// Takes `size` bytes; `None` when the buffer is full.
    pub fn alloc(&self, size: usize) -> Option<u32> {
        let at = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n + size <= self.len).then_some(n + size))
            .ok()?;
        Some(at as u32)
    }

    /// Makes the pages of a range present in the view to write through with one call instead of a fault a page; in the
    /// other one, a fault brings what there is around it. Only a matter of speed, so an old kernel's refusal is ignored.
    pub fn prepare(&self, offset: u32, len: usize) {
        const POPULATE_WRITE: i32 = 23;
        let (first, end) = (offset as usize & !4095, (offset as usize + len).min(self.len));
        // SAFETY: a range of our own mapping; the call changes no contents.
        unsafe { libc::madvise((self.edit + first) as *mut _, end - first, POPULATE_WRITE) };
    }

    /// Bytes handed out so far.
    pub fn used(&self) -> usize {
        self.next.load(Ordering::Relaxed)
    }

    /// Forgets everything behind `keep` bytes. The caller has made sure that nobody runs there.
    pub fn reset(&self, keep: usize) {
        self.next.store(keep, Ordering::Relaxed);
    }

    /// The address at which the byte at `offset` is executed.
    pub fn run_addr(&self, offset: u32) -> usize {
        self.run + offset as usize
    }

    /// The offset of an executable address, if it lies in here.
    pub fn offset_of(&self, addr: usize) -> Option<u32> {
        let off = addr.wrapping_sub(self.run);
        (off < self.len).then_some(off as u32)
    }

    /// The executable view: first address and length.
    pub fn range(&self) -> (usize, usize) {
        (self.run, self.len)
    }

    /// Copies code to `offset`.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn write(&self, offset: u32, code: &[u8]) {
        assert!(offset as usize + code.len() <= self.len, "code of {} bytes at {offset:#x}", code.len());
        // SAFETY: inside the writable view (asserted); nobody runs bytes that are not published yet.
        unsafe {
            std::ptr::copy_nonoverlapping(code.as_ptr(), (self.edit + offset as usize) as *mut u8, code.len());
        }
    }

    /// Replaces the 32-bit field at `offset` in one store, also while others run the code around it.
    ///
    /// # Panics
    /// If the field crosses a cache line or lies outside.
    pub fn patch_u32(&self, offset: u32, value: u32) {
        assert!(offset as usize + 4 <= self.len && offset % 64 <= 60, "field at {offset:#x}");
        // SAFETY: inside the writable view; x86 stores within a cache line are atomic whatever their alignment, and
        // the volatile write is one store instruction. Other hosts patch aligned fields.
        unsafe { std::ptr::write_volatile((self.edit + offset as usize) as *mut [u8; 4], value.to_le_bytes()) };
        std::sync::atomic::fence(Ordering::Release);
    }

    /// A copy for a child that is about to be forked. Made before, because afterwards the parent goes on writing to the
    /// pages that both share.
    ///
    /// # Errors
    /// What the system said.
    pub fn twin(&self) -> io::Result<Twin> {
        let twin = Twin(memory_file(self.len)?);
        self.copy_into(twin.0, self.used())?;
        Ok(twin)
    }

    /// Gives a forked child its copy at the same addresses: until then it shares the pages with its parent.
    ///
    /// # Errors
    /// What the system said; the child must not run guest code then.
    pub fn after_fork(&self, twin: &Twin) -> io::Result<()> {
        map(twin.0, self.len, RUN, Some(self.run))?;
        map(twin.0, self.len, EDIT, Some(self.edit)).map(|_| ())
    }

    fn copy_into(&self, fd: i32, used: usize) -> io::Result<()> {
        let mut done = 0;
        while done < used {
            // SAFETY: reads `used` bytes of the run view, which are mapped.
            let n = unsafe { libc::pwrite(fd, (self.run + done) as *const _, used - done, done as libc::off_t) };
            match n {
                n if n > 0 => done += n as usize,
                _ => return Err(io::Error::last_os_error()),
            }
        }
        Ok(())
    }
}

/// A copy of a buffer's contents ([`CodeBuf::twin`]).
pub struct Twin(i32);

impl Drop for Twin {
    fn drop(&mut self) {
        close(self.0);
    }
}

impl Drop for CodeBuf {
    fn drop(&mut self) {
        // SAFETY: unmaps the two views that `new` made; the owner is gone, so nobody runs or edits them.
        unsafe {
            libc::munmap(self.run as *mut _, self.len);
            libc::munmap(self.edit as *mut _, self.len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_written_through_one_view_runs_in_the_other() {
        let buf = CodeBuf::new(1 << 16).unwrap();
        let at = buf.alloc(16).unwrap();
        buf.write(at, &[0xb8, 1, 0, 0, 0, 0xc3]);
        // SAFETY: `mov eax, imm32; ret` is a complete function of this type.
        let f: extern "C" fn() -> u32 = unsafe { std::mem::transmute(buf.run_addr(at)) };
        assert_eq!(f(), 1);
        buf.patch_u32(at + 1, 77);
        assert_eq!(f(), 77);
        let twin = buf.twin().unwrap();
        buf.patch_u32(at + 1, 88);
        buf.after_fork(&twin).unwrap();
        assert_eq!(f(), 77);
    }

    #[test]
    fn full_buffer_says_so() {
        let buf = CodeBuf::new(4096).unwrap();
        assert_eq!(buf.alloc(4000), Some(0));
        assert_eq!(buf.alloc(100), None);
        buf.reset(0);
        assert_eq!(buf.alloc(100), Some(0));
    }
}
