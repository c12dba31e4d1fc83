//! A plugin that crashes is named: which, in what callback, and where the guest was.

use crate::current;
use crate::fail::Line;
use crate::host::Host;
use crate::place::{Place, Where};
use crate::plugin::Plugin;
use hostos::fault::Context;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// While it lives, a plugin that aborts is named, and ends the run with status 1. Before the guest's signals are set up,
/// that is: then an abort ends in [`on_crash`].
pub struct Aborts(libc::sigaction);

impl Aborts {
    pub fn watch() -> Aborts {
        // SAFETY: zeroed actions are valid; the handler is async-signal-safe and has the type of a plain handler.
        unsafe {
            let (mut ours, mut before): (libc::sigaction, libc::sigaction) = std::mem::zeroed();
            ours.sa_sigaction = on_abort as *const () as usize;
            libc::sigaction(libc::SIGABRT, &ours, &mut before);
            Aborts(before)
        }
    }
}

impl Drop for Aborts {
    fn drop(&mut self) {
        // SAFETY: the action that was in force.
        unsafe { libc::sigaction(libc::SIGABRT, &self.0, std::ptr::null_mut()) };
    }
}

extern "C" fn on_abort(_: i32) {
    if let Some(place) = Place::now() {
        end_aborted(place.call.plugin, Some(place));
    }
    hostos::signal::die(libc::SIGABRT)
}

/// Names the callback that a signal has cut short, if this thread is in one: it may be one that does not end. Runs in
/// the signal handler.
pub fn say_where() {
    if let Some(place) = Place::now() {
        let mut line = Line::new();
        let _ = write!(line, "plugin {} was{place}", place.call.plugin.name);
        line.print_soon();
    }
}

/// Ends the run over a callback of this thread that has computed for so long, and does not end. Runs in the signal
/// handler; without `may_look` nothing is looked up that needs memory or a lock.
pub fn end_looping(place: Place, may_look: bool, seconds: u32) -> ! {
    let mut line = Line::new();
    let _ = write!(line, "plugin {} has computed for {seconds} s{place}", place.call.plugin.name);
    if may_look {
        place.add_function(&mut line);
    }
    let _ = line.write_str("; it may never end (--plugin-timeout 0 lets it go on)");
    line.print();
    hostos::signal::exit_group(1)
}

/// Not by the signal: that would look like the guest's own abort.
fn end_aborted(plugin: &Plugin, place: Option<Place>) -> ! {
    let mut line = Line::new();
    let _ = write!(line, "plugin {} aborted{}", plugin.name, Where(place.as_ref()));
    line.print();
    hostos::signal::exit_group(1)
}

/// The C library's `abort`, whose signal our handlers have only noted, ends with an instruction that is not allowed.
fn is_abort(fault: &Context) -> bool {
    const HLT: u8 = 0xf4;
    let unmapped = fault.signal != libc::SIGSEGV || fault.code != SI_KERNEL;
    // SAFETY: a general protection fault is raised by an instruction that was read.
    !unmapped && unsafe { (fault.pc as *const u8).read() } == HLT
}

/// `si_code` of faults other than page faults.
const SI_KERNEL: i32 = 128;

/// Runs in the signal handler. Outside of any callback it is a plugin's crash if its own code did it, on a thread of its
/// own; else it is not.
fn on_crash(fault: &Context) {
    let own = Plugin::at(fault.pc as usize);
    // Looking anything up needs memory, and a crash in the allocator would wait for itself.
    let may_look = own.is_some() && !AGAIN.swap(true, Ordering::SeqCst);
    let place = Place::now().or_else(|| if may_look { leaf(fault) } else { None });
    let Some(plugin) = place.as_ref().map(|p| p.call.plugin).or(own) else { return };
    if is_abort(fault) {
        end_aborted(plugin, place);
    }
    let mut line = Line::new();
    let (signal, at) = (signal_name(fault.signal), fault.addr);
    let _ = write!(line, "plugin {} crashed ({signal} at {at:#x})", plugin.name);
    if let Some(own) = own {
        // For `addr2line -e`.
        let (file, distance) = (own.name.rsplit('/').next().unwrap_or("?"), fault.pc as usize - own.range.start);
        let _ = write!(line, " at {file}+{distance:#x}");
    }
    let _ = write!(line, "{}", Where(place.as_ref()));
    if let (true, Some(place)) = (may_look, place) {
        place.add_function(&mut line);
    }
    line.print();
    hostos::signal::exit_group(1)
}

/// The callback that crashed, if generated code has called it without a note, as it calls leaf functions: it is found by
/// its return address, which is not far up the stack.
fn leaf(fault: &Context) -> Option<Place> {
    const WORDS: u64 = 64;
    current::seat()?;
    let engine = &Host::get()?.engine;
    (0..WORDS).find_map(|i| {
        // SAFETY: the thread's stack is mapped up to the frame of generated code and beyond.
        let word = unsafe { ((fault.sp + 8 * i) as *const u64).read() };
        Place::of_caller(engine.callback_at(word as usize)?)
    })
}

/// A crash is being described: another one is one of ours.
static AGAIN: AtomicBool = AtomicBool::new(false);
