//! `cargo xtask programs`: the scripts of `tests/programs` inside Debian roots, output and status compared byte for byte.
//!
//! Natively in the amd64 root; by the reference as a machine would have it set up (the kernel starts it for every guest
//! file); by Fluoro started once, which runs all the children itself.

use super::{List, Options, Outcome, parallel, run, static_fluoro};
use crate::repo::root;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seconds for a script.
const LIMIT: u32 = 600;
/// A script with this line takes too long or needs too much for CI.
const NOT_IN_CI: &str = "# not in CI";

/// How a script enters a root.
pub struct Entry {
    pub root: PathBuf,
    /// `inroot.sh`'s second argument.
    pub emulator: String,
}

impl Entry {
    /// Native, reference, Fluoro: those that are there, with their column.
    pub fn all(options: &Options) -> Result<Vec<(usize, Entry)>, String> {
        let (guest, native) = (options.root("riscv64")?, options.root("amd64")?);
        let mut entries = vec![(0, Entry { root: native, emulator: "-".to_string() })];
        if let Some(qemu) = &options.qemu {
            entries.push((1, Entry { root: guest.clone(), emulator: format!("binfmt:{}", qemu.display()) }));
        }
        let fluoro = static_fluoro(options)?;
        entries.push((2, Entry { root: guest, emulator: format!("self:{}", fluoro.display()) }));
        Ok(entries)
    }

    /// The command that runs words in the root.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(root().join("tests/tools/inroot.sh"));
        command.arg(&self.root).arg(&self.emulator).args(words).env("INROOT_BIND", root().join("tests/programs"));
        command
    }
}

/// Runs the verb.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args, &[])?;
    let mut list = List::open("programs", "Scripts of tests/programs in Debian roots: cargo xtask programs");
    let entries = Entry::all(&options)?;
    let out = root().join("target/programs");
    fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let scripts: Vec<String> = scripts()?.into_iter().filter(|s| options.wants(s)).collect();
    let (scripts, left): (Vec<_>, Vec<_>) = scripts.into_iter().partition(|s| !options.ci || in_ci(s));
    if !left.is_empty() {
        println!("left out in CI: {}", left.join(" "));
    }
    let rows = parallel(&scripts, options.jobs, |script| {
        let row = compare(script, &entries, &out);
        for (column, verdict) in row.iter().flatten() {
            println!("{script:12} {:7} {verdict}", super::COLUMNS[*column]);
        }
        row
    });
    for (script, row) in scripts.iter().zip(rows) {
        for (column, verdict) in row? {
            list.set(script, column, &verdict);
        }
    }
    list.finish(options.write)
}

fn folder() -> PathBuf {
    root().join("tests/programs")
}

fn scripts() -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder()).map_err(|e| format!("tests/programs: {e}"))?;
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let mut scripts: Vec<String> = names.filter_map(|n| n.strip_suffix(".sh").map(str::to_string)).collect();
    scripts.sort();
    Ok(scripts)
}

fn in_ci(script: &str) -> bool {
    let text = fs::read_to_string(folder().join(format!("{script}.sh"))).unwrap_or_default();
    !text.lines().any(|l| l == NOT_IN_CI)
}

/// Runs one script in every column; native twice, because what natively differs from run to run proves nothing.
fn compare(script: &str, entries: &[(usize, Entry)], out: &Path) -> Result<Vec<(usize, String)>, String> {
    let once = |entry: &Entry, name: &str| -> Result<Outcome, String> {
        let outcome = run(&mut entry.command(&["bash", "-c", &format!("cd /tmp; . /mnt/{script}.sh")]), LIMIT)?;
        fs::write(out.join(format!("{script}.{name}")), &outcome.output)
            .map_err(|e| format!("{script}.{name}: {e}"))?;
        Ok(outcome)
    };
    let mut native = None;
    let mut verdicts = Vec::new();
    for (column, entry) in entries {
        let outcome = once(entry, super::COLUMNS[*column])?;
        let Some(native) = &native else {
            let again = once(entry, "again")?;
            let lines = outcome.output.iter().filter(|b| **b == b'\n').count();
            let verdict = if again == outcome {
                format!("ok: {lines} lines, status {}", outcome.status)
            } else {
                format!("unstable: {}", again.verdict(&outcome))
            };
            verdicts.push((*column, verdict));
            native = Some(outcome);
            continue;
        };
        verdicts.push((*column, outcome.verdict(native)));
    }
    Ok(verdicts)
}
