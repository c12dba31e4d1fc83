//! Wrong usage: one line, status 2, and where to read on.

mod common;

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use common::{Scratch, fluoro, named, one_line, sample, text};

#[track_caller]
fn wrong(args: &[&str], line: &str) {
    let output = fluoro().args(args).output().unwrap();
    one_line(&output, 2, &format!("fluoro: {line}"));
    assert!(output.stdout.is_empty());
}

#[test]
fn options() {
    wrong(&["run", "--frob", "./p"], "--frob: unknown option; try 'fluoro help run'");
    wrong(&["stat", "-o"], "-o: needs FILE; try 'fluoro help stat'");
    wrong(&["run"], "no program is named; try 'fluoro help run'");
    wrong(&["run", "--seed", "x", "./p"], "--seed x: is not a number");
    wrong(&["run", "-E", "novalue", "./p"], "-E novalue: is not NAME=value");
    wrong(&["run", "-d", "frob", "./p"], "-d frob: unknown log item 'frob'; '-d help' lists them");
    wrong(&["run", "-d", "tid", "./p"], "-d tid: a file per thread needs '%d' in the name that -D gives");
    wrong(&["run", "--plugin-atexit", "x", "./p"], "--plugin-atexit x: is neither contract nor always");
    wrong(&["--color", "blue", "doctor"], "--color blue: is none of auto, always, never");
    wrong(&["--json", "stat", "./p"], "--json: unknown option; try 'fluoro help'");
    wrong(&["-E", "A=1", "stat", "./p"], "-E: belongs behind 'stat'; try 'fluoro help'");
}

#[test]
fn verbs() {
    wrong(&["frobnicate"], "frobnicate: is neither a verb nor a program here or in PATH; try 'fluoro help'");
    wrong(&["help", "frob"], "frob: no such verb; try 'fluoro help'");
    wrong(&["doctor", "x"], "x: takes no arguments; try 'fluoro help doctor'");
    wrong(&["completions"], "a shell is missing: one of bash, zsh, fish; try 'fluoro help completions'");
    wrong(
        &["completions", "csh"],
        "csh: unknown shell; completions exist for bash, zsh, fish; try 'fluoro help completions'",
    );
}

#[test]
fn cpu_models() {
    let sample = sample();
    let sample = sample.to_str().unwrap();
    wrong(&["run", "--cpu", "z80", sample], "--cpu z80: unknown model 'z80'; 'fluoro doctor --cpu' lists them");
    wrong(
        &["run", "-cpu", "rv64,+zvk", sample],
        "--cpu rv64,+zvk: unknown extension 'zvk'; 'fluoro doctor --cpu' lists them",
    );
}

#[test]
fn nothing_at_all_prints_four_lines() {
    let output = fluoro().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr).lines().count(), 4);
}

#[test]
fn drop_in_names() {
    let dir = Scratch::new("usage-drop-in");
    for name in ["qemu-riscv64", "fluoro-riscv64"] {
        let output = named(&dir, name).output().unwrap();
        one_line(&output, 2, "fluoro: no program is named; try 'fluoro help run'");
        let output = named(&dir, name).args(["-frob", "p"]).output().unwrap();
        one_line(&output, 2, "fluoro: -frob: unknown option; try 'fluoro help run'");
        let output = named(&dir, name).arg("-version").output().unwrap();
        assert_eq!(text(&output.stdout), format!("fluoro-riscv64 {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn configuration_files() {
    let dir = Scratch::new("usage-config");
    let in_dir = |args: &[&str]| fluoro().args(args).current_dir(dir.path("")).output().unwrap();
    dir.file("fluoro.toml", 0o644, b"cpu = 'rv64'\n[stat]\njson = true\n");
    let output = in_dir(&["config"]);
    assert_eq!(text(&output.stdout), "cpu  = rv64    from fluoro.toml\njson = true    from fluoro.toml\n");
    dir.file("fluoro.toml", 0o644, b"\nfrob = 1\n");
    let line = "fluoro: fluoro.toml:2: unknown setting 'frob'; 'fluoro help' names the options";
    one_line(&in_dir(&["run", "x"]), 2, line);
    dir.file("fluoro.toml", 0o644, b"cpu = \n");
    let line = "fluoro: fluoro.toml:1: a value is \"text\", a number, true, false or [a, list]";
    one_line(&in_dir(&["run", "x"]), 2, line);
}

#[test]
fn help_goes_to_stdout_and_survives_a_closed_reader() {
    for args in [&["help"][..], &["help", "stat"], &["stat", "--help"], &["help", "--man"], &["completions", "bash"]] {
        let output = fluoro().args(args).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty() && output.stdout.len() > 300, "{args:?}");
    }
    let mut command = fluoro();
    let mut child = command.args(["help", "--man"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() || output.status.signal() == Some(13), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
