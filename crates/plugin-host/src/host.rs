//! The one host of the process: what exported functions, which plugins call without any context, have to know.

use crate::events::Events;
use crate::log::LogTarget;
use crate::plugin::Plugin;
use engine::{Engine, Seat, Vcpu};
use hostos::fds::HiddenFd;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::{CStr, OsString};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// A plugin to load: one for each distinct way in which a file was named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    pub file: PathBuf,
    /// `name=value` each.
    pub args: Vec<OsString>,
}

/// Finds the name of the function that a guest address belongs to; the name lives for ever. Called while other threads
/// run, and from a signal handler before the process ends.
pub type Symbols = Arc<dyn Fn(u64) -> Option<&'static CStr> + Send + Sync>;

/// What the user wants of plugins.
#[derive(Clone)]
pub struct Setup {
    /// In the order in which they are loaded.
    pub specs: Vec<Spec>,
    /// Where `qemu_plugin_outs` goes.
    pub log: LogTarget,
    /// The name by which we were called, with which messages begin.
    pub program: String,
    /// Plugins that cannot be loaded are refused in our words, which say what to do, not in those that scripts know.
    pub own_words: bool,
    /// Seconds that a callback may compute before it ends the run; 0: as long as it likes.
    pub timeout: u32,
    /// The guest's functions.
    pub symbols: Symbols,
}

/// Everything that exported functions share.
pub struct Host {
    pub engine: Arc<Engine>,
    pub setup: Setup,
    /// Our own copy of the standard error stream, which the guest cannot close.
    pub stderr: Option<HiddenFd>,
    registry: Mutex<Registry>,
    /// Highest index of a vCPU ever initialised, plus 1.
    vcpus: AtomicU32,
}

/// What registrations change. Its lock is never held while a plugin runs.
#[derive(Default)]
pub struct Registry {
    pub events: Events,
    /// Those that have an id.
    pub plugins: Vec<&'static Plugin>,
    /// Indices of the vCPUs that run.
    pub running: BTreeSet<u32>,
    /// By vCPU index: a seat that was made once is good for every later vCPU with the index.
    seats: Vec<Option<&'static Seat>>,
}

static HOST: OnceLock<Host> = OnceLock::new();

thread_local! {
    /// Held around a fork of this thread, so that the child finds the registry whole and free. Nothing to drop: the C
    /// library's `exit` takes thread-local values apart before the plugins' last callbacks, which may fork.
    static HELD: Cell<Option<ManuallyDrop<MutexGuard<'static, Registry>>>> = const { Cell::new(None) };
}

impl Host {
    /// Makes the host of this process.
    ///
    /// # Errors
    /// There is one already.
    pub fn set(engine: Arc<Engine>, setup: Setup) -> Result<&'static Host, ()> {
        let stderr = HiddenFd::copy_of(libc::STDERR_FILENO).ok();
        let host = Host { engine, setup, stderr, registry: Mutex::default(), vcpus: AtomicU32::new(0) };
        HOST.set(host).map_err(|_| ())?;
        // SAFETY: the functions only take and give back a lock.
        unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(after_fork)) };
        Host::get().ok_or(())
    }

    /// The host, if plugins were loaded.
    pub fn get() -> Option<&'static Host> {
        HOST.get()
    }

    /// The lists; not to be held while a plugin is called.
    pub fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// `qemu_plugin_num_vcpus`.
    pub fn num_vcpus(&self) -> u32 {
        self.vcpus.load(Ordering::SeqCst)
    }

    /// A vCPU with this index begins.
    pub fn count_vcpu(&self, index: u32) {
        self.vcpus.fetch_max(index + 1, Ordering::SeqCst);
    }
}

impl Registry {
    /// A vCPU with this index begins: its seat.
    pub fn begin(&mut self, vcpu: &Vcpu) -> &'static Seat {
        let index = vcpu.index() as usize;
        self.running.insert(vcpu.index());
        if self.seats.len() <= index {
            self.seats.resize(index + 1, None);
        }
        self.seats[index].get_or_insert_with(|| Box::leak(Box::new(vcpu.seat())))
    }
}

extern "C" fn before_fork() {
    HELD.set(Host::get().map(|h| ManuallyDrop::new(h.registry())));
}

extern "C" fn after_fork() {
    drop(HELD.take().map(ManuallyDrop::into_inner));
}

/// The host, for a function that a plugin called. Ends the process if there is none: only a program that links the
/// plugin itself could come here.
pub fn host() -> &'static Host {
    Host::get().unwrap_or_else(|| {
        crate::fail::fail("plugin interface", "called by code that is no plugin; load it with -plugin")
    })
}
