//! The suites of the engine under a plugin that counts inline: status and output are what they are without one, and the
//! plugin's totals are those of `fluoro stat`.
//!
//! Both count in one and the same run (`fluoro stat` with the plugin), so that programs whose counts are chance (they
//! wait, have threads, look at the clock) are compared exactly as well. Of the recorded guests the totals are also
//! those of the recording, made without a plugin; of the guest programs no total is known beforehand.
#![forbid(unsafe_code)]

mod common;

use common::plugin::plugin;
use common::{Scratch, repo, text};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run under the plugin came to.
struct Ran {
    /// As a shell shows it.
    status: i32,
    out: String,
    err: String,
    /// `B insns I loads L stores S`, from `fluoro stat`; empty if it could not report.
    stat: String,
    /// What the plugin said, in this process and its descendants.
    log: String,
}

/// The number of a member of a JSON object; the totals come before those of the threads.
fn member(json: &str, name: &str) -> u64 {
    let behind = json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {json}")).1;
    behind.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn totals(json: &str) -> String {
    if json.is_empty() {
        return String::new();
    }
    let [blocks, insns, loads, stores] = ["blocks", "instructions", "loads", "stores"].map(|name| member(json, name));
    format!("{blocks} insns {insns} loads {loads} stores {stores}")
}

/// Runs a guest in a folder of its own. Its output goes to files: a descendant that lives on keeps nobody waiting.
fn run(dir: &Scratch, guest: &Path) -> Ran {
    let [out, err, log, report] = ["out", "err", "log", "report"].map(|name| dir.path(name));
    let mut command = Command::new("timeout");
    command.args(["-k", "1", "900", env!("CARGO_BIN_EXE_fluoro"), "stat", "--json", "-o"]).arg(&report);
    command.arg("-D").arg(&log).arg("-plugin").arg(plugin("tally")).arg(guest);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FLUORO_") || name.starts_with("QEMU_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let status = command.status().expect("timeout runs");
    let read = |path: &PathBuf| text(&fs::read(path).unwrap_or_default());
    Ran {
        status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        out: read(&out),
        err: read(&err),
        stat: totals(&read(&report)),
        log: read(&log),
    }
}

impl Ran {
    /// What is wrong with the totals.
    fn miscounted(&self) -> Option<String> {
        let counted = format!("total {}", self.stat);
        let wrong = !self.log.lines().any(|line| line == counted) || self.log.contains("wrong ");
        wrong.then(|| format!("stat says {}, the plugin {} {}", self.stat, self.log, self.err))
    }
}

/// The guest that a signal from outside ends: the contract gives plugins no atexit then.
const KILLED: &str = "die-term";

/// Guests that reach vector instructions, which Fluoro does not have yet.
fn is_vector(guest: &str) -> bool {
    guest.starts_with("vec") || guest.ends_with("-v") || ["edges", "faults"].contains(&guest)
}

/// A recording: as it is, or unpacked.
fn recording(path: &Path) -> String {
    if let Ok(plain) = fs::read(path) {
        return text(&plain);
    }
    let output = Command::new("gzip").arg("-dc").arg(format!("{}.gz", path.display())).output().expect("gzip runs");
    assert!(output.status.success(), "{}: {}", path.display(), text(&output.stderr));
    text(&output.stdout)
}

/// What is wrong with a recorded guest.
fn golden(guest: &str, recorded: &str) -> Option<String> {
    let folder = repo().join("tests/golden");
    let dir = Scratch::new(&format!("suites-{guest}"));
    let ran = run(&dir, &folder.join("elf").join(guest));
    let want = recording(&folder.join("expect").join(guest));
    let got = format!("{}status {}\n", ran.out, ran.status);
    if want != got {
        return Some(format!("{guest}: printed {got}, want {want}; {}", ran.err));
    }
    if guest == KILLED {
        return ran.log.contains("total").then(|| format!("{guest}: the plugin's atexit ran"));
    }
    // `-`: it was not recorded.
    let stat: Vec<&str> = ran.stat.split(' ').step_by(2).collect();
    let other = recorded.split('\t').zip(&stat).find(|(want, got)| !["-", ""].contains(want) && want != *got);
    let unlike = other.map(|(want, got)| format!("{guest}: {got} is recorded as {want}"));
    unlike.or(ran.miscounted().map(|why| format!("{guest}: {why}")))
}

#[test]
fn recorded_guests() {
    let list = fs::read_to_string(repo().join("tests/golden/totals.tsv")).unwrap();
    let recorded: BTreeMap<&str, &str> =
        list.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')).collect();
    let guests = fs::read_dir(repo().join("tests/golden/elf")).unwrap();
    let names = guests.map(|e| e.unwrap().file_name().into_string().unwrap()).filter(|g| !is_vector(g));
    let results: Vec<Option<String>> =
        names.map(|g| golden(&g, recorded.get(g.as_str()).copied().unwrap_or(""))).collect();
    assert!(results.len() >= 38, "only {} guests", results.len());
    let wrong: Vec<String> = results.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sample() {
    let dir = Scratch::new("suites-sample");
    let ran = run(&dir, &common::sample());
    assert_eq!(ran.out, fs::read_to_string(repo().join("samples/digest.expected")).unwrap());
    assert_eq!((ran.status, ran.miscounted()), (0, None));
}

/// Checks of guest programs that come out otherwise under `fluoro stat` and a plugin, and why.
const OTHERWISE: [(&str, &str); 10] = [
    ("gaps_linux/vfork_store_visible", "with plugins, vfork is fork (contract, section 2.5)"),
    ("process_fork/vfork_shares_and_waits", "the same"),
    ("process_fork/clone_vm_vfork", "the same"),
    ("process_fork/clone_files_fs", "with plugins, shared memory without a thread is refused (contract, section 2.5)"),
    ("process_fork/clone_vm_parallel", "the same"),
    ("process_fork/process_limit", "another user cannot write the report of `fluoro stat`"),
    ("memory_calls/page_zero_is_for_root", "the same"),
    ("process_fork/exec_with_tiny_files", "the report is larger than files may be"),
    ("process_fork/exec_without_descriptors", "no descriptor is left for the report"),
    ("identity/six_descriptors", "the same, and for the log"),
];

/// Builds a guest program.
fn built(dir: &Scratch, program: &str) -> PathBuf {
    let to = dir.path("guest");
    let mut command = Command::new("riscv64-linux-gnu-gcc");
    command.args(["-O1", "-static", "-pthread", "-w", "-o"]).arg(&to);
    command.arg(repo().join("tests/guest").join(format!("{program}.c"))).args(["-lrt", "-lm"]);
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("riscv64-linux-gnu-gcc: {e}; apt-get install gcc-riscv64-linux-gnu"));
    assert!(output.status.success(), "{program}: {}", text(&output.stderr));
    to
}

/// A guest program of named checks: each comes out as `tests/expected/cases.tsv` says of Fluoro.
fn checks(program: &str) {
    let dir = Scratch::new(&format!("suites-{}", program.replace('/', "-")));
    let ran = run(&dir, &built(&dir, program));
    let list = fs::read_to_string(repo().join("tests/expected/cases.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut judged = 0;
    for line in list.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        let [name, native, _, fluoro] = words[..] else { panic!("cases.tsv: {line}") };
        let Some(check) = name.strip_prefix(&format!("{program}/")) else { continue };
        let got = ran.out.lines().find(|l| l.split(' ').nth(1) == Some(check)).unwrap_or("nothing");
        let want = if OTHERWISE.iter().any(|(n, _)| *n == name) { "FAIL" } else { fluoro };
        if native == "skip" || got.starts_with("skip ") {
            continue;
        }
        judged += 1;
        if got.split(' ').next() != Some(want) {
            wrong.push(format!("{name}: want {want}, got {got}"));
        }
    }
    assert!(judged > 0, "{program} is not in the list");
    wrong.extend(ran.miscounted());
    assert!(wrong.is_empty(), "{program}: status {}\n{}\n{}", ran.status, wrong.join("\n"), ran.err);
}

macro_rules! programs {
    ($($name:ident: $program:literal;)*) => {
        $(
            #[test]
            fn $name() {
                checks($program);
            }
        )*
    };
}

programs! {
    gaps_linux: "gaps_linux";
    fault_data: "fault_data";
    fault_fetch: "fault_fetch";
    fault_illegal: "fault_illegal";
    fault_precise: "fault_precise";
    signal_order: "signal_order";
    signal_stack: "signal_stack";
    signal_codes: "signal_codes";
    signal_exec: "signal_exec";
    signal_storm: "signal_storm";
    process_exec: "process_exec";
    futex: "futex";
    memory_calls: "memory_calls";
    isa_integer: "isa/integer";
    isa_multiply: "isa/multiply";
    isa_atomic: "isa/atomic";
    isa_float_single: "isa/float_single";
    isa_float_double: "isa/float_double";
    isa_compressed: "isa/compressed";
    isa_bits: "isa/bits";
}

/// Programs that take many seconds, most of it waiting: only with `FLUORO_SUITES=all`.
#[test]
fn slow_programs() {
    const SLOW: [&str; 8] = [
        "fault_handler",
        "signal_restart",
        "signal_race",
        "thread_life",
        "process_fork",
        "code_changes",
        "code_threads",
        "identity",
    ];
    if std::env::var_os("FLUORO_SUITES").is_some_and(|v| v == "all") {
        SLOW.into_iter().for_each(checks);
    }
}
