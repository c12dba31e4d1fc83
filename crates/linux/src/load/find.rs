//! Finding what is to be loaded: the program behind scripts, its interpreter, and the sysroot that holds it.

use super::elf::Elf;
use super::error::{LoadError, Problem};
use crate::options::Options;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes of a file that are looked at first; scripts have their whole first line in it.
const START: usize = 1024;

/// Bytes of a script's first line that count.
const SCRIPT_LINE: usize = 256;

/// How often a script's interpreter may be a script.
const SCRIPT_DEPTH: u32 = 5;

/// Where distributions put a cross compiler's libraries.
pub const KNOWN_SYSROOTS: &[&str] = &["/usr/riscv64-linux-gnu"];

/// An ELF file with its headers.
pub struct Object {
    pub path: PathBuf,
    pub file: File,
    pub elf: Elf,
    pub identity: (u64, u64),
}

/// All files and words that loading needs.
pub struct Found {
    pub program: Object,
    pub interpreter: Option<Object>,
    pub sysroot: Option<PathBuf>,
    pub argv: Vec<OsString>,
    /// What `AT_EXECFN` says.
    pub exec_name: OsString,
    /// The program's file as it was named: on the command line, or in a script.
    pub named: PathBuf,
}

/// Whether the caller may execute the file, as the kernel would decide.
fn executable(path: &Path) -> bool {
    let Ok(name) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    let args = [libc::AT_FDCWD as u64, name.as_ptr() as u64, libc::X_OK as u64, libc::AT_EACCESS as u64, 0, 0];
    match hostos::call::raw(libc::SYS_faccessat2, args) {
        0 => true,
        e if e == -i64::from(libc::ENOSYS) => hostos::call::raw(libc::SYS_faccessat, args) == 0,
        _ => false,
    }
}

/// Opens a file that is to be executed; also returns its first bytes.
fn open(path: &Path) -> Result<(File, std::fs::Metadata, Vec<u8>), Problem> {
    let number = |e: std::io::Error| e.raw_os_error().unwrap_or(libc::EIO);
    let classify = |e: std::io::Error| match number(e) {
        libc::ENOENT => Problem::Missing,
        other => Problem::Unreadable(other),
    };
    // Before it is opened: a pipe would wait for its writer.
    match std::fs::metadata(path).map_err(classify)? {
        kind if kind.is_dir() => return Err(Problem::Directory),
        kind if !kind.is_file() => return Err(Problem::Special),
        _ => {}
    }
    let file = File::open(path).map_err(classify)?;
    let meta = file.metadata().map_err(classify)?;
    if !executable(path) {
        return Err(Problem::NotExecutable);
    }
    let mut start = vec![0; START];
    let got = file.read_at(&mut start, 0).map_err(|e| Problem::Unreadable(number(e)))?;
    start.truncate(got);
    Ok((file, meta, start))
}

/// `path` under the sysroot if it is there.
fn under(sysroot: Option<&Path>, path: &Path) -> PathBuf {
    let inside = || Some(sysroot?.join(path.strip_prefix("/").ok()?)).filter(|p| p.exists());
    inside().unwrap_or_else(|| path.to_path_buf())
}

/// Interpreter and argument of a script's first line (execve(2), "Interpreter scripts"): what stands between blanks, of as
/// much as the kernel reads. A name that is cut is none.
fn script_line(start: &[u8]) -> Option<(OsString, Option<OsString>)> {
    let is_cut = start.len() >= SCRIPT_LINE && !start[..SCRIPT_LINE].contains(&b'\n');
    let line = start[..start.len().min(SCRIPT_LINE - 1)].strip_prefix(b"#!")?;
    let words = line.split(|&b| b == b'\n').next()?;
    let words = &words[words.iter().position(|b| !is_blank(b))?..];
    let end = words.iter().position(is_blank).or((!is_cut).then_some(words.len()))?;
    let (name, rest) = words.split_at(end);
    let first = rest.iter().position(|b| !is_blank(b));
    let argument = first.map(|first| {
        let behind = rest.iter().rposition(|b| !is_blank(b)).map_or(first, |last| last + 1);
        OsStr::from_bytes(&rest[first..behind]).to_os_string()
    });
    Some((OsStr::from_bytes(name).to_os_string(), argument))
}

fn is_blank(b: &u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// Finds the program that the options name, and what it needs.
pub fn program(options: &Options) -> Result<Found, LoadError> {
    let named = &options.program;
    let fail = |problem| LoadError::new(named, problem);
    let root = options.sysroot.as_deref();
    let called = options.exec_name.clone().map_or_else(|| named.clone(), PathBuf::from);
    let mut argv = vec![options.argv0.clone().unwrap_or_else(|| called.clone().into_os_string())];
    argv.extend(options.args.iter().cloned());
    let mut guest_path = called.clone();
    let mut path = if named.exists() { named.clone() } else { under(root, named) };
    for _ in 0..=SCRIPT_DEPTH {
        // Of a script it is the script that the user knows, and its first line that he can mend.
        let fail = |problem| match guest_path == called {
            true => fail(problem),
            false => fail(Problem::ScriptInterpreter(guest_path.display().to_string(), Box::new(problem))),
        };
        let (file, meta, start) = open(&path).map_err(fail)?;
        let Some((name, argument)) = script_line(&start) else {
            let elf = Elf::parse(&file, &start, meta.len()).map_err(fail)?;
            let (interpreter, sysroot) = interpreter(&elf, options).map_err(fail)?;
            let program = Object { path, file, elf, identity: (meta.dev(), meta.ino()) };
            let exec_name = called.into_os_string();
            return Ok(Found { program, interpreter, sysroot, argv, exec_name, named: guest_path });
        };
        let script = guest_path.into_os_string();
        let rest = argv.split_off(1);
        argv = [Some(name.clone()), argument, Some(script)].into_iter().flatten().chain(rest).collect();
        guest_path = PathBuf::from(name);
        path = under(root, &guest_path);
    }
    Err(fail(Problem::Loop))
}

/// The program interpreter, and the sysroot: the one that was named, or one that has the interpreter. What is not under
/// a sysroot that was named is the host's, as under QEMU; the known ones are for users who named none.
fn interpreter(elf: &Elf, options: &Options) -> Result<(Option<Object>, Option<PathBuf>), Problem> {
    let named = options.sysroot.clone();
    let Some(name) = &elf.interpreter else { return Ok((None, named)) };
    let guest_path = PathBuf::from(OsString::from_vec(name.clone()));
    let missing = || Problem::NoInterpreter {
        interpreter: guest_path.display().to_string(),
        sysroot: named.clone(),
        sysroot_is_directory: named.as_ref().is_none_or(|root| root.is_dir()),
    };
    let roots = match &named {
        Some(root) => vec![root.clone(), PathBuf::from("/")],
        None => [PathBuf::from("/")].into_iter().chain(KNOWN_SYSROOTS.iter().map(PathBuf::from)).collect(),
    };
    for root in roots {
        let path = root.join(guest_path.strip_prefix("/").unwrap_or(&guest_path));
        let (file, meta, start) = match open(&path) {
            Err(Problem::Missing | Problem::Unreadable(libc::ENOTDIR)) => continue,
            other => other?,
        };
        let elf = Elf::parse(&file, &start, meta.len())?;
        let object = Object { path, file, elf, identity: (meta.dev(), meta.ino()) };
        return Ok((Some(object), named.or(Some(root))));
    }
    Err(missing())
}
