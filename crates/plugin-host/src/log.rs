//! Where `qemu_plugin_outs` writes (contract, section 1.13).
//!
//! The text of a call is written at once and is never mixed with that of another, and nothing is kept back. Our
//! descriptors are copies that the guest can neither see nor close.

use crate::fail::Line;
use hostos::fds::HiddenFd;
use hostos::{call, clock};
use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt::Write;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogTarget {
    /// Nowhere: the `plugin` item of `-d` is off.
    Nowhere,
    #[default]
    Stderr,
    /// To the end of a file.
    File(PathBuf),
    /// To a file for each thread, whose number stands for the `%d` of the name, or behind it if it has none (log item
    /// `tid`). It is emptied at the thread's first text, unless `append` is set.
    FilePerThread { name: PathBuf, append: bool },
}

/// Where it goes, opened.
enum Sink {
    Nowhere,
    Fd { fd: HiddenFd, name: String },
    PerThread { name: PathBuf, append: bool },
}

static SINK: OnceLock<Sink> = OnceLock::new();

thread_local! {
    static OWN: RefCell<Option<HiddenFd>> = const { RefCell::new(None) };
}

/// Opens what `target` says. Once in the life of a process, later calls do nothing.
///
/// # Errors
/// What the system says of the file.
pub fn open(target: &LogTarget) -> io::Result<()> {
    let sink = match target {
        LogTarget::Nowhere => Sink::Nowhere,
        // A process without that stream cannot show anything.
        LogTarget::Stderr => {
            HiddenFd::copy_of(2).map_or(Sink::Nowhere, |fd| Sink::Fd { fd, name: "standard error".into() })
        }
        LogTarget::File(path) => Sink::Fd { fd: appending(path)?, name: path.display().to_string() },
        LogTarget::FilePerThread { name, append } => Sink::PerThread { name: name.clone(), append: *append },
    };
    let _ = SINK.set(sink);
    Ok(())
}

/// Opens a file for appending, so that whatever else is written to it stays whole.
fn appending(path: &Path) -> io::Result<HiddenFd> {
    HiddenFd::new(OpenOptions::new().append(true).create(true).open(path)?.into())
}

/// The file of this thread.
fn own_file(name: &Path, append: bool) -> io::Result<HiddenFd> {
    let path = numbered(name, call::raw(libc::SYS_gettid, [0; 6]) as u32);
    if !append {
        File::create(&path)?;
    }
    appending(&path)
}

/// The path with a number for `%d` (the last one: folders may be called anything), if that is in it.
pub fn with_number(path: &Path, number: u32) -> Option<PathBuf> {
    let text = path.as_os_str().as_bytes();
    let at = text.windows(2).rposition(|w| w == b"%d")?;
    let (before, behind) = (&text[..at], &text[at + 2..]);
    Some(PathBuf::from(OsString::from_vec([before, number.to_string().as_bytes(), behind].concat())))
}

/// The same, or with the number behind it.
fn numbered(path: &Path, number: u32) -> PathBuf {
    with_number(path, number).unwrap_or_else(|| format!("{}.{number}", path.display()).into())
}

/// Writes the text of one call.
pub fn write(text: &[u8]) {
    match SINK.get() {
        None | Some(Sink::Nowhere) => {}
        Some(Sink::Fd { fd, name }) => report(Turn::wait().write(fd, text), name),
        Some(Sink::PerThread { name, append }) => {
            // The C library's `exit` closes this thread's file before the plugins' last callbacks.
            let own = OWN.try_with(|own| write_own(&mut own.borrow_mut(), name, *append, text));
            report(own.unwrap_or_else(|_| write_own(&mut None, name, true, text)), &name.to_string_lossy());
        }
    }
}

fn write_own(own: &mut Option<HiddenFd>, name: &Path, append: bool, text: &[u8]) -> io::Result<()> {
    let fd = match own.take() {
        Some(fd) => fd,
        None => own_file(name, append)?,
    };
    Turn::wait().write(own.insert(fd), text)
}

/// Says once that text was lost.
fn report(result: io::Result<()>, name: &str) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if let Err(e) = result
        && !SAID.swap(true, Ordering::Relaxed)
    {
        let why = e.to_string();
        let why = why.split(" (os error").next().unwrap_or(&why);
        let mut line = Line::new();
        let _ = write!(line, "{name}: {why}; what plugins print is missing there");
        line.print();
    }
}

/// Writes some of a text, or all; 0: nobody reads it, and a signal of which the guest dies is not to wait for that.
fn write_some(fd: i32, text: &[u8]) -> i64 {
    const PATIENCE_MS: u32 = 200;
    /// A pipe that has room has room for this.
    const ROOM: usize = 4096;
    static NOBODY_READS: AtomicBool = AtomicBool::new(false);
    let mut patience = 0;
    if !NOBODY_READS.load(Ordering::Relaxed) {
        let args = [fd as u64, text.as_ptr() as u64, text.len() as u64, 0, 0, 0];
        match call::interruptible(libc::SYS_write, args) {
            call::NOT_BEGUN | call::RESTART if hostos::signal::is_death_noted() => patience = PATIENCE_MS,
            call::NOT_BEGUN | call::RESTART => return call::write(fd, text),
            other => return other,
        }
    }
    let has_room = call::has_room(fd, patience);
    NOBODY_READS.store(!has_room, Ordering::Relaxed);
    if has_room { call::write(fd, &text[..text.len().min(ROOM)]) } else { 0 }
}

/// The right to write: one at a time. It belongs to a process; the child of a fork that another thread's turn was copied
/// into does not wait for that thread.
struct Turn;

static HOLDER: AtomicU32 = AtomicU32::new(0);

impl Turn {
    fn wait() -> Turn {
        let me = std::process::id();
        let take = |from| HOLDER.compare_exchange(from, me, Ordering::Acquire, Ordering::Relaxed);
        for round in 0.. {
            match take(0) {
                Err(holder) if holder == me || take(holder).is_err() => clock::pause(round),
                _ => break,
            }
        }
        Turn
    }

    fn write(&self, fd: &HiddenFd, mut text: &[u8]) -> io::Result<()> {
        while !text.is_empty() {
            match write_some(fd.number(), text) {
                0 => return Ok(()),
                n if n > 0 => text = &text[n as usize..],
                n if n == -i64::from(libc::EINTR) || n == -i64::from(libc::EAGAIN) => std::thread::yield_now(),
                n => return Err(io::Error::from_raw_os_error(-n as i32)),
            }
        }
        Ok(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        HOLDER.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_a_number() {
        let name = |path: &str| numbered(Path::new(path), 42).display().to_string();
        assert_eq!(
            (name("a%d.log"), name("a.log"), name("%d/%d")),
            ("a42.log".into(), "a.log.42".into(), "%d/42".into())
        );
    }

    /// The one test that opens the process's log.
    #[test]
    fn calls_are_written_whole() {
        let dir = std::env::temp_dir().join(format!("fluoro-log-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("log");
        std::fs::write(&path, "").unwrap();
        open(&LogTarget::File(path.clone())).unwrap();
        std::thread::scope(|s| {
            for c in [b'a', b'b', b'c'] {
                s.spawn(move || (0..100).for_each(|_| write(&[[c; 2000].as_slice(), b"\n"].concat())));
            }
        });
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 300);
        assert!(text.lines().all(|l| l.len() == 2000 && l.bytes().all(|b| b == l.as_bytes()[0])));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
