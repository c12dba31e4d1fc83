//! What `fluoro plugin new` writes in C and C++ compiles against our header without a warning, and in Rust without
//! crates; the plugins run and count the same. Needs the host's compilers and make; without them it fails.
#![forbid(unsafe_code)]

mod common;

use common::plugin::{fluoro_run, golden};
use common::text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn templates(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/plugin").join(language)
}

/// The project as a user would have it, in a folder of its own.
fn project(language: &str, files: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plugin-new-{language}-{}", files.len()));
    let _ = fs::remove_dir_all(&folder);
    for part in ["include", "src"] {
        fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    for file in files {
        let text = fs::read_to_string(templates(language).join(format!("{file}.in"))).expect("a template");
        let text = text.replace("@NAME@", "my-plugin").replace("@IDENT@", "my_plugin");
        assert!(!text.contains("@NAME") && !text.contains("@IDENT"), "{language}/{file}: a placeholder is left");
        fs::write(folder.join(file), text).expect("a file");
    }
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include/qemu-plugin.h");
    fs::copy(header, folder.join("include/qemu-plugin.h")).expect("the header is there");
    folder
}

fn make(folder: &Path, flags: &str) {
    let output = Command::new("make").arg("-B").arg(flags).current_dir(folder).output().expect("make is there");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.is_empty(), "{flags}: {said}");
    assert!(folder.join("my-plugin.so").exists());
}

#[test]
fn c_builds_for_all_versions_that_have_what_it_uses() {
    let folder = project("c", &["Makefile", "README.md", "plugin.c"]);
    for version in 2..=6 {
        make(&folder, &format!("CFLAGS=-O2 -Werror -DFLUORO_PLUGIN_API={version}"));
    }
}

#[test]
fn cxx_builds() {
    let folder = project("cpp", &["Makefile", "README.md", "plugin.cc"]);
    for version in [4, 6] {
        make(&folder, &format!("CXXFLAGS=-O2 -std=c++17 -Werror -DFLUORO_PLUGIN_API={version}"));
    }
}

/// Built as its README says, with the network forbidden.
#[test]
fn rust_builds_alone_and_counts_like_c() {
    let folder = project("rust", &["Cargo.toml", "src/lib.rs", "src/qemu.rs", "README.md"]);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--offline"]).arg("--target-dir").arg(folder.join("target"));
    let output = cargo.current_dir(&folder).env("RUSTFLAGS", "-Dwarnings").output().expect("cargo is there");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    let in_rust = folder.join("target/release/libmy_plugin.so");
    let folder = project("c", &["Makefile", "plugin.c"]);
    make(&folder, "CFLAGS=-O2");
    for arguments in ["", "accesses=on"] {
        let counts = |file: &Path| {
            let ran = fluoro_run();
            let log = ran.path("log");
            ran.word("-D").word(log).plugin(file, arguments).run(&golden("hashtab")).quiet(0).log
        };
        let counted = counts(&in_rust);
        assert!(counted.starts_with("my-plugin: ") && counted.contains(" instructions"), "{counted}");
        assert_eq!(counted.contains(" loads"), !arguments.is_empty(), "{counted}");
        assert_eq!(counted, counts(&folder.join("my-plugin.so")), "{arguments}");
    }
    let refused = fluoro_run().plugin(&in_rust, "what=on").run(&golden("hashtab")).ended(1);
    assert!(refused.err.starts_with("my-plugin: what=on: not an argument"), "{refused:?}");
}
