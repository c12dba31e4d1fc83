//! Plugins that cannot be loaded, and words that name none: the contract's texts under the reference's
//! names and ours under our own, status 1, and no guest has run.

mod common;

use common::plugin::compiled;
use common::{Scratch, fluoro, named, one_line, sample, text};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A plugin of these lines of C.
fn built(dir: &Scratch, name: &str, source: &str) -> PathBuf {
    let file = dir.file(&format!("{name}.c"), 0o644, format!("#include <qemu-plugin.h>\n{source}\n").as_bytes());
    compiled(&file, name, 4, &[])
}

const VERSION: &str = "QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;\n";
const INSTALL: &str = "QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, \
                       char **argv)\n{ return 0; }\n";

fn fine(dir: &Scratch) -> PathBuf {
    built(dir, "fine", &format!("{VERSION}{INSTALL}"))
}

/// Loads the file and wants one line about it, under all names and in all ways: `why` is what scripts know, which the
/// reference's names say, and `own` what ours say.
#[track_caller]
fn refused(dir: &Scratch, file: &Path, why: &str, own: &str) {
    let line = |prog: &str| match prog.ends_with("-riscv64") {
        true => format!("{prog}: Could not load plugin {}: {why}", file.display()),
        false => format!("{prog}: plugin {}: {own}", file.display()),
    };
    let check = |output: Output, prog: &str| {
        one_line(&output, 1, &line(prog));
        assert_eq!(text(&output.stdout), "", "the guest has run");
    };
    check(fluoro().args(["run", "-p"]).arg(file).arg(sample()).output().unwrap(), "fluoro");
    check(fluoro().args(["stat", "-plugin"]).arg(file).arg(sample()).output().unwrap(), "fluoro");
    check(fluoro().env("FLUORO_PLUGIN", file).arg(sample()).output().unwrap(), "fluoro");
    check(named(dir, "qemu-riscv64").arg("-plugin").arg(file).arg(sample()).output().unwrap(), "qemu-riscv64");
    check(named(dir, "fluoro-riscv64").env("QEMU_PLUGIN", file).arg(sample()).output().unwrap(), "fluoro-riscv64");
    check(named(dir, "other").args(["run", "-p"]).arg(file).arg(sample()).output().unwrap(), "other");
}

/// As [`refused`], for what the dynamic linker says itself, which begins with the file.
#[track_caller]
fn not_opened(dir: &Scratch, file: &Path, why: &str, own: &str) {
    refused(dir, file, &format!("{}: {why}", file.display()), own);
}

#[test]
fn a_plugin_that_is_fine_is_loaded() {
    let dir = Scratch::new("plugin-fine");
    let output = fluoro().args(["run", "-p"]).arg(fine(&dir)).arg(sample()).arg("4").output().unwrap();
    one_line(&output, 0, "");
    assert!(text(&output.stdout).starts_with("digests of 4096"));
}

#[test]
fn files_that_are_no_plugins() {
    let dir = Scratch::new("plugin-no-elf");
    let no_elf = "is not an ELF file; a plugin is a shared object";
    not_opened(
        &dir,
        &dir.path("nowhere.so"),
        "cannot open shared object file: No such file or directory",
        "No such file or directory",
    );
    not_opened(&dir, &dir.file("text", 0o644, &[b'x'; 4096]), "invalid ELF header", no_elf);
    not_opened(&dir, &dir.file("short", 0o644, b"hello\n"), "file too short", no_elf);
    not_opened(&dir, &dir.file("empty", 0o644, b""), "file too short", no_elf);
    not_opened(&dir, &dir.path("."), "cannot read file data: Is a directory", "Is a directory");
}

#[test]
fn shared_objects_that_are_no_plugins() {
    let dir = Scratch::new("plugin-no-plugin");
    let file = built(&dir, "empty", "int unused;");
    let why = format!("'qemu_plugin_install': {}: undefined symbol: qemu_plugin_install", file.display());
    refused(&dir, &file, &why, "has no function 'qemu_plugin_install', so it is not a plugin");
    let file = built(&dir, "no-version", INSTALL);
    let why = format!("{}: undefined symbol: qemu_plugin_version", file.display());
    let own = "has no 'qemu_plugin_version'; every plugin says so for what version it was built";
    refused(&dir, &file, &format!("plugin does not declare API version 'qemu_plugin_version': {why}"), own);
    let null = "__asm__(\".globl qemu_plugin_install\\n.set qemu_plugin_install, 0\");";
    let file = built(&dir, "null-install", &format!("{VERSION}{null}"));
    refused(
        &dir,
        &file,
        "qemu_plugin_install is NULL",
        "has a 'qemu_plugin_install' that is NULL; define the function",
    );
    let own = "needs 'qemu_plugin_frobnicate', which no version of the interface has";
    let file =
        built(&dir, "frobnicates", &format!("{VERSION}void qemu_plugin_frobnicate(void);\n{INSTALL_FROBNICATES}"));
    not_opened(&dir, &file, "undefined symbol: qemu_plugin_frobnicate", own);
}

const INSTALL_FROBNICATES: &str = "QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t \
                                   *info, int argc, char **argv)\n{ qemu_plugin_frobnicate(); return 0; }\n";

#[test]
fn versions_that_are_not_supported() {
    let dir = Scratch::new("plugin-versions");
    let version = |n: i32| built(&dir, &format!("version{n}"), &format!("int qemu_plugin_version = {n};\n{INSTALL}"));
    let own = |n: i32| format!("was built for plugin API {n}; versions 2 to 6 are supported");
    for n in [-1, 0, 1] {
        let why = format!("plugin requires API version {n}, but this QEMU supports only a minimum version of 2");
        refused(&dir, &version(n), &why, &own(n));
    }
    for n in [7, 1000] {
        let why = format!("plugin requires API version {n}, but this QEMU supports only up to version 6");
        refused(&dir, &version(n), &why, &own(n));
    }
}

#[test]
fn plugins_that_refuse() {
    let dir = Scratch::new("plugin-refuses");
    for code in [-1, 1, 300] {
        let source = format!("{VERSION}{}", INSTALL.replace("return 0", &format!("return {code}")));
        let file = built(&dir, &format!("refuses{code}"), &source);
        let why = format!("Could not load plugin {}: qemu_plugin_install returned error code {code}", file.display());
        let output = fluoro().args(["run", "-p"]).arg(&file).arg(sample()).output().unwrap();
        one_line(&output, 1, &format!("fluoro: {why}"));
        let output = named(&dir, "qemu-riscv64").arg("-plugin").arg(&file).arg(sample()).output().unwrap();
        one_line(&output, 1, &format!("qemu-riscv64: {why}"));
    }
}

/// What goes wrong before the plugin's first function is called is its own all the same.
#[test]
fn constructors_that_go_wrong() {
    let dir = Scratch::new("plugin-constructors");
    let wrong = |name: &str, body: &str, why: &str| {
        let constructor = format!("__attribute__((constructor)) static void go(void) {{ {body} }}\n");
        let file = built(&dir, name, &format!("#include <stdlib.h>\n{VERSION}{INSTALL}{constructor}"));
        let output = fluoro().args(["run", "--plugin-timeout", "1", "-p"]).arg(&file).arg(sample()).output().unwrap();
        one_line(&output, 1, &format!("fluoro: plugin {} {why}", file.display()));
        assert_eq!(text(&output.stdout), "", "the guest has run");
    };
    wrong("ctor-crash", "*(volatile int *)8 = 1;", "crashed (SIGSEGV at 0x8) while it was loaded");
    wrong("ctor-abort", "abort();", "aborted while it was loaded");
    let forever = "has computed for 1 s while it was loaded; it may never end (--plugin-timeout 0 lets it go on)";
    wrong("ctor-loop", "for (;;) __asm__ volatile (\"\");", forever);
}

#[test]
fn plugins_for_other_machines() {
    let dir = Scratch::new("plugin-machines");
    let whole = std::fs::read(fine(&dir)).unwrap();
    let bent = |name: &str, at: usize, bytes: &[u8]| {
        let mut bent = whole.clone();
        bent[at..at + bytes.len()].copy_from_slice(bytes);
        dir.file(name, 0o755, &bent)
    };
    not_opened(
        &dir,
        &bent("class", common::CLASS, &[1]),
        "wrong ELF class: ELFCLASS32",
        "is a truncated or damaged ELF file; build or copy it again",
    );
    not_opened(
        &dir,
        &bent("order", common::DATA, &[2]),
        "ELF file data encoding not little-endian",
        "is a truncated or damaged ELF file; build or copy it again",
    );
    let why = "was built for riscv64; plugins run on the host, which is x86-64";
    not_opened(&dir, &bent("riscv", common::MACHINE, &[243, 0]), why, why);
}

/// Cut off anywhere, a plugin is refused in one line: no crash of the dynamic linker's, which trusts what it maps.
#[test]
fn truncated_plugins() {
    let dir = Scratch::new("plugin-truncated");
    let whole = std::fs::read(fine(&dir)).unwrap();
    for len in (1..whole.len()).step_by(997).chain([4, 16, 63, 64, 100, 4095, 4096, 4097, 8192, 12288, whole.len() - 1])
    {
        let file = dir.file(&format!("cut-{len}.so"), 0o755, &whole[..len]);
        let output = fluoro().args(["run", "-p"]).arg(&file).arg(sample()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{len}: {said} {:?}", output.status);
        assert!(said.starts_with(&format!("fluoro: plugin {}: ", file.display())), "{len}: {said}");
        assert!(output.stdout.is_empty(), "{len}");
    }
}

/// The words of a shell that may not read everything, or none if this machine cannot make one.
fn as_nobody() -> Option<Command> {
    let mut id = Command::new("id");
    if text(&id.arg("-u").output().ok()?.stdout).trim() != "0" {
        return Some(Command::new("env"));
    }
    let words = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let mut probe = Command::new("setpriv");
    probe.args(words).arg(env!("CARGO_BIN_EXE_fluoro")).arg("--version").output().ok()?.status.success().then(|| {
        let mut command = Command::new("setpriv");
        command.args(words);
        command
    })
}

#[test]
fn unreadable_plugins() {
    let dir = Scratch::new("plugin-unreadable");
    let file = dir.file("secret.so", 0o000, &std::fs::read(fine(&dir)).unwrap());
    let Some(mut command) = as_nobody() else {
        println!("nobody else can run the program here: not tried");
        return;
    };
    let output =
        command.arg(env!("CARGO_BIN_EXE_fluoro")).args(["run", "-p"]).arg(&file).arg(sample()).output().unwrap();
    let shown = file.display();
    one_line(&output, 1, &format!("fluoro: plugin {shown}: Permission denied"));
}

const NOEXEC: &str = "may not be executed where it lies: that is mounted noexec; copy it elsewhere";

/// Runs us with these words behind a script that mounts something, in a namespace of our own; nothing if that is not
/// possible here.
fn mounted(script: &str, arguments: &[&Path], words: &[&str]) -> Option<Output> {
    let script = format!("{script} && echo mounted && shift {} && exec \"$@\"", arguments.len());
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]).args(arguments);
    match command.arg(env!("CARGO_BIN_EXE_fluoro")).args(words).output() {
        Ok(output) if text(&output.stdout).starts_with("mounted") => Some(output),
        other => {
            println!("nothing can be mounted here ({other:?}): not tried");
            None
        }
    }
}

#[test]
fn plugins_on_a_noexec_mount() {
    let dir = Scratch::new("plugin-noexec");
    let (plugin, mount) = (fine(&dir), dir.path("mount"));
    std::fs::create_dir(&mount).unwrap();
    let script = "mount -t tmpfs -o noexec none \"$1\" && cp \"$2\" \"$1/p.so\"";
    let shown = mount.join("p.so");
    let file = shown.to_str().unwrap();
    let Some(output) = mounted(script, &[&mount, &plugin], &["plugin", "check", file]) else { return };
    one_line(&output, 1, &format!("fluoro: {file}: {NOEXEC}"));
    let output = mounted(script, &[&mount, &plugin], &["run", "-p", file, sample().to_str().unwrap()]).unwrap();
    one_line(&output, 1, &format!("fluoro: plugin {}: {NOEXEC}", shown.display()));
    assert_eq!(text(&output.stdout), "mounted\n");
}

/// glib is not there, for a plugin that needs it and for one that does not.
#[test]
fn plugins_without_glib() {
    let dir = Scratch::new("plugin-no-glib");
    let needs = built(
        &dir,
        "needs",
        &format!("{VERSION}void g_free(void *p);\n{}", INSTALL.replace("return 0", "g_free(0); return 0")),
    );
    let nothing = dir.file("nothing", 0o644, b"");
    let script = "for f in /lib*/*/libglib-2.0.so.0 /lib*/libglib-2.0.so.0 /usr/lib*/libglib-2.0.so.0; do if [ -e \"$f\" ]; \
                  then mount --bind \"$1\" \"$(readlink -f \"$f\")\"; fi; done";
    let file = needs.to_str().unwrap();
    let Some(output) = mounted(script, &[&nothing], &["plugin", "check", file]) else { return };
    let said = text(&output.stderr);
    let begin = format!("{file}: needs glib, which cannot be loaded (");
    assert!(said.starts_with(&format!("fluoro: {begin}")) && said.contains("libglib-2.0.so.0"), "{said}");
    assert!(said.contains("); install it with 'apt install ") && said.lines().count() == 1, "{said}");
    assert_eq!(output.status.code(), Some(1));
    let output = mounted(script, &[&nothing], &["run", "-p", file, sample().to_str().unwrap()]).unwrap();
    assert!(text(&output.stderr).starts_with(&format!("fluoro: plugin {begin}")), "{output:?}");
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), "mounted\n"));
    let fine = fine(&dir);
    let output = mounted(script, &[&nothing], &["plugin", "check", fine.to_str().unwrap()]).unwrap();
    one_line(&output, 0, "");
}

/// In a namespace of its own root may read no more than others.
#[test]
fn plugins_that_may_not_be_read() {
    let dir = Scratch::new("plugin-unreadable");
    let path = dir.file("p.so", 0o000, &std::fs::read(fine(&dir)).unwrap());
    let file = path.to_str().unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.arg("--user").arg(env!("CARGO_BIN_EXE_fluoro")).args(words).output().expect("unshare")
    };
    let output = run(&["plugin", "check", file]);
    if text(&output.stderr).starts_with("unshare: ") {
        return println!("no namespace can be made here ({output:?}): not tried");
    }
    one_line(&output, 1, &format!("fluoro: {file}: Permission denied"));
    let output = run(&["run", "-p", file, sample().to_str().unwrap()]);
    one_line(&output, 1, &format!("fluoro: plugin {file}: Permission denied"));
    assert_eq!(text(&output.stdout), "", "the guest has run");
}

/// Words that name no plugin: all lines of stderr, under our name and the reference's.
#[track_caller]
fn words(plugin: &str, own: &str, reference: &str) {
    let dir = Scratch::new("plugin-words");
    let output = fluoro().args(["run", "-p", plugin]).arg(sample()).output().unwrap();
    one_line(&output, 1, own);
    assert!(output.stdout.is_empty());
    let output = named(&dir, "qemu-riscv64").env("QEMU_PLUGIN", plugin).arg(sample()).output().unwrap();
    one_line(&output, 1, reference);
}

#[test]
fn words_that_name_none() {
    let none = |plugin: &str| format!("fluoro: plugin '{plugin}': names no file; write FILE[,NAME=VALUE...]");
    for (plugin, reference) in [
        ("file=", "requires a non-empty argument"),
        (",a=b", "requires a non-empty argument"),
        ("k=v,file=./p.so", "missing earlier '-plugin file=' option"),
    ] {
        words(plugin, &none(plugin), &format!("qemu-riscv64: {reference}"));
    }
    let rule = "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.";
    let lines = |prog: &str| format!("{prog}: Parameter 'id' expects an identifier\n{rule}");
    words("./p.so,id=1", &lines("fluoro"), &lines("qemu-riscv64"));
}

#[test]
fn help_needs_no_guest() {
    let usage = "Plugin options\n  file=<path/to/plugin.so>\n  plugin specific arguments\n";
    for plugin in ["help", "?", "./nowhere.so,foo=help"] {
        for verb in ["run", "stat"] {
            let output = fluoro().args([verb, "-p", plugin]).output().unwrap();
            one_line(&output, 0, "");
            assert_eq!(text(&output.stdout), usage);
        }
    }
}

#[test]
fn logs_that_cannot_be_written() {
    let output = fluoro().args(["run", "-D", "/nonexistent/log"]).arg(sample()).output().unwrap();
    one_line(&output, 1, "fluoro: /nonexistent/log: No such file or directory; name a file that can be written");
    let output = fluoro().args(["run", "-D", "x%s"]).arg(sample()).output().unwrap();
    one_line(&output, 2, "fluoro: -D x%s: a '%' stands only once in the name, before 'd'; choose another");
    let output = fluoro().args(["run", "-o", "/"]).arg(sample()).output().unwrap();
    one_line(&output, 1, "fluoro: /: Is a directory; name a file that can be written");
}
