//! Structures that system calls point to, as `strace` prints them. What cannot be read is printed as its address.

use super::args::{quote, show_bytes};
use super::flags;
use crate::errno::SysResult;
use memory::guarded;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Which structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `struct timespec`
    Time,
    /// `struct rlimit64`
    Limit,
    /// A set of signals.
    Signals,
    /// `struct sigaction`
    Action,
    /// `struct stat`
    Stat,
    /// What `wait4` says of a child.
    Status,
    /// `struct sockaddr`, of as many bytes as the next argument says.
    Address,
    /// Elements of `struct iovec`, as many as the next argument says.
    Vector,
}

/// The structure at `addr`, given the next argument and, behind a call that succeeded, its result.
pub fn text(shape: Shape, addr: u64, next: u64, result: Option<SysResult>) -> Option<String> {
    match shape {
        Shape::Time => guarded::load::<[i64; 2]>(addr).ok().map(|[s, n]| format!("{{tv_sec={s}, tv_nsec={n}}}")),
        Shape::Limit => guarded::load::<[u64; 2]>(addr)
            .ok()
            .map(|[soft, hard]| format!("{{rlim_cur={}, rlim_max={}}}", limit(soft), limit(hard))),
        Shape::Signals => guarded::load::<u64>(addr).ok().map(signals),
        Shape::Action => guarded::load::<[u64; 3]>(addr).ok().map(action),
        Shape::Stat => guarded::load::<[u64; 16]>(addr).ok().map(stat),
        Shape::Status => guarded::load::<i32>(addr).ok().map(status),
        Shape::Address => socket_address(addr, next),
        Shape::Vector => vector(addr, next, result),
    }
}

fn limit(value: u64) -> String {
    match value {
        u64::MAX => "RLIM64_INFINITY".into(),
        v if v > 1024 && v.is_multiple_of(1024) => format!("{}*1024", v / 1024),
        v => v.to_string(),
    }
}

/// `[INT USR1]`; of a set that has most of them, those that it has not.
pub fn signals(set: u64) -> String {
    let (sign, set) = if set.count_ones() > 42 { ("~", !set) } else { ("", set) };
    let name = |number: i32| {
        let mut name = String::new();
        flags::show_signal(number, &mut name);
        name.strip_prefix("SIG").unwrap_or(&name).to_string()
    };
    let names: Vec<String> = (1..=64).filter(|n| set & 1 << (n - 1) != 0).map(name).collect();
    format!("{sign}[{}]", names.join(" "))
}

fn action([handler, bits, mask]: [u64; 3]) -> String {
    let handler = match handler {
        0 => "SIG_DFL".into(),
        1 => "SIG_IGN".into(),
        at => format!("{at:#x}"),
    };
    let mut names = String::new();
    flags::ACTION.show(bits, &mut names);
    format!("{{sa_handler={handler}, sa_mask={}, sa_flags={names}}}", signals(mask))
}

/// The layout of `asm-generic/stat.h`.
fn stat(words: [u64; 16]) -> String {
    let mode = words[2] as u32;
    let mut kind = String::new();
    flags::show_exact(&flags::FILE_KIND, u64::from(mode & libc::S_IFMT), &mut kind);
    let (rights, device) = (mode & !libc::S_IFMT, words[4]);
    let rest = match mode & libc::S_IFMT {
        libc::S_IFCHR | libc::S_IFBLK => {
            format!("st_rdev=makedev({:#x}, {:#x})", libc::major(device), libc::minor(device))
        }
        _ => format!("st_size={}", words[6]),
    };
    format!("{{st_mode={kind}|0{rights:03o}, {rest}, ...}}")
}

fn status(status: i32) -> String {
    let mut name = String::new();
    if libc::WIFEXITED(status) {
        return format!("[{{WIFEXITED(s) && WEXITSTATUS(s) == {}}}]", libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        flags::show_signal(libc::WTERMSIG(status), &mut name);
        let core = if libc::WCOREDUMP(status) { " && WCOREDUMP(s)" } else { "" };
        return format!("[{{WIFSIGNALED(s) && WTERMSIG(s) == {name}{core}}}]");
    }
    if libc::WIFSTOPPED(status) {
        flags::show_signal(libc::WSTOPSIG(status), &mut name);
        return format!("[{{WIFSTOPPED(s) && WSTOPSIG(s) == {name}}}]");
    }
    format!("[{status:#x}]")
}

fn socket_address(addr: u64, len: u64) -> Option<String> {
    const LONGEST: usize = 128;
    let bytes = guarded::load_vec::<u8>(addr, (len as u32 as usize).min(LONGEST)).ok()?;
    let family = u16::from_le_bytes(*bytes.first_chunk()?);
    let port = || bytes.get(2..4).map(|b| u16::from_be_bytes([b[0], b[1]]));
    let mut out = String::from("{sa_family=");
    flags::FAMILY.show(family.into(), &mut out);
    match i32::from(family) {
        libc::AF_INET => {
            let host = Ipv4Addr::from(*bytes.get(4..)?.first_chunk::<4>()?);
            let _ = write!(out, ", sin_port=htons({}), sin_addr=inet_addr(\"{host}\")", port()?);
        }
        libc::AF_INET6 => {
            let host = Ipv6Addr::from(*bytes.get(8..)?.first_chunk::<16>()?);
            let _ = write!(out, ", sin6_port=htons({}), inet_pton(AF_INET6, \"{host}\", &sin6_addr)", port()?);
        }
        libc::AF_UNIX if bytes.len() > 2 => {
            let path = &bytes[2..];
            let is_abstract = path[0] == 0;
            out.push_str(if is_abstract { ", sun_path=@" } else { ", sun_path=" });
            let path = if is_abstract { &path[1..] } else { path.split(|&b| b == 0).next().unwrap_or_default() };
            quote(path, false, &mut out);
        }
        _ => {}
    }
    out.push('}');
    Some(out)
}

/// With a result, no more than it says is shown.
fn vector(addr: u64, count: u64, result: Option<SysResult>) -> Option<String> {
    const SHOWN: u64 = 16;
    let all = guarded::load_vec::<[u64; 2]>(addr, count.min(SHOWN) as usize).ok()?;
    let mut left = result.and_then(Result::ok).unwrap_or(u64::MAX);
    let mut out = String::from("[");
    for (i, [base, len]) in all.into_iter().enumerate() {
        out.push_str(if i == 0 { "{iov_base=" } else { ", {iov_base=" });
        show_bytes(base, len.min(left), &mut out);
        let _ = write!(out, ", iov_len={len}}}");
        left -= len.min(left);
    }
    out.push_str(if count > SHOWN { ", ...]" } else { "]" });
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_strace_prints_them() {
        assert_eq!(signals(1 << 9 | 1 << 1), "[INT USR1]");
        assert_eq!(signals(!(1 << 8)), "~[KILL]");
        assert_eq!(limit(8 << 20), "8192*1024");
        assert_eq!(action([1, libc::SA_RESTART as u64, 0]), "{sa_handler=SIG_IGN, sa_mask=[], sa_flags=SA_RESTART}");
        assert_eq!(status(3 << 8), "[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]");
        assert_eq!(status(9), "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}]");
        let mut about = [0; 16];
        (about[2], about[6]) = (u64::from(libc::S_IFREG | 0o644), 1868);
        assert_eq!(stat(about), "{st_mode=S_IFREG|0644, st_size=1868, ...}");
    }
}
