//! What is to be run, and running it.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where system calls are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trace {
    Stderr,
    File(PathBuf),
}

/// A run, described.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The file to load.
    pub program: PathBuf,
    /// The guest's arguments, `argv[0]` first.
    pub argv: Vec<OsString>,
    /// The guest's environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where the guest's absolute paths are looked up first.
    pub sysroot: Option<PathBuf>,
    /// The CPU model as users type it; `max` if absent.
    pub cpu: Option<String>,
    /// Bytes of the main thread's stack; the limit of the host if absent.
    pub stack: Option<u64>,
    /// What `uname` reports as release.
    pub uname: Option<String>,
    /// Makes AT_RANDOM repeatable.
    pub seed: Option<u64>,
    /// One instruction a block.
    pub one_insn: bool,
    pub trace: Option<Trace>,
    /// Count what the guest does.
    pub count: bool,
}

/// How the guest ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(u8),
    /// By this signal, in the host's numbers.
    Killed(i32),
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub end: End,
}

/// Why nothing could be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The CPU model is not one, with the reason.
    Cpu(String),
}

/// Runs a guest to its end.
pub fn run(_setup: Setup) -> Result<Outcome, Error> {
    Err(Error::Cpu("the engine is not wired up yet".into()))
}
