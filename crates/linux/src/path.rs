//! Where the guest's paths lead: under the sysroot if something is there, else to the host's file.
//!
//! Only absolute paths are looked up, and only by calls that open or look at something that exists; what creates, renames
//! or removes acts on the path as it is. That is the rule that users of sysroots know. `/`, `/tmp`, `/dev` and the like
//! are always the host's: a program that makes a file there must find it there.

use crate::errno::{Errno, code};
use memory::guarded::{self, StringError};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// `PATH_MAX`, with the final zero.
const PATH_MAX: usize = 4096;

/// Places that are the host's even if the sysroot has a (usually empty) folder of that name.
static ALWAYS_HOST: &[&[u8]] = &[b"dev", b"home", b"proc", b"root", b"run", b"sys", b"tmp"];

/// The rule's one parameter.
#[derive(Debug)]
pub struct Paths {
    sysroot: Option<PathBuf>,
}

impl Paths {
    pub fn new(sysroot: Option<PathBuf>) -> Paths {
        Paths { sysroot: sysroot.filter(|p| p.as_os_str() != "/") }
    }

    /// Where guest paths are looked up first.
    pub fn sysroot(&self) -> Option<&PathBuf> {
        self.sysroot.as_ref()
    }

    /// The host's path for a guest path that is to be opened or looked at.
    pub fn look_up(&self, path: CString) -> CString {
        self.under_sysroot(path.as_bytes()).unwrap_or(path)
    }

    fn under_sysroot(&self, path: &[u8]) -> Option<CString> {
        let root = self.sysroot.as_ref()?;
        let rest = path.strip_prefix(b"/")?;
        let start = rest.iter().position(|&b| b != b'/')?;
        let rest = &rest[start..];
        let first = rest.split(|&b| b == b'/').next()?;
        if ALWAYS_HOST.contains(&first) {
            return None;
        }
        let inside = root.join(OsStr::from_bytes(rest));
        std::fs::symlink_metadata(&inside).ok()?;
        CString::new(inside.into_os_string().as_bytes()).ok()
    }
}

/// Reads a path argument.
///
/// # Errors
/// EFAULT, ENAMETOOLONG.
pub fn read(addr: u64) -> Result<CString, Errno> {
    let bytes = guarded::read_c_string(addr, PATH_MAX - 1).map_err(|e| match e {
        StringError::BadAddress => code::EFAULT,
        StringError::TooLong => code::ENAMETOOLONG,
    })?;
    CString::new(bytes).map_err(|_| code::EINVAL)
}

/// A path for the host's kernel.
#[derive(Debug)]
pub enum HostPath {
    /// The guest's own pointer (null, or a path that the kernel must see as it is).
    Guest(u64),
    Own(CString),
}

impl HostPath {
    /// The pointer; valid while `self` lives.
    pub fn arg(&self) -> u64 {
        match self {
            HostPath::Guest(addr) => *addr,
            HostPath::Own(path) => path.as_ptr() as u64,
        }
    }
}

impl crate::Thread {
    /// The host's path for the guest path at `addr`, relative to the directory `dir`, of something that the call opens
    /// or looks at.
    ///
    /// # Errors
    /// EFAULT, ENAMETOOLONG, ENOENT.
    pub fn existing(&self, dir: i32, addr: u64) -> Result<HostPath, Errno> {
        if addr == 0 {
            return Ok(HostPath::Guest(0));
        }
        self.existing_path(dir, read(addr)?)
    }

    /// The same for a path that has been read.
    ///
    /// # Errors
    /// ENOENT for what the guest must not see.
    pub fn existing_path(&self, dir: i32, path: CString) -> Result<HostPath, Errno> {
        if crate::procfs::is_hidden(dir, &path) {
            return Err(code::ENOENT);
        }
        let other = crate::procfs::link(self, dir, &path);
        Ok(HostPath::Own(other.unwrap_or_else(|| self.process.paths.look_up(path))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sysroot_first_if_it_is_there() {
        let root = std::env::temp_dir().join(format!("fluoro-path-{}", std::process::id()));
        std::fs::create_dir_all(root.join("usr/lib")).unwrap();
        std::fs::create_dir_all(root.join("tmp")).unwrap();
        let paths = Paths::new(Some(root.clone()));
        let look_up = |p: &str| paths.look_up(CString::new(p).unwrap()).into_string().unwrap();
        let inside = |p: &str| format!("{}/{p}", root.display());
        assert_eq!(look_up("/usr/lib"), inside("usr/lib"));
        assert_eq!(look_up("//usr/lib"), inside("usr/lib"));
        for same in ["/usr/none", "usr/lib", "/tmp", "/", "", "/proc/self/exe"] {
            assert_eq!(look_up(same), same);
        }
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(look_up("/usr/lib"), "/usr/lib");
    }
}
