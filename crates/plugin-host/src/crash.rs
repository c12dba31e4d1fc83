//! A plugin that crashes is named: which, in what callback, and where the guest was.

use crate::current::{self, Current};
use crate::fail::Line;
use crate::plugin::Plugin;
use hostos::fault::Context;
use std::fmt::Write;

/// From now on a host fault inside a plugin's callback ends the process with a line of ours and status 1.
pub fn watch() {
    hostos::fault::set_crash_hook(on_crash);
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGBUS => "SIGBUS",
        libc::SIGILL => "SIGILL",
        libc::SIGFPE => "SIGFPE",
        _ => "SIGTRAP",
    }
}

/// Runs in the signal handler. Outside of any callback it is a plugin's crash if its own code did it, on a thread of its
/// own; else it is not.
fn on_crash(fault: &Context) {
    match (current::current(), Plugin::at(fault.pc as usize)) {
        (Some(call), _) => describe(fault, call.plugin, Some(call)).print(),
        (None, Some(plugin)) => describe(fault, plugin, None).print(),
        (None, None) => return,
    }
    hostos::signal::exit_group(1)
}

fn describe(fault: &Context, plugin: &Plugin, call: Option<Current>) -> Line {
    let mut line = Line::new();
    let (signal, at) = (signal_name(fault.signal), fault.addr);
    let _ = write!(line, "plugin {} crashed ({signal} at {at:#x})", plugin.name);
    let Some(call) = call else {
        // Generated code leaves no note of a call to a leaf function.
        let place = if current::seat().is_some() { " in a callback" } else { " on a thread of its own" };
        let _ = line.write_str(place);
        return line;
    };
    let _ = write!(line, " in its {}", call.kind.name());
    if call.userdata != 0 {
        let _ = write!(line, ", userdata {:#x}", call.userdata);
    }
    if let Some(seat) = current::seat() {
        let _ = write!(line, ", guest pc {:#x}", seat.pc());
    }
    line
}
