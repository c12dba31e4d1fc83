//! Plugins, as a run is told of them.

use std::ffi::OsString;
use std::path::PathBuf;

/// A plugin to load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PluginSpec {
    /// The file as the user spelled it: error lines name it so, and two spellings of one file are two loads.
    pub file: OsString,
    /// What its install function gets: always `name=value`, never the file's name.
    pub args: Vec<OsString>,
}

/// Where the text that plugins print (`qemu_plugin_outs`) goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PluginText {
    /// Nowhere.
    #[default]
    Off,
    /// To the standard error stream of the start, which the guest cannot close.
    Stderr,
    /// To the end of a file, which is there already.
    File(PathBuf),
    /// To a file per thread: `%d` in the name stands for the thread's number. Opened for writing at its first text.
    PerThread(PathBuf),
}

/// Everything about plugins that the user has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plugins {
    /// In the order of loading.
    pub specs: Vec<PluginSpec>,
    /// The name under which we were started, without its directory: error lines of loading begin with it.
    pub prog: String,
    pub text: PluginText,
    /// A log was asked for, so blocks have symbols (contract, section 3.3).
    pub symbols: bool,
    /// Atexit callbacks also run when a signal without a core dump kills the guest (SIGTERM, SIGINT, ...).
    pub atexit_always: bool,
}
