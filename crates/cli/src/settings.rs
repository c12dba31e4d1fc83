//! What the options have said, in a form that the verbs use.

use crate::value::EnvEdit;
use std::path::PathBuf;

/// When to colour what we print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Everything that options can set. The defaults are those of a plain `fluoro run`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub quiet: bool,
    pub verbose: bool,
    pub color: Color,

    /// Where absolute paths of the guest are looked up first.
    pub sysroot: Option<PathBuf>,
    /// Changes to the guest's environment in the order given.
    pub env: Vec<EnvEdit>,
    pub argv0: Option<std::ffi::OsString>,
    pub cpu: Option<String>,
    /// Bytes of the main thread's stack.
    pub stack: Option<u64>,
    /// What `uname` reports as the kernel's release.
    pub uname: Option<String>,
    pub seed: Option<u64>,
    pub one_insn: bool,
    pub strace: bool,
    /// Where `strace` and plugins write; stderr if absent. `%d` stands for a number.
    pub log: Option<PathBuf>,
    /// `-d plugin`.
    pub log_plugin: bool,
    /// `-d tid`: a log file per thread.
    pub log_per_thread: bool,

    /// The strings that name plugins, in order.
    pub plugins: Vec<std::ffi::OsString>,
    /// Whether the text that plugins print is shown; `None`: as the name we run under has it.
    pub plugin_text: Option<bool>,
    /// Atexit callbacks also when a signal ends the guest.
    pub atexit_always: bool,
    /// Seconds that a callback may compute.
    pub plugin_timeout: Option<u32>,

    /// A guest started this program; the number is that of the process that the user started.
    pub as_child: Option<u32>,

    /// Where the verb's result goes; stderr or stdout if absent.
    pub output: Option<PathBuf>,
    pub json: bool,
    pub per_thread: bool,

    /// `-d help`: list the log items.
    pub list_log_items: bool,
    /// Warnings that options caused, to be printed unless `quiet`.
    pub warnings: Vec<String>,

    /// `doctor --register`: write the binfmt_misc entry.
    pub register: bool,
    /// `doctor --cpu`: list CPU models and extensions.
    pub list_cpus: bool,
    /// `help --man`: the text as a man page.
    pub man: bool,
    /// `plugin new --lang`.
    pub lang: Option<String>,
}
