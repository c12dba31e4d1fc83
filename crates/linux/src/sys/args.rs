//! Typed arguments of system calls: how they are taken from registers, checked, and printed.

use super::flags::{self, Set};
use super::structures::{self, Shape};
use crate::errno::SysResult;
use memory::{GUEST_END, guarded};
use std::fmt::Write;
use std::ops::Range;

/// What an argument is, for checks and for strace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Uint,
    Long,
    Ulong,
    Hex,
    /// Octal permissions.
    Mode,
    Fd,
    /// A descriptor that may be `AT_FDCWD`.
    Dir,
    Signal,
    Clock,
    /// An address that the kernel reads or writes.
    Ptr,
    /// An address that only names a place.
    Addr,
    /// A number or a pointer, as another argument says.
    Either,
    /// A C string.
    Path,
    /// Bytes for the kernel, as many as the next argument says.
    In,
    /// Bytes from the kernel, as many as the call returns.
    Out,
    /// Two descriptors from the kernel.
    Pair,
    /// A structure for the kernel.
    Given(Shape),
    /// One from the kernel.
    Filled(Shape),
    Flags(&'static Set),
}

impl Kind {
    /// Whether it can only be printed after the call.
    pub fn is_result(self) -> bool {
        matches!(self, Kind::Out | Kind::Pair | Kind::Filled(_))
    }

    /// Whether the kernel goes where it points.
    fn is_pointer(self) -> bool {
        matches!(self, Kind::Ptr | Kind::Path | Kind::In | Kind::Out | Kind::Pair | Kind::Given(_) | Kind::Filled(_))
    }
}

/// A typed argument.
pub trait Arg: Sized {
    const KIND: Kind;
    fn from_raw(raw: u64) -> Self;
}

macro_rules! kinds {
    ($($name:ident($inner:ty) = $kind:expr;)*) => { $(
        #[doc = concat!("An argument of kind `", stringify!($name), "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $inner);
        impl Arg for $name {
            const KIND: Kind = $kind;
            fn from_raw(raw: u64) -> Self {
                $name(raw as $inner)
            }
        }
    )* };
}

kinds! {
    Int(i32) = Kind::Int;
    Uint(u32) = Kind::Uint;
    Long(i64) = Kind::Long;
    Ulong(u64) = Kind::Ulong;
    Size(u64) = Kind::Ulong;
    Hex(u64) = Kind::Hex;
    Mode(u32) = Kind::Mode;
    Fd(i32) = Kind::Fd;
    Dir(i32) = Kind::Dir;
    Sig(i32) = Kind::Signal;
    Clock(i32) = Kind::Clock;
    Ptr(u64) = Kind::Ptr;
    Addr(u64) = Kind::Addr;
    Either(u64) = Kind::Either;
    Path(u64) = Kind::Path;
    In(u64) = Kind::In;
    Out(u64) = Kind::Out;
    Pair(u64) = Kind::Pair;
    Time(u64) = Kind::Given(Shape::Time);
    TimeOut(u64) = Kind::Filled(Shape::Time);
    Limit(u64) = Kind::Given(Shape::Limit);
    LimitOut(u64) = Kind::Filled(Shape::Limit);
    Signals(u64) = Kind::Given(Shape::Signals);
    SignalsOut(u64) = Kind::Filled(Shape::Signals);
    Action(u64) = Kind::Given(Shape::Action);
    ActionOut(u64) = Kind::Filled(Shape::Action);
    StatOut(u64) = Kind::Filled(Shape::Stat);
    StatusOut(u64) = Kind::Filled(Shape::Status);
    SockAddr(u64) = Kind::Given(Shape::Address);
    Vector(u64) = Kind::Given(Shape::Vector);
    VectorOut(u64) = Kind::Filled(Shape::Vector);
    OpenFlags(i32) = Kind::Flags(&flags::OPEN);
    AtFlags(i32) = Kind::Flags(&flags::AT);
    AccessMode(i32) = Kind::Flags(&flags::ACCESS);
    Prot(i32) = Kind::Flags(&flags::PROT);
    MapFlags(i32) = Kind::Flags(&flags::MAP);
    RemapFlags(i32) = Kind::Flags(&flags::REMAP);
    CloneFlags(u64) = Kind::Flags(&flags::CLONE);
    FutexOp(i32) = Kind::Flags(&flags::FUTEX);
    Whence(i32) = Kind::Flags(&flags::WHENCE);
    FcntlCommand(i32) = Kind::Flags(&flags::FCNTL);
    Advice(i32) = Kind::Flags(&flags::ADVICE);
    MaskHow(i32) = Kind::Flags(&flags::MASK_HOW);
    WaitFlags(i32) = Kind::Flags(&flags::WAIT);
    Family(i32) = Kind::Flags(&flags::FAMILY);
    SocketType(i32) = Kind::Flags(&flags::SOCKET_TYPE);
    MessageFlags(i32) = Kind::Flags(&flags::MESSAGE);
    Resource(i32) = Kind::Flags(&flags::RESOURCE);
    EpollOp(i32) = Kind::Flags(&flags::EPOLL_OP);
}

/// An address at which every access of the kernel fails, whatever the length: EFAULT then comes at the moment, and with
/// the precedence, that it has natively.
pub const BAD: u64 = 0xffff_8000_0000_0000;

/// A descriptor that is never open. (-100 would be `AT_FDCWD`.)
const NO_FD: u64 = u64::MAX;

/// The end of the host's part of the address space.
const HOST_END: u64 = 1 << 47;

/// A guest pointer for the kernel: itself, or [`BAD`] if it leaves the guest's part of the address space.
pub fn pointer(addr: u64) -> u64 {
    if addr < GUEST_END { addr } else { BAD }
}

/// The arguments for the host's kernel: pointers are the guest's or bad.
pub fn sanitize(kinds: &[Kind], raw: &[u64; 6]) -> [u64; 6] {
    let mut args = *raw;
    for (arg, kind) in args.iter_mut().zip(kinds) {
        match kind {
            Kind::Fd | Kind::Dir if hostos::fds::is_hidden(*arg as i32) => *arg = NO_FD,
            Kind::Either if (GUEST_END..HOST_END).contains(arg) => *arg = BAD,
            kind if kind.is_pointer() => *arg = pointer(*arg),
            _ => {}
        }
    }
    args
}

/// Bytes of a buffer that are shown.
const SHOWN: usize = 32;

/// Appends the arguments in `which`, with commas between them. `result` is there once the call is over.
pub fn show(kinds: &[Kind], raw: &[u64; 6], which: Range<usize>, result: Option<SysResult>, out: &mut String) {
    for i in which {
        if i > 0 && kinds[i] == Kind::Mode && kinds[i - 1] == OpenFlags::KIND && !creates(raw[i - 1]) {
            continue;
        }
        if i > 0 {
            out.push_str(", ");
        }
        let next = raw.get(i + 1).copied().unwrap_or(0);
        show_one(kinds[i], raw[i], next, result, out);
    }
}

/// Whether open flags make the permissions matter.
fn creates(flags: u64) -> bool {
    flags as i32 & (libc::O_CREAT | libc::O_TMPFILE & !libc::O_DIRECTORY) != 0
}

fn show_one(kind: Kind, raw: u64, next: u64, result: Option<SysResult>, out: &mut String) {
    let _ = match kind {
        Kind::Int | Kind::Fd => write!(out, "{}", raw as i32),
        Kind::Dir if raw as i32 == libc::AT_FDCWD => write!(out, "AT_FDCWD"),
        Kind::Dir => write!(out, "{}", raw as i32),
        Kind::Uint => write!(out, "{}", raw as u32),
        Kind::Long => write!(out, "{}", raw as i64),
        Kind::Ulong => write!(out, "{raw}"),
        Kind::Hex | Kind::Either => write!(out, "{raw:#x}"),
        Kind::Mode => write!(out, "{:#05o}", raw as u32).map(|()| fix_octal(out)),
        Kind::Signal => return flags::show_signal(raw as i32, out),
        Kind::Clock => return flags::show_exact(&flags::CLOCK, raw, out),
        Kind::Flags(set) => return set.show(raw, out),
        Kind::Path => return show_string(raw, out),
        Kind::In => return show_bytes(raw, next, out),
        Kind::Out => match result {
            Some(Ok(len)) => return show_bytes(raw, len.min(next), out),
            _ => return show_pointer(raw, out),
        },
        Kind::Pair => match (result, guarded::load::<[i32; 2]>(raw)) {
            (Some(Ok(_)), Ok([a, b])) => write!(out, "[{a}, {b}]"),
            _ => return show_pointer(raw, out),
        },
        Kind::Given(shape) => return show_structure(structures::text(shape, raw, next, None), raw, out),
        Kind::Filled(shape) => {
            let filled = result.filter(|r| r.is_ok()).and_then(|_| structures::text(shape, raw, next, result));
            return show_structure(filled, raw, out);
        }
        Kind::Ptr | Kind::Addr => return show_pointer(raw, out),
    };
}

/// `0o644` as C writes it: `0644`.
fn fix_octal(out: &mut String) {
    if let Some(at) = out.rfind("0o") {
        out.replace_range(at..at + 2, "0");
    }
}

fn show_pointer(raw: u64, out: &mut String) {
    if raw == 0 {
        out.push_str("NULL");
    } else {
        let _ = write!(out, "{raw:#x}");
    }
}

fn show_structure(text: Option<String>, raw: u64, out: &mut String) {
    match text {
        Some(text) if raw != 0 => out.push_str(&text),
        _ => show_pointer(raw, out),
    }
}

fn show_string(addr: u64, out: &mut String) {
    match guarded::read_c_string(addr, 4096) {
        Ok(text) => quote(&text, false, out),
        Err(_) => show_pointer(addr, out),
    }
}

pub fn show_bytes(addr: u64, len: u64, out: &mut String) {
    let shown = (len as usize).min(SHOWN);
    match guarded::load_vec::<u8>(addr, shown) {
        Ok(bytes) => quote(&bytes, len as usize > shown, out),
        Err(_) => show_pointer(addr, out),
    }
}

pub fn quote(bytes: &[u8], cut: bool, out: &mut String) {
    out.push('"');
    for &b in bytes {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..0x7f => out.push(b as char),
            _ => {
                let _ = write!(out, "\\{b:o}");
            }
        }
    }
    out.push('"');
    if cut {
        out.push_str("...");
    }
}
