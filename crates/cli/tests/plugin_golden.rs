//! What a plugin is shown, against what the reference showed it: every case of `tests/golden/cases.txt`.
//!
//! The plugin is `tests/golden/probe/probe.c`; `tests/golden/README.md` says what the cases are. Cases that need Vector
//! are compared as far as they go without it, and must not be equal: when they are, they leave the list here.

mod common;

use common::plugin::{Emu, Ran, compiled, fluoro_run, golden};
use common::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

/// One line of the list.
struct Case {
    guest: String,
    name: String,
    flags: Vec<String>,
    arguments: String,
}

impl Case {
    fn parse(line: &str) -> Case {
        let fields: Vec<&str> = line.split('|').collect();
        let [guest, name, flags, arguments] = fields[..] else { panic!("{line}: not four fields") };
        let flags = flags.split(',').map(String::from).collect();
        Case { guest: guest.into(), name: name.into(), flags, arguments: arguments.into() }
    }

    fn title(&self) -> String {
        format!("{}/{}", self.guest, self.name)
    }

    /// A run with the words that the flags ask for.
    fn emu(&self) -> Emu {
        let mut emu = fluoro_run();
        for flag in &self.flags {
            emu = match flag.as_str() {
                "one" => emu.word("-one-insn-per-tb"),
                "log" => {
                    let log = emu.path("log");
                    emu.word("-d").word("plugin").word("-D").word(log)
                }
                "" => emu,
                other => {
                    let cpu = other.strip_prefix("cpu=").unwrap_or_else(|| panic!("{other}: an unknown flag"));
                    emu.word("-cpu").word(cpu)
                }
            };
        }
        emu
    }
}

fn list() -> Vec<Case> {
    let text = fs::read_to_string(repo().join("tests/golden/cases.txt")).unwrap();
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(Case::parse).collect()
}

fn probe() -> PathBuf {
    compiled(&repo().join("tests/golden/probe/probe.c"), "probe", 4, &[])
}

/// The recording of a case.
fn recorded(case: &Case) -> String {
    let folder = repo().join("tests/golden");
    let plain = match case.name.as_str() {
        "run" => folder.join("expect").join(&case.guest),
        name => folder.join("plugin").join(format!("{}.{name}", case.guest)),
    };
    if let Ok(bytes) = fs::read(&plain) {
        return text(&bytes);
    }
    let packed = format!("{}.gz", plain.display());
    let output = Command::new("gzip").args(["-dc", &packed]).output().expect("gzip runs");
    assert!(output.status.success(), "{packed}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What the case shows here.
fn shown(case: &Case) -> String {
    let probe = probe();
    let guest = golden(&case.guest);
    let emu = case.emu();
    let report = emu.path("report");
    let to = |arguments: &str| format!("{arguments},out={}", report.display());
    // Reports of forked children follow the parent's. The folder goes with the run, so they are read before it ends.
    match case.name.as_str() {
        "run" => {
            let ran = emu.run(&guest);
            format!("{}status {}\n", ran.out, ran.shown())
        }
        "outs" => emu.plugin(&probe, &case.arguments).run(&guest).log,
        name if name.starts_with("error") => refusal(emu.plugin(&probe, &case.arguments).run(&guest), &probe),
        "order" => {
            let second = emu.path("second.so");
            fs::copy(&probe, &second).unwrap();
            let emu = emu.plugin(&probe, &to("mode=order,tag=P")).plugin(&second, &to("mode=order,tag=Q"));
            emu.run_and_read(&guest).1
        }
        "twice" => {
            let more = format!("more=on,out={}", report.display());
            emu.plugin(&probe, &case.arguments).plugin(&probe, &more).run_and_read(&guest).1
        }
        "environment" => {
            let first = format!("{},{}", probe.display(), case.arguments);
            let last = format!("last=1,out={}", report.display());
            emu.env("QEMU_PLUGIN", first).plugin(&probe, &last).run_and_read(&guest).1
        }
        "quit" => {
            let (ran, report) = emu.plugin(&probe, &to(&case.arguments)).run_and_read(&guest);
            format!("{report}status {}\n", ran.shown())
        }
        _ => emu.plugin(&probe, &to(&case.arguments)).run_and_read(&guest).1,
    }
}

/// What a refusing plugin's run prints, without the names of the program and the plugin.
fn refusal(ran: Ran, probe: &std::path::Path) -> String {
    let mut text = String::new();
    for line in (ran.out.clone() + &ran.err).replace(&probe.display().to_string(), "PROBE").lines() {
        let named = line.split_once(": ").filter(|(name, _)| !name.contains(' '));
        text += &named.map_or(line.to_string(), |(_, rest)| format!("PROG: {rest}"));
        text.push('\n');
    }
    format!("{text}status {}\n", ran.shown())
}

/// Guests that are made of vector instructions.
const VECTOR_GUESTS: [&str; 5] = ["matrix-v", "strings-v", "vecops", "vecff", "vecmem"];

/// Cases of other guests that reach vector instructions or vector state, and how many lines agree before.
const BEFORE_VECTOR: [(&str, &str, usize); 18] = [
    ("edges", "run", 0),
    ("edges", "blocks", 0),
    ("edges", "insns", 11),
    ("edges", "mem", 0),
    ("edges", "state", 0),
    ("edges", "cond", 0),
    ("edges", "readmem", 0),
    ("edges", "seq", 682),
    ("edges", "flow", 636),
    ("edges", "one-blocks", 11),
    ("edges", "one-seq", 1034),
    ("faults", "run", 685),
    ("faults", "blocks", 0),
    ("faults", "insns", 0),
    ("faults", "cond", 0),
    ("faults", "mem", 0),
    ("faults", "seq", 15_910),
    ("faults", "flow", 1000),
];

/// Why a case cannot be equal before Vector exists, and how many lines of it are compared all the same.
fn excepted(case: &Case) -> Option<(&'static str, usize)> {
    if VECTOR_GUESTS.contains(&case.guest.as_str()) {
        return Some(("is made of vector instructions", 0));
    }
    let before = BEFORE_VECTOR.iter().find(|(g, n, _)| *g == case.guest && *n == case.name)?;
    Some(("reaches vector instructions or registers", before.2))
}

/// Names of the control and status registers that come with Vector.
const VECTOR_CSRS: [&str; 7] = ["vstart", "vxsat", "vxrm", "vcsr", "vl", "vtype", "vlenb"];

/// A register list without vector registers, numbers of lines and the count.
fn without_vector(list: &str) -> String {
    let mut text = String::new();
    for line in list.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let row = words.len() > 2 && words[2].starts_with("org.gnu.gdb.riscv.");
        let vector = row && (words[2].ends_with(".vector") || VECTOR_CSRS.contains(&words[1]));
        if vector || words[0] == "registers" {
            continue;
        }
        text += if row { line.split_once(' ').unwrap().1 } else { line };
        text.push('\n');
    }
    text
}

/// Cases in which the reference cut a block in two because its host code had become too long with all the probes
/// (section 2.13, rule 3), so that block probes ran oftener. Only what does not hang on blocks is compared.
const CUT_BY_THE_REFERENCE: [(&str, &str); 1] = [("nbody-fma", "cond")];

/// Reads that the reference reports of atomic operations whose write then faults (on a page that is read-only): it reads
/// and writes in two steps while there is one thread. Here such an operation is one step that has not happened.
fn without_failed_atomics(report: &str) -> String {
    let failed = ["M 0 10e02 R4s", "M 0 10e2c R4s", "M 0 10e60 R4s"];
    report.lines().filter(|l| !failed.iter().any(|f| l.starts_with(f))).map(|l| format!("{l}\n")).collect()
}

/// Lines that do not count blocks.
fn without_blocks(report: &str) -> String {
    let of_blocks = |l: &&str| ["block", "cells", "order"].iter().any(|w| l.starts_with(w));
    report.lines().filter(|l| !of_blocks(l)).map(|l| format!("{l}\n")).collect()
}

fn compared(case: &Case, report: String) -> String {
    match case.name.as_str() {
        "regs" | "regs-at" => without_vector(&report),
        "seq" if case.guest == "faults" => without_failed_atomics(&report),
        name if CUT_BY_THE_REFERENCE.contains(&(case.guest.as_str(), name)) => without_blocks(&report),
        _ => report,
    }
}

/// The first line where two texts part, or nothing.
fn difference(want: &str, got: &str) -> Option<String> {
    let (mut w, mut g) = (want.lines(), got.lines());
    for number in 1.. {
        match (w.next(), g.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return Some(format!("line {number}: want {a:?}, got {b:?}")),
        }
    }
    (want != got).then(|| "they differ in bytes only".to_string())
}

/// Says what is wrong with a case; nothing if all is as it should be.
fn verdict(case: &Case) -> Option<String> {
    let (want, got) = (compared(case, recorded(case)), compared(case, shown(case)));
    let Some((why, lines)) = excepted(case) else {
        return difference(&want, &got).map(|d| format!("{}: {d}", case.title()));
    };
    let equal = want.lines().zip(got.lines()).take_while(|(w, g)| w == g).count();
    println!("excepted: {} {why}; {lines} lines of {} compared, {equal} equal", case.title(), want.lines().count());
    if want == got {
        return Some(format!("{}: is equal now: take it off the list of exceptions", case.title()));
    }
    let first = |text: &str| text.split_inclusive('\n').take(lines).collect::<String>();
    difference(&first(&want), &first(&got)).map(|d| format!("{} before its vector part: {d}", case.title()))
}

#[test]
fn golden_cases_equal_the_recordings() {
    probe();
    let pattern = std::env::var("GOLDEN").unwrap_or_default();
    let cases: Vec<Case> = list().into_iter().filter(|c| c.title().contains(&pattern)).collect();
    assert!(!pattern.is_empty() || cases.len() == 348, "{} cases", cases.len());
    let (left, failures) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some(case) = left.lock().unwrap().next() else { return };
            if let Some(failure) = verdict(case) {
                println!("{failure}");
                failures.lock().unwrap().push(failure);
            }
        }
    };
    std::thread::scope(|s| {
        (0..std::thread::available_parallelism().map_or(2, usize::from)).for_each(|_| {
            s.spawn(work);
        });
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// Whether an instruction is one of Vector's, or asks for its state.
fn is_vector(raw: u32) -> bool {
    let (width, csr) = (raw >> 12 & 7, raw >> 20);
    match raw & 0x7f {
        0x57 => true,
        0x07 | 0x27 => matches!(width, 0 | 5..),
        0x73 => width & 3 != 0 && matches!(csr, 0x008 | 0x009 | 0x00a | 0x00f | 0xc20..=0xc22),
        _ => false,
    }
}

/// Whether the reference executed such an instruction in a guest; nothing if that was not recorded.
fn executes_vector(cases: &[Case], guest: &str) -> Option<bool> {
    let report = recorded(cases.iter().find(|c| c.guest == guest && c.name == "insns")?);
    let executed = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        // pc, size, instruction, "text", symbol, executions twice.
        let [_, "2" | "4", raw, .., times, _] = words[..] else { return false };
        times != "0" && is_vector(u32::from_str_radix(raw, 16).unwrap())
    };
    Some(report.lines().any(executed))
}

/// The exceptions are exactly the guests in which the reference executed vector instructions, no other reason is good
/// enough; and of what is compared of each there is that much.
#[test]
fn golden_exceptions_are_cases() {
    let cases = list();
    let mut known = 0;
    for guest in cases.iter().map(|c| &c.guest).collect::<BTreeSet<_>>() {
        let excepted = cases.iter().any(|c| c.guest == *guest && excepted(c).is_some());
        let vector = executes_vector(&cases, guest);
        assert_eq!(vector.unwrap_or(false), excepted, "{guest}");
        known += usize::from(vector.is_some());
    }
    assert!(known >= 30, "only {known} guests have a list of instructions");
    for (guest, name, lines) in BEFORE_VECTOR {
        let case = cases.iter().find(|c| c.guest == guest && c.name == name);
        let case = case.unwrap_or_else(|| panic!("{guest}/{name} is no case"));
        assert!(compared(case, recorded(case)).lines().count() > lines, "{guest}/{name}: {lines} is all of it");
    }
}
