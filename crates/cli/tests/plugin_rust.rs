//! A plugin in Rust, made with the public crate `qemu-plugin` for version 4 of the interface and for the crate's newest
//! one, runs and counts what `fluoro stat` counts.
//!
//! The crate is under the GPL, so the plugin is a project of its own (`tests/plugins/rust`), built here with cargo into
//! the folder for tests' files. That wants the registry the first time; without it the test fails and says so.
#![forbid(unsafe_code)]

mod common;

use common::plugin::{Ran, fluoro_run, golden};
use common::{fluoro, repo, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The plugin, built for a version of the interface.
fn rust_plugin(version: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-rust").join(version);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--locked", "--features", version, "--manifest-path"]);
    cargo.arg(repo().join("tests/plugins/rust/Cargo.toml")).arg("--target-dir").arg(&target);
    let output = cargo.env_remove("RUSTFLAGS").output().unwrap_or_else(|e| panic!("{}: {e}", env!("CARGO")));
    assert!(
        output.status.success(),
        "the plugin in tests/plugins/rust cannot be built; if the registry of crates cannot be reached, bring the crates \
         of its Cargo.lock in once with `cargo fetch --manifest-path tests/plugins/rust/Cargo.toml`, then repeat. Cargo \
         says: {}",
        text(&output.stderr)
    );
    target.join("release/librust_plugin.so")
}

/// Runs a recorded guest with the plugin; what it wrote to the log.
fn run(plugin: &Path, arguments: &str, guest: &str) -> Ran {
    let run = fluoro_run();
    let log = run.path("log");
    run.word("-D").word(log).plugin(plugin, arguments).run(&golden(guest)).quiet(0)
}

/// The number of a member of a JSON object; the totals come before those of the threads.
fn member(json: &str, name: &str) -> u64 {
    let behind = json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {json}")).1;
    behind.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// `B insns I loads L stores S`, as `fluoro stat` counts them.
fn stat(guest: &str) -> String {
    let report = fluoro_run().path("report");
    fs::create_dir_all(report.parent().unwrap()).unwrap();
    let output = fluoro().args(["stat", "--json", "-o"]).arg(&report).arg(golden(guest)).output().unwrap();
    let json = fs::read_to_string(&report).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    fs::remove_dir_all(report.parent().unwrap()).unwrap();
    let [blocks, insns, loads, stores] = ["blocks", "instructions", "loads", "stores"].map(|name| member(&json, name));
    format!("{blocks} insns {insns} loads {loads} stores {stores}")
}

/// The counts of a run by callbacks, inline and by condition are those of `stat`, and all else was seen as it should.
fn counts(version: &str) -> PathBuf {
    let plugin = rust_plugin(version);
    for guest in ["hashtab", "nbody", "crc32"] {
        let (ran, wanted) = (run(&plugin, "", guest), stat(guest));
        assert_eq!(ran.lines("callbacks"), [format!("callbacks {wanted}")], "{guest}");
        assert_eq!(ran.lines("inline"), [format!("inline {wanted}")], "{guest}");
        assert_eq!(ran.number("conditional"), ran.number("inline"), "{guest}");
        let words: Vec<&str> = wanted.split(' ').collect();
        let accesses: u64 = words[4].parse::<u64>().unwrap() + words[6].parse::<u64>().unwrap();
        assert_eq!(ran.number("values"), accesses, "{guest}: each access has a value of its size");
        // Those of the vector unit may be missing.
        assert!(ran.number("registers") >= 73, "{guest}");
        assert!(ran.lines("registers")[0].ends_with(&format!("readable {}", ran.number("registers"))), "{guest}");
        assert!(ran.number("named") > 0, "{guest}: blocks have symbols");
        // All calls but `exit` return.
        let calls = ran.number("calls");
        let line = format!("calls {calls} returns {} written {}", calls - 1, ran.out.len());
        assert_eq!(ran.lines("calls"), [line], "{guest}");
    }
    plugin
}

#[test]
fn version_4_counts_as_stat() {
    counts("v4");
}

/// Version 5 may also write registers and memory.
#[test]
fn version_5_counts_as_stat_and_changes_what_the_guest_writes() {
    let plugin = counts("v5");
    let (plain, upper) = (run(&plugin, "", "crc32"), run(&plugin, "upper=on", "crc32"));
    assert_ne!(plain.out, upper.out);
    assert_eq!(plain.out.to_uppercase(), upper.out);
    assert_eq!(plain.lines("inline"), upper.lines("inline"));
}
