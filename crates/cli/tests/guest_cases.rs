//! The guest tests of `tests/guest`: each program is compiled for RISC-V and natively, run on this machine and under
//! Fluoro, and compared check by check with `tests/expected/cases.tsv` (and `hostile.tsv`).
//!
//! The native run proves that an expectation is what Linux does; the reference's column is only recorded. With
//! `GUEST_CASES_REFERENCE=/path/to/qemu-riscv64` that column is measured too and with `GUEST_CASES_WRITE=1` the lists are
//! rewritten from what was seen.

mod common;

use common::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long one program may take under Fluoro. Its checks have limits of their own; this one is the last resort.
const LIMIT: Duration = Duration::from_secs(900);

/// The RISC-V compiler.
const COMPILER: &str = "riscv64-linux-gnu-gcc";

const COLUMNS: [&str; 3] = ["native", "reference", "fluoro"];

/// What a check or a hostile guest came to, by column.
type Verdicts = BTreeMap<String, [String; 3]>;

/// A finished run.
struct Run {
    status: String,
    output: String,
    errors: String,
}

fn source(program: &str) -> PathBuf {
    repo().join("tests/guest").join(format!("{program}.c"))
}

/// Compiles a program; where it goes.
fn compile(compiler: &str, program: &str, suffix: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
    fs::create_dir_all(&folder).unwrap();
    let to = folder.join(format!("{}.{suffix}", program.replace('/', "-")));
    let mut command = Command::new(compiler);
    command.args(["-O1", "-g", "-static", "-pthread", "-w", "-o"]).arg(&to).arg(source(program)).args(["-lrt", "-lm"]);
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "{compiler}: {error}; the guest tests need the packages gcc-riscv64-linux-gnu and libc6-dev-riscv64-cross \
             (apt-get install gcc-riscv64-linux-gnu libc6-dev-riscv64-cross)"
        )
    });
    assert!(output.status.success(), "{compiler} {program}: {}", text(&output.stderr));
    to
}

/// Runs a command with its output in files, so that no descendant that lives on can keep us waiting.
fn run(mut command: Command, name: &str, column: usize) -> Run {
    let at = |what: &str| {
        let name = format!("guest/{}.{}.{what}", name.replace('/', "-"), COLUMNS[column]);
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
    };
    let (out, err) = (at("out"), at("err"));
    command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut child = command.process_group(0).spawn().unwrap();
    let end = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break match (status.code(), status.signal()) {
                (Some(code), _) => code.to_string(),
                (None, signal) => (128 + signal.unwrap_or(0)).to_string(),
            };
        }
        if Instant::now() > end {
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status();
            let _ = child.wait();
            break "hung".to_string();
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Run { status, output: text(&fs::read(&out).unwrap()), errors: text(&fs::read(&err).unwrap()) }
}

/// The command of a column.
fn command(column: usize, native: &Path, guest: &Path) -> Option<Command> {
    match COLUMNS[column] {
        "native" => Some(Command::new(native)),
        "fluoro" => {
            let mut command = fluoro();
            command.arg("run").arg(guest);
            Some(command)
        }
        _ => {
            let mut command = Command::new(std::env::var_os("GUEST_CASES_REFERENCE")?);
            command.arg(guest);
            Some(command)
        }
    }
}

/// The lines `ok NAME`, `FAIL NAME detail`, `skip NAME why` of a program's output.
fn verdicts(output: &str) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for line in output.lines() {
        let (verdict, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (name, detail) = rest.split_once(' ').unwrap_or((rest, ""));
        if ["ok", "FAIL", "skip"].contains(&verdict) {
            all.push((name.to_string(), verdict.to_string(), detail.to_string()));
        }
    }
    all
}

fn list(file: &str) -> PathBuf {
    repo().join("tests/expected").join(file)
}

/// A list's lines for which `mine` holds.
fn expected(file: &str, mine: impl Fn(&str) -> bool) -> Verdicts {
    let content = fs::read_to_string(list(file)).unwrap_or_default();
    let lines = content.lines().filter(|line| !line.starts_with('#') && !line.starts_with("test\t"));
    let rows = lines.map(|line| {
        let words: Vec<&str> = line.split('\t').collect();
        assert_eq!(words.len(), 4, "{file}: {line}");
        (words[0].to_string(), [words[1], words[2], words[3]].map(str::to_string))
    });
    rows.filter(|(name, _)| mine(name)).collect()
}

/// Writes a list back with new rows in the place of those for which `mine` holds.
fn rewrite(file: &str, seen: Verdicts, mine: impl Fn(&str) -> bool) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let mut all = expected(file, |name| !mine(name));
    all.extend(seen);
    let mut content = "test\tnative\treference\tfluoro\n".to_string();
    for (name, columns) in all {
        content.push_str(&format!("{name}\t{}\n", columns.join("\t")));
    }
    fs::write(list(file), content).unwrap();
}

/// A row in which nothing was measured yet: `?` for a reference that is not there.
fn empty() -> [String; 3] {
    let reference = if std::env::var_os("GUEST_CASES_REFERENCE").is_some() { "-" } else { "?" };
    ["-", reference, "-"].map(str::to_string)
}

/// Writes what was seen; a column that was not measured keeps what it had.
fn record(file: &str, mut seen: Verdicts, mine: impl Fn(&str) -> bool) {
    let old = expected(file, &mine);
    for (name, columns) in &mut seen {
        for (column, new) in columns.iter_mut().enumerate().filter(|(_, new)| *new == "?") {
            *new = old.get(name).map_or("-".to_string(), |row| row[column].clone());
        }
    }
    rewrite(file, seen, mine);
}

/// Compares what was seen with the list. What the native run had to skip on this machine is counted, not judged.
fn judge(file: &str, program: &str, seen: Verdicts, details: &[String], mine: impl Fn(&str) -> bool) {
    if std::env::var_os("GUEST_CASES_WRITE").is_some() {
        return record(file, seen, mine);
    }
    let expected = expected(file, &mine);
    let names: BTreeSet<&String> = expected.keys().chain(seen.keys()).collect();
    let unlisted = ["-"; 3].map(str::to_string);
    let missing = empty();
    let (mut ran, mut failed, mut skipped, mut known) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for name in names {
        let (want, got) = (expected.get(name).unwrap_or(&unlisted), seen.get(name).unwrap_or(&missing));
        if got[0] == "skip" {
            skipped += 1;
            continue;
        }
        ran += 1;
        let differs = |&column: &usize| got[column] != "?" && got[column] != want[column];
        for column in (0..COLUMNS.len()).filter(differs) {
            wrong.push(format!("{name}: {} is {}, the list says {}", COLUMNS[column], got[column], want[column]));
        }
        failed += usize::from(differs(&2));
        known += usize::from(!differs(&2) && got[2] == "FAIL");
    }
    let passed = ran - failed - known;
    println!("{program}: ran {ran} passed {passed} failed {failed} known faults {known} skipped {skipped}");
    assert!(wrong.is_empty(), "{program}\n{}\n{}", wrong.join("\n"), details.join("\n"));
}

/// What a column's run has to say about its failed checks.
fn detail(column: usize, run: &Run, lines: &[(String, String, String)]) -> Option<String> {
    let failed: Vec<String> =
        lines.iter().filter(|line| line.1 == "FAIL").map(|line| format!("\n  {} {}", line.0, line.2)).collect();
    let ended = ["0", "1"].contains(&run.status.as_str());
    (!ended || !failed.is_empty())
        .then(|| format!("{}: status {} {}{}", COLUMNS[column], run.status, run.errors, failed.concat()))
}

/// One program of named checks.
fn checks(program: &str) {
    let (guest, native) = (compile(COMPILER, program, "riscv64"), compile("cc", program, "native"));
    let mut seen = Verdicts::new();
    let mut details = Vec::new();
    for column in 0..COLUMNS.len() {
        let Some(command) = command(column, &native, &guest) else { continue };
        let run = run(command, program, column);
        let lines = verdicts(&run.output);
        details.extend(detail(column, &run, &lines));
        for (name, verdict, _) in lines {
            seen.entry(format!("{program}/{name}")).or_insert_with(empty)[column] = verdict;
        }
    }
    let prefix = format!("{program}/");
    judge("cases.tsv", program, seen, &details, |name| name.starts_with(&prefix));
}

macro_rules! programs {
    ($($name:ident: $program:literal;)*) => {
        $(
            #[test]
            fn $name() {
                checks($program);
            }
        )*
        #[test]
        fn every_program_is_listed() {
            let listed = [$($program),*];
            for folder in ["", "isa/"] {
                for entry in fs::read_dir(repo().join("tests/guest").join(folder)).unwrap() {
                    let path = entry.unwrap().path();
                    let is_source = path.extension().is_some_and(|ext| ext == "c");
                    let name = format!("{folder}{}", path.file_stem().unwrap().to_str().unwrap());
                    assert!(!is_source || name == "hostile" || listed.contains(&name.as_str()), "{name} is in no list");
                }
            }
        }
    };
}

programs! {
    gaps_linux: "gaps_linux";
    host_memory: "host_memory";
    fault_data: "fault_data";
    fault_fetch: "fault_fetch";
    fault_handler: "fault_handler";
    fault_illegal: "fault_illegal";
    fault_precise: "fault_precise";
    signal_order: "signal_order";
    signal_restart: "signal_restart";
    signal_race: "signal_race";
    signal_stack: "signal_stack";
    signal_codes: "signal_codes";
    signal_exec: "signal_exec";
    signal_storm: "signal_storm";
    thread_life: "thread_life";
    process_exec: "process_exec";
    process_fork: "process_fork";
    futex: "futex";
    code_changes: "code_changes";
    code_threads: "code_threads";
    memory_calls: "memory_calls";
    identity: "identity";
    clocks: "clocks";
    isa_integer: "isa/integer";
    isa_multiply: "isa/multiply";
    isa_atomic: "isa/atomic";
    isa_float_single: "isa/float_single";
    isa_float_double: "isa/float_double";
    isa_compressed: "isa/compressed";
    isa_bits: "isa/bits";
}

/// Programs that go wrong on purpose: the status that a shell would see, and what they wrote before.
#[test]
fn hostile() {
    let (guest, native) = (compile(COMPILER, "hostile", "riscv64"), compile("cc", "hostile", "native"));
    let names = text(&Command::new(&native).arg("-l").output().unwrap().stdout);
    let mut seen = Verdicts::new();
    let mut details = Vec::new();
    for name in names.lines() {
        let row = seen.entry(name.to_string()).or_insert_with(empty);
        let mut native_output = String::new();
        for column in 0..COLUMNS.len() {
            let Some(mut command) = command(column, &native, &guest) else { continue };
            command.arg(name);
            let run = run(command, &format!("hostile-{name}"), column);
            row[column] = run.status;
            if COLUMNS[column] == "native" {
                native_output = run.output;
            } else if run.output != native_output {
                row[column].push_str(" and other output");
            }
            if COLUMNS[column] == "fluoro" && !run.errors.is_empty() {
                details.push(format!("{name}: {}", run.errors));
            }
        }
    }
    judge("hostile.tsv", "hostile", seen, &details, |_| true);
}
