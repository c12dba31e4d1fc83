//! `cargo xtask bench`: how fast Fluoro is beside the native machine and the reference.
//!
//! Noise is the enemy: other work on the machine, frequency, caches. So every round runs native, Fluoro and the
//! reference one right after the other, the median of the rounds is shown, and processor time is compared, not wall
//! time (but for the scaling of threads). What a program prints must be the same in all columns, or its row is wrong.

mod goal;
mod kernel;
mod page;
mod plugins;
mod program;
mod sample;
mod section;

use crate::repo::root as repository;
use kernel::Bench;
use sample::{Column, Row};
use std::path::{Path, PathBuf};

/// What the command line chose.
pub struct Options {
    /// The Fluoro under test; its columns stay empty if there is none.
    pub fluoro: Option<PathBuf>,
    /// The reference, likewise.
    pub qemu: Option<PathBuf>,
    /// Only this group.
    pub group: Option<String>,
    /// Only rows whose name contains this.
    pub name: Option<String>,
    /// Rounds; at least 5 for figures that are to be published.
    pub runs: usize,
    /// Whether to write BENCHMARKS.md.
    pub write: bool,
    /// Whether to run `fluoro stat` beside the plain run.
    pub stat: bool,
    /// Whether to compare the smallest instead of the median time.
    pub min: bool,
    /// Whether to measure what plugins cost instead.
    pub plugins: bool,
    /// Only kinds of probe whose name contains this.
    pub probe: Option<String>,
    /// Debian roots for the real programs: riscv64 and amd64.
    pub roots: (PathBuf, PathBuf),
    /// The words as typed, for the page.
    pub command: String,
    /// What the page says of the circumstances: taken before the first round, since the tree may change under a run.
    pub before: Before,
}

/// The state of things before the first round.
pub struct Before {
    /// The tree's commit, and whether files differ from it.
    pub commit: String,
    /// The load of the machine.
    pub load: String,
}

impl Before {
    fn look() -> Before {
        let tree = repository().to_string_lossy().into_owned();
        let git = |args: &[&str]| page::output("git", &[&["-C", tree.as_str()], args].concat());
        let changed = !git(&["status", "--porcelain", "--untracked-files=no", "crates"]).is_empty();
        let commit = git(&["rev-parse", "--short", "HEAD"]);
        Before { commit: if changed { commit + " with changes" } else { commit }, load: page::load() }
    }
}

const USAGE: &str =
    "cargo xtask bench [--fluoro PATH] [--qemu PATH] [--group G] [--name PART] [--runs N] [--no-stat] [--min]
                  [--roots DIR] [--write]
cargo xtask bench --plugins [--probe PART] [--fluoro PATH] [--qemu PATH] [--group G] [--name PART] [--runs N] [--min]
                  [--write]
  --fluoro PATH  default target/release/fluoro     --qemu PATH  default qemu-riscv64 found in PATH
  --group G      integer calls fp memory scaling translation startup programs
  --roots DIR    folder with the roots riscv64 and amd64 of `cargo xtask roots` (default tests/roots)
  --min          compare smallest instead of median times (a busy machine)
  --write        write BENCHMARKS.md
  --plugins      what each kind of probe costs over Fluoro's plain run, on the groups integer, translation, scaling;
                 with --qemu also beside QEMU with the same plugin (it is not looked for in PATH: it takes long)
  --probe PART   only kinds of probe with this in their names, as bench/plugins/factors.c has them";

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let root = repository();
        let mut options = Options {
            fluoro: Some(root.join("target/release/fluoro")).filter(|p| p.exists()),
            qemu: None,
            group: None,
            name: None,
            runs: 5,
            write: false,
            stat: true,
            min: false,
            plugins: false,
            probe: None,
            roots: roots_in(&root.join("tests/roots")),
            command: published(args),
            before: Before::look(),
        };
        let mut words = args.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or(format!("{word} needs a value\n{USAGE}"));
            match word.as_str() {
                "--fluoro" => options.fluoro = Some(existing(value()?)?),
                "--qemu" => options.qemu = Some(existing(value()?)?),
                "--group" => options.group = Some(value()?),
                "--name" => options.name = Some(value()?),
                "--runs" => options.runs = value()?.parse().map_err(|e| format!("--runs: {e}"))?,
                "--roots" => options.roots = roots_in(Path::new(&value()?)),
                "--no-stat" => options.stat = false,
                "--min" => options.min = true,
                "--write" => options.write = true,
                "--plugins" => options.plugins = true,
                "--probe" => options.probe = Some(value()?),
                _ => return Err(format!("unknown option {word}\n{USAGE}")),
            }
        }
        if options.qemu.is_none() && !options.plugins {
            options.qemu = in_path("qemu-riscv64");
        }
        if options.runs == 0 {
            return Err("--runs: at least 1".to_string());
        }
        Ok(options)
    }

    fn wants(&self, bench: &Bench) -> bool {
        self.group.as_ref().is_none_or(|g| *g == bench.group)
            && self.name.as_ref().is_none_or(|n| bench.name.contains(n.as_str()))
            && (!self.plugins || plugins::has_group(&bench.group))
    }

    fn wants_probe(&self, kind: &str) -> bool {
        self.probe.as_ref().is_none_or(|p| kind.contains(p.as_str()))
    }
}

/// The command as the page shows it: where a program lies on this machine is nobody's business.
fn published(args: &[String]) -> String {
    let mut shown = vec!["cargo xtask bench".to_string()];
    for (at, word) in args.iter().enumerate() {
        let is_path = at > 0 && ["--fluoro", "--qemu", "--roots"].contains(&args[at - 1].as_str());
        shown.push(if is_path { "PATH".to_string() } else { word.clone() });
    }
    shown.join(" ")
}

fn roots_in(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("riscv64"), folder.join("amd64"))
}

fn existing(path: String) -> Result<PathBuf, String> {
    std::fs::canonicalize(&path).map_err(|e| format!("{path}: {e}"))
}

/// A program of the user's search path.
pub fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Runs the verb; an error is one line for the user.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args)?;
    let tools = kernel::Tools::build()?;
    let _alone = alone(&tools.folder)?;
    let mut benches: Vec<Bench> = kernel::table()?.into_iter().filter(|b| options.wants(b)).collect();
    for bench in &benches {
        tools.compile(bench)?;
    }
    if options.plugins {
        return plugins::task(&options, &tools, benches);
    }
    let mut rows: Vec<(Bench, Row)> = Vec::new();
    let real =
        if options.group.as_ref().is_none_or(|g| g == "programs") { program::benches(&options)? } else { vec![] };
    benches.extend(real.into_iter().filter(|b| options.wants(b)));
    for bench in benches {
        let row = measure(&options, &tools, &bench)?;
        println!("{}", page::line(&bench, &row, options.min));
        rows.push((bench, row));
    }
    // Complaints may name files of this tree by their full path.
    let text = page::write(&options, &rows).replace(&format!("{}/", repository().display()), "");
    println!("\n{}", page::summary(&rows, options.min));
    if options.write {
        let path = repository().join("BENCHMARKS.md");
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        let text = match plugins::kept(&old) {
            Some(kept) => format!("{text}\n{kept}\n"),
            None => text,
        };
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Two benchmarks at once would measure each other: the second one waits for nobody and says so.
fn alone(folder: &Path) -> Result<std::fs::File, String> {
    let path = folder.join("lock");
    let file = std::fs::File::create(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err("another benchmark runs in this tree; two would measure each other".to_string()),
    }
}

fn measure(options: &Options, tools: &kernel::Tools, bench: &Bench) -> Result<Row, String> {
    let mut row = Row::default();
    for _ in 0..options.runs {
        for column in Column::ALL {
            if let Some(command) = bench.command(options, column) {
                let sample = tools.run(bench, &command)?;
                row.add(column, sample);
            }
        }
    }
    row.count(&kernel::stat_report());
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::published;

    #[test]
    fn a_published_command_names_no_place() {
        let args = ["--qemu", "/some/where/qemu", "--runs", "5"].map(str::to_string);
        assert_eq!(published(&args), "cargo xtask bench --qemu PATH --runs 5");
    }
}
