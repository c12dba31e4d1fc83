//! Running guests from the command line: output, status, signals, arguments, `stat`.

mod common;

use common::*;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Output;

fn expected() -> String {
    std::fs::read_to_string(repo().join("samples/digest.expected")).unwrap()
}

fn run(args: &[&str]) -> Output {
    fluoro().args(args).output().unwrap()
}

#[test]
fn the_sample() {
    let sample = sample();
    let output = fluoro().arg("run").arg(&sample).output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), expected());
    assert_eq!(output.status.code(), Some(0));
    let output = fluoro().arg(&sample).arg("3").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("usage: digest"));
}

#[test]
fn the_sample_is_what_a_native_build_prints() {
    let dir = Scratch::new("native");
    let native = dir.path("digest");
    // The guest's entry and system calls, in terms of a C library.
    let glue = "#include <stdlib.h>\n#include <unistd.h>\nint start(long *);\nlong guest_call(long n, long a, long b, \
                long c) { (void)n; return write(a, (void *)b, c); }\nint main(void) { long words[2] = {1, 0}; return \
                start(words); }\n";
    let glue = dir.file("glue.c", 0o644, glue.as_bytes());
    let source = std::fs::read_to_string(repo().join("samples/digest.c")).unwrap();
    let (head, tail) = source.split_once("static long call3").unwrap();
    let (_, tail) = tail.split_once("\n}\n").unwrap();
    let (body, _) = tail.split_once("__asm__(\".globl _start").unwrap();
    let renamed =
        body.replace("memcpy(", "guest_memcpy(").replace("memset(", "guest_memset(").replace("call3", "guest_call");
    let text_c = format!("{head}long guest_call(long, long, long, long);\n{renamed}");
    let source = dir.file("native.c", 0o644, text_c.as_bytes());
    let status = std::process::Command::new("cc").arg("-O2").arg("-o").arg(&native).arg(source).arg(glue).status();
    assert!(status.unwrap().success());
    assert_eq!(text(&std::process::Command::new(native).output().unwrap().stdout), expected());
}

#[test]
fn exit_statuses() {
    let dir = Scratch::new("statuses");
    for status in [0, 1, 42, 125, 255] {
        let path = dir.program(&format!("exit-{status}"), &Elf::exit(status).bytes);
        let output = fluoro().arg(&path).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(status.into()), String::new()));
    }
}

/// A program that is nothing but an illegal instruction.
fn illegal(dir: &Scratch) -> PathBuf {
    let mut elf = Elf::exit(0);
    elf.bytes.truncate(0x1000);
    elf.bytes.extend([0; 12]);
    dir.program("illegal", &elf.bytes)
}

#[test]
fn death_by_signal_is_ours_too() {
    let dir = Scratch::new("signals");
    let output = fluoro().arg(illegal(&dir)).output().unwrap();
    assert_eq!((output.status.signal(), text(&output.stderr)), (Some(4), String::new()));
}

#[test]
fn verbose() {
    let output = fluoro().args(["run", "-v", "--cpu", "rv64"]).arg(sample()).arg("4").output().unwrap();
    one_line(&output, 0, &format!("fluoro: {}: cpu rv64, sysroot found by the interpreter", sample().display()));
}

#[test]
fn drop_in_name() {
    let dir = Scratch::new("drop-in");
    let qemu = || named(&dir, "qemu-riscv64");
    let sample = sample();
    let output = qemu().args(["-cpu", "rv64", "-E", "A=1", "-0", "x"]).arg(&sample).output().unwrap();
    assert_eq!((text(&output.stdout), text(&output.stderr)), (expected(), String::new()));
    let output = qemu().args(["-B", "0x1000"]).arg(&sample).arg("4").output().unwrap();
    let line = "fluoro: warning: -B 0x1000: guest addresses are host addresses here, so there is no base to set";
    one_line(&output, 0, line);
    let output = qemu().env("QEMU_RESERVED_VA", "4G").arg(&sample).arg("4").output().unwrap();
    let line = "fluoro: warning: QEMU_RESERVED_VA=4G: the guest's address space needs no reservation here";
    one_line(&output, 0, line);
    let output = qemu().arg("-one-insn-per-tb").arg(&sample).arg("4").output().unwrap();
    one_line(&output, 0, "");
}

#[test]
fn system_calls_are_shown() {
    let sample = sample();
    let output = run(&["run", "--strace", sample.to_str().unwrap(), "4"]);
    let shown = text(&output.stderr);
    assert!(shown.lines().any(|l| l.contains("write(1, ") && l.ends_with("= 176")), "{shown}");
    assert!(shown.lines().last().unwrap().contains("exit_group(0)"), "{shown}");
    let dir = Scratch::new("strace");
    let log = dir.path("log");
    let output = run(&["run", "--strace", "-D", log.to_str().unwrap(), sample.to_str().unwrap(), "4"]);
    one_line(&output, 0, "");
    assert!(std::fs::read_to_string(log).unwrap().contains("write(1, "));
}

#[test]
fn statistics() {
    let dir = Scratch::new("stat");
    let path = dir.program("exit", &Elf::exit(7).bytes);
    let output = fluoro().arg("stat").arg(&path).output().unwrap();
    let table = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7));
    for row in [
        "              3  instructions",
        "              1  blocks",
        "              0  loads",
        "              1  system call\n",
    ] {
        assert!(table.contains(row), "{row} in\n{table}");
    }
    assert!(table.contains("(riscv64, 1 thread)"), "{table}");
}

#[test]
fn statistics_do_not_depend_on_the_size_of_blocks() {
    let dir = Scratch::new("stat-json");
    let file = dir.path("out.json");
    let sample = sample();
    let run = |options: &[&str]| {
        let output =
            fluoro().arg("stat").args(options).arg("--json").arg("-o").arg(&file).arg(&sample).arg("64").output();
        one_line(&output.unwrap(), 0, "");
        std::fs::read_to_string(&file).unwrap()
    };
    let number = |json: &str, name: &str| -> u64 {
        let at = json.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name} in {json}"));
        json[at + name.len() + 3..].split([',', '}']).next().unwrap().parse().unwrap()
    };
    let blocks = run(&[]);
    let single = run(&["--one-insn-per-tb"]);
    for name in
        ["instructions", "loads", "stores", "load_bytes", "store_bytes", "branches", "branches_taken", "system_calls"]
    {
        assert_eq!(number(&blocks, name), number(&single, name), "{name}");
    }
    assert_eq!(number(&single, "instructions"), number(&single, "blocks"));
    assert!(number(&blocks, "instructions") > 1_000_000 && number(&blocks, "translations") > 20);
}

#[test]
fn a_result_that_cannot_be_written_does_not_cost_the_run() {
    let sample = sample();
    let run = |args: &[&str]| fluoro().args(args).output().unwrap();
    let output = run(&["stat", "-o", "/dev/full", sample.to_str().unwrap(), "4"]);
    assert!(text(&output.stdout).starts_with("digests of 4096"));
    one_line(&output, 1, "fluoro: /dev/full: No space left on device; the guest's run went on without it");
}

#[test]
fn a_log_that_cannot_be_written_is_said_once() {
    let sample = sample();
    let output = run(&["run", "--strace", "-D", "/dev/full", sample.to_str().unwrap(), "4"]);
    assert!(text(&output.stdout).starts_with("digests of 4096"));
    one_line(&output, 0, "fluoro: /dev/full: No space left on device; system calls are missing there");
}

/// The rows of a table that do not depend on the machine: number and name.
fn rows(table: &str) -> Vec<(String, String)> {
    let words = table.lines().map(|l| l.split("  ").map(str::trim).filter(|w| !w.is_empty()).collect::<Vec<_>>());
    let counted = words.filter(|w| w.len() >= 2 && w[0].bytes().all(|b| b.is_ascii_digit() || b == b','));
    counted.map(|w| (w[0].to_string(), w[1].to_string())).filter(|(_, name)| name != "translations").collect()
}

#[test]
fn the_guide_shows_what_the_sample_counts() {
    let guide = std::fs::read_to_string(repo().join("docs/guide.md")).unwrap();
    let (_, shown) = guide.split_once("fluoro stat: samples/digest (riscv64, 1 thread)").unwrap();
    let (shown, _) = shown.split_once("elapsed").unwrap();
    let output = fluoro().arg("stat").arg(sample()).output().unwrap();
    assert_eq!(rows(shown), rows(&text(&output.stderr)));
    assert_eq!(rows(shown).len(), 7, "{shown}");
}

#[test]
fn core_dumps_are_small() {
    let dir = Scratch::new("core");
    let program = illegal(&dir);
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.trim() != "core" {
        return; // somebody else takes them
    }
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -c $(ulimit -H -c); exec \"$0\" run \"$1\"", env!("CARGO_BIN_EXE_fluoro")]).arg(&program);
    let status = shell.current_dir(dir.path("")).status().unwrap();
    assert_eq!(status.signal(), Some(4));
    let names = std::fs::read_dir(dir.path("")).unwrap().map(|e| e.unwrap());
    let core =
        names.filter(|e| e.file_name().to_string_lossy().starts_with("core")).map(|e| e.metadata().unwrap().len());
    let size = core.max().unwrap_or(0);
    assert!(size < 64 << 20, "a core of {size} bytes");
}

#[test]
fn a_result_file_that_cannot_be_opened_is_said_before_the_run() {
    let dir = Scratch::new("stat-no-file");
    let sample = sample();
    let output = fluoro().args(["stat", "-o", "/nonexistent/x"]).arg(&sample).output().unwrap();
    one_line(&output, 1, "fluoro: /nonexistent/x: No such file or directory; name a file that can be written");
    assert!(output.stdout.is_empty());
    // A run that does not begin leaves no file behind, and an older result alone.
    let (new, old) = (dir.path("new"), dir.file("old", 0o644, b"older"));
    for path in [&new, &old] {
        let output = fluoro().args(["stat", "-o"]).arg(path).arg("/nonexistent/guest").output().unwrap();
        assert_eq!(output.status.code(), Some(127));
    }
    assert!(!new.exists());
    assert_eq!(std::fs::read(&old).unwrap(), b"older");
}

/// Gives up the right to open files, as programs do that confine themselves: prlimit64(0, RLIMIT_NOFILE, {0, 0}).
#[rustfmt::skip]
const NO_MORE_FILES: [u32; 11] = [
    0xff01_0113, 0x0001_3023, 0x0001_3423,                           // addi sp, sp, -16; sd zero, (sp); sd zero, 8(sp)
    0x0000_0513, 0x0070_0593, 0x0001_0613, 0x0000_0693, 0x1050_0893, // li a0, 0; li a1, 7; mv a2, sp; li a3, 0; li a7, 261
    0x0000_0073, 0x05d0_0893, 0x0000_0073,                           // ecall; li a7, 93; ecall
];

#[test]
fn a_guest_that_may_not_open_files_has_its_result() {
    let dir = Scratch::new("stat-confined");
    let mut elf = Elf::exit(0);
    elf.bytes.truncate(0x1000);
    elf.bytes.extend(NO_MORE_FILES.iter().flat_map(|i| i.to_le_bytes()));
    elf.segment(0, 0x1000, 0x11000, 4 * NO_MORE_FILES.len() as u64);
    let program = dir.program("confined", &elf.bytes);
    let result = dir.file("result", 0o644, &[b'x'; 9999]);
    let output = fluoro().args(["stat", "--json", "-o"]).arg(&result).arg(&program).output().unwrap();
    one_line(&output, 0, "");
    let json = std::fs::read_to_string(&result).unwrap();
    assert!(json.contains("\"instructions\":11") && json.ends_with("}\n"), "{json}");
}
