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
    wrong(&["run", "--seed", "x", "./p"], "--seed x: is not a number; use digits, or 0x and hexadecimal digits");
    for text in ["1.5", "-1", "99999999999999999999", "soon"] {
        let what = format!("--plugin-timeout {text}: is not a whole number of seconds (at most 4294967295)");
        wrong(&["run", "--plugin-timeout", text, "./p"], &what);
    }
    wrong(&["run", "-E", "novalue", "./p"], "-E novalue: is not NAME=value; name the variable and its value");
    let items = "strace, plugin, tid, cpu, cpu_reset, exec, fpu, guest_errors, in_asm, int, invalid_mem, mmu, nochain, op, \
                 op_ind, op_opt, out_asm, page, pcall, unimp, vpu";
    let what = format!("-d plugin,frob: unknown log item 'frob'; there are {items}, and '-d help' says what they do");
    wrong(&["run", "-d", "plugin,frob", "./p"], &what);
    wrong(&["run", "-d", "tid", "./p"], "-d tid: a file per thread needs '%d' in the name that -D gives");
    wrong(&["run", "--plugin-atexit", "x", "./p"], "--plugin-atexit x: is neither contract nor always");
    wrong(&["--color", "blue", "doctor"], "--color blue: is none of auto, always, never");
    wrong(&["run", "-D", "", "./p"], "-D '': is empty; name a file");
    wrong(&["run", "--help=x"], "--help: takes no value; try 'fluoro help run'");
    wrong(&["run", "-plugin-atexit", "x", "./p"], "-plugin-atexit x: is neither contract nor always");
    wrong(&["--json", "stat", "./p"], "--json: unknown option; try 'fluoro help'");
    wrong(&["-E", "A=1", "stat", "./p"], "-E: belongs behind 'stat'; try 'fluoro help'");
}

#[test]
fn verbs() {
    wrong(&["frobnicate"], "frobnicate: is neither a verb nor a program here or in PATH; try 'fluoro help'");
    wrong(&["help", "frob"], "frob: no such verb; try 'fluoro help'");
    wrong(&["help", "run", "extra"], "extra: one verb is enough; try 'fluoro help help'");
    wrong(&["config", "x"], "x: takes no arguments; try 'fluoro help config'");
    wrong(&["completions", "bash", "x"], "x: one shell is enough; try 'fluoro help completions'");
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
        &["run", "-cpu", "rv64,+zqq", sample],
        "--cpu rv64,+zqq: unknown extension 'zqq'; 'fluoro doctor --cpu' lists them",
    );
    for word in ["rv64,v=true", "rv64,v=on", "max,+v"] {
        let what = "the vector extension (v) is not in this version yet; leave it out";
        wrong(&["run", "--cpu", word, sample], &format!("--cpu {word}: {what}"));
    }
    let list = fluoro().args(["doctor", "--cpu"]).output().unwrap().stdout;
    assert!(text(&list).contains("  rv64:"));
    for args in [["run", "--cpu", "help"], ["stat", "-cpu", "?"]] {
        let output = fluoro().args(args).output().unwrap();
        one_line(&output, 0, "");
        assert_eq!(output.stdout, list);
    }
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
        one_line(&output, 2, &format!("fluoro: no program is named; try '{name} -h'"));
        let output = named(&dir, name).args(["-frob", "p"]).output().unwrap();
        one_line(&output, 2, &format!("fluoro: -frob: unknown option; try '{name} -h'"));
        let output = named(&dir, name).arg("-version").output().unwrap();
        assert_eq!(text(&output.stdout), format!("{name} (Fluoro) {}\n", env!("CARGO_PKG_VERSION")));
        let output = named(&dir, name).args(["-cpu", "help"]).output().unwrap();
        one_line(&output, 0, "");
        assert!(text(&output.stdout).contains("  rv64:"));
        let output = named(&dir, name).arg("-h").output().unwrap();
        one_line(&output, 0, "");
        let shown = text(&output.stdout);
        assert!(shown.starts_with(&format!("usage: {name} [options] PROGRAM")), "{shown}");
        assert!(shown.contains("  -p SIZE") && shown.contains("  -plugin FILE[") && !shown.contains("  --"), "{shown}");
        let output = named(&dir, name).args(["-plugin-atexit", "always"]).arg(sample()).arg("4").output().unwrap();
        one_line(&output, 0, "");
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

#[test]
fn results_that_cannot_be_printed_are_said() {
    let plugin = env!("CARGO_BIN_EXE_fluoro");
    let verbs = [
        &["help"][..],
        &["run", "--help"],
        &["--version"],
        &["doctor"],
        &["doctor", "--json"],
        &["config"],
        &["completions", "bash"],
        &["plugin", "check", "--json", plugin],
    ];
    for args in verbs {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output =
            fluoro().args(args).stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        one_line(&output, 1, "fluoro: standard output: No space left on device; send it where there is room");
    }
    let closed = ["-c", "exec \"$0\" help >&-", env!("CARGO_BIN_EXE_fluoro")];
    let output = std::process::Command::new("sh").args(closed).output().unwrap();
    one_line(&output, 1, "fluoro: standard output: Bad file descriptor; send it where there is room");
    // Nor does a full stderr make a defect of wrong usage.
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    assert_eq!(fluoro().stderr(full).status().unwrap().code(), Some(2));
}

#[test]
fn bash_completes_the_words_behind_a_verb() {
    let script = text(&fluoro().args(["completions", "bash"]).output().unwrap().stdout);
    let ask = "COMP_WORDS=(fluoro plugin ''); COMP_CWORD=2; _fluoro; echo \"${COMPREPLY[@]}\"";
    let output = std::process::Command::new("bash").args(["-c", &format!("{script}\n{ask}")]).output().unwrap();
    assert_eq!(text(&output.stdout), "check new\n");
}
