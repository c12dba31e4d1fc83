//! `docs/plugin-compat.md` names a test for each row, and the tests exist.

use crate::common::repo;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Names of all test functions below a folder.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n != "target") {
                tests(&path, found);
            }
        } else if path.extension().is_some_and(|x| x == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut lines = text.lines().map(str::trim);
            while let Some(line) = lines.next() {
                if line != "#[test]" {
                    continue;
                }
                let name = lines.by_ref().find_map(|l| l.strip_prefix("fn "));
                found.extend(name.and_then(|n| n.split('(').next()).map(String::from));
            }
        }
    }
}

/// The words in backticks that the last column of a table holds.
fn named(row: &str) -> Vec<&str> {
    let last = row.trim().trim_matches('|').rsplit('|').next().unwrap_or("");
    last.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_row_of_the_document_is_backed_by_a_test() {
    let text = fs::read_to_string(repo().join("docs/plugin-compat.md")).unwrap();
    let mut known = BTreeSet::new();
    tests(&repo().join("crates"), &mut known);
    let rows: Vec<&str> =
        text.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| # ") && !l.starts_with("| point")).collect();
    assert!(rows.len() >= 60, "only {} rows", rows.len());
    let mut complaints = Vec::new();
    for row in rows {
        let names = named(row);
        // Rows about guests that do not exist yet.
        if names.is_empty() && !row.trim().ends_with("| with that guest |") {
            complaints.push(format!("no test: {row}"));
        }
        complaints.extend(names.iter().filter(|n| !known.contains(**n)).map(|n| format!("no such test: {n}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    // All rows of the contract's list of surprises.
    for n in 1..=39 {
        assert!(text.contains(&format!("\n| {n} |")), "row {n} is missing");
    }
}

/// Names of functions in a C text.
fn functions(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|w| w.starts_with("qemu_plugin_")).map(String::from).collect()
}

#[test]
fn every_function_of_the_header_is_called_by_a_test_plugin() {
    let mut called = functions(&fs::read_to_string(repo().join("tests/golden/probe/probe.c")).unwrap());
    for entry in fs::read_dir(repo().join("tests/plugins")).unwrap().flatten() {
        if entry.path().extension().is_some_and(|x| x == "c") {
            called.extend(functions(&fs::read_to_string(entry.path()).unwrap()));
        }
    }
    let header = fs::read_to_string(repo().join("include/qemu-plugin.h")).unwrap();
    let declared = header.split("QEMU_PLUGIN_API ").skip(1).filter_map(|d| d.split('(').next());
    let names: BTreeSet<&str> = declared.map(|d| d.rsplit([' ', '*']).next().unwrap()).collect();
    let names: Vec<&&str> = names.iter().filter(|n| n.starts_with("qemu_plugin_")).collect();
    assert!(names.len() >= 65, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|n| !called.contains(***n)).collect();
    assert!(missing.is_empty(), "no test plugin calls {missing:?}");
}
