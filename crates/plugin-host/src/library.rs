//! Shared objects of the host: opening them, finding what they export, closing them.

use std::ffi::{CStr, CString, c_void};
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
    #[cfg(test)]
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

    /// Closes it; a second time does nothing. Its destructors run if nobody else has it open.
    pub fn close(&self) {
        let handle = self.0.swap(std::ptr::null_mut(), Ordering::SeqCst);
        if !handle.is_null() {
            // SAFETY: the handle came from dlopen and is closed once.
            unsafe { libc::dlclose(handle) };
        }
    }
}

/// Where the shared object begins that holds an address.
pub fn object_of(address: usize) -> Option<usize> {
    // SAFETY: a zeroed Dl_info is valid, and dladdr only looks the address up.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        (libc::dladdr(address as *const c_void, &mut info) != 0).then_some(info.dli_fbase as usize)
    }
}
