//! `cargo xtask glib`: the installed tests of GLib (Debian's libglib2.0-tests), as user 1000.
//!
//! A verdict is the program's own count of what passed and was skipped, or the names of what failed.

use super::programs::Entry;
use super::{List, Options, parallel, run};
use std::fs;
use std::path::Path;

/// Seconds for a program.
const LIMIT: u32 = 120;
/// Where the tests say how each is started.
const FOLDER: &str = "usr/share/installed-tests/glib";

/// Runs the verb.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args, &[])?;
    let mut list = List::open("glib", "GLib's installed tests: cargo xtask glib");
    let entries = Entry::all(&options)?;
    let tests = tests(&options.root("riscv64")?.join(FOLDER))?;
    let tests: Vec<_> = tests.into_iter().filter(|(name, _)| options.wants(name)).collect();
    let rows = parallel(&tests, options.jobs, |(name, words)| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let row: Result<Vec<_>, String> = entries.iter().map(|(c, e)| Ok((*c, one(e, &words)?))).collect();
        println!("{name}: {row:?}");
        row
    });
    for ((name, _), row) in tests.iter().zip(rows) {
        row?.iter().for_each(|(column, verdict)| list.set(name, *column, verdict));
    }
    list.finish(options.write)
}

/// Name and command line of each test.
fn tests(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let test = |path: &Path| {
        let text = fs::read_to_string(path).ok()?;
        let command = text.lines().find_map(|l| l.strip_prefix("Exec="))?;
        Some((path.file_stem()?.to_str()?.to_string(), command.to_string()))
    };
    Ok(entries.filter_map(|e| test(&e.ok()?.path())).collect())
}

fn one(entry: &Entry, words: &[&str]) -> Result<String, String> {
    let outcome = run(entry.command(words).env("INROOT_UID", "1000"), LIMIT)?;
    Ok(verdict(&String::from_utf8_lossy(&outcome.output), outcome.status))
}

/// Out of what the Test Anything Protocol says; points of a subtest are indented.
fn verdict(output: &str, status: i32) -> String {
    let points = |start: &str| output.lines().filter_map(|l| l.strip_prefix(start)).collect::<Vec<_>>();
    let (passed, failed) = (points("ok "), points("not ok "));
    let skipped = passed.iter().filter(|p| p.to_ascii_lowercase().contains("# skip")).count();
    let count = format!("run={} skipped={skipped}", passed.len() + failed.len());
    match status {
        0 if failed.is_empty() => format!("ok: {count}"),
        124 | 137 => "time over".to_string(),
        _ => format!("failed: {count} status {status}: {}", failed.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn verdicts() {
        assert_eq!(verdict("1..2\nok 1 /a\n    ok 1 /b/c\nok 2 /b # SKIP none\n", 0), "ok: run=2 skipped=1");
        assert_eq!(verdict("ok 1 /a\nnot ok 2 /b\n", 1), "failed: run=2 skipped=0 status 1: 2 /b");
        assert_eq!(verdict("ok 1 /a\n", 124), "time over");
    }
}
