//! System calls as rows: one row per call, in the file of its topic.
//!
//! A row names the call's number in Linux's generic table (which RISC-V and AArch64 use), its name, its typed
//! arguments, how well it is supported, and what it does:
//!
//! ```text
//! 64 write(fd: Fd, buf: In, len: Size) Full { block SYS_write }
//! 57 close(fd: Fd) Full { |t| close(t, fd) }
//! 117 ptrace(…) None "…" { missing }
//! ```
//!
//! - `pass` hands the arguments to the host's call of that name. Guest memory is host memory, so pointers need no
//!   translation; those that point beyond the guest's part were already replaced by one that fails ([`args::sanitize`]);
//!   those that lie in memory are looked at by [`vectors`].
//! - `block` is the same for calls that may sleep and that `SA_RESTART` restarts; `wait` for those that no handler lets
//!   go on (poll, nanosleep, …). Both are interrupted without a race (decision D11).
//! - `look N` is `pass` for a call whose argument N is the path of something that exists: see [`crate::path`].
//! - `|t| …` is Rust, with the arguments as variables and the calling [`Thread`](crate::Thread) as `t`.
//! - `missing` is ENOSYS on purpose; the note says why.
//!
//! From the rows derive dispatch, the text of `--strace`, and the table in `docs/syscalls.md`.

pub mod args;
pub mod far;
pub mod limits;

mod dirs;
mod events;
mod exec;
mod fd;
mod files;
pub mod flags;
mod identity;
mod info;
pub mod ipc;
mod memory;
mod misc;
mod process;
mod signal;
mod socket;
mod stat;
mod structures;
mod thread;
pub mod time;
mod vectors;

use crate::errno::{SysResult, from_raw};
use crate::task::Thread;
use args::Kind;
use std::sync::OnceLock;
pub use structures::signals;

/// How much of a call works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Everything that Linux does.
    Full,
    /// What the note says is missing.
    Part,
    /// ENOSYS, always.
    None,
}

/// A system call.
pub struct Row {
    pub number: u32,
    pub name: &'static str,
    pub support: Support,
    pub note: &'static str,
    /// Names and kinds of its arguments.
    pub names: &'static [&'static str],
    pub kinds: &'static [Kind],
    /// Whether it returns an address.
    pub address: bool,
    pub run: fn(&mut Thread, &[u64; 6]) -> SysResult,
}

/// Makes a table of rows; see the module's text.
macro_rules! syscalls {
    ($table:ident; $($number:literal $name:ident ( $($arg:ident : $kind:ident),* ) $support:ident $($note:literal)? { $($how:tt)* })*) => {
        /// The rows of this topic.
        pub(super) static $table: &[$crate::sys::Row] = &[$(
            $crate::sys::Row {
                number: $number,
                name: stringify!($name),
                support: $crate::sys::Support::$support,
                note: concat!($($note)?),
                names: &[$(stringify!($arg)),*],
                kinds: &[$(<$crate::sys::args::$kind as $crate::sys::args::Arg>::KIND),*],
                address: matches!($number, 196 | 214 | 216 | 222),
                run: $crate::sys::syscalls!(@run { $($how)* } ($($arg : $kind),*)),
            }
        ),*];
    };
    (@run { pass $host:ident } $args:tt) => { |_, raw| $crate::sys::pass(libc::$host, raw) };
    (@run { block $host:ident } $args:tt) => { |t, raw| $crate::sys::block(t, libc::$host, raw) };
    (@run { wait $host:ident } $args:tt) => { |t, raw| $crate::sys::wait(t, libc::$host, raw) };
    (@run { look $index:literal $host:ident } $args:tt) => { |t, raw| $crate::sys::look(t, libc::$host, raw, $index) };
    (@run { missing } $args:tt) => { |_, _| Err($crate::errno::code::ENOSYS) };
    (@run { |$t:ident| $($body:tt)* } ($($arg:ident : $kind:ident),*)) => {
        |$t, raw| {
            let mut _raw = raw.iter();
            $(let $arg = <$crate::sys::args::$kind as $crate::sys::args::Arg>::from_raw(*_raw.next().unwrap_or(&0));)*
            $($body)*
        }
    };
}
use syscalls;

/// Every table.
static TABLES: &[&[Row]] = &[
    dirs::ROWS,
    events::ROWS,
    exec::ROWS,
    fd::ROWS,
    files::ROWS,
    identity::ROWS,
    info::ROWS,
    ipc::ROWS,
    limits::ROWS,
    memory::ROWS,
    misc::ROWS,
    process::ROWS,
    signal::ROWS,
    socket::ROWS,
    stat::ROWS,
    thread::ROWS,
    time::ROWS,
];

/// One more than the highest number.
const NUMBERS: usize = 512;

/// Every row, in no order.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().copied().flatten()
}

/// The call with this number.
pub fn row(number: u64) -> Option<&'static Row> {
    static INDEX: OnceLock<[Option<&'static Row>; NUMBERS]> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index = [None; NUMBERS];
        rows().for_each(|row| index[row.number as usize] = Some(row));
        index
    });
    index.get(usize::try_from(number).ok()?).copied().flatten()
}

/// The host's call with these arguments.
pub(crate) fn pass(number: i64, raw: &[u64; 6]) -> SysResult {
    from_raw(hostos::call::raw(number, *raw))
}

/// A host call that may sleep, and that begins again after a handler with `SA_RESTART`.
pub(crate) fn block(_t: &mut Thread, number: i64, raw: &[u64; 6]) -> SysResult {
    from_raw(hostos::call::interruptible(number, *raw))
}

/// A host call that may sleep, and that every handler ends with EINTR.
pub(crate) fn wait(_t: &mut Thread, number: i64, raw: &[u64; 6]) -> SysResult {
    from_raw(match hostos::call::interruptible(number, *raw) {
        hostos::call::RESTART => -i64::from(crate::errno::ERESTARTNOHAND.0),
        other => other,
    })
}

/// As [`wait`], while the signal mask at `mask` holds instead of the thread's own (`ppoll` and its like).
pub(crate) fn wait_masked(t: &mut Thread, number: i64, raw: &[u64; 6], mask: u64) -> SysResult {
    let mask = if mask == 0 { None } else { memory_of(mask) };
    let result = wait(t, number, raw);
    // Only a call that a signal ended has let that signal through by its own mask.
    let interrupted = [Err(crate::errno::code::EINTR), Err(crate::errno::ERESTARTNOHAND)].contains(&result);
    t.wait_mask = mask.filter(|_| interrupted);
    result
}

fn memory_of(mask: u64) -> Option<u64> {
    ::memory::guarded::load(mask).ok()
}

/// The host's call with one path looked up as the guest sees it. A directory descriptor stands before the path, if
/// there is one.
pub(crate) fn look(t: &mut Thread, number: i64, raw: &[u64; 6], index: usize) -> SysResult {
    let dir = if index == 0 { libc::AT_FDCWD } else { raw[index - 1] as i32 };
    let path = t.existing(dir, raw[index])?;
    let mut args = *raw;
    args[index] = path.arg();
    pass(number, &args)
}

#[cfg(test)]
mod tests;
