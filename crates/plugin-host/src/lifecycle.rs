//! How plugins are reset and uninstalled, and what they are told at the end.

use crate::current::{self, Kind};
use crate::events::{Event, Slot};
use crate::host::host;
use crate::plugin::{Pending, Plugin};
use std::sync::atomic::{AtomicBool, Ordering};

/// The end was told.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Runs the atexit callbacks, once in the life of a process.
pub fn at_exit() {
    if TOLD.swap(true, Ordering::SeqCst) {
        return;
    }
    let list = host().registry().events.list(Event::AtExit);
    for slot in list.iter() {
        slot.with_userdata(Kind::AtExit);
    }
}

extern "C" fn on_exit() {
    at_exit();
}

/// A plugin may end the process by the C library's `exit`, in any callback; so may we, when one cannot be loaded.
pub fn tell_at_exit() {
    // SAFETY: the function is there as long as the process.
    unsafe { libc::atexit(on_exit) };
}

/// Asks for a reset or an uninstallation: all of the plugin's registrations are removed and `done` is called, when this
/// thread's vCPU has left its block and all others stand still, after a flush (contract, section 4.1).
pub fn ask(plugin: &'static Plugin, what: Pending, done: usize) {
    if plugin.ask(what) {
        host().engine.flush_and(current::seat(), Box::new(move || carry_out(plugin, what, done)));
    }
}

fn carry_out(plugin: &'static Plugin, what: Pending, done: usize) {
    {
        let mut registry = host().registry();
        registry.events.forget(plugin);
        if what == Pending::Uninstall {
            registry.plugins.retain(|p| !std::ptr::eq(*p, plugin));
        }
    }
    if done != 0 {
        let kind = if what == Pending::Uninstall { Kind::Uninstall } else { Kind::Reset };
        Slot { plugin, function: done, userdata: 0 }.simple(kind);
    }
    match what {
        Pending::Uninstall => plugin.close(),
        _ => plugin.reset_done(),
    }
}
