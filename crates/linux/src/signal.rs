//! Signals: noted by host handlers, delivered to the guest in the run loop.
//!
//! What the guest ignores or leaves at its default is so in the host as well, and the host's mask is the guest's
//! (`hostos::signal` says how), so waiting, pending, `signalfd` and what a new program inherits are the kernel's work.
//! Here are: what the guest wants done ([`action`]), its alternate stack ([`stack`]), and entering handlers
//! ([`deliver`](mod@deliver)).

pub mod action;
mod deliver;
pub mod stack;

pub use deliver::{deliver, force, on_breakpoint, on_fault, on_filtered_call, on_illegal};

use crate::observe;
use crate::task::{Process, Thread};
use action::{Action, Actions, Catch};
use engine::Engine;
use hostos::signal::{FAULTS, bit};
use std::sync::{Arc, OnceLock};

/// What the threads of a process share.
#[derive(Debug, Default)]
pub struct ProcessSignals {
    pub actions: Arc<Actions>,
}

/// A thread's own.
#[derive(Debug, Default)]
pub struct ThreadSignals {
    /// Bit `n - 1`: signal `n` is blocked.
    pub mask: u64,
    pub stack: stack::AltStack,
    /// Actions of a `vfork` child, which shares all else with its parent.
    pub own_actions: Option<Arc<Actions>>,
}

/// Signals that cannot be blocked, caught or ignored.
pub const UNTOUCHABLE: u64 = bit(libc::SIGKILL) | bit(libc::SIGSTOP);

/// For the kick, which a signal handler does.
static ENGINE: OnceLock<Arc<Engine>> = OnceLock::new();

fn kick(index: u32) {
    if let Some(engine) = ENGINE.get() {
        engine.kick(index);
    }
}

/// Called once before the guest runs. Takes over what the process inherited; returns the inherited mask.
pub fn install(process: &Arc<Process>) -> u64 {
    let _ = ENGINE.set(process.engine.clone());
    hostos::signal::install(kick);
    let inherited = hostos::inherited::ignored_faults();
    for signal in 1..=64 {
        let is_fault = FAULTS & bit(signal) != 0;
        let ignored = if is_fault { inherited & bit(signal) != 0 } else { hostos::signal::is_ignored(signal) };
        if ignored {
            process.signals.actions.inherit(signal, Action { handler: action::IGNORE, ..Action::default() });
        }
    }
    catch_deadly(process);
    hostos::signal::host_mask() & !UNTOUCHABLE
}

/// Somebody has something to do at the end.
fn catch_deadly(process: &Process) {
    let observer = process.observer();
    let watched = observer.is_some();
    if let Some(observer) = &observer {
        observe::keep_stderr(process, observer);
        hostos::signal::set_farewell(observe::farewell);
    }
    let all = process.options.keep_results || watched && process.options.atexit_always;
    let catch = if all { Catch::All } else { Catch::ForObserver };
    if all || watched {
        process.signals.actions.catch_deadly(catch);
    }
}

impl Thread {
    /// What is to be done with signals.
    pub fn actions(&self) -> Arc<Actions> {
        self.signals.own_actions.as_ref().unwrap_or(&self.process.signals.actions).clone()
    }
}
