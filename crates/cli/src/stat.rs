//! The verb `stat`: runs a guest, and prints what was counted when it has ended.
//!
//! The table is that of the first process. With `-o FILE`, further processes (forks, and programs that the guest
//! starts) write theirs to `FILE.PID`; without it they write none.

use crate::parse::Line;
use crate::run;
use crate::say::{self, Failure, OURS};
use emu::{End, Kept, Outcome, Usage};
use report::{Counts, Stat, Thread, Times};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The verb.
pub fn stat(line: &Line) -> Result<u8, Failure> {
    let start = Instant::now();
    let settings = &line.settings;
    let first = settings.as_child.unwrap_or(std::process::id());
    let output = settings.output.as_ref().map(|path| PathBuf::from(run::absolute(path.as_os_str())));
    let setup = run::setup(line)?;
    let stderr = Kept::stderr();
    let outcome = emu::run(setup).map_err(|e| run::failure(e, line))?;
    let elapsed_s = start.elapsed().as_secs_f64();
    let program = line.words.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
    let stat = figures(program, &outcome, elapsed_s);
    let text = if settings.json { stat.json() } else { stat.text(settings.per_thread) };
    let further = std::process::id() != first;
    match output {
        None if further => {}
        None => stderr.write(&text),
        Some(mut path) => {
            if further {
                path.as_mut_os_string().push(format!(".{}", std::process::id()));
            }
            if let Err(e) = write(&path, &text) {
                let shown = settings.output.as_ref().unwrap_or(&path).display();
                let why = say::os_words(&e);
                stderr.write(&format!("fluoro: {shown}: {why}; the guest's run went on without it\n"));
                return Ok(OURS);
            }
        }
    }
    outcome.end.follow()
}

/// Writes beside the file and renames, so that no half result stands under its name; into what is no plain file
/// (a terminal, a pipe) directly.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        return std::fs::write(path, text);
    }
    let mut beside = path.to_path_buf();
    beside.as_mut_os_string().push(format!(".new-{}", std::process::id()));
    let done = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done
}

fn figures(program: String, outcome: &Outcome, elapsed_s: f64) -> Stat {
    let usage = Usage::now();
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
