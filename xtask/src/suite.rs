//! Suites that nobody here wrote: programs run natively, by the reference and by Fluoro, and the list of verdicts.
//!
//! Truth is what the native program does. A suite's result is a sorted list in `tests/expected`, one row a test and a
//! verdict a column; a run says where it differs from the list, `--write` makes it the new list. A column that was not
//! run keeps what the list has.

pub mod csmith;
pub mod glib;
pub mod posix;
pub mod programs;
pub mod python;
pub mod roots;
pub mod torture;

use crate::repo::root;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The columns of a list.
pub const COLUMNS: [&str; 3] = ["native", "qemu", "fluoro"];
/// Stands for a verdict that nobody has yet.
const NONE: &str = "-";

/// Options that all suites share.
pub struct Options {
    /// Fluoro, and the reference; a column is not run without one.
    pub fluoro: Option<PathBuf>,
    pub qemu: Option<PathBuf>,
    /// Folder of the Debian roots.
    pub roots: PathBuf,
    /// Only tests whose name contains this.
    pub name: Option<String>,
    /// Only what fits into CI.
    pub ci: bool,
    /// Whether to make the result the new list.
    pub write: bool,
    /// Programs at a time.
    pub jobs: usize,
    /// Whether to run native again where the list has a verdict.
    pub native: bool,
    /// Options of one suite, as typed.
    pub others: BTreeMap<String, String>,
}

const USAGE: &str = "options: --fluoro FILE  --qemu FILE  --roots DIR  --name PART  --jobs N  --ci  --write";

impl Options {
    /// Reads the command line; `own` names the options with a value that only this suite has.
    pub fn parse(args: &[String], own: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            fluoro: None,
            qemu: crate::bench::in_path("qemu-riscv64"),
            roots: root().join("tests/roots"),
            name: None,
            ci: false,
            write: false,
            jobs: 2,
            native: true,
            others: BTreeMap::new(),
        };
        let mut words = args.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or(format!("{word} needs a value; {USAGE}"));
            match word.as_str() {
                "--fluoro" => options.fluoro = Some(full(&value()?)?),
                "--qemu" => options.qemu = Some(full(&value()?)?),
                "--roots" => options.roots = full(&value()?)?,
                "--name" => options.name = Some(value()?),
                "--jobs" => options.jobs = value()?.parse().map_err(|e| format!("--jobs: {e}"))?,
                "--ci" => options.ci = true,
                "--write" => options.write = true,
                other if own.contains(&other) => {
                    options.others.insert(other.to_string(), value()?);
                }
                other => return Err(format!("unknown option {other}; {USAGE} {}", own.join(" "))),
            }
        }
        Ok(options)
    }

    /// Whether a test was asked for.
    pub fn wants(&self, test: &str) -> bool {
        self.name.as_ref().is_none_or(|n| test.contains(n.as_str()))
    }

    /// The emulators that are there, with their column.
    pub fn emulators(&self) -> Vec<(usize, &Path)> {
        [(1, &self.qemu), (2, &self.fluoro)].into_iter().filter_map(|(c, e)| Some((c, e.as_deref()?))).collect()
    }

    /// A root, or how to get it.
    pub fn root(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.roots.join(name);
        if path.join("usr").exists() {
            Ok(path)
        } else {
            Err(format!("{}: is not there; cargo xtask roots", path.display()))
        }
    }
}

fn full(path: &str) -> Result<PathBuf, String> {
    fs::canonicalize(path).map_err(|e| format!("{path}: {e}"))
}

/// A statically linked Fluoro, which runs inside a root without the host's libraries: `--fluoro`, or built here.
pub fn static_fluoro(options: &Options) -> Result<PathBuf, String> {
    if let Some(given) = &options.fluoro {
        return Ok(given.clone());
    }
    let target = root().join("target/static");
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--package", "cli", "--target", "x86_64-unknown-linux-gnu"])
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(root())
        .status()
        .map_err(|e| format!("cargo: {e}"))?;
    if !status.success() {
        return Err("a static Fluoro cannot be built".to_string());
    }
    Ok(target.join("x86_64-unknown-linux-gnu/release/fluoro"))
}

/// What a program did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub output: Vec<u8>,
    /// As a shell shows it; 124 when its time was over.
    pub status: i32,
}

/// Runs a command for at most so many seconds, its standard error thrown away.
pub fn run(command: &mut Command, seconds: u32) -> Result<Outcome, String> {
    let mut limited = Command::new("timeout");
    limited.args(["-k", "2", &seconds.to_string()]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    let output = limited.stdin(Stdio::null()).stderr(Stdio::null()).output().map_err(|e| format!("timeout: {e}"))?;
    let status = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
    Ok(Outcome { output: output.stdout, status })
}

impl Outcome {
    /// How this differs from native's, in a few words.
    pub fn verdict(&self, native: &Outcome) -> String {
        if self.output == native.output && self.status == native.status {
            return "equal".to_string();
        }
        if self.status == 124 && native.status != 124 {
            return "time over".to_string();
        }
        if self.output == native.output {
            return format!("status {}, not {}", self.status, native.status);
        }
        let lines = |o: &Outcome| String::from_utf8_lossy(&o.output).lines().map(str::to_string).collect::<Vec<_>>();
        let (mine, theirs) = (lines(self), lines(native));
        let same = mine.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let other = mine.iter().zip(&theirs).filter(|(a, b)| a != b).count() + mine.len().abs_diff(theirs.len());
        format!("differs from line {} on ({other} of {} lines)", same + 1, theirs.len())
    }
}

/// A suite's list of verdicts.
pub struct List {
    path: PathBuf,
    head: String,
    old: BTreeMap<String, [String; 3]>,
    new: BTreeMap<String, [String; 3]>,
}

impl List {
    /// Opens `tests/expected/NAME.tsv`; `head` says what it holds.
    pub fn open(name: &str, head: &str) -> List {
        let path = root().join("tests/expected").join(format!("{name}.tsv"));
        let text = fs::read_to_string(&path).unwrap_or_default();
        let old: BTreeMap<_, _> = text.lines().filter(|l| !l.starts_with('#')).filter_map(parse_row).collect();
        List { path, head: head.to_string(), new: old.clone(), old }
    }

    /// Puts a verdict in.
    pub fn set(&mut self, test: &str, column: usize, verdict: &str) {
        let none = || [NONE; 3].map(str::to_string);
        self.new.entry(test.to_string()).or_insert_with(none)[column] = verdict.to_string();
    }

    /// Prints what changed; writes the list, or fails if it changed.
    pub fn finish(self, write: bool) -> Result<(), String> {
        let mut changed = 0;
        for (test, row) in &self.new {
            let old = self.old.get(test);
            for (column, verdict) in row.iter().enumerate() {
                let before = old.map_or(NONE, |o| o[column].as_str());
                if before != verdict {
                    changed += 1;
                    println!("changed: {test}: {}: {before} -> {verdict}", COLUMNS[column]);
                }
            }
        }
        println!("{}", self.summary());
        if changed == 0 {
            return Ok(());
        }
        if !write {
            return Err(format!("{changed} verdicts are not those of {}", self.path.display()));
        }
        let rows: String = self.new.iter().map(|(t, r)| format!("{t}\t{}\n", r.join("\t"))).collect();
        fs::write(&self.path, format!("# {}\n# test, {}\n{rows}", self.head, COLUMNS.join(", ")))
            .map_err(|e| format!("{}: {e}", self.path.display()))
    }

    /// How many tests each column has, and how many are as good as native.
    fn summary(&self) -> String {
        let column = |c: usize| {
            let good = self.new.values().filter(|r| r[c] == "equal" || (r[c] != NONE && r[c] == r[0])).count();
            let missing = self.new.values().filter(|r| r[c] == NONE).count();
            let bad = self.new.len() - good - missing;
            format!("{}: {good} as native, {bad} not, {missing} not run", COLUMNS[c])
        };
        format!("{} tests. {}; {}", self.new.len(), column(1), column(2))
    }
}

fn parse_row(line: &str) -> Option<(String, [String; 3])> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [test, a, b, c] = fields[..] else { return None };
    Some((test.to_string(), [a, b, c].map(str::to_string)))
}

/// Calls `work` for every item on several threads; results in the order of the items.
pub fn parallel<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(item);
                    results.lock().expect("no thread panics with the lock")[at] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().expect("all threads have ended");
    results.into_iter().map(|r| r.expect("every item was taken")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(output: &str, status: i32) -> Outcome {
        Outcome { output: output.as_bytes().to_vec(), status }
    }

    #[test]
    fn verdicts() {
        let native = outcome("a\nb\nc\n", 0);
        assert_eq!(outcome("a\nb\nc\n", 0).verdict(&native), "equal");
        assert_eq!(outcome("a\nb\nc\n", 1).verdict(&native), "status 1, not 0");
        assert_eq!(outcome("a\n", 124).verdict(&native), "time over");
        assert_eq!(outcome("a\nx\nc\nd\n", 0).verdict(&native), "differs from line 2 on (2 of 3 lines)");
    }

    #[test]
    fn a_shell_s_status() {
        let killed = run(Command::new("sh").args(["-c", "echo out; kill -9 $$"]), 10).unwrap();
        assert_eq!(killed, outcome("out\n", 137));
        assert_eq!(run(Command::new("sleep").arg("9"), 1).unwrap().status, 124);
    }

    #[test]
    fn parallel_keeps_the_order() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(parallel(&items, 4, |x| x * 2), items.iter().map(|x| x * 2).collect::<Vec<_>>());
    }

    #[test]
    fn rows() {
        assert_eq!(parse_row("t\tok\tequal\t-").unwrap().1[1], "equal");
        assert!(parse_row("t\tok").is_none());
    }
}
