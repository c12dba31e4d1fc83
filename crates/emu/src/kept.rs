//! Descriptors: a copy of our standard error stream and an open file of ours, neither of which the guest can close, so
//! that our words still come out at the end; and closing one that the kernel handed to us.

use hostos::fds::HiddenFd;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The copy; without effect if there was no such stream.
pub struct Kept(Option<HiddenFd>);

impl Kept {
    /// To be taken before the guest runs.
    pub fn stderr() -> Kept {
        Kept(HiddenFd::copy_of(libc::STDERR_FILENO).ok())
    }

    /// Writes all of the text; that the stream is full or gone is not worth another message.
    pub fn write(&self, text: &str) {
        if let Some(fd) = &self.0 {
            let _ = write_all(fd, text.as_bytes());
        }
    }
}

/// A file of ours that is opened before the guest runs and written when it has ended: a guest may take away our right
/// to open files (Landlock, a changed root, no descriptor left).
pub struct KeptFile {
    fd: HiddenFd,
    path: PathBuf,
    /// It was not there before.
    new: bool,
    plain: bool,
}

impl KeptFile {
    /// Opens the file, or makes it; what stands in it stays until [`KeptFile::put`].
    ///
    /// # Errors
    /// Those of opening.
    pub fn open(path: &Path) -> io::Result<KeptFile> {
        let made = OpenOptions::new().write(true).create_new(true).open(path);
        let new = made.is_ok();
        let file: File = match made {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => OpenOptions::new().write(true).open(path)?,
            made => made?,
        };
        let seen = file.metadata()?;
        // What goes to the file of a standard stream (/dev/stdout) comes behind what is there.
        if let Some(stream) = [io::stdout().as_fd(), io::stderr().as_fd()].iter().find(|s| is(s, &seen)) {
            let fd = HiddenFd::copy_of(stream.as_raw_fd())?;
            return Ok(KeptFile { fd, path: path.to_path_buf(), new, plain: false });
        }
        let plain = seen.is_file();
        Ok(KeptFile { fd: HiddenFd::new(file.into())?, path: path.to_path_buf(), new, plain })
    }

    /// Makes this text the whole file. Room is made first: if there is none, what was in the file is still there.
    ///
    /// # Errors
    /// Those of writing. Half a text does not stay.
    pub fn put(self, text: &str) -> io::Result<()> {
        let bytes = text.as_bytes();
        if !self.plain {
            return write_all(&self.fd, bytes);
        }
        let done = self.reserve(bytes.len() as u64).and_then(|()| {
            let written = self.cut(0).and_then(|()| write_all(&self.fd, bytes));
            written.inspect_err(|_| drop(self.cut(0)))
        });
        if done.is_err() {
            self.discard()
        }
        done
    }

    /// The file is not needed: one that we made goes away again.
    pub fn discard(self) {
        if self.new {
            let _ = std::fs::remove_file(&self.path);
        }
    }

    /// Has room set aside, without changing the contents, where the file system can do that.
    fn reserve(&self, len: u64) -> io::Result<()> {
        const KEEP_SIZE: u64 = 1;
        match call(libc::SYS_fallocate, [self.fd.number() as u64, KEEP_SIZE, 0, len]) {
            Err(e) if !matches!(e.raw_os_error(), Some(libc::ENOSPC | libc::EDQUOT | libc::EFBIG)) => Ok(()),
            done => done.map(drop),
        }
    }

    fn cut(&self, len: u64) -> io::Result<()> {
        call(libc::SYS_ftruncate, [self.fd.number() as u64, len, 0, 0]).map(drop)
    }
}

/// Whether a stream is the file with this metadata.
fn is(stream: &BorrowedFd, file: &Metadata) -> bool {
    let stream = stream.try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    stream.is_ok_and(|s| (s.dev(), s.ino()) == (file.dev(), file.ino()))
}

/// A system call, begun again when a signal interrupts it.
fn call(number: i64, [a, b, c, d]: [u64; 4]) -> io::Result<u64> {
    loop {
        match hostos::call::raw(number, [a, b, c, d, 0, 0]) {
            n if n >= 0 => return Ok(n as u64),
            n if n == -i64::from(libc::EINTR) => {}
            n => return Err(io::Error::from_raw_os_error(-n as i32)),
        }
    }
}

fn write_all(fd: &HiddenFd, mut rest: &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        let n = call(libc::SYS_write, [fd.number() as u64, rest.as_ptr() as u64, rest.len() as u64, 0])?;
        rest = &rest[n as usize..];
    }
    Ok(())
}

/// Closes a descriptor that is nobody's but was handed to this process.
pub fn close(descriptor: u64) {
    hostos::call::raw(libc::SYS_close, [descriptor, 0, 0, 0, 0, 0]);
}

/// Writes a line to the standard error stream and ends the process at once with this status.
pub fn leave_with(line: &[u8], status: u8) -> ! {
    hostos::call::write(libc::STDERR_FILENO, line);
    hostos::signal::exit_group(status.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("fluoro-kept-{name}-{}", std::process::id()))
    }

    #[test]
    fn a_kept_file_has_the_new_text_or_the_old_one() {
        let path = scratch("text");
        KeptFile::open(&path).unwrap().put("first and long\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first and long\n");
        let kept = KeptFile::open(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first and long\n");
        // Whoever confines us later cannot take it back: the file needs no name any more.
        kept.put("second\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second\n");
        KeptFile::open(&path).unwrap().discard();
        assert!(path.exists());
        std::fs::remove_file(&path).unwrap();
        KeptFile::open(&path).unwrap().discard();
        assert!(!path.exists());
    }

    #[test]
    fn files_that_cannot_be_written() {
        assert!(KeptFile::open(Path::new("/nowhere/x")).is_err());
        let error = KeptFile::open(Path::new("/dev/full")).unwrap().put("x").unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
    }
}
