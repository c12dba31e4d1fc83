//! What a program that the guest starts gets from the one that starts it.
//!
//! The new program runs in a new copy of ourselves. Its words and environment are the guest's alone, so they travel in
//! an anonymous file whose descriptor a variable of the host's environment names; the guest never sees either.

use crate::errno::{Errno, code, from_raw};
use crate::options::Options;
use crate::seccomp::Filters;
use crate::sys::limits::{self, Limits};
use hostos::call::raw;
use hostos::fds::HiddenFd;
use std::ffi::{CString, OsString};
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Mutex;

/// The variable's name.
pub const VARIABLE: &str = "FLUORO_HANDOVER";

/// What its value begins with if it is the handover itself, and not the number of a descriptor.
const TEXT: &str = "x";

/// Everything that is handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// Where the program's file is for the host, and how the guest named it.
    pub file: OsString,
    pub exec_name: OsString,
    pub argv: Vec<OsString>,
    pub env: Vec<OsString>,
    /// Open descriptors: our own executable, and that of `file` if it is known by its descriptor only (else -1).
    pub own: RawFd,
    pub program: RawFd,
    /// The filters of system calls that the program is under ([`Filters::to_raw`]).
    pub filters: Vec<Vec<u64>>,
    /// Limits that hold for the guest and not for us ([`Limits::kept`]).
    pub limits: Vec<u64>,
}

fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn push_all(out: &mut Vec<u8>, words: &[OsString]) {
    out.extend_from_slice(&(words.len() as u32).to_le_bytes());
    words.iter().for_each(|w| push(out, w.as_bytes()));
}

/// Reads what the functions above wrote.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, len: usize) -> Option<Vec<u8>> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head.to_vec())
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_le_bytes(b.try_into().unwrap_or_default()))
    }

    fn word(&mut self) -> Option<OsString> {
        let len = self.number()? as usize;
        self.take(len).map(OsString::from_vec)
    }

    fn numbers(&mut self) -> Option<Vec<u64>> {
        let len = self.number()? as usize;
        let bytes = self.take(len)?;
        Some(bytes.chunks_exact(8).map(|w| u64::from_le_bytes(w.try_into().unwrap_or_default())).collect())
    }

    fn words(&mut self) -> Option<Vec<OsString>> {
        let count = self.number()?;
        (0..count).map(|_| self.word()).collect()
    }
}

impl Handover {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, self.file.as_bytes());
        push(&mut out, self.exec_name.as_bytes());
        push_all(&mut out, &self.argv);
        push_all(&mut out, &self.env);
        out.extend_from_slice(&(self.own as u32).to_le_bytes());
        out.extend_from_slice(&(self.program as u32).to_le_bytes());
        out.extend_from_slice(&(self.filters.len() as u32).to_le_bytes());
        for words in self.filters.iter().chain([&self.limits]) {
            push(&mut out, &words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>());
        }
        out
    }

    fn from_bytes(bytes: &[u8]) -> Option<Handover> {
        let mut r = Reader(bytes);
        let (file, exec_name, argv, env) = (r.word()?, r.word()?, r.words()?, r.words()?);
        let (own, program) = (r.number()? as RawFd, r.number()? as RawFd);
        let count = r.number()? as usize;
        let filters = (0..count).map(|_| r.numbers()).collect::<Option<_>>()?;
        let limits = r.numbers()?;
        Some(Handover { file, exec_name, argv, env, own, program, filters, limits })
    }

    /// The same as text, for where there is neither a descriptor nor a right to write to files.
    ///
    /// # Errors
    /// E2BIG if it is too long for a variable.
    pub fn as_text(&self) -> Result<String, Errno> {
        const LONGEST: usize = 120 << 10;
        let bytes = self.to_bytes();
        if bytes.len() * 2 > LONGEST {
            return Err(code::E2BIG);
        }
        let digits = bytes.iter().flat_map(|b| [b >> 4, b & 15]);
        Ok(digits
            .filter_map(|d| char::from_digit(d.into(), 16))
            .fold(String::from(TEXT), |text, c| text + c.encode_utf8(&mut [0; 4])))
    }

    fn from_text(text: &str) -> Option<Handover> {
        let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
        Handover::from_bytes(&bytes)
    }

    /// Puts it into a file that survives `exec`, on a high descriptor.
    ///
    /// # Errors
    /// The kernel's, if there is no memory or no descriptor, or no right to write files of this size.
    pub fn publish(&self) -> Result<Inherited, Errno> {
        let bytes = self.to_bytes();
        // Beyond it, writing is deadly.
        if limits::host(libc::RLIMIT_FSIZE as i32, None).is_ok_and(|[soft, _]| soft < bytes.len() as u64) {
            return Err(code::EFBIG);
        }
        let name = c"fluoro";
        let low =
            from_raw(raw(libc::SYS_memfd_create, [name.as_ptr() as u64, u64::from(libc::MFD_CLOEXEC), 0, 0, 0, 0]))?;
        let file = match Inherited::copy_of(low as RawFd) {
            Ok(file) => {
                raw(libc::SYS_close, [low, 0, 0, 0, 0, 0]);
                file
            }
            // The standard streams' numbers would be taken for theirs.
            Err(_) if low > 2 => {
                set_flags(low as RawFd, 0);
                Inherited::given(low as RawFd)
            }
            Err(e) => {
                raw(libc::SYS_close, [low, 0, 0, 0, 0, 0]);
                return Err(e);
            }
        };
        let mut done = 0;
        while done < bytes.len() {
            let rest = &bytes[done..];
            let args = [file.number as u64, rest.as_ptr() as u64, rest.len() as u64, done as u64, 0, 0];
            match from_raw(raw(libc::SYS_pwrite64, args))? {
                0 => return Err(code::ENOSPC),
                n => done += n as usize,
            }
        }
        Ok(file)
    }

    fn take() -> Option<Handover> {
        FETCHED.lock().unwrap_or_else(|e| e.into_inner()).take().or_else(Handover::read)
    }

    /// What the process that became ours has left, if there is anything.
    fn read() -> Option<Handover> {
        let value = std::env::var(VARIABLE).ok()?;
        if let Some(text) = value.strip_prefix(TEXT) {
            return Handover::from_text(text);
        }
        let fd: RawFd = value.parse().ok().filter(|&fd| fd > 2)?;
        let mut bytes = Vec::new();
        let mut chunk = [0u8; 4096];
        loop {
            let args = [fd as u64, chunk.as_mut_ptr() as u64, chunk.len() as u64, bytes.len() as u64, 0, 0];
            match from_raw(raw(libc::SYS_pread64, args)).ok()? {
                0 => break,
                n => bytes.extend_from_slice(&chunk[..n as usize]),
            }
        }
        raw(libc::SYS_close, [fd as u64, 0, 0, 0, 0, 0]);
        Handover::from_bytes(&bytes)
    }
}

/// A descriptor that survives `exec`. When dropped, which is when that has failed, it is closed, or does not survive any
/// more if it is lent.
#[derive(Debug)]
pub struct Inherited {
    number: RawFd,
    lent: bool,
}

impl Inherited {
    /// One that `exec` has left us.
    fn given(number: RawFd) -> Inherited {
        Inherited { number, lent: false }
    }

    /// A copy of a descriptor, out of the guest's way.
    ///
    /// # Errors
    /// The kernel's.
    pub fn copy_of(fd: RawFd) -> Result<Inherited, Errno> {
        let dup = |floor: u64| from_raw(raw(libc::SYS_fcntl, [fd as u64, libc::F_DUPFD as u64, floor, 0, 0, 0]));
        dup(1000).or_else(|_| dup(3)).map(|fd| Inherited::given(fd as RawFd))
    }

    /// A descriptor of ours itself, where there is none left for a copy.
    pub fn lend(number: RawFd) -> Inherited {
        set_flags(number, 0);
        Inherited { number, lent: true }
    }

    pub fn number(&self) -> RawFd {
        self.number
    }
}

impl Drop for Inherited {
    fn drop(&mut self) {
        if self.lent {
            set_flags(self.number, libc::FD_CLOEXEC);
        } else {
            raw(libc::SYS_close, [self.number as u64, 0, 0, 0, 0, 0]);
        }
    }
}

/// Whether a program that is executed can open a file.
pub fn has_free_descriptor() -> bool {
    let copy = from_raw(raw(libc::SYS_memfd_create, [c"".as_ptr() as u64, u64::from(libc::MFD_CLOEXEC), 0, 0, 0, 0]));
    copy.is_ok_and(|fd| raw(libc::SYS_close, [fd, 0, 0, 0, 0, 0]) == 0)
}

fn set_flags(fd: RawFd, flags: i32) {
    raw(libc::SYS_fcntl, [fd as u64, libc::F_SETFD as u64, flags as u64, 0, 0, 0]);
}

/// Our own executable, on a descriptor that stays valid wherever the guest goes.
fn own_file() -> Option<HiddenFd> {
    let path = c"/proc/self/exe";
    let flags = (libc::O_PATH | libc::O_CLOEXEC) as u64;
    let low = from_raw(raw(libc::SYS_openat, [libc::AT_FDCWD as u64, path.as_ptr() as u64, flags, 0, 0, 0])).ok()?;
    let hidden = HiddenFd::copy_of(low as RawFd).ok();
    raw(libc::SYS_close, [low, 0, 0, 0, 0, 0]);
    hidden
}

static FETCHED: Mutex<Option<Handover>> = Mutex::new(None);

/// Reads what was handed over, before anything else needs its descriptor: it may be the last one.
pub fn fetch() {
    *FETCHED.lock().unwrap_or_else(|e| e.into_inner()) = Handover::read();
}

/// Whether a guest's program has become ours: then there is something to complete the options with.
pub fn was_started() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// What is left over when the options are complete.
pub struct Taken {
    pub own_file: Option<HiddenFd>,
    /// Open until the program is loaded.
    pub program: Option<Inherited>,
    /// Those of the first thread.
    pub filters: Filters,
    pub limits: Limits,
}

/// Completes the options with what was handed over.
pub fn complete(options: &mut Options) -> Taken {
    let Some(handover) = Handover::take() else {
        let limits = Limits::inherited(&[]);
        return Taken { own_file: own_file(), program: None, filters: Filters::default(), limits };
    };
    let own_file = HiddenFd::inherited(handover.own);
    let mut argv = handover.argv.into_iter();
    options.program = PathBuf::from(handover.file);
    options.exec_name = Some(handover.exec_name);
    options.argv0 = Some(argv.next().unwrap_or_default());
    options.args = argv.collect();
    options.env = handover.env;
    let program = (handover.program >= 0).then(|| Inherited::given(handover.program));
    let limits = Limits::inherited(&handover.limits);
    Taken { own_file, program, filters: Filters::from_raw(handover.filters), limits }
}

/// The host's environment for a copy of ourselves that finds the handover at this descriptor, or in this text.
pub fn host_env(handover: impl std::fmt::Display) -> Vec<CString> {
    let mark = format!("{VARIABLE}={handover}");
    let kept = std::env::vars_os().filter(|(name, _)| name != VARIABLE).map(|(mut name, value)| {
        name.push("=");
        name.push(value);
        name.into_vec()
    });
    kept.chain([mark.into_bytes()]).filter_map(|v| CString::new(v).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_way_through_a_file() {
        let words = |all: &[&str]| all.iter().map(OsString::from).collect::<Vec<_>>();
        let before = Handover {
            file: "/root/bin/x".into(),
            exec_name: "/bin/x".into(),
            argv: words(&["x", "", "a b"]),
            env: words(&["A=1", "LD_PRELOAD=/lib/y.so"]),
            own: 1000,
            program: -1,
            filters: vec![vec![1, u64::MAX], vec![6]],
            limits: vec![1, 2, 3],
        };
        let text = before.as_text().unwrap();
        assert_eq!(Handover::from_text(&text[1..]).as_ref(), Some(&before));
        let bytes = before.to_bytes();
        assert_eq!(Handover::from_bytes(&bytes), Some(before));
        for len in 0..bytes.len() {
            assert_eq!(Handover::from_bytes(&bytes[..len]), None);
        }
    }
}
