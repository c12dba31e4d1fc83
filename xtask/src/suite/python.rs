//! `cargo xtask python`: modules of CPython's own tests (`tests/programs/python-modules.txt`), run as user 1000.
//!
//! A verdict is the tests' own count and the names of those that failed, or that the time was over.

use super::programs::Entry;
use super::{List, Options, parallel, run};
use crate::repo::root;
use std::fs;

/// Seconds for a module.
const LIMIT: u32 = 600;

/// Runs the verb.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args, &[])?;
    let mut list =
        List::open("python", "CPython's tests in Debian roots (tests run, failures, errors): cargo xtask python");
    let entries = Entry::all(&options)?;
    let path = root().join("tests/programs/python-modules.txt");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let in_ci = |line: &str| !options.ci || line.ends_with(" ci");
    let rows = text.lines().filter(|l| !l.starts_with('#') && in_ci(l));
    let modules: Vec<&str> = rows.filter_map(|l| l.split(' ').next()).filter(|m| options.wants(m)).collect();
    let work: Vec<(&str, usize, &Entry)> =
        modules.iter().flat_map(|m| entries.iter().map(move |(column, entry)| (*m, *column, entry))).collect();
    let verdicts = parallel(&work, options.jobs, |(module, column, entry)| {
        let verdict = module_verdict(module, entry);
        println!("{module:24} {:7} {}", super::COLUMNS[*column], verdict.as_deref().unwrap_or("-"));
        verdict
    });
    for ((module, column, _), verdict) in work.iter().zip(verdicts) {
        list.set(module, *column, &verdict?);
    }
    list.finish(options.write)
}

fn module_verdict(module: &str, entry: &Entry) -> Result<String, String> {
    let mut command = entry.command(&["python3", "-m", "test", "--timeout", "240", "-v", &format!("test_{module}")]);
    let outcome = run(command.env("INROOT_UID", "1000"), LIMIT)?;
    Ok(verdict(&String::from_utf8_lossy(&outcome.output), outcome.status))
}

/// Out of what regrtest prints at its end.
fn verdict(output: &str, status: i32) -> String {
    let total = output.lines().rev().find_map(|l| l.strip_prefix("Total tests: "));
    match total {
        _ if status == 124 => "time over".to_string(),
        None => format!("no result, status {status}"),
        Some(total) if status == 0 => format!("ok: {total}"),
        // With names: as many failures as native's are not yet the same ones.
        Some(total) => format!("failed: {total}: {}", failures(output).join(" ")),
    }
}

/// The tests that failed or could not run, by class and name, sorted.
fn failures(output: &str) -> Vec<String> {
    let named = |l: &str| {
        let behind = l.strip_prefix("FAIL: ").or(l.strip_prefix("ERROR: "))?;
        let full = behind.split_once('(').map_or(behind, |(_, f)| f.split(')').next().unwrap_or(f));
        let mut parts = full.rsplit('.');
        let name = parts.next()?;
        Some(parts.next().map_or(name.to_string(), |class| format!("{class}.{name}")))
    };
    let names: std::collections::BTreeSet<String> = output.lines().filter_map(named).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn counts_of_regrtest() {
        let output =
            "== Tests result: SUCCESS ==\nTotal duration: 3 sec\nTotal tests: run=27 skipped=1\nResult: SUCCESS\n";
        assert_eq!(verdict(output, 0), "ok: run=27 skipped=1");
        let failed =
            "ERROR: a (test.test_x.B.a)\nFAIL: c (test.test_x.D.c)\nERROR: a (test.test_x.B.a)\nTotal tests: run=2\n";
        assert_eq!(verdict(failed, 2), "failed: run=2: B.a D.c");
        assert_eq!(verdict("", 139), "no result, status 139");
        assert_eq!(verdict(output, 124), "time over");
    }
}
