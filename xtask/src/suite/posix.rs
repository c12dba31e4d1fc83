//! `cargo xtask posix`: the Open POSIX test suite (Debian's source package posixtestsuite), a program a test, as user 1000.
//!
//! A verdict is the program's own: it says by its status whether an assertion holds. What natively fails or has no
//! answer is the C library's matter; that Fluoro gives the same answer is ours.

use super::programs::Entry;
use super::{List, Options, parallel, run};
use crate::repo::root;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds for a program.
const LIMIT: u32 = 60;
/// The folders with programs; the others hold headers, which are compiled only.
const FOLDERS: [&str; 2] = ["interfaces", "behavior"];
/// The compiler of each column.
const COMPILERS: [&str; 3] = ["gcc", "riscv64-linux-gnu-gcc", "riscv64-linux-gnu-gcc"];

/// Runs the verb.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args, &[])?;
    let mut list = List::open("posix", "The Open POSIX test suite: cargo xtask posix");
    let entries = Entry::all(&options)?;
    let suite = options.root("source")?.join("usr/src/posixtestsuite");
    let work = root().join("target/posix");
    let mut sources = Vec::new();
    FOLDERS.iter().for_each(|folder| collect(&suite.join("conformance").join(folder), &mut sources));
    let tests: Vec<(String, PathBuf)> = sources.into_iter().filter_map(|s| Some((name(&s)?, s))).collect();
    let tests: Vec<_> = tests.into_iter().filter(|(test, _)| options.wants(test)).collect();
    let rows = parallel(&tests, options.jobs, |(test, source)| {
        let verdict = |(column, entry): &(usize, Entry)| {
            let folder = work.join(COMPILERS[*column]);
            fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            let built = folder.join(test).exists() || compile(COMPILERS[*column], &suite, source, &folder.join(test));
            Ok((*column, if built { ended(entry, &folder, test)? } else { "does not compile".to_string() }))
        };
        let row = entries.iter().map(verdict).collect::<Result<Vec<_>, String>>();
        println!("{test}: {row:?}");
        row
    });
    for ((test, _), row) in tests.iter().zip(rows) {
        row?.iter().for_each(|(column, verdict)| list.set(test, *column, verdict));
    }
    list.finish(options.write)
}

/// All C files below a folder.
fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())) {
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|e| e == "c") {
            sources.push(path);
        }
    }
}

/// A test's name, as `sigaction/1-1`, if the file is a program of its own.
fn name(source: &Path) -> Option<String> {
    let file = source.file_stem()?.to_str()?;
    let program = file.contains('-') && !file.contains("buildonly") && file.starts_with(|c: char| c.is_ascii_digit());
    let folders = source.iter().rev().skip(1).map(|f| f.to_string_lossy());
    let folders: Vec<_> = folders.take_while(|f| !FOLDERS.contains(&f.as_ref())).collect();
    let folders: Vec<_> = folders.iter().rev().map(AsRef::as_ref).collect();
    program.then(|| format!("{}.{file}", folders.join(".")))
}

fn compile(compiler: &str, suite: &Path, source: &Path, out: &Path) -> bool {
    let mut command = Command::new(compiler);
    command.args(["-w", "-static", "-pthread", "-D_GNU_SOURCE", "-I"]).arg(suite.join("include"));
    command.arg("-o").arg(out).arg(source).args(["-lrt", "-lm"]);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

fn ended(entry: &Entry, folder: &Path, test: &str) -> Result<String, String> {
    let mut command = entry.command(&[&format!("/mnt/{test}")]);
    let outcome = run(command.env("INROOT_BIND", folder).env("INROOT_UID", "1000"), LIMIT)?;
    Ok(match outcome.status {
        0 => "pass".to_string(),
        1 => "fail".to_string(),
        2 => "unresolved".to_string(),
        4 => "unsupported".to_string(),
        5 => "untested".to_string(),
        124 | 137 => "time over".to_string(),
        other => format!("status {other}"),
    })
}

#[cfg(test)]
mod tests {
    use super::name;
    use std::path::Path;

    #[test]
    fn names_of_tests() {
        let named = |p: &str| name(Path::new(p));
        assert_eq!(named("/s/conformance/interfaces/fork/3-1.c").unwrap(), "fork.3-1");
        assert_eq!(named("/s/conformance/interfaces/mmap/speculative/2-1.c").unwrap(), "mmap.speculative.2-1");
        assert!(named("/s/conformance/interfaces/fork/helper.c").is_none());
        assert!(named("/s/conformance/interfaces/fork/3-1-buildonly.c").is_none());
    }
}
