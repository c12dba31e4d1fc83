//! Shared objects of the host: opening them, finding what they export, closing them.

use std::ffi::{CStr, CString, c_void};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering};

/// An opened shared object.
pub struct Library(AtomicPtr<c_void>);

/// What the dynamic linker said last.
fn last_error() -> String {
    // SAFETY: returns null or a string that lives until the next call on this thread.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "unknown error".into();
    }
    // SAFETY: see above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

fn open(name: &CStr, flags: i32) -> Option<Library> {
    // SAFETY: constructors of the object run, which is what the user asked for.
    let handle = unsafe { libc::dlopen(name.as_ptr(), flags) };
    (!handle.is_null()).then(|| Library(AtomicPtr::new(handle)))
}

impl Library {
    /// Opens a file with all its symbols bound, and keeps them to itself. A name without a slash means the working
    /// directory first.
    ///
    /// # Errors
    /// The dynamic linker's text.
    pub fn open(file: &Path) -> Result<Library, String> {
        let here = Path::new(".").join(file);
        let bare = !file.as_os_str().as_bytes().contains(&b'/');
        let path = if bare && here.exists() { &here } else { file };
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| "a name with a zero byte".to_string())?;
        open(&name, libc::RTLD_NOW | libc::RTLD_LOCAL).ok_or_else(last_error)
    }

    /// Opens a system library by its name and offers its symbols to everything that is opened later.
    ///
    /// # Errors
    /// The dynamic linker's text.
    pub fn open_global(name: &CStr) -> Result<Library, String> {
        open(name, libc::RTLD_NOW | libc::RTLD_GLOBAL).ok_or_else(last_error)
    }

    /// One that is not there.
    pub fn none() -> Library {
        Library(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// The address of a symbol, which may be 0.
    ///
    /// # Errors
    /// There is no such symbol: the dynamic linker's text.
    pub fn symbol(&self, name: &CStr) -> Result<usize, String> {
        // SAFETY: the handle is open; the error state is cleared first since null may be a value.
        unsafe {
            libc::dlerror();
            let address = libc::dlsym(self.0.load(Ordering::SeqCst), name.as_ptr());
            let error = libc::dlerror();
            if address.is_null() && !error.is_null() {
                return Err(CStr::from_ptr(error).to_string_lossy().into_owned());
            }
            Ok(address as usize)
        }
    }

    /// Whether it was not closed.
    pub fn is_open(&self) -> bool {
        !self.0.load(Ordering::SeqCst).is_null()
    }

    /// Closes it; a second time does nothing. Its destructors run if nobody else has it open.
    pub fn close(&self) {
        let handle = self.0.swap(std::ptr::null_mut(), Ordering::SeqCst);
        if !handle.is_null() {
            crate::callee::forget();
            // SAFETY: the handle came from dlopen and is closed once.
            unsafe { libc::dlclose(handle) };
        }
    }
}

/// Whether everything that is opened from now on finds this symbol.
pub fn is_offered(name: &CStr) -> bool {
    // SAFETY: only looks a name up.
    !unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }.is_null()
}

/// What is looked for, and what was found.
struct Search {
    address: usize,
    range: Range<usize>,
    /// The address is in a segment that stays writable.
    variable: bool,
}

/// The addresses of the shared object that holds an address, from its first segment to its last. Empty: there is none.
pub fn object_of(address: usize) -> Range<usize> {
    search(address).range
}

/// Whether the word at `address` is a variable of the shared object whose code is at `code`.
pub fn is_variable_of(code: usize, address: usize) -> bool {
    let end = address.wrapping_add(size_of::<u64>() - 1);
    let inside = |at| search(at).variable && object_of(code).contains(&at);
    address.is_multiple_of(align_of::<u64>()) && inside(address) && inside(end)
}

fn search(address: usize) -> Search {
    let mut search = Search { address, range: 0..0, variable: false };
    // SAFETY: `visit` gets valid descriptions of objects, and the address of `search` for as long as the call lasts.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut search).cast()) };
    search
}

unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _: usize, search: *mut c_void) -> i32 {
    // SAFETY: the linker's description of an object and its headers; the search is that of `object_of`.
    let (info, headers, search) = unsafe {
        let headers = std::slice::from_raw_parts((*info).dlpi_phdr, (*info).dlpi_phnum as usize);
        (&*info, headers, &mut *search.cast::<Search>())
    };
    let place = |p: &libc::Elf64_Phdr| {
        let start = info.dlpi_addr as usize + p.p_vaddr as usize;
        start..start + p.p_memsz as usize
    };
    let found = |p: &&libc::Elf64_Phdr| place(p).contains(&search.address);
    let segments = || headers.iter().filter(|p| p.p_type == libc::PT_LOAD).map(place);
    if !segments().any(|s| s.contains(&search.address)) {
        return 0;
    }
    let writable = |p: &libc::Elf64_Phdr| p.p_type == libc::PT_LOAD && p.p_flags & libc::PF_W != 0;
    let is = headers.iter().filter(found);
    search.variable = is.clone().any(writable) && !is.clone().any(|p| p.p_type == libc::PT_GNU_RELRO);
    let first = segments().map(|s| s.start).min().unwrap_or_default();
    search.range = first..segments().map(|s| s.end).max().unwrap_or_default();
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_by_any_address() {
        let own = object_of(object_of as *const () as usize);
        assert!(own.contains(&(visit as *const () as usize)));
        let library = object_of(libc::malloc as *const () as usize);
        assert!(!library.is_empty() && !library.contains(&own.start));
        assert!(object_of(1).is_empty());
    }

    #[test]
    fn what_is_missing_is_said_in_the_linkers_words() {
        let error = Library::open(Path::new("./nowhere.so")).err().unwrap();
        assert_eq!(error, "./nowhere.so: cannot open shared object file: No such file or directory");
        let library = Library::open_global(c"libc.so.6").unwrap();
        assert!(library.symbol(c"malloc").unwrap() != 0);
        assert!(library.symbol(c"qemu_plugin_install").unwrap_err().ends_with("undefined symbol: qemu_plugin_install"));
        library.close();
        library.close();
    }
}
