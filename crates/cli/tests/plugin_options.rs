//! What the options about plugins and logs do: who is loaded in which order, and where text goes.

mod common;

use common::plugin::compiled;
use common::{Scratch, fluoro, named, one_line, sample, text};
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Prints its arguments when it is installed, a line when a thread begins, and one at the end.
const PLUGIN: &str = r#"
#include <stdio.h>
#include <string.h>
#include <qemu-plugin.h>
QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;
static int loads;
static void on_thread(qemu_plugin_id_t id, unsigned int vcpu)
{
    char line[50];
    snprintf(line, sizeof line, "vcpu %u\n", vcpu);
    qemu_plugin_outs(line);
}
static void at_end(qemu_plugin_id_t id, void *data) { qemu_plugin_outs("end\n"); }
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    char line[500] = "";
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "threads=on")) qemu_plugin_register_vcpu_init_cb(id, on_thread);
        else sprintf(line + strlen(line), " %s", argv[i]);
    }
    char whole[600];
    snprintf(whole, sizeof whole, "load %d%s\n", ++loads, line);
    qemu_plugin_outs(whole);
    qemu_plugin_register_atexit_cb(id, at_end, 0);
    return 0;
}
"#;

/// `start PROGRAM args` starts another program from another directory and waits; `thread` makes one;
/// `wait` waits for a signal.
const GUEST: &str = r#"
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *nothing(void *p) { return p; }
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "wait")) {
        (void)!write(1, "ready\n", 6);
        pause();
    }
    if (argc > 2 && !strcmp(argv[1], "start")) {
        if (!fork()) {
            if (chdir("/")) _exit(98);
            execv(argv[2], argv + 2);
            _exit(99);
        }
        int status;
        wait(&status);
        return WEXITSTATUS(status);
    }
    if (argc > 1 && !strcmp(argv[1], "thread")) {
        pthread_t t;
        pthread_create(&t, 0, nothing, 0);
        pthread_join(t, 0);
    }
    return 7;
}
"#;

/// A folder with `p.so` in it.
fn with_plugin(name: &str) -> Scratch {
    let dir = Scratch::new(name);
    let source = dir.file("p.c", 0o644, PLUGIN.as_bytes());
    fs::copy(compiled(&source, "options", 4, &[]), dir.path("p.so")).unwrap();
    dir
}

fn guest(dir: &Scratch) -> PathBuf {
    let (source, to) = (dir.file("guest.c", 0o644, GUEST.as_bytes()), dir.path("guest"));
    let mut compiler = Command::new("riscv64-linux-gnu-gcc");
    let status = compiler.args(["-O1", "-static", "-pthread", "-o"]).arg(&to).arg(source).status();
    assert!(status.expect("the cross compiler; 'fluoro doctor' says how to install it").success());
    to
}

/// Runs a command in the folder, which ends well.
#[track_caller]
fn go(mut command: Command, dir: &Scratch, words: &[&str]) -> Output {
    let output = command.args(words).arg(sample()).arg("4").current_dir(dir.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
    assert!(text(&output.stdout).starts_with("digests of 4096"), "{words:?}: {output:?}");
    output
}

#[track_caller]
fn run(dir: &Scratch, words: &[&str]) -> String {
    text(&go(fluoro(), dir, &[&["run"], words].concat()).stderr)
}

#[track_caller]
fn drop_in(dir: &Scratch, words: &[&str]) -> String {
    text(&go(named(dir, "qemu-riscv64"), dir, words).stderr)
}

fn read(dir: &Scratch, name: &str) -> String {
    fs::read_to_string(dir.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

const SAID: &str = "load 1 a=1\nend\n";

#[test]
fn run_shows_the_text_by_itself() {
    let dir = with_plugin("options-run");
    for words in [&["-p", "./p.so,a=1"][..], &["-plugin", "file=./p.so,a=1"], &["--plugin=./p.so,a=1", "-d", "plugin"]]
    {
        assert_eq!(run(&dir, words), SAID, "{words:?}");
    }
    assert_eq!(run(&dir, &["-p", "./p.so,a=1", "--plugin-text=off"]), "");
    assert_eq!(run(&dir, &["-p", "./p.so,a=1", "-o", "out"]), "");
    assert_eq!(read(&dir, "out"), SAID);
    assert_eq!(run(&dir, &["-p", "./p.so,a=1", "-D", "log"]), "");
    assert_eq!(read(&dir, "log"), SAID);
    let lost = "fluoro: /dev/full: No space left on device; what plugins print is missing there\n";
    for option in ["-o", "-D"] {
        assert_eq!(run(&dir, &["-p", "./p.so,a=1", option, "/dev/full"]), lost, "{option}");
    }
    let output = go(fluoro(), &dir, &["stat", "-p", "./p.so,a=1"]);
    assert!(text(&output.stderr).starts_with(SAID) && text(&output.stderr).contains(" instructions "), "{output:?}");
    go(fluoro(), &dir, &["stat", "-p", "./p.so,a=1", "-D", "log", "-o", "counts"]);
    assert_eq!(read(&dir, "log"), SAID);
    assert!(read(&dir, "counts").contains(" instructions "));
}

#[test]
fn the_drop_in_names_show_it_when_asked() {
    let dir = with_plugin("options-drop-in");
    let plugin = ["-plugin", "./p.so,a=1"];
    let with = |words: &[&'static str]| [&plugin[..], words].concat();
    assert_eq!(drop_in(&dir, &plugin), "");
    assert_eq!(drop_in(&dir, &with(&["--plugin-text", "on"])), SAID);
    assert_eq!(drop_in(&dir, &with(&["-d", "plugin"])), SAID);
    // What was in the log is gone; an empty one is made without -d.
    dir.file("log", 0o644, b"old\n");
    assert_eq!(drop_in(&dir, &with(&["-d", "plugin", "-D", "log"])), "");
    assert_eq!(read(&dir, "log"), SAID);
    assert_eq!(drop_in(&dir, &with(&["-D", "log"])), "");
    assert_eq!(read(&dir, "log"), "");
    assert_eq!(drop_in(&dir, &["-D", "other"]), "");
    assert_eq!(read(&dir, "other"), "");
}

#[test]
fn variables() {
    let dir = with_plugin("options-variables");
    let set = |command: Command, pairs: &[(&str, &str)]| {
        let mut command = command;
        command.envs(pairs.iter().copied());
        command
    };
    let qemu = set(named(&dir, "qemu-riscv64"), &[("QEMU_PLUGIN", "./p.so,a=1"), ("QEMU_LOG", "plugin")]);
    assert_eq!(text(&go(qemu, &dir, &[]).stderr), SAID);
    let pairs = [("QEMU_PLUGIN", "./p.so,a=1"), ("QEMU_LOG", "plugin"), ("QEMU_LOG_FILENAME", "log")];
    assert_eq!(text(&go(set(named(&dir, "qemu-riscv64"), &pairs), &dir, &[]).stderr), "");
    assert_eq!(read(&dir, "log"), SAID);
    // The same path is one plugin; its arguments come in the order of the sources.
    let pairs = [("FLUORO_PLUGIN", "./p.so,b=2"), ("QEMU_PLUGIN", "./p.so,a=1")];
    let output = go(set(fluoro(), &pairs), &dir, &["run", "-p", "./p.so,c=3", "-p", "./p.so,d=4"]);
    assert_eq!(text(&output.stderr), "load 1 a=1 b=2 c=3 d=4\nend\n");
}

#[test]
fn another_spelling_is_a_second_load_of_the_same_object() {
    let dir = with_plugin("options-twice");
    assert_eq!(run(&dir, &["-p", "./p.so,a=1", "-p", "././p.so,b=2"]), "load 1 a=1\nload 2 b=2\nend\nend\n");
    assert_eq!(run(&dir, &["-p", "./p.so,a=1,file=./p.so,b=2"]), "load 1 a=1 b=2\nend\n");
}

#[test]
fn short_forms_warn_under_the_name_of_the_program() {
    let dir = with_plugin("options-warn");
    let warning =
        |prog: &str| format!("{prog}: warning: short-form boolean option 'nox' deprecated\nPlease use x=off instead\n");
    assert_eq!(run(&dir, &["-p", "./p.so,nox"]), warning("fluoro") + "load 1 x=off\nend\n");
    assert_eq!(run(&dir, &["-q", "-p", "./p.so,nox"]), "load 1 x=off\nend\n");
    assert_eq!(drop_in(&dir, &["-plugin", "./p.so,nox"]), warning("qemu-riscv64"));
}

#[test]
fn a_log_s_name_takes_the_process_s_number() {
    let dir = with_plugin("options-number");
    let mut command = fluoro();
    command.args(["run", "-p", "./p.so,a=1", "-D", "log-%d"]).arg(sample()).current_dir(dir.path(""));
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let number = child.id();
    assert!(child.wait().unwrap().success());
    assert_eq!(read(&dir, &format!("log-{number}")), SAID);
}

/// The files whose names begin so.
fn files(dir: &Scratch, prefix: &str) -> Vec<String> {
    let names = fs::read_dir(dir.path("")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|n| n.starts_with(prefix)).collect();
    names.sort();
    names
}

#[test]
fn a_log_for_each_thread() {
    let dir = with_plugin("options-threads");
    let guest = guest(&dir);
    let mut command = fluoro();
    command.args(["run", "-p", "./p.so,threads=on", "-d", "tid,plugin", "-D", "log-%d"]).arg(guest).arg("thread");
    one_line(&command.current_dir(dir.path("")).output().unwrap(), 7, "");
    let mut texts: Vec<String> = files(&dir, "log-").iter().map(|name| read(&dir, name)).collect();
    texts.sort();
    assert_eq!(texts, ["load 1\nvcpu 0\nend\n", "vcpu 1\n"]);
}

/// Runs the guest, which starts itself from another directory.
fn nested(dir: &Scratch, mut command: Command, words: &[&str], guest: &Path) -> String {
    command.args(words).arg(guest).arg("start").arg(guest).current_dir(dir.path(""));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{words:?}: {output:?}");
    text(&output.stderr)
}

#[test]
fn programs_that_the_guest_starts_have_the_same_plugins() {
    let dir = with_plugin("options-children");
    let guest = guest(&dir);
    let twice = "load 1 a=b,c\nload 1 a=b,c\nend\nend\n";
    let plugin = ["run", "-p", "./p.so,a=b,,c"];
    assert_eq!(nested(&dir, fluoro(), &plugin, &guest), twice);
    // One log for all, or a file for each.
    assert_eq!(nested(&dir, fluoro(), &[&plugin[..], &["-D", "log"]].concat(), &guest), "");
    assert_eq!(read(&dir, "log"), twice);
    for (option, name, prefix) in [("-D", "each-%d", "each-"), ("-o", "out", "out")] {
        assert_eq!(nested(&dir, fluoro(), &[&plugin[..], &[option, name]].concat(), &guest), "");
        let files = files(&dir, prefix);
        assert_eq!(files.len(), 2, "{files:?}");
        assert!(files.iter().all(|f| read(&dir, f) == "load 1 a=b,c\nend\n"), "{files:?}");
    }
    // Two spellings stay two loads.
    let two = nested(&dir, fluoro(), &["run", "-p", "./p.so", "-p", "././p.so"], &guest);
    assert_eq!(two, "load 1\nload 2\nload 1\nload 2\nend\nend\nend\nend\n");
    let qemu = || named(&dir, "qemu-riscv64");
    assert_eq!(nested(&dir, qemu(), &["-plugin", "./p.so,a=b,,c"], &guest), "");
    assert_eq!(nested(&dir, qemu(), &["-d", "plugin", "-plugin", "./p.so,a=b,,c"], &guest), twice);
    // A variable that was set for the first program is not applied again.
    let mut command = fluoro();
    command.env("FLUORO_PLUGIN", "./p.so,a=b,,c");
    assert_eq!(nested(&dir, command, &["run"], &guest), twice);
}

/// Runs a guest that waits, and ends it with SIGTERM. What the plugin and we said.
fn terminated(dir: &Scratch, guest: &Path, words: &[&str]) -> String {
    let mut command = fluoro();
    command.args(["run", "-p", "./p.so,a=1"]).args(words).arg(guest).arg("wait").current_dir(dir.path(""));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let kill = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(15), "{words:?}: {output:?}");
    text(&output.stderr)
}

#[test]
fn atexit_callbacks_at_a_signal_are_a_wish() {
    let dir = with_plugin("options-atexit");
    let guest = guest(&dir);
    for words in [&[][..], &["--plugin-atexit=contract"]] {
        let said = terminated(&dir, &guest, words);
        assert!(said.starts_with("load 1 a=1\n") && !said.contains("end\n"), "{said}");
    }
    let said = terminated(&dir, &guest, &["--plugin-atexit=always"]);
    assert!(said.starts_with(SAID), "{said}");
}

#[test]
fn configuration_files_name_plugins_too() {
    let dir = with_plugin("options-file");
    dir.file("fluoro.toml", 0o644, b"plugin = ['./p.so,a=1', './p.so,b=2']\n");
    assert_eq!(run(&dir, &["-p", "./p.so,c=3"]), "load 1 a=1 b=2 c=3\nend\n");
}
