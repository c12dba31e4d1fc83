//! What `fluoro plugin new` writes in C and C++ compiles against our header without a warning. Needs the host's
//! compilers and make; without them it fails.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn templates(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/plugin").join(language)
}

/// The project as a user would have it, in a folder of its own.
fn project(language: &str, files: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plugin-new-{language}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("include")).expect("a folder");
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

#[test]
fn rust_has_its_files() {
    for file in ["Cargo.toml.in", "README.md.in", "src/lib.rs.in", "gitignore.in"] {
        assert!(templates("rust").join(file).exists(), "{file}");
    }
}
