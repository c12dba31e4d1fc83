//! `fluoro plugin`: looking at plugins, and beginning new ones.

mod common;

use common::plugin::compiled;
use common::{Scratch, fluoro, one_line, sample, text};
use std::fs;
use std::process::{Command, Output};

fn plugin(dir: &Scratch, words: &[&str]) -> Output {
    fluoro().arg("plugin").args(words).current_dir(dir.path("")).output().unwrap()
}

/// The words of a text, whatever stands between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_named() {
    let dir = Scratch::new("verb-usage");
    let output = plugin(&dir, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty() && text(&output.stderr).contains("usage: fluoro plugin check FILE... | new NAME"));
    let wrong = |words: &[&str], line: &str| one_line(&plugin(&dir, words), 2, &format!("fluoro: {line}"));
    wrong(&["frob"], "frob: is neither check nor new; try 'fluoro help plugin'");
    wrong(&["check"], "check: no file is named; try 'fluoro help plugin'");
    wrong(&["new"], "new: no name is given; try 'fluoro help plugin'");
    wrong(&["new", "a", "b"], "b: one name is enough; try 'fluoro help plugin'");
}

#[test]
fn plugins_that_load_and_some_that_do_not() {
    let dir = Scratch::new("verb-check");
    // Without the header, which says what F is.
    let source = "int qemu_plugin_version = V;\nvoid F(const char *s);\nint \
                  qemu_plugin_install(unsigned long i, const void *o, int c, char **v) { F(0); return 0; }\n";
    let source = dir.file("p.c", 0o644, source.as_bytes());
    for (name, version, function) in [
        ("fine.so", 4, "qemu_plugin_outs"),
        ("old.so", 1, "qemu_plugin_outs"),
        ("frob.so", 4, "qemu_plugin_frobnicate"),
        ("timed.so", 4, "qemu_plugin_request_time_control"),
    ] {
        let defines = [format!("V={version}"), format!("F={function}")];
        fs::copy(compiled(&source, name, 4, &[&defines[0], &defines[1]]), dir.path(name)).unwrap();
    }
    let output = plugin(&dir, &["check", "./fine.so"]);
    one_line(&output, 0, "");
    let said = words(&text(&output.stdout));
    let uses = said.strip_prefix("./fine.so plugin API 4, x86-64 loads uses 1 of ").expect(&said);
    assert!(uses.contains(" functions, 0 unknown"), "{said}");
    let timed = words(&text(&plugin(&dir, &["check", "./timed.so"]).stdout));
    assert!(timed.contains("note asks for control of time"), "{timed}");
    let timed = text(&plugin(&dir, &["check", "--json", "./timed.so"]).stdout);
    assert!(timed.contains("\"libraries\":[") && timed.contains("\"notes\":[\"asks for control of time"), "{timed}");
    let no = |file: &str, why: &str| one_line(&plugin(&dir, &["check", file]), 1, &format!("fluoro: {file}: {why}"));
    no("./old.so", "was built for plugin API 1; versions 2 to 6 are supported");
    no("./frob.so", "needs 'qemu_plugin_frobnicate', which no version of the interface has");
    no("./nowhere.so", "No such file or directory");
    no("p.c", "is not an ELF file; a plugin is a shared object");
    no(sample().to_str().unwrap(), "was built for riscv64; plugins run on the host, which is x86-64");
    let whole = fs::read(dir.path("fine.so")).unwrap();
    dir.file("cut.so", 0o755, &whole[..whole.len() / 2]);
    no("./cut.so", "is a truncated or damaged ELF file; build or copy it again");
    // Only the table of sections is cut, which nothing of its own needs.
    dir.file("end.so", 0o755, &whole[..whole.len() - 1]);
    no("./end.so", "is a truncated or damaged ELF file; build or copy it again");
    dir.file("empty.so", 0o755, b"");
    no("./empty.so", "is not an ELF file; a plugin is a shared object");
    no("./", "Is a directory");
    let null = dir.file(
        "null.c",
        0o644,
        b"int qemu_plugin_version = 4;\n__asm__(\".globl qemu_plugin_install\\n.set qemu_plugin_install, 0\");\n",
    );
    fs::copy(compiled(&null, "null.so", 4, &[]), dir.path("null.so")).unwrap();
    no("./null.so", "has a 'qemu_plugin_install' that is NULL; define the function");
    // All of several are looked at.
    let output = plugin(&dir, &["check", "./old.so", "./fine.so", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let json = text(&output.stdout);
    let lists =
        ["{\"plugins\":[{\"file\":\"./old.so\",\"loads\":false,\"reason\":", "\"loads\":true,\"api_version\":4,"];
    assert!(json.starts_with(lists[0]) && json.contains(lists[1]) && json.ends_with("}]}\n"), "{json}");
}

/// What the file says is right, but what it needs is not there.
#[test]
fn plugins_that_need_what_is_not_there() {
    let dir = Scratch::new("verb-needs");
    let source = "int qemu_plugin_version = 4;\nvoid gone(void);\nint \
                  qemu_plugin_install(unsigned long i, const void *o, int c, char **v) { CALL; return 0; }\n";
    dir.file("p.c", 0o644, source.as_bytes());
    let cc = |words: &[&str]| {
        let mut made = Command::new("cc");
        made.args(["-shared", "-fPIC", "-w", "-DQ=1"]).args(words).current_dir(dir.path(""));
        assert!(made.status().expect("cc").success(), "{words:?}");
    };
    dir.file("gone.c", 0o644, b"void gone(void) {}\n");
    cc(&["-o", "libgone.so", "gone.c"]);
    cc(&["-DCALL=gone()", "-o", "undefined.so", "p.c"]);
    cc(&["-DCALL=gone()", "-o", "linked.so", "p.c", "libgone.so"]);
    cc(&["-DCALL=gone()", "-o", "found.so", "p.c", "libgone.so", "-Wl,-rpath,$ORIGIN"]);
    let zero = b"int qemu_plugin_version;\nint qemu_plugin_install(void) { return 0; }\n";
    dir.file("zero.c", 0o644, zero);
    cc(&["-o", "zero.so", "zero.c"]);
    let no = |file: &str, why: &str| one_line(&plugin(&dir, &["check", file]), 1, &format!("fluoro: {file}: {why}"));
    let why = "needs 'gone', which neither it nor a library that it is linked with has; link what defines it";
    no("./undefined.so", why);
    let why = "needs the library 'libgone.so', which is not found; install it, or name its folder in LD_LIBRARY_PATH";
    no("linked.so", why);
    let found = plugin(&dir, &["check", "found.so"]);
    one_line(&found, 0, "");
    assert!(text(&found.stdout).contains("  libraries   libgone.so"), "{found:?}");
    no("zero.so", "was built for plugin API 0; versions 2 to 6 are supported");
    assert!(Command::new("mkfifo").arg(dir.path("pipe")).status().expect("mkfifo").success());
    no("pipe", "is a pipe or a device; a plugin is a file");
    let output = fluoro().args(["run", "-p", "./pipe"]).arg(sample()).current_dir(dir.path("")).output().unwrap();
    assert!(output.status.code() == Some(1) && text(&output.stderr).contains("is a pipe or a device"), "{output:?}");
}

/// Makes a project, builds it and runs a guest with it.
#[track_caller]
fn made(lang: &str, said: &str) {
    let dir = Scratch::new(&format!("verb-new-{lang}"));
    let output = plugin(&dir, &["new", "my-count", "--lang", lang]);
    one_line(&output, 0, "");
    let lines = "made my-count\n  cd my-count && make\n  fluoro run -p ./my-count.so ./prog\n";
    assert_eq!(text(&output.stdout), lines);
    let built = Command::new("make").current_dir(dir.path("my-count")).output().expect("make");
    assert!(built.status.success() && built.stderr.is_empty(), "{built:?}");
    let mut run = fluoro();
    let output =
        run.args(["run", "-p", "./my-count.so"]).arg(sample()).current_dir(dir.path("my-count")).output().unwrap();
    assert!(output.status.success() && text(&output.stderr).starts_with(said), "{output:?}");
    // A second time nothing is touched.
    let file = dir.path("my-count/README.md");
    fs::write(&file, "mine").unwrap();
    let again = plugin(&dir, &["new", "my-count"]);
    one_line(&again, 1, "fluoro: my-count: exists already; choose another name");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn new_ones_work() {
    made("c", "my-count: ");
    made("cpp", "my-count: ");
}

#[test]
fn a_new_one_in_rust_is_complete() {
    let dir = Scratch::new("verb-new-rust");
    one_line(&plugin(&dir, &["new", "my-count", "--lang", "rust"]), 0, "");
    let manifest = fs::read_to_string(dir.path("my-count/Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"my-count\"") && manifest.contains("cdylib"), "{manifest}");
    assert!(!manifest.contains("dependencies"), "{manifest}");
    for file in ["src/lib.rs", "src/qemu.rs", "README.md", ".gitignore"] {
        assert!(dir.path("my-count").join(file).exists(), "{file}");
    }
}

#[test]
fn bad_names_and_places() {
    let dir = Scratch::new("verb-names");
    let wrong = |words: &[&str], line: &str| {
        let words = [&["new"], words].concat();
        one_line(&plugin(&dir, &words), 2, &format!("fluoro: {line}; try 'fluoro help plugin'"));
    };
    wrong(&["1x"], "1x: a name begins with a letter");
    for path in ["../x", "a/b", "/x"] {
        let why = "a name is wanted, not a path; go to the folder that the project shall be in";
        wrong(&[path], &format!("{path}: {why}"));
    }
    wrong(&["a.b"], "a.b: a name has only letters, digits, '-' and '_'");
    wrong(&["fn", "--lang", "rust"], "fn: means something to Rust; choose another name");
    wrong(&["x", "--lang", "go"], "--lang go: is none of c, cpp, rust");
    assert_eq!(fs::read_dir(dir.path("")).unwrap().count(), 0);
    dir.file("taken", 0o644, b"");
    one_line(&plugin(&dir, &["new", "taken"]), 1, "fluoro: taken: exists already; choose another name");
}
