//! Printing system calls as `strace` does.

use crate::abi;
use crate::errno::{self, ERESTARTNOINTR, SysResult};
use crate::sys::args::show;
use crate::sys::{self, Row};
use crate::task::Thread;
use hostos::fds::HiddenFd;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Where the text goes: a copy of the standard error stream that the guest cannot close.
pub struct Tracer {
    to: Option<HiddenFd>,
    /// If a file was named: its name, and where to say that it does not take the text.
    file: Option<(PathBuf, Option<HiddenFd>)>,
    lost: AtomicBool,
    /// The thread whose lines carry no number.
    first: i32,
}

impl Tracer {
    /// Prints to the end of a file, or to the standard error stream.
    pub fn new(log: Option<&Path>) -> Tracer {
        let open = |path| std::fs::OpenOptions::new().append(true).create(true).open(path);
        let to = match log {
            Some(path) => open(path).and_then(|file| HiddenFd::new(file.into())).ok(),
            None => HiddenFd::copy_of(2).ok(),
        };
        let first = hostos::call::raw(libc::SYS_gettid, [0; 6]) as i32;
        let file = log.map(|path| (path.to_path_buf(), HiddenFd::copy_of(2).ok()));
        Tracer { to, file, lost: AtomicBool::new(false), first }
    }

    fn print(&self, text: &str) {
        let Some(fd) = &self.to else { return };
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match hostos::call::write(fd.number(), rest) {
                n if n > 0 => rest = &rest[n as usize..],
                n if n == -i64::from(libc::EINTR) => {}
                n => return self.report(n),
            }
        }
    }

    /// Says once that a file does not get it all. That the standard error stream is full or gone is not worth another
    /// message.
    fn report(&self, result: i64) {
        let Some((file, Some(stderr))) = &self.file else { return };
        if !self.lost.swap(true, Ordering::Relaxed) {
            let why = errno::describe(errno::Errno(-result as i32)).map_or("it takes nothing", |d| d.1);
            let text = format!("fluoro: {}: {why}; system calls are missing there\n", file.display());
            hostos::call::write(stderr.number(), text.as_bytes());
        }
    }
}

/// `rt_sigreturn`.
const SIGRETURN: u32 = 139;

/// Everything up to the closing bracket that can be known before the call.
pub fn begin(t: &Thread, number: u64, row: Option<&Row>, raw: &[u64; 6]) -> String {
    let mut text = String::new();
    if t.process.tracer.as_ref().is_some_and(|tracer| tracer.first != t.tid) {
        let _ = write!(text, "[pid {}] ", t.tid);
    }
    match row {
        Some(row) => {
            let _ = write!(text, "{}(", row.name);
            let before = row.kinds.iter().position(|k| k.is_result()).unwrap_or(row.kinds.len());
            show(row.kinds, raw, 0..before, None, &mut text);
        }
        None => {
            let _ = write!(text, "syscall_{}({:#x}, {:#x}, {:#x}", number as i64, raw[0], raw[1], raw[2]);
        }
    }
    text
}

/// The rest, and the result.
pub fn end(t: &Thread, mut text: String, row: Option<&Row>, raw: &[u64; 6], result: SysResult) {
    if let Some(row) = row {
        let before = row.kinds.iter().position(|k| k.is_result()).unwrap_or(row.kinds.len());
        show(row.kinds, raw, before..row.kinds.len(), Some(result), &mut text);
    }
    if row.is_some_and(|r| r.number == SIGRETURN) {
        let _ = write!(text, "{{mask={}}}", sys::signals(t.signals.mask));
    }
    text.push_str(") = ");
    match result {
        // It has put all registers back.
        Err(ERESTARTNOINTR) if row.is_some_and(|r| r.number == SIGRETURN) => {
            let _ = write!(text, "{}", t.vcpu.get(abi::A0) as i64);
        }
        Err(_) if t.end.is_some() => text.push('?'),
        Ok(value) if row.is_some_and(|r| r.address) => {
            let _ = write!(text, "{value:#x}");
        }
        Ok(value) => {
            let _ = write!(text, "{}", value as i64);
        }
        Err(e) if e.0 >= 512 => {
            let (name, meaning) = errno::describe(e).unwrap_or(("?", "?"));
            let _ = write!(text, "? {name} ({meaning})");
        }
        Err(e) => match errno::describe(e) {
            Some((name, meaning)) => {
                let _ = write!(text, "-1 {name} ({meaning})");
            }
            None => {
                let _ = write!(text, "-1 errno {}", e.0);
            }
        },
    }
    text.push('\n');
    if let Some(tracer) = &t.process.tracer {
        tracer.print(&text);
    }
}
