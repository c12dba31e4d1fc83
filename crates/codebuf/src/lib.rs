//! Memory for generated code that is never writable and executable at the same address (decision D8).
//!
//! One piece of shared anonymous memory is mapped twice: a view to write through and a view to run from. It is no file, so
//! neither descriptors that a child shares with its parent nor a limit of file sizes (`RLIMIT_FSIZE`) concern it. Code is
//! addressed by its *offset* in the buffer; both views translate offsets to addresses.
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
    views: Views,
    next: AtomicUsize,
}

/// The addresses of the two views of the same `len` bytes, which are unmapped in the end.
struct Views {
    run: usize,
    edit: usize,
    len: usize,
}

fn mapped(p: *mut libc::c_void) -> io::Result<usize> {
    if p == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(p as usize) }
}

impl Views {
    fn new(len: usize) -> io::Result<Views> {
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh mapping at an address of the system's choice.
        let run = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ | libc::PROT_EXEC, flags, -1, 0) };
        let mut views = Views { run: mapped(run)?, edit: 0, len };
        // An old length of 0 means a second view of the same pages (mremap(2)). It loses the right to execute, and neither
        // ever gains it: systems that forbid just that (`PR_SET_MDWE`) do not stand in the way.
        // SAFETY: another fresh mapping; the first stays as it is, and nobody uses the second before it has its rights.
        unsafe {
            views.edit = mapped(libc::mremap(run, 0, len, libc::MREMAP_MAYMOVE))?;
            if libc::mprotect(views.edit as *mut _, len, libc::PROT_READ | libc::PROT_WRITE) < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        for view in [views.run, views.edit] {
            // SAFETY: a mapping of our own; the call changes no contents. A core dump has no use for translations.
            unsafe { libc::madvise(view as *mut _, len, libc::MADV_DONTDUMP) };
        }
        Ok(views)
    }

    /// Makes the pages of a range present in the view to write through.
    fn populate(&self, first: usize, end: usize) -> io::Result<()> {
        const POPULATE_WRITE: i32 = 23;
        let end = end.min(self.len);
        // SAFETY: a range of our own mapping; the call changes no contents.
        match unsafe { libc::madvise((self.edit + first) as *mut _, end - first, POPULATE_WRITE) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl CodeBuf {
    /// Reserves `len` bytes; pages are only used once written.
    ///
    /// # Errors
    /// What `mmap` or `mremap` said.
    pub fn new(len: usize) -> io::Result<CodeBuf> {
        Ok(CodeBuf { views: Views::new(len)?, next: AtomicUsize::new(0) })
    }

    /// Takes `size` bytes; `None` when the buffer is full.
    pub fn alloc(&self, size: usize) -> Option<u32> {
        let at = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n + size <= self.views.len).then_some(n + size))
            .ok()?;
        Some(at as u32)
    }

    /// Makes the pages of a range present in the view to write through with one call instead of a fault a page; in the
    /// other one, a fault brings what there is around it. Only a matter of speed, so an old kernel's refusal is ignored.
    pub fn prepare(&self, offset: u32, len: usize) {
        let _ = self.views.populate(offset as usize & !4095, offset as usize + len);
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
        self.views.run + offset as usize
    }

    /// The offset of an executable address, if it lies in here.
    pub fn offset_of(&self, addr: usize) -> Option<u32> {
        let off = addr.wrapping_sub(self.views.run);
        (off < self.views.len).then_some(off as u32)
    }

    /// The executable view: first address and length.
    pub fn range(&self) -> (usize, usize) {
        (self.views.run, self.views.len)
    }

    /// Copies code to `offset`.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn write(&self, offset: u32, code: &[u8]) {
        assert!(offset as usize + code.len() <= self.views.len, "code of {} bytes at {offset:#x}", code.len());
        // SAFETY: inside the writable view (asserted); nobody runs bytes that are not published yet.
        unsafe {
            std::ptr::copy_nonoverlapping(code.as_ptr(), (self.views.edit + offset as usize) as *mut u8, code.len());
        }
    }

    /// Replaces the 32-bit field at `offset` in one store, also while others run the code around it.
    ///
    /// # Panics
    /// If the field crosses a cache line or lies outside.
    pub fn patch_u32(&self, offset: u32, value: u32) {
        assert!(offset as usize + 4 <= self.views.len && offset % 64 <= 60, "field at {offset:#x}");
        // SAFETY: inside the writable view; x86 stores within a cache line are atomic whatever their alignment, and
        // the volatile write is one store instruction. Other hosts patch aligned fields.
        unsafe { std::ptr::write_volatile((self.views.edit + offset as usize) as *mut [u8; 4], value.to_le_bytes()) };
        std::sync::atomic::fence(Ordering::Release);
    }

    /// A copy for a child that is about to be forked. Made before, because afterwards the parent goes on writing to the
    /// pages that both share.
    ///
    /// # Errors
    /// What the system said.
    pub fn twin(&self) -> io::Result<Twin> {
        let (views, used) = (Views::new(self.views.len)?, self.used());
        match views.populate(0, used) {
            // A kernel before 5.14: copying brings the pages.
            Err(e) if e.raw_os_error() != Some(libc::EINVAL) => return Err(e),
            _ => {}
        }
        // SAFETY: both are mapped and hold at least `used` bytes; nobody else knows the new ones.
        unsafe { std::ptr::copy_nonoverlapping(self.views.run as *const u8, views.edit as *mut u8, used) };
        Ok(Twin(views))
    }

    /// Gives a forked child its copy at the same addresses: until then it shares the pages with its parent.
    ///
    /// # Errors
    /// What the system said; the child must not run guest code then.
    pub fn after_fork(&self, Twin(twin): Twin) -> io::Result<()> {
        let twin = std::mem::ManuallyDrop::new(twin);
        for (from, to) in [(twin.run, self.views.run), (twin.edit, self.views.edit)] {
            let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
            // SAFETY: moves a view of the twin, which nobody else knows, over our own of the same length and rights.
            mapped(unsafe { libc::mremap(from as *mut _, twin.len, twin.len, flags, to as *mut libc::c_void) })?;
        }
        Ok(())
    }
}

/// A copy of a buffer's contents ([`CodeBuf::twin`]).
pub struct Twin(Views);

impl Drop for Views {
    fn drop(&mut self) {
        for view in [self.run, self.edit].into_iter().filter(|view| *view != 0) {
            // SAFETY: a view that `new` made; the owner is gone, so nobody runs or edits it.
            unsafe { libc::munmap(view as *mut _, self.len) };
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
        buf.after_fork(twin).unwrap();
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
