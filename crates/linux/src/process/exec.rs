//! `execve`: another program takes the process over.
//!
//! A program of the guest runs in a new copy of ourselves ([`super::handover`]), a program of the host as it is
//! (decision D12). Whatever is wrong with the file must be found out before: once our copy runs there is nobody left
//! to whom an error could be returned.

use super::handover::{Handover, Inherited, has_free_descriptor, host_env};
use crate::errno::{ERESTARTNOINTR, Errno, SysResult, code, fault, from_raw};
use crate::load;
use crate::options::Options;
use crate::path;
use crate::sys::limits::{self, MoreDescriptors};
use crate::task::Thread;
use hostos::call::{self, raw};
use hostos::signal::{FAULTS, bit};
use memory::guarded::{self, StringError};
use std::ffi::{CString, OsStr, OsString};
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Bytes of one word at the most, with its zero (`MAX_ARG_STRLEN`).
const LONGEST_WORD: usize = 32 * 4096;

/// How the guest names the file.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub dir: i32,
    pub path: u64,
    /// `AT_EMPTY_PATH`, `AT_SYMLINK_NOFOLLOW`.
    pub flags: i32,
}

/// All that the host's call points to. The thread holds it during the call, because a `vfork` child never comes back to
/// free what it has allocated in its parent's memory.
#[derive(Debug)]
pub struct Prepared {
    words: Vec<CString>,
    env: Vec<CString>,
    pointers: Vec<u64>,
    handover: Handover,
    keep: Vec<Inherited>,
    more: Option<MoreDescriptors>,
    host_path: CString,
}

impl Prepared {
    /// Frees what a `vfork` child has left. Its descriptors were the child's, unless the two share them.
    pub fn free(mut self, shared_descriptors: bool) {
        if !shared_descriptors {
            self.keep.drain(..).for_each(std::mem::forget);
        }
        // The limit that was raised was the child's.
        if let Some(more) = self.more.take() {
            std::mem::forget(more);
        }
    }
}

/// `execve` and `execveat`.
pub fn exec(t: &mut Thread, target: Target, argv: u64, envp: u64) -> SysResult {
    let result = exec_prepared(t, target, argv, envp);
    // Still here: it has failed.
    t.own.exec = None;
    result
}

fn exec_prepared(t: &mut Thread, target: Target, argv: u64, envp: u64) -> SysResult {
    let (host_path, exec_name) = name(t, target)?;
    check_file(&host_path, target.flags)?;
    let argv = words(argv)?;
    let env = words(envp)?;
    check_size(&argv, &env)?;
    let argv = if argv.is_empty() { vec![OsString::new()] } else { argv };
    let file = OsString::from_vec(host_path.as_bytes().to_vec());
    let by_fd = target.flags & libc::AT_EMPTY_PATH != 0 && is_empty(target.path);
    let options = Options {
        program: PathBuf::from(&file),
        exec_name: Some(exec_name.clone()),
        sysroot: t.process.paths.sysroot().cloned().or_else(|| t.process.options.sysroot.clone()),
        args: argv[1..].to_vec(),
        ..Options::default()
    };
    // To look at the file, and for our copy to begin, there must be one.
    let more = if has_free_descriptor() { None } else { limits::more_descriptors() };
    let native = match load::check(&options) {
        Ok(()) => false,
        // Perhaps the host can run it.
        Err(e) if e.problem.is_other_machine() => true,
        Err(e) => return Err(e.errno()),
    };
    let filters = t.filters.to_raw();
    if native && !filters.is_empty() {
        // It would run without them.
        return Err(code::ENOEXEC);
    }
    let limits = t.process.limits.kept().into_iter().chain(more.iter().flat_map(MoreDescriptors::told)).collect();
    let handover = Handover { file, exec_name, argv, env, own: -1, program: -1, filters, limits };
    let mut prepared = Prepared {
        words: Vec::new(),
        env: Vec::new(),
        pointers: Vec::new(),
        handover,
        keep: Vec::new(),
        more,
        host_path,
    };
    if native {
        prepared.words = c_strings(&prepared.handover.argv);
        prepared.env = c_strings(&prepared.handover.env);
        let dir = libc::AT_FDCWD;
        prepared.more = None;
        let lent = t.process.limits.lend_to_host();
        let result = replace(t, prepared, dir, None, target.flags & libc::AT_SYMLINK_NOFOLLOW);
        drop(lent);
        return result;
    }
    let own = t.process.state.own_file.as_ref().ok_or(code::ENOENT)?.number();
    prepare_copy(t, &mut prepared, own, by_fd.then_some(target.dir))?;
    replace(t, prepared, own, Some(c""), libc::AT_EMPTY_PATH)
}

fn is_empty(path: u64) -> bool {
    guarded::load::<u8>(path) == Ok(0)
}

/// The file for the host, and what the program is told of its name.
fn name(t: &Thread, target: Target) -> Result<(CString, OsString), Errno> {
    if target.flags & !(libc::AT_EMPTY_PATH | libc::AT_SYMLINK_NOFOLLOW) != 0 {
        return Err(code::EINVAL);
    }
    let path = path::read(target.path)?;
    let text = path.as_bytes();
    let by_dir = target.dir != libc::AT_FDCWD && !text.starts_with(b"/");
    if text.is_empty() && (target.flags & libc::AT_EMPTY_PATH == 0 || !by_dir) {
        return Err(code::ENOENT);
    }
    if !by_dir {
        let host = t.existing(target.dir, target.path)?;
        let host = match host {
            path::HostPath::Own(path) => path,
            path::HostPath::Guest(_) => return Err(code::EFAULT),
        };
        return Ok((host, OsStr::from_bytes(text).to_os_string()));
    }
    if hostos::fds::is_hidden(target.dir) {
        return Err(code::EBADF);
    }
    from_raw(raw(libc::SYS_fcntl, [target.dir as u64, libc::F_GETFD as u64, 0, 0, 0, 0]))?;
    let below = |root: &str| {
        let mut full = format!("{root}/{}", target.dir).into_bytes();
        if !text.is_empty() {
            full.push(b'/');
            full.extend_from_slice(text);
        }
        full
    };
    let host = CString::new(below("/proc/self/fd")).map_err(|_| code::EINVAL)?;
    Ok((host, OsString::from_vec(below("/dev/fd"))))
}

/// Lets the kernel say what it has against the file: path, rights, kind, being written to.
fn check_file(path: &CString, flags: i32) -> Result<(), Errno> {
    const AT_EXECVE_CHECK: i32 = 0x10000;
    let argv = [c"".as_ptr() as u64, 0];
    let flags = flags & libc::AT_SYMLINK_NOFOLLOW;
    let at = |flags: i32| {
        let args = [libc::AT_FDCWD as u64, path.as_ptr() as u64, argv.as_ptr() as u64, argv[1..].as_ptr() as u64];
        raw(libc::SYS_execveat, [args[0], args[1], args[2], args[3], flags as u64, 0])
    };
    match from_raw(at(flags | AT_EXECVE_CHECK)) {
        // A kernel before 6.14 does not know this check.
        Err(code::EINVAL) => {
            let args = [libc::AT_FDCWD as u64, path.as_ptr() as u64, libc::X_OK as u64, libc::AT_EACCESS as u64, 0, 0];
            from_raw(raw(libc::SYS_faccessat2, args)).map(|_| ())
        }
        other => other.map(|_| ()),
    }
}

/// Reads a list of pointers to strings that ends with a null pointer; a null list is empty.
fn words(list: u64) -> Result<Vec<OsString>, Errno> {
    let mut all = Vec::new();
    if list == 0 {
        return Ok(all);
    }
    loop {
        let at = list.wrapping_add(8 * all.len() as u64);
        let word = fault(guarded::load::<u64>(at))?;
        if word == 0 {
            return Ok(all);
        }
        let bytes = guarded::read_c_string(word, LONGEST_WORD - 1).map_err(|e| match e {
            StringError::BadAddress => code::EFAULT,
            StringError::TooLong => code::E2BIG,
        })?;
        all.push(OsString::from_vec(bytes));
    }
}

/// All words together may take a quarter of the stack, between 128 KiB and 6 MiB (execve(2)).
fn check_size(argv: &[OsString], env: &[OsString]) -> Result<(), Errno> {
    let mut limit = [0u64; 2];
    raw(libc::SYS_getrlimit, [libc::RLIMIT_STACK as u64, limit.as_mut_ptr() as u64, 0, 0, 0, 0]);
    let most = (limit[0] / 4).clamp(128 << 10, 6 << 20);
    let bytes: u64 = argv.iter().chain(env).map(|w| w.len() as u64 + 1 + 8).sum();
    if bytes > most { Err(code::E2BIG) } else { Ok(()) }
}

fn c_strings(words: &[OsString]) -> Vec<CString> {
    words.iter().filter_map(|w| CString::new(w.as_bytes()).ok()).collect()
}

/// Our own words, and the file with the guest's.
fn prepare_copy(t: &Thread, prepared: &mut Prepared, own: RawFd, program: Option<i32>) -> Result<(), Errno> {
    if let Some(fd) = program {
        let copy = Inherited::copy_of(fd)?;
        prepared.handover.program = copy.number();
        prepared.handover.file = format!("/proc/self/fd/{}", copy.number()).into();
        prepared.keep.push(copy);
    }
    // Where descriptors are short, our own file goes as it is, and without a file for the words if need be.
    let copied = Inherited::copy_of(own).and_then(|copy| publish(prepared, copy));
    let file = copied.or_else(|_| publish(prepared, Inherited::lend(own)));
    prepared.env = match file {
        Ok(file) => {
            let env = host_env(file.number());
            prepared.keep.push(file);
            env
        }
        Err(_) => {
            prepared.handover.own = own;
            prepared.keep.push(Inherited::lend(own));
            host_env(prepared.handover.as_text()?)
        }
    };
    // Only the handover counts; this is what lists of processes show.
    let mut shown = prepared.handover.file.clone();
    if !shown.as_bytes().contains(&b'/') {
        let mut here = OsString::from("./");
        here.push(shown);
        shown = here;
    }
    prepared.words = c_strings(&t.process.options.again);
    prepared.words.extend(c_strings(&["--".into(), shown]));
    Ok(())
}

/// The file with the guest's words, and with the number of `own`, which is kept with it.
fn publish(prepared: &mut Prepared, own: Inherited) -> Result<Inherited, Errno> {
    prepared.handover.own = own.number();
    let file = prepared.handover.publish()?;
    // Our copy's dynamic linker opens a file at a time.
    if !has_free_descriptor() {
        return Err(code::EMFILE);
    }
    prepared.keep.push(own);
    Ok(file)
}

/// The host's call. Returns only if it fails. Without a path it is the host's path of the file.
fn replace(
    t: &mut Thread,
    mut prepared: Prepared,
    dir: i32,
    path: Option<&'static std::ffi::CStr>,
    flags: i32,
) -> SysResult {
    let at = |all: &[CString]| all.iter().map(|w| w.as_ptr() as u64).chain([0]).collect::<Vec<u64>>();
    let words = prepared.words.len() + 1;
    prepared.pointers = at(&prepared.words);
    let env = at(&prepared.env);
    prepared.pointers.extend(env);
    let path = path.map_or(prepared.host_path.as_ptr() as u64, |p| p.as_ptr() as u64);
    let (argv, envp) = (prepared.pointers.as_ptr() as u64, prepared.pointers[words..].as_ptr() as u64);
    t.own.exec = Some(prepared);

    // What their signal does is no longer ours.
    let ticks = hostos::tick::disarm();
    t.signals_ignored(true);
    hostos::signal::set_mask_for_exec(t.signals.mask);
    let result = call::interruptible(libc::SYS_execveat, [dir as u64, path, argv, envp, flags as u64, 0]);
    t.signals_ignored(false);
    hostos::signal::set_mask(t.signals.mask);
    hostos::tick::resume(ticks);
    match result {
        call::NOT_BEGUN => Err(ERESTARTNOINTR),
        other => from_raw(other),
    }
}

impl Thread {
    /// Shows the host which of the signals that faults raise the guest ignores, as a new program inherits it; or takes
    /// them back.
    fn signals_ignored(&self, shown: bool) {
        let actions = self.actions();
        if shown {
            return actions.show_ignored_faults();
        }
        for signal in (1..=64).filter(|&s| FAULTS & bit(s) != 0) {
            hostos::fault::install_one(signal);
        }
    }
}
