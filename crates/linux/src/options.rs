//! What a run is told, and how it ends.

use std::ffi::OsString;
use std::path::PathBuf;

/// How the guest's CPU presents itself to Linux programs. Whoever chooses the guest fills this in.
#[derive(Clone, Debug, Default)]
pub struct CpuFacts {
    /// `AT_HWCAP`.
    pub hwcap: u64,
    /// The `isa` line of `/proc/cpuinfo`, e.g. `rv64imafdc_zicsr_…`.
    pub isa: String,
    /// Answers of `riscv_hwprobe`: key and value.
    pub hwprobe: Vec<(i64, u64)>,
}

/// Everything that a run needs to know.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The file to run, as the user named it.
    pub program: PathBuf,
    /// How a guest that starts it calls it, if that is not the name of the host's file.
    pub exec_name: Option<OsString>,
    /// `argv[0]` if it is not the program's name.
    pub argv0: Option<OsString>,
    /// The arguments after `argv[0]`.
    pub args: Vec<OsString>,
    /// The guest's environment, `NAME=value`.
    pub env: Vec<OsString>,
    /// Where the guest's absolute paths are looked up first.
    pub sysroot: Option<PathBuf>,
    /// Print system calls.
    pub strace: bool,
    /// Where they are printed (appended to); a copy of the standard error stream if absent.
    pub log: Option<PathBuf>,
    /// Makes `AT_RANDOM` repeatable.
    pub seed: Option<u64>,
    /// What `uname` says as release.
    pub release: Option<String>,
    /// Size of the main thread's stack in bytes, instead of the limit's.
    pub stack_size: Option<u64>,
    pub cpu: CpuFacts,
    /// There is something to do when the guest has ended, whatever ends it: all its threads come back first.
    pub keep_results: bool,
    /// Observers see the end of a process that a signal without a core dump kills, too.
    pub atexit_always: bool,
    /// Nothing is said when they do not.
    pub quiet_end: bool,
    /// The words between our own name and the program with which a program that the guest starts is run: our file,
    /// and options that select the same behaviour.
    pub again: Vec<OsString>,
}

/// How the guest's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// With this status (0 to 255).
    Code(i32),
    /// By this signal; we should die of it as well.
    Signal(i32),
}
