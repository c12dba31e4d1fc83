//! Totals of a counting plugin against `fluoro stat`, which counts in its own way.

use crate::common::fluoro;
use crate::common::plugin::{emu, golden, plugin, plugin_for};
use std::fs;
use std::path::Path;

/// The number of a member of a JSON object; the totals come before those of the threads.
fn member(json: &str, name: &str) -> u64 {
    let behind =
        json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {json}")).1.trim_start();
    behind.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

/// Blocks, instructions, loads and stores, as `stat` counts them.
pub fn stat(guest: &Path) -> [u64; 4] {
    let run = emu();
    let report = run.path("stat.json");
    let output = fluoro().args(["stat", "--json", "-o"]).arg(&report).arg(guest).output().unwrap();
    let json = fs::read_to_string(&report).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    ["blocks", "instructions", "loads", "stores"].map(|name| member(&json, name))
}

/// What a line `WORD B insns I loads L stores S` says.
pub fn line(log: &str, word: &str) -> [u64; 4] {
    let found = log.lines().find(|l| l.split(' ').next() == Some(word)).unwrap_or_else(|| panic!("no {word} in {log}"));
    let words: Vec<&str> = found.split(' ').collect();
    [1, 3, 5, 7].map(|i| words[i].parse().unwrap())
}

#[test]
fn counts_equal_those_of_stat() {
    let guests = [
        "calls",
        "crc32",
        "sort",
        "sort-Os",
        "hashtab",
        "interp",
        "strings-zb",
        "matrix",
        "nbody",
        "bignum",
        "lz",
        "sha256-zb",
        "long512",
    ];
    for name in guests {
        let ran = emu().plugin(&plugin("count"), "seed=0").run(&golden(name));
        let counted = stat(&golden(name));
        let (callbacks, inline) = (line(&ran.log, "callbacks"), line(&ran.log, "inline"));
        assert_eq!(callbacks, inline, "{name}");
        assert_eq!(callbacks, counted, "{name}: blocks, instructions, loads, stores");
        assert_eq!(ran.number("both"), counted[2] + counted[3], "{name}");
        assert_eq!(ran.number("again"), counted[1], "{name}");
    }
}

#[test]
fn counts_do_not_depend_on_what_else_is_asked_for() {
    let guest = golden("hashtab");
    let wanted = stat(&guest);
    for arguments in ["ways=1", "ways=2", "ways=2,seed=9", "ways=3,seed=9"] {
        let ran = emu().plugin(&plugin("count"), arguments).run(&guest).ended(0);
        for word in ["callbacks", "inline"] {
            if !ran.lines(word).is_empty() {
                assert_eq!(line(&ran.log, word), wanted, "{arguments}");
            }
        }
    }
}

/// The guest itself does not notice: its output and status are those of a plain run.
#[test]
fn instrumentation_is_invisible_to_the_guest() {
    for name in ["mandel", "faults", "ops-int", "die-abrt", "interrupt"] {
        let plain = emu().run(&golden(name));
        let watched = emu().plugin(&plugin("count"), "seed=4").run(&golden(name));
        assert_eq!((&plain.out, plain.shown()), (&watched.out, watched.shown()), "{name}");
    }
}

/// The plugins themselves do nothing undefined: they run the same when the compiler makes each such thing a trap.
#[test]
fn test_plugins_do_nothing_undefined() {
    let checked = |name: &str| plugin_for(name, 4, &["UB_TRAPS"]);
    for (name, arguments, guest) in
        [("count", "seed=5", "sort"), ("boards", "do=many:100", "calls"), ("state", "do=list", "calls")]
    {
        let plain = emu().plugin(&plugin(name), arguments).run(&golden(guest)).ended(0);
        let ran = emu().plugin(&checked(name), arguments).run(&golden(guest)).ended(0);
        assert_eq!(plain.log, ran.log, "{name}");
    }
}
