//! The suites, and which of them should notice a fault in which file.

use super::table::Fault;
use super::tree::Tree;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What became of a fault.
pub enum Verdict {
    /// This suite failed.
    Noticed(&'static str),
    Missed,
    /// It does not compile.
    Invalid,
}

impl Verdict {
    pub fn words(&self) -> String {
        match self {
            Verdict::Noticed(suite) => format!("noticed by {suite}"),
            Verdict::Missed => "MISSED".into(),
            Verdict::Invalid => "invalid".into(),
        }
    }
}

/// A suite is `cargo test` with these arguments.
pub struct Suite {
    pub name: &'static str,
    args: &'static [&'static str],
}

/// Longer than any suite takes when nothing hangs, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

const SOFTFP: Suite = Suite { name: "softfp", args: &["-p", "softfp"] };
const ROWS: Suite =
    Suite { name: "rows", args: &["-p", "guest-riscv", "--test", "ins", "--test", "rows", "--test", "fp_vectors"] };
const TEXTS: Suite = Suite { name: "texts", args: &["-p", "guest-riscv", "--test", "golden"] };
const IR: Suite = Suite { name: "ir", args: &["-p", "ir"] };
const MEMORY: Suite = Suite { name: "memory", args: &["-p", "memory"] };
const EMIT: Suite = Suite { name: "emit against eval", args: &["-p", "host-x64"] };
const ENGINE: Suite = Suite { name: "engine", args: &["-p", "engine", "-p", "emu"] };
const LINUX: Suite = Suite { name: "linux", args: &["-p", "linux"] };
const LINE: Suite = Suite {
    name: "command line",
    args: &["-p", "report", "-p", "cli", "--lib", "--test", "runs", "--test", "usage", "--test", "bad_input"],
};
/// Options whose effect only a guest can tell.
const CHILDREN: Suite = Suite { name: "children", args: &["-p", "cli", "--test", "children"] };
const GUESTS: Suite = Suite { name: "recorded guests", args: &["-p", "cli", "--test", "golden", "guests_"] };
/// Totals of a program with faults.
const COUNTS: Suite = Suite { name: "counts", args: &["-p", "cli", "--test", "stat_exact"] };
/// What programs are told of where they were put.
const PLACES: Suite = Suite { name: "places", args: &["-p", "cli", "--test", "interpreter"] };
/// Guest cases that are nearest to a part of `linux`, before all of them run.
const SIGNALS: Suite =
    Suite { name: "guest cases: signals", args: &["-p", "cli", "--test", "guest_cases", "--", "signal_", "fault_"] };
const THREADS: Suite = Suite {
    name: "guest cases: threads",
    args: &["-p", "cli", "--test", "guest_cases", "--", "thread_", "futex", "process_"],
};
const SPACES: Suite =
    Suite { name: "guest cases: memory", args: &["-p", "cli", "--test", "guest_cases", "--", "memory_", "code_"] };
/// Translations thrown away under many threads.
const STRESS: Suite = Suite { name: "plugin stress", args: &["-p", "cli", "--test", "plugin_stress"] };
/// Not the hostile guests: under a broken emulator they could do what they mean to.
const CASES: Suite =
    Suite { name: "guest cases", args: &["-p", "cli", "--test", "guest_cases", "--", "--skip", "hostile"] };

/// Every suite, for the report.
pub const ALL: [&Suite; 18] = [
    &SOFTFP, &ROWS, &TEXTS, &IR, &MEMORY, &EMIT, &ENGINE, &COUNTS, &LINUX, &PLACES, &LINE, &CHILDREN, &GUESTS,
    &SIGNALS, &THREADS, &SPACES, &CASES, &STRESS,
];

/// By prefix of the file: the suites to run, the quickest and likeliest first. The first row that fits counts.
const SUITES: &[(&str, &[&Suite])] = &[
    ("crates/softfp/", &[&SOFTFP, &ROWS, &EMIT, &CASES]),
    ("crates/guest-riscv/", &[&ROWS, &TEXTS, &CASES, &GUESTS]),
    ("crates/ir/", &[&IR, &ROWS, &EMIT]),
    ("crates/memory/", &[&MEMORY, &LINE, &CASES]),
    ("crates/host-x64/", &[&EMIT, &LINE, &GUESTS, &CASES]),
    ("crates/engine/", &[&ENGINE, &COUNTS, &EMIT, &GUESTS, &STRESS, &CASES]),
    ("crates/linux/src/load/", &[&LINUX, &PLACES, &LINE, &GUESTS, &CASES]),
    ("crates/linux/src/signal/", &[&LINUX, &SIGNALS, &LINE, &GUESTS, &CASES]),
    ("crates/linux/src/run.rs", &[&LINUX, &SIGNALS, &LINE, &GUESTS, &CASES]),
    ("crates/linux/src/thread.rs", &[&LINUX, &THREADS, &LINE, &GUESTS, &CASES]),
    ("crates/linux/src/sys/", &[&LINUX, &SPACES, &LINE, &GUESTS, &CASES]),
    ("crates/linux/", &[&LINUX, &LINE, &GUESTS, &CASES]),
    ("", &[&LINE, &CHILDREN, &CASES]),
];

fn suites_of(file: &str) -> &'static [&'static Suite] {
    SUITES.iter().find(|(prefix, _)| file.starts_with(prefix)).map_or(&[], |(_, suites)| suites)
}

/// Runs the suites of a file until one fails, without those that fail anyway.
pub fn verdict(tree: &Tree, file: &str, broken: &[&'static str]) -> Verdict {
    for suite in suites_of(file).iter().filter(|s| !broken.contains(&s.name)) {
        if !cargo(tree, suite, true) {
            return Verdict::Invalid;
        }
        if !passes(tree, suite) {
            return Verdict::Noticed(suite.name);
        }
    }
    Verdict::Missed
}

/// The suites that fail although nothing is planted.
pub fn broken_without_a_fault(tree: &Tree, faults: &[&Fault]) -> Vec<&'static str> {
    let mut seen: Vec<&str> = Vec::new();
    let mut broken = Vec::new();
    for suite in faults.iter().flat_map(|f| suites_of(&f.file)) {
        if seen.contains(&suite.name) {
            continue;
        }
        seen.push(suite.name);
        let start = Instant::now();
        let fine = cargo(tree, suite, true) && passes(tree, suite);
        let word = if fine { "passes" } else { "FAILS and is left out" };
        println!("without a fault: {} {word}, {} s", suite.name, start.elapsed().as_secs());
        if !fine {
            broken.push(suite.name);
        }
    }
    broken
}

/// Whether a suite passes. Guests that wait for a signal or a child may be late on a busy machine, so they try twice.
fn passes(tree: &Tree, suite: &Suite) -> bool {
    cargo(tree, suite, false) || suite.name.starts_with(CASES.name) && cargo(tree, suite, false)
}

/// Whether `cargo test` succeeds (or, with `build`, only builds) in time.
fn cargo(tree: &Tree, suite: &Suite, build: bool) -> bool {
    let mut command = Command::new("cargo");
    command.current_dir(&tree.dir).env("CARGO_TARGET_DIR", &tree.target).env("RUSTFLAGS", "-Awarnings");
    // Nobody debugs these builds.
    command.env("CARGO_PROFILE_DEV_DEBUG", "false");
    command.arg("test").arg("--quiet").args(build.then_some("--no-run")).args(suite.args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    in_time(command)
}

/// Waits for a command in a process group of its own; what hangs is ended with all its children.
fn in_time(mut command: Command) -> bool {
    use std::os::unix::process::CommandExt;
    let Ok(mut child) = command.process_group(0).spawn() else { return false };
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if start.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(50)),
            _ => {
                end_group(&mut child);
                return false;
            }
        }
    }
}

fn end_group(child: &mut Child) {
    let _ = Command::new("kill").arg("-KILL").arg("--").arg(format!("-{}", child.id())).status();
    let _ = child.wait();
}
