//! Plugins: what a run is told of them, and how they get to see the engine and the program.

use crate::functions;
use crate::run::Error;
use engine::{Engine, Instrument};
use linux::Program;
use plugin_host::{ImageFacts, LogTarget, Setup, Spec};
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;

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
    /// Lines about plugins that cannot be loaded are ours, not those that scripts know of the reference.
    pub own_words: bool,
    /// Atexit callbacks also run when a signal without a core dump kills the guest (SIGTERM, SIGINT, ...).
    pub atexit_always: bool,
    /// Nothing is said when they do not run.
    pub quiet_end: bool,
    /// Seconds that a callback may compute before it is named and the run ends; 0: no limit.
    pub timeout: u32,
}

/// Plugins that wait for their program.
pub(crate) struct Loaded {
    pub instrument: Arc<dyn Instrument>,
}

impl Plugins {
    /// Loads and installs them. There must be neither a program nor a vCPU yet.
    ///
    /// # Errors
    /// One cannot be loaded, or refuses.
    pub(crate) fn load(&self, engine: &Arc<Engine>) -> Result<Option<Loaded>, Error> {
        if self.specs.is_empty() {
            return Ok(None);
        }
        let spec = |s: &PluginSpec| Spec { file: s.file.clone().into(), args: s.args.clone() };
        let setup = Setup {
            specs: self.specs.iter().map(spec).collect(),
            log: self.text.target(),
            program: self.prog.clone(),
            own_words: self.own_words,
            timeout: self.timeout,
            symbols: functions::symbols(engine),
        };
        let instrument = plugin_host::load(engine.clone(), setup).map_err(|e| Error::Plugin(e.to_string()))?;
        Ok(Some(Loaded { instrument }))
    }
}

impl Loaded {
    /// The program is there and has not run.
    pub fn show(&self, program: &Program) {
        let facts = program.facts();
        plugin_host::set_image(ImageFacts {
            path: CString::new(facts.path.as_os_str().as_bytes()).unwrap_or_default(),
            start_code: facts.code.0,
            end_code: facts.code.1,
            entry_code: facts.entry,
        });
    }
}

impl PluginText {
    fn target(&self) -> LogTarget {
        match self {
            PluginText::Off => LogTarget::Nowhere,
            PluginText::Stderr => LogTarget::Stderr,
            PluginText::File(path) => LogTarget::File(path.clone()),
            // A program that the guest started goes on where the one before it, in the same threads, has stopped.
            PluginText::PerThread(name) => {
                LogTarget::FilePerThread { name: name.clone(), append: linux::was_started() }
            }
        }
    }
}
