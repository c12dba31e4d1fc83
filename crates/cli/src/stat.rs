//! The verb `stat`: runs a guest, and prints what was counted when it has ended.
//!
//! The table is that of the first process. With `-o FILE`, further processes (forks, and programs that the guest
//! starts) write theirs to `FILE.PID`; without it they write none. The file is opened before the guest runs, which may
//! give up the right to open files.

use crate::parse::Line;
use crate::say::{self, Failure, OURS};
use crate::{plugins, run};
use emu::{End, Kept, KeptFile, Outcome, Usage};
use report::{Counts, Stat, Thread, Times};
use std::io;
use std::path::PathBuf;
use std::time::Instant;

/// The verb.
pub fn stat(line: &Line) -> Result<u8, Failure> {
    if let Some(text) = run::list(line) {
        return say::result(&text);
    }
    let Some(words) = plugins::words(line)? else { return Ok(0) };
    let (start, spent) = (Instant::now(), Usage::now());
    let settings = &line.settings;
    let setup = run::setup(line, words)?;
    let stderr = Kept::stderr();
    let output = open(line)?;
    let outcome = match emu::run(setup) {
        Ok(outcome) => outcome,
        Err(e) => {
            if let Some(Ok(file)) = output.file {
                file.discard();
            }
            return Err(run::failure(e, line));
        }
    };
    let elapsed_s = start.elapsed().as_secs_f64();
    let program = line.words.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
    let stat = figures(program, &outcome, elapsed_s, &spent);
    let text = if settings.json { stat.json() } else { stat.text(settings.per_thread) };
    if let Err((path, e)) = output.write(&text, &stderr) {
        let why = say::os_words(&e);
        stderr.write(&format!("fluoro: {}: {why}; the guest's run went on without it\n", path.display()));
        // Who waits for a further process waits for the guest's.
        if settings.as_child.unwrap_or(std::process::id()) == std::process::id() {
            return Ok(OURS);
        }
    }
    outcome.end.follow()
}

/// Where the table goes.
struct Output {
    /// The process that the user started: it alone writes to stderr.
    first: u32,
    /// The process that opened the file: a fork has a file of its own.
    opener: u32,
    /// The file as the user named it.
    named: Option<PathBuf>,
    file: Option<io::Result<KeptFile>>,
}

/// Opens the file, if one is named. That a further process cannot is no reason not to run it.
fn open(line: &Line) -> Result<Output, Failure> {
    let settings = &line.settings;
    let named = settings.output.as_ref().map(|path| PathBuf::from(run::absolute(path.as_os_str())));
    let file = named.as_ref().map(|path| KeptFile::open(&plugins::further(line, path)));
    if let (Some(Err(e)), Some(typed), None) = (&file, &settings.output, settings.as_child) {
        return Err(plugins::cannot_write(typed, e));
    }
    let opener = std::process::id();
    Ok(Output { first: settings.as_child.unwrap_or(opener), opener, named, file })
}

impl Output {
    /// Writes the table; the error names the file.
    fn write(self, text: &str, stderr: &Kept) -> Result<(), (PathBuf, io::Error)> {
        let own = std::process::id();
        let Some(mut path) = self.named else {
            if own == self.first {
                stderr.write(text);
            }
            return Ok(());
        };
        if own != self.first {
            path.as_mut_os_string().push(format!(".{own}"));
        }
        let file = self.file.filter(|_| own == self.opener).unwrap_or_else(|| KeptFile::open(&path));
        file.and_then(|file| file.put(text)).map_err(|e| (path, e))
    }
}

fn figures(program: String, outcome: &Outcome, elapsed_s: f64, spent: &Usage) -> Stat {
    let usage = Usage::since(spent);
    let mut threads: Vec<Thread> =
        (0..).zip(&outcome.counts).map(|(index, s)| Thread { index, counts: counts(s) }).collect();
    // A fault goes to a handler of the guest's or kills it.
    if matches!(outcome.end, End::Killed(signal) if FAULT_SIGNALS.contains(&signal))
        && let Some(last) = threads.iter_mut().rev().find(|t| t.counts.faults_handled > 0)
    {
        last.counts.faults_handled -= 1;
    }
    Stat {
        program,
        guest: outcome.guest.to_string(),
        threads,
        translations: outcome.translations,
        translation_s: outcome.translation_ns as f64 * 1e-9,
        times: Times {
            elapsed_s,
            user_s: usage.user_s,
            system_s: usage.system_s,
            resident_bytes: usage.resident_bytes,
        },
    }
}

/// SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV.
const FAULT_SIGNALS: [i32; 5] = [4, 5, 7, 8, 11];

/// The engine's counts in the report's words.
fn counts(s: &emu::Stat) -> Counts {
    let n = |signed: i64| signed.max(0) as u64;
    Counts {
        instructions: n(s.insns),
        blocks: n(s.blocks),
        loads: n(s.loads),
        stores: n(s.stores),
        load_bytes: n(s.load_bytes),
        store_bytes: n(s.store_bytes),
        branches: n(s.branches),
        branches_taken: n(s.taken),
        system_calls: n(s.syscalls),
        faults: n(s.faults),
        faults_handled: n(s.faults),
    }
}
