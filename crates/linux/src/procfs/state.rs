//! `stat` and `status`: the host's files, with what is the guest's own in them.

use crate::load::Image;
use crate::task::Thread;
use std::fmt::Write;

/// What the guest does with signals; the host's handlers are ours.
pub struct Signals {
    ignored: u64,
    caught: u64,
    /// The calling thread, and what it blocks: the host never blocks signals that faults raise.
    thread: i32,
    blocked: u64,
}

impl Signals {
    pub fn of(t: &Thread) -> Signals {
        let (ignored, caught) = t.actions().ignored_and_caught();
        Signals { ignored, caught, thread: t.tid, blocked: t.signals.mask }
    }
}

/// The host's file with the guest's signals in it.
pub fn status(signals: &Signals, path: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let own = format!("Pid:\t{}", signals.thread);
    let is_own = text.lines().any(|line| line == own);
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let _ = match line.split(':').next() {
            Some("SigBlk") if is_own => writeln!(out, "SigBlk:\t{:016x}", signals.blocked),
            Some("SigIgn") => writeln!(out, "SigIgn:\t{:016x}", signals.ignored),
            Some("SigCgt") => writeln!(out, "SigCgt:\t{:016x}", signals.caught),
            _ => writeln!(out, "{line}"),
        };
    }
    out
}

/// The host's file with the addresses and signals of the guest's program in it (proc(5) numbers the fields from 1).
pub fn stat(image: &Image, signals: &Signals, path: &str) -> String {
    /// Of signals only these are told.
    const STANDARD: u64 = 0x7fff_ffff;
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Some(close) = text.rfind(')') else { return text };
    let (name, rest) = text.split_at(close + 1);
    let mut fields: Vec<String> = rest.split_whitespace().map(str::to_string).collect();
    let ours = [
        (26, image.code.0),
        (27, image.code.1),
        (28, image.stack),
        (33, signals.ignored & STANDARD),
        (34, signals.caught & STANDARD),
        (48, image.args.0),
        (49, image.args.1),
        (50, image.env.0),
        (51, image.env.1),
    ];
    for (number, value) in ours {
        // The first field behind the name is number 3.
        if let Some(field) = fields.get_mut(number - 3) {
            *field = value.to_string();
        }
    }
    format!("{name} {}\n", fields.join(" "))
}
