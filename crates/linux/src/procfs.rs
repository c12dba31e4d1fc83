//! Files of `/proc` as the guest must see them: its own mappings, program and CPU, not ours.
//!
//! Names are recognised by their last word first, so that an ordinary path costs nothing; then the directory must be
//! that of this process. The contents are made when the file is opened and handed out in an anonymous file.

mod state;

use crate::errno::{SysResult, code, from_raw};
use crate::task::Thread;
use memory::{Attributes, GUEST_END, Mapping, Prot, Role, guarded};
use std::ffi::CString;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// A file that we make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    Maps,
    Smaps,
    Cmdline,
    Environ,
    Auxv,
    Stat,
    Status,
}

static OF_PROCESS: &[(&str, Made)] = &[
    ("maps", Made::Maps),
    ("smaps", Made::Smaps),
    ("cmdline", Made::Cmdline),
    ("environ", Made::Environ),
    ("auxv", Made::Auxv),
    ("stat", Made::Stat),
    ("status", Made::Status),
];

/// The path without links of ours and with the directory put in front, if its last word is one of `words`.
fn full(dir: i32, path: &[u8], words: impl Fn(&str) -> bool) -> Option<String> {
    let path = std::str::from_utf8(path).ok()?;
    let last = path.rsplit('/').next()?;
    if !words(last) {
        return None;
    }
    if path.starts_with('/') {
        return Some(path.to_string());
    }
    let at = if dir == libc::AT_FDCWD { "/proc/self/cwd".into() } else { format!("/proc/self/fd/{dir}") };
    let dir = std::fs::read_link(at).ok()?;
    Some(format!("{}/{path}", dir.to_str()?))
}

/// A process under `/proc`, and what follows its directory (or that of one of its threads).
struct Place {
    own: bool,
    pid: String,
    rest: String,
}

fn place(path: &str) -> Option<Place> {
    let rest = path.strip_prefix("/proc/")?;
    let words: Vec<&str> = rest.split('/').filter(|w| !w.is_empty() && *w != ".").collect();
    let (first, mut rest) = words.split_first()?;
    let own_pid = std::process::id().to_string();
    let own = *first == "self" || *first == "thread-self" || *first == own_pid;
    if !own && !first.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if let ["task", _, inner @ ..] = rest {
        rest = inner;
    }
    Some(Place { own, pid: if own { own_pid } else { first.to_string() }, rest: rest.join("/") })
}

/// Whether another process is a guest of this same program.
fn is_sibling(pid: &str) -> bool {
    let exe = |pid: &str| {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(format!("/proc/{pid}/exe")).map(|m| (m.dev(), m.ino())).ok()
    };
    exe(pid).is_some_and(|theirs| exe("self") == Some(theirs))
}

/// Whether a process is a guest: this one or a sibling.
pub fn is_guest(pid: i32) -> bool {
    is_sibling(&pid.to_string())
}

/// What an open file is under `/proc`, if it is there.
fn opened(fd: i32) -> Option<Place> {
    place(std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()?.to_str()?)
}

/// Whether an open file shows a guest's memory.
pub fn shows_guest(fd: i32) -> bool {
    opened(fd).is_some_and(|place| place.rest == "mem" && (place.own || is_sibling(&place.pid)))
}

/// The path behind `/proc/<pid>/exe` if `path` is that and the process is a guest.
pub fn link(t: &Thread, dir: i32, path: &CString) -> Option<CString> {
    let place = place(&full(dir, path.as_bytes(), |last| last == "exe")?)?;
    if place.rest != "exe" {
        return None;
    }
    if place.own { Some(exe(t)) } else { is_sibling(&place.pid).then(|| exe_of(&place.pid)).flatten() }
}

/// A sibling's executable: the file behind the start of its code.
fn exe_of(pid: &str) -> Option<CString> {
    const START_CODE: usize = 26;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let start: u64 = stat[stat.rfind(')')? + 1..].split_whitespace().nth(START_CODE - 3)?.parse().ok()?;
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let line = maps.lines().find(|l| host_line(l).is_some_and(|h| (h.start..h.end).contains(&start)))?;
    CString::new(&line[line.find('/')?..]).ok()
}

/// Whether `path` leads to a descriptor of ours under `/proc`, which is not there for the guest.
pub fn is_hidden(dir: i32, path: &CString) -> bool {
    let is_number = |last: &str| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    let Some(place) = full(dir, path.as_bytes(), is_number).and_then(|path| place(&path)) else { return false };
    let fd = place.rest.strip_prefix("fd/").or_else(|| place.rest.strip_prefix("fdinfo/"));
    let Some(fd) = fd.and_then(|fd| fd.parse().ok()) else { return false };
    place.hides(fd)
}

/// An open folder that lists the descriptors of a process.
pub struct Descriptors(Place);

impl Descriptors {
    /// If that is what is open.
    pub fn opened(fd: i32) -> Option<Descriptors> {
        opened(fd).filter(|place| ["fd", "fdinfo"].contains(&&*place.rest)).map(Descriptors)
    }

    /// Whether a descriptor in it is one of ours, which is not there for the guest.
    pub fn hides(&self, fd: i32) -> bool {
        self.0.hides(fd)
    }
}

impl Place {
    /// Whether a descriptor of the process is one of ours: what every guest hides is our own executable.
    fn hides(&self, fd: i32) -> bool {
        if self.own {
            return hostos::fds::is_hidden(fd);
        }
        let target = |path: String| std::fs::read_link(path).ok();
        let leads_to = target(format!("/proc/{}/fd/{fd}", self.pid));
        leads_to.is_some() && leads_to == target("/proc/self/exe".into()) && is_sibling(&self.pid)
    }
}

/// The executable's path.
fn exe(t: &Thread) -> CString {
    let image = t.process.image.read().unwrap_or_else(|e| e.into_inner());
    CString::new(image.exe.as_os_str().as_bytes()).unwrap_or_default()
}

/// Whether opening `path` for writing gives access to this process's memory.
pub fn is_own_memory(dir: i32, path: &CString) -> bool {
    let full = full(dir, path.as_bytes(), |last| last == "mem");
    full.and_then(|p| place(&p)).is_some_and(|place| place.own && place.rest == "mem")
}

/// Opens `path` if it is a file that we make.
pub fn open(t: &Thread, dir: i32, path: &CString, flags: i32) -> Option<SysResult> {
    let known = |last: &str| last == "cpuinfo" || OF_PROCESS.iter().any(|f| f.0 == last);
    let full = full(dir, path.as_bytes(), known)?;
    let contents = if full == "/proc/cpuinfo" {
        cpuinfo(&t.process.options.cpu.isa).into_bytes()
    } else {
        let place = place(&full)?;
        let file = OF_PROCESS.iter().find(|f| f.0 == place.rest)?.1;
        if place.own { contents(t, file, &full) } else { contents_of(&place.pid, file, &full)? }
    };
    if flags & libc::O_ACCMODE != libc::O_RDONLY {
        return Some(Err(code::EACCES));
    }
    Some(publish(&contents, flags))
}

/// The same for a sibling: of its mappings, those that are the guest's.
fn contents_of(pid: &str, file: Made, path: &str) -> Option<Vec<u8>> {
    let wanted = matches!(file, Made::Maps | Made::Smaps) && is_sibling(pid);
    let whole = Mapping { start: 0, end: GUEST_END, attributes: Attributes::default() };
    wanted.then(|| maps(Rights::Host(whole), path).into_bytes())
}

fn contents(t: &Thread, file: Made, path: &str) -> Vec<u8> {
    let image = t.process.image.read().unwrap_or_else(|e| e.into_inner());
    let memory = |(start, end): (u64, u64)| guarded::load_vec(start, (end - start) as usize).unwrap_or_default();
    match file {
        Made::Maps | Made::Smaps => maps(Rights::Guest(t.process.memory.snapshot()), path).into_bytes(),
        Made::Cmdline => memory(image.args),
        Made::Environ => memory(image.env),
        Made::Auxv => image.auxv.clone(),
        Made::Stat => state::stat(&image, &state::Signals::of(t), path).into_bytes(),
        Made::Status => state::status(&state::Signals::of(t), path).into_bytes(),
    }
}

/// An anonymous file with these contents, open for reading from its start.
fn publish(contents: &[u8], flags: i32) -> SysResult {
    let cloexec = if flags & libc::O_CLOEXEC != 0 { u64::from(libc::MFD_CLOEXEC) } else { 0 };
    let fd = from_raw(hostos::call::raw(libc::SYS_memfd_create, [c"proc".as_ptr() as u64, cloexec, 0, 0, 0, 0]))?;
    let mut done = 0;
    while done < contents.len() {
        let rest = &contents[done..];
        let args = [fd, rest.as_ptr() as u64, rest.len() as u64, done as u64, 0, 0];
        done += from_raw(hostos::call::raw(libc::SYS_pwrite64, args))?.max(1) as usize;
    }
    Ok(fd)
}

/// A line of the host's list of mappings.
struct HostLine<'a> {
    start: u64,
    end: u64,
    perms: &'a str,
    offset: u64,
    /// Device, inode and name.
    rest: &'a str,
}

fn host_line(line: &str) -> Option<HostLine<'_>> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let (perms, rest) = rest.split_once(' ')?;
    let (offset, rest) = rest.split_once(' ')?;
    let number = |s| u64::from_str_radix(s, 16).ok();
    Some(HostLine { start: number(start)?, end: number(end)?, perms, offset: number(offset)?, rest })
}

/// Whose word holds for rights and roles of mappings.
enum Rights {
    Guest(Vec<Mapping>),
    /// Nobody's but the host's; the mapping covers everything.
    Host(Mapping),
}

/// The guest's part of the host's list: rights and names are the guest's, all else is what the kernel knows.
fn maps(rights: Rights, host_file: &str) -> String {
    let text = std::fs::read_to_string(host_file).unwrap_or_default();
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        match host_line(line) {
            Some(host) => {
                inside = host.end <= GUEST_END && host.start < GUEST_END;
                match &rights {
                    _ if !inside => {}
                    Rights::Guest(list) => {
                        let first = list.partition_point(|m| m.end <= host.start);
                        let parts = list[first..].iter().take_while(|m| m.start < host.end);
                        parts.for_each(|m| map_line(&host, m, &mut out));
                    }
                    Rights::Host(whole) => map_line(&host, &with_host_rights(&host, whole), &mut out),
                }
            }
            None if inside => {
                out.push_str(line);
                out.push('\n');
            }
            None => {}
        }
    }
    out
}

fn with_host_rights(host: &HostLine, whole: &Mapping) -> Mapping {
    let has = |c| host.perms.contains(c);
    let prot = Prot { read: has('r'), write: has('w'), exec: has('x') };
    Mapping { attributes: Attributes { prot, ..whole.attributes }, ..*whole }
}

fn map_line(host: &HostLine, m: &Mapping, out: &mut String) {
    let (start, end) = (host.start.max(m.start), host.end.min(m.end));
    let p = m.attributes.prot;
    let flag = |on, c| if on { c } else { '-' };
    let shared = if host.perms.ends_with('s') { 's' } else { 'p' };
    let has_file = !host.rest.contains(" 0 ") && !host.rest.ends_with(" 0");
    let offset = if has_file { host.offset + (start - host.start) } else { 0 };
    let (head, name) = match host.rest.split_once(' ').map(|(dev, r)| (dev, r.split_once(' '))) {
        Some((dev, Some((inode, name)))) => (format!("{dev} {inode}"), name.trim_start()),
        Some((dev, None)) => (format!("{dev} {}", host.rest[dev.len()..].trim()), ""),
        None => (host.rest.to_string(), ""),
    };
    let name = match m.attributes.role {
        Role::Heap => "[heap]",
        Role::Stack => "[stack]",
        Role::Vdso => "[vdso]",
        Role::Plain | Role::Program => name,
    };
    let rights = (flag(p.read, 'r'), flag(p.write, 'w'), flag(p.exec, 'x'));
    let line = format!("{start:08x}-{end:08x} {}{}{}{shared} {offset:08x} {head}", rights.0, rights.1, rights.2);
    let _ = if name.is_empty() { writeln!(out, "{line} ") } else { writeln!(out, "{line:<72} {name}") };
}

fn cpuinfo(isa: &str) -> String {
    let count = std::thread::available_parallelism().map_or(1, |n| n.get());
    let one = |i: usize| {
        let ids = "mvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n";
        format!(
            "processor\t: {i}\nhart\t\t: {i}\nisa\t\t: {isa}\nmmu\t\t: sv39\nuarch\t\t: fluoro\n{ids}hart isa\t: {isa}\n\n"
        )
    };
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_directory_is_recognised() {
        let own = std::process::id();
        let rest = |path: &str| place(path).filter(|p| p.own).map(|p| p.rest);
        assert_eq!(rest("/proc/self/maps").as_deref(), Some("maps"));
        assert_eq!(rest(&format!("/proc/{own}/task/5/maps")).as_deref(), Some("maps"));
        assert_eq!(rest("/proc//self/./exe").as_deref(), Some("exe"));
        assert_eq!(rest("/proc/1/maps"), None);
        assert!(place("/tmp/self/maps").is_none() && place("/proc/sys/maps").is_none());
    }

    #[test]
    fn lines_are_cut_and_renamed() {
        let host =
            host_line("00010000-00014000 rw-p 00002000 fe:00 123                                /usr/bin/x").unwrap();
        let prot = memory::Prot { read: true, write: false, exec: true };
        let attributes = memory::Attributes { prot, ..Default::default() };
        let mut out = String::new();
        map_line(&host, &Mapping { start: 0x11000, end: 0x20000, attributes }, &mut out);
        assert!(out.starts_with("00011000-00014000 r-xp 00003000 fe:00 123 "), "{out}");
        assert!(out.ends_with(" /usr/bin/x\n"), "{out}");
        let host = host_line("00010000-00014000 rw-p 00000000 00:00 0 ").unwrap();
        out.clear();
        map_line(&host, &Mapping { start: 0x10000, end: 0x14000, attributes }, &mut out);
        assert_eq!(out, "00010000-00014000 r-xp 00000000 00:00 0 \n");
    }
}
