//! Why a program cannot be run, as one sentence that says what to do.

use super::find::KNOWN_SYSROOTS;
use crate::errno::{Errno, code};
use std::fmt;
use std::path::{Path, PathBuf};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Missing,
    NotExecutable,
    Directory,
    /// A pipe, a socket or a device.
    Special,
    /// Opening or reading failed with this error number.
    Unreadable(i32),
    Empty,
    /// Neither ELF nor a script.
    Unknown,
    /// Shorter than its headers say.
    Truncated,
    /// An ELF file for this machine (ELF's number).
    Machine(u16),
    BigEndian,
    /// A 32-bit program.
    Class32,
    /// Not an executable: an object file, a core dump, … (ELF's type).
    Kind(u16),
    /// A header contradicts itself; the text says which.
    Malformed(&'static str),
    Overlapping,
    /// Does not fit into the address space.
    Huge,
    /// The program interpreter is neither under the sysroot nor on the host.
    NoInterpreter {
        interpreter: String,
        /// The one that the user named.
        sysroot: Option<PathBuf>,
        sysroot_is_directory: bool,
    },
    /// What is wrong with the interpreter of a script.
    ScriptInterpreter(String, Box<Problem>),
    /// Scripts that name scripts that name scripts.
    Loop,
    /// Mapping failed with this error number.
    NoMemory(i32),
    ArgumentsTooLong,
}

/// A program that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The file, as the user named it.
    pub path: PathBuf,
    pub problem: Problem,
}

impl LoadError {
    pub fn new(path: impl Into<PathBuf>, problem: Problem) -> LoadError {
        LoadError { path: path.into(), problem }
    }

    /// The status that a shell would end with.
    pub fn status(&self) -> i32 {
        if self.problem == Problem::Missing { 127 } else { 126 }
    }

    /// What `execve` fails with.
    pub fn errno(&self) -> Errno {
        self.problem.errno()
    }
}

impl Problem {
    /// Whether it, or the interpreter of the script that it is, is a program for another machine, perhaps the host.
    pub fn is_other_machine(&self) -> bool {
        match self {
            Problem::Machine(_) | Problem::Class32 | Problem::BigEndian => true,
            Problem::ScriptInterpreter(_, why) => why.is_other_machine(),
            _ => false,
        }
    }

    fn errno(&self) -> Errno {
        match self {
            Problem::Missing | Problem::NoInterpreter { .. } => code::ENOENT,
            Problem::ScriptInterpreter(_, why) => why.errno(),
            Problem::NotExecutable | Problem::Directory | Problem::Special => code::EACCES,
            Problem::Unreadable(e) => Errno(*e),
            Problem::Loop => code::ELOOP,
            Problem::Huge | Problem::NoMemory(_) => code::ENOMEM,
            Problem::ArgumentsTooLong => code::E2BIG,
            _ => code::ENOEXEC,
        }
    }
}

/// Names of machines that users meet.
static MACHINES: &[(u16, &str)] = &[
    (3, "x86 (32-bit)"),
    (8, "MIPS"),
    (20, "PowerPC"),
    (21, "PowerPC64"),
    (22, "S/390"),
    (40, "ARM"),
    (62, "x86-64"),
    (183, "AArch64"),
    (258, "LoongArch"),
];

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for LoadError {}

fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'S', 'x', 'M']) && !name.starts_with("MIPS") { "an" } else { "a" }
}

fn machine(number: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match MACHINES.iter().find(|m| m.0 == number) {
        Some((_, name)) => write!(f, "is {} {name} program; this build runs riscv64", article(name)),
        None => write!(f, "is a program for ELF machine {number}; this build runs riscv64"),
    }
}

fn os_text(number: i32) -> &'static str {
    crate::errno::describe(Errno(number)).map_or("unknown error", |d| d.1)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Missing => write!(f, "No such file or directory; check the path"),
            Problem::NotExecutable => write!(f, "is not executable; 'chmod +x' makes it so"),
            Problem::Directory => write!(f, "is a directory; name a program in it"),
            Problem::Special => write!(f, "is a pipe, a socket or a device; name a program"),
            Problem::Unreadable(e @ (libc::ENOTDIR | libc::ENAMETOOLONG)) => {
                write!(f, "{}; check the path", os_text(*e))
            }
            Problem::Unreadable(e @ libc::ELOOP) => write!(f, "{}; check where its links lead", os_text(*e)),
            Problem::Unreadable(e @ (libc::EACCES | libc::EPERM)) => {
                write!(f, "cannot be read: {}; check its permissions", os_text(*e))
            }
            Problem::Unreadable(e) => write!(f, "cannot be read: {}; check the file", os_text(*e)),
            Problem::Empty => write!(f, "is empty; build or copy it again"),
            Problem::Unknown => write!(f, "is neither an ELF program nor a script with a #! line; check what it is"),
            Problem::Truncated => write!(f, "is truncated; build or copy it again"),
            Problem::Machine(n) => machine(*n, f),
            Problem::BigEndian => write!(f, "is a big-endian program; this build runs riscv64 (little-endian)"),
            Problem::Class32 => write!(f, "is a 32-bit program; this build runs riscv64"),
            Problem::Kind(1) => write!(f, "is an object file; link it first"),
            Problem::Kind(4) => write!(f, "is a core dump; name a program"),
            Problem::Kind(n) => write!(f, "is not an executable (ELF type {n}); name a program"),
            Problem::Malformed(what) => write!(f, "has a bad ELF header ({what}); build or copy it again"),
            Problem::Overlapping => write!(f, "has overlapping segments; link it again"),
            Problem::Huge => write!(f, "does not fit into the guest's address space; link it at lower addresses"),
            Problem::NoInterpreter { interpreter, sysroot, sysroot_is_directory } => {
                no_interpreter(f, interpreter, sysroot.as_deref(), *sysroot_is_directory)
            }
            Problem::ScriptInterpreter(name, why) => script_interpreter(f, name, why),
            Problem::Loop => write!(f, "is a script whose interpreter is a script, too often; name a program"),
            Problem::NoMemory(e) => write!(f, "cannot be mapped: {}; free memory or raise 'ulimit -v'", os_text(*e)),
            Problem::ArgumentsTooLong => write!(f, "gets too many arguments; raise 'ulimit -s' or pass fewer"),
        }
    }
}

/// The interpreter of a dynamic program is nowhere: the remedy is one that the user has not tried.
fn no_interpreter(f: &mut fmt::Formatter<'_>, interpreter: &str, sysroot: Option<&Path>, is_dir: bool) -> fmt::Result {
    write!(f, "needs the interpreter {interpreter}, ")?;
    match sysroot {
        Some(root) if !is_dir => {
            write!(f, "but the sysroot {} is no directory; name one that is, and has it", root.display())
        }
        Some(root) => {
            write!(f, "which is neither under the sysroot {} nor under /; name a sysroot that has it", root.display())
        }
        None => {
            let known = KNOWN_SYSROOTS.join(" nor ");
            write!(f, "which is neither under / nor {known}; name a sysroot with -L DIR ('fluoro doctor' helps)")
        }
    }
}

/// The host's own shell is no use: a script needs one of the guest's kind.
fn script_interpreter(f: &mut fmt::Formatter<'_>, name: &str, why: &Problem) -> fmt::Result {
    let sentence = why.to_string();
    let why = match why {
        Problem::Missing => "is missing",
        // What is wrong, without a remedy.
        _ => sentence.split_once("; ").map_or(&*sentence, |(what, _)| what),
    };
    write!(f, "is a script for {name}, which {why}; name a sysroot that has {name} for riscv64 with -L DIR")
}
