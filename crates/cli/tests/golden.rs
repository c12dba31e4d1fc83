//! The recorded guests: what each prints, how it ends, and how much of everything it executes.
//!
//! The recordings are in `tests/golden`; the complete set beside the repository, if it is there, is run as well. A
//! guest of the complete set that this test does not know (a new one) is run too, so nothing is skipped by accident.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const FLUORO: &str = env!("CARGO_BIN_EXE_fluoro");

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/cli lies in the repository").to_path_buf()
}

/// Guests that need vector instructions.
fn is_vector(guest: &str) -> bool {
    guest.starts_with("vec") || guest.ends_with("-v")
}

/// The recording of a guest: as it is, or unpacked.
fn recorded(path: &Path) -> Vec<u8> {
    if let Ok(plain) = fs::read(path) {
        return plain;
    }
    let packed = format!("{}.gz", path.display());
    let output = Command::new("gzip").args(["-dc", &packed]).output().expect("gzip runs");
    assert!(output.status.success(), "{packed}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn fluoro(words: &[&str], guest: &Path) -> Output {
    let mut command = Command::new("timeout");
    command.args(["-k", "1", "600", FLUORO]).args(words).arg(guest).stdin(Stdio::null());
    command.env_clear().output().expect("timeout runs")
}

/// Standard output and the status as a shell shows it.
fn run(guest: &Path) -> Vec<u8> {
    let output = fluoro(&["run"], guest);
    let status = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
    let mut shown = output.stdout;
    shown.extend(format!("status {status}\n").bytes());
    shown
}

/// The first line where two texts part.
fn first_difference(want: &[u8], got: &[u8]) -> String {
    let (want, got) = (String::from_utf8_lossy(want), String::from_utf8_lossy(got));
    let (mut w, mut g) = (want.lines(), got.lines());
    for number in 1.. {
        match (w.next(), g.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return format!("line {number}: want {a:?}, got {b:?}"),
        }
    }
    "they differ in bytes only".to_string()
}

/// Guests that reach vector instructions in the middle: how many lines they print before. Compared so far until Vector
/// exists; their totals are not compared.
const BEFORE_VECTOR: [(&str, usize); 2] = [("edges", 0), ("faults", 685)];

/// The first lines of an output.
fn first_lines(text: &[u8], n: usize) -> Vec<u8> {
    text.split_inclusive(|b| *b == b'\n').take(n).flatten().copied().collect()
}

/// Runs every guest of a folder against its recording; says which differ.
fn compare(elf: &Path, recording: impl Fn(&str) -> PathBuf, may_lack: bool) {
    let mut guests: Vec<String> = fs::read_dir(elf)
        .unwrap_or_else(|e| panic!("{}: {e}", elf.display()))
        .map(|e| e.expect("an entry").file_name().into_string().expect("a plain name"))
        .filter(|g| !is_vector(g))
        .collect();
    guests.sort();
    assert!(guests.len() >= 40, "{}: only {} guests", elf.display(), guests.len());
    let mut failures = Vec::new();
    for guest in &guests {
        let path = recording(guest);
        if may_lack && !path.exists() && !path.with_file_name(format!("{guest}.run.gz")).exists() {
            continue;
        }
        let (mut want, mut got) = (recorded(&path), run(&elf.join(guest)));
        if let Some((_, lines)) = BEFORE_VECTOR.iter().find(|(g, _)| g == guest) {
            (want, got) = (first_lines(&want, *lines), first_lines(&got, *lines));
        }
        if want != got {
            failures.push(format!("{guest}: {}", first_difference(&want, &got)));
        }
    }
    assert!(failures.is_empty(), "{} of {} guests:\n{}", failures.len(), guests.len(), failures.join("\n"));
}

#[test]
fn guests_print_and_end_as_recorded() {
    let golden = repository().join("tests/golden");
    compare(&golden.join("elf"), |guest| golden.join("expect").join(guest), false);
}

#[test]
fn complete_recordings_beside_the_repository() {
    let Some(golden) = repository().parent().map(|p| p.join("shared/golden")).filter(|g| g.exists()) else {
        println!("no recordings beside the repository: only the committed ones were run");
        return;
    };
    // Two of the guests serve the disassembly check only and have no `run` recording.
    compare(&golden.join("elf"), |guest| golden.join("expect").join(format!("{guest}.run")), true);
}

/// The number of a member of a JSON object; the totals come before those of the threads.
fn member(json: &str, name: &str) -> Option<u64> {
    let behind = json.split_once(&format!("\"{name}\":"))?.1.trim_start();
    behind.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// What `fluoro stat --json` counted for a guest.
fn counted(guest: &Path, report: &Path) -> String {
    fluoro(&["stat", "--json", "-o", &report.to_string_lossy()], guest);
    fs::read_to_string(report).unwrap_or_default()
}

#[test]
fn guests_execute_as_much_as_recorded() {
    let golden = repository().join("tests/golden");
    let report = std::env::temp_dir().join(format!("fluoro-golden-{}.json", std::process::id()));
    let totals = fs::read_to_string(golden.join("totals.tsv")).expect("the totals are there");
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut compared = 0;
    for line in totals.lines().filter(|l| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        if BEFORE_VECTOR.iter().any(|(g, _)| *g == fields[0]) {
            continue;
        }
        let json = counted(&golden.join("elf").join(fields[0]), &report);
        for (name, want) in ["blocks", "instructions", "loads", "stores"].iter().zip(&fields[1..]) {
            let Ok(want) = want.parse::<u64>() else { continue };
            compared += 1;
            let got = member(&json, name);
            if got != Some(want) {
                let got = got.map_or("none".to_string(), |g| g.to_string());
                failures.entry(fields[0].to_string()).or_default().push(format!("{name}: want {want}, got {got}"));
            }
        }
    }
    let _ = fs::remove_file(&report);
    assert!(compared > 100, "only {compared} totals");
    let text: Vec<String> = failures.iter().map(|(g, f)| format!("{g}: {}", f.join("; "))).collect();
    assert!(text.is_empty(), "{} guests count otherwise:\n{}", text.len(), text.join("\n"));
}
