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
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Noticed(_) => "noticed",
            Verdict::Missed => "MISSED",
            Verdict::Invalid => "invalid",
        }
    }
}

/// A suite is `cargo test` with these arguments.
struct Suite {
    name: &'static str,
    args: &'static [&'static str],
}

/// Longer than any suite takes when nothing hangs.
const LIMIT: Duration = Duration::from_secs(300);

/// By prefix of the file: the suites to run, the quickest and likeliest first. The first row that fits counts.
const SUITES: &[(&str, &[Suite])] = &[
    ("crates/softfp/", &[Suite { name: "softfp", args: &["-p", "softfp"] }, WHOLE]),
    ("crates/guest-riscv/", &[Suite { name: "guest-riscv", args: &["-p", "guest-riscv"] }, WHOLE]),
    ("crates/ir/", &[Suite { name: "ir", args: &["-p", "ir"] }, WHOLE]),
    ("crates/memory/", &[Suite { name: "memory", args: &["-p", "memory"] }, WHOLE]),
    ("crates/hostos/", &[Suite { name: "hostos", args: &["-p", "hostos"] }, WHOLE]),
    ("crates/codebuf/", &[Suite { name: "codebuf", args: &["-p", "codebuf"] }, WHOLE]),
    ("crates/host-x64/", &[Suite { name: "host-x64", args: &["-p", "host-x64"] }, ENGINE, WHOLE]),
    ("crates/engine/", &[ENGINE, WHOLE]),
    ("crates/linux/", &[Suite { name: "linux", args: &["-p", "linux"] }, WHOLE]),
    ("", &[WHOLE]),
];

const ENGINE: Suite = Suite { name: "engine", args: &["-p", "engine"] };
const WHOLE: Suite = Suite { name: "whole programs", args: &["-p", "cli", "-p", "emu"] };

/// Names for the report.
pub const NAMES: &[&str] =
    &["softfp", "guest-riscv", "ir", "memory", "hostos", "codebuf", "host-x64", "engine", "linux", "whole programs"];

fn suites_of(file: &str) -> &'static [Suite] {
    SUITES.iter().find(|(prefix, _)| file.starts_with(prefix)).map_or(&[], |(_, suites)| suites)
}

/// Runs the suites of a file until one fails.
pub fn verdict(tree: &Tree, file: &str) -> Verdict {
    for suite in suites_of(file) {
        if !cargo(tree, suite, true) {
            return Verdict::Invalid;
        }
        if !cargo(tree, suite, false) {
            return Verdict::Noticed(suite.name);
        }
    }
    Verdict::Missed
}

/// The first suite that fails although nothing is planted.
pub fn broken_without_a_fault(tree: &Tree, faults: &[&Fault]) -> Option<&'static str> {
    let mut seen: Vec<&str> = Vec::new();
    for suite in faults.iter().flat_map(|f| suites_of(&f.file)) {
        if !seen.contains(&suite.name) {
            seen.push(suite.name);
            println!("without a fault: {}", suite.name);
            if !cargo(tree, suite, true) || !cargo(tree, suite, false) {
                return Some(suite.name);
            }
        }
    }
    None
}

/// Whether `cargo test` succeeds (or, with `build`, only builds) in time.
fn cargo(tree: &Tree, suite: &Suite, build: bool) -> bool {
    let mut command = Command::new("cargo");
    command.current_dir(&tree.dir).env("CARGO_TARGET_DIR", &tree.target).env("RUSTFLAGS", "-Awarnings");
    command.arg("test").arg("--quiet").args(suite.args).stdout(Stdio::null()).stderr(Stdio::null());
    if build {
        command.arg("--no-run");
    }
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
