//! A plugin that crashes is named: which, in what callback, and where the guest was.

use crate::current::{self, Current};
use crate::fail::Line;
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

/// Runs in the signal handler. A fault outside of any callback is not a plugin's.
fn on_crash(fault: &Context) {
    let Some(call) = current::current() else { return };
    describe(fault, call).print();
    hostos::signal::exit_group(1)
}

fn describe(fault: &Context, call: Current) -> Line {
    let mut line = Line::new();
    let (signal, at) = (signal_name(fault.signal), fault.addr);
    let _ = write!(line, "plugin {} crashed ({signal} at {at:#x}) in its {}", call.plugin.name, call.kind.name());
    if call.userdata != 0 {
        let _ = write!(line, ", userdata {:#x}", call.userdata);
    }
    if let Some(seat) = current::seat() {
        let _ = write!(line, ", guest pc {:#x}", seat.pc());
    }
    line
}
