//! A run, from its description to its end.

use crate::plugins::Plugins;
use crate::{cpu, crash};
use engine::{Engine, Instrument, Stat};
use guest::Guest;
use host_x64::{Features, X64};
use linux::{ExitStatus, LoadError, Options, Program};
use memory::AddressSpace;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A run, described.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The file to load, as the user named it.
    pub program: PathBuf,
    /// `argv[0]` if it is not the program's name.
    pub argv0: Option<OsString>,
    /// The guest's arguments after `argv[0]`.
    pub args: Vec<OsString>,
    /// The guest's environment, `NAME=value`.
    pub env: Vec<OsString>,
    /// Where the guest's absolute paths are looked up first.
    pub sysroot: Option<PathBuf>,
    /// The CPU model as users type it.
    pub cpu: Option<String>,
    /// Bytes of the main thread's stack; the limit of the host if absent.
    pub stack: Option<u64>,
    /// What `uname` reports as release.
    pub uname: Option<String>,
    /// Makes AT_RANDOM repeatable.
    pub seed: Option<u64>,
    /// One instruction a block.
    pub one_insn: bool,
    /// Print system calls.
    pub strace: bool,
    /// Where they are printed; stderr if absent.
    pub log: Option<PathBuf>,
    /// Count what the guest does.
    pub count: bool,
    /// The words with which a program that the guest starts is run: our file and options.
    pub again: Vec<OsString>,
    /// The plugins and what concerns them.
    pub plugins: Plugins,
}

/// How the guest ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(u8),
    /// By this signal.
    Killed(i32),
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub end: End,
    /// The guest architecture.
    pub guest: &'static str,
    /// Counts by vCPU index; empty unless they were asked for.
    pub counts: Vec<Stat>,
    /// Blocks translated, and the nanoseconds that took.
    pub translations: u64,
    pub translation_ns: u64,
}

impl End {
    /// Ends this process as the guest ended: at once, with its status or by its signal.
    pub fn follow(self) -> ! {
        match self {
            End::Exited(status) => hostos::signal::exit_group(status.into()),
            End::Killed(signal) => hostos::signal::die(signal),
        }
    }
}

/// Why nothing could be run.
#[derive(Debug)]
pub enum Error {
    /// The CPU model is not one, with the reason.
    Cpu(String),
    /// A plugin cannot be loaded: the line, without the name of the program at its front.
    Plugin(String),
    /// The program cannot be loaded.
    Load(LoadError),
    /// We have the rights of another user than the one who calls.
    SetUid,
    /// The host refuses the memory that a guest needs.
    NoMemory(io::Error),
}

/// Runs a guest to its end.
///
/// # Errors
/// See [`Error`]; the guest has not run then.
pub fn run(setup: Setup) -> Result<Outcome, Error> {
    run_observed(setup, None)
}

/// As [`run`]; `observer` watches if there are no plugins.
///
/// # Errors
/// See [`Error`]; the guest has not run then.
pub fn run_observed(setup: Setup, observer: Option<Arc<dyn Instrument>>) -> Result<Outcome, Error> {
    if borrowed_rights() {
        return Err(Error::SetUid);
    }
    linux::process::handover::fetch();
    linux::sys::limits::lift();
    let (guest, facts) = cpu::parse(setup.cpu.as_deref().unwrap_or(cpu::DEFAULT)).map_err(Error::Cpu)?;
    let engine = engine(guest, &setup)?;
    crash::watch();
    let plugins = setup.plugins.load(&engine)?;
    if let Some(observer) = plugins.as_ref().map(|p| p.instrument.clone()).or(observer) {
        engine.set_instrument(observer);
    }
    hostos::inherited::restore();
    let options = Options {
        program: setup.program,
        argv0: setup.argv0,
        args: setup.args,
        env: setup.env,
        sysroot: setup.sysroot,
        strace: setup.strace,
        log: setup.log,
        seed: setup.seed,
        release: setup.uname,
        stack_size: setup.stack,
        cpu: facts,
        keep_results: setup.count,
        atexit_always: setup.plugins.atexit_always,
        quiet_end: setup.plugins.quiet_end,
        again: setup.again,
        ..Options::default()
    };
    let program = Program::load(engine.clone(), options).map_err(Error::Load)?;
    if let Some(plugins) = &plugins {
        plugins.show(&program);
    }
    let end = match program.run() {
        ExitStatus::Code(code) => End::Exited(code as u8),
        ExitStatus::Signal(signal) => End::Killed(signal),
    };
    let outcome = Outcome {
        end,
        guest: engine.guest().name(),
        counts: if setup.count { engine.stat() } else { Vec::new() },
        translations: engine.translations(),
        translation_ns: engine.translation_ns(),
    };
    // The process ends soon; taking code memory apart would only cost time.
    std::mem::forget(engine);
    Ok(outcome)
}

/// Whether real and effective ids differ.
fn borrowed_rights() -> bool {
    let id = |number| hostos::call::raw(number, [0; 6]);
    id(libc::SYS_getuid) != id(libc::SYS_geteuid) || id(libc::SYS_getgid) != id(libc::SYS_getegid)
}

fn engine(guest: guest_riscv::Riscv, setup: &Setup) -> Result<Arc<Engine>, Error> {
    let guest: Arc<dyn Guest> = Arc::new(guest);
    let helpers = guest.helpers().iter().map(|h| h.function as usize as u64).collect();
    let host = X64::new(Features::detect(), guest.hot_ints(), guest.hot_floats(), helpers);
    let mut options = engine::Options { stat: setup.count, ..engine::Options::default() };
    if !setup.strace {
        options.answer = Some(linux::answer);
    }
    if setup.one_insn {
        options.max_insns = 1;
    }
    let memory = Arc::new(AddressSpace::new());
    let engine = Engine::new(guest, Arc::new(host), memory, options).map_err(Error::NoMemory)?;
    engine.reserve_vcpu().map_err(Error::NoMemory)?;
    Ok(engine)
}
