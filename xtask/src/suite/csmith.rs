//! `cargo xtask csmith --count N`: random C programs against their native twins.
//!
//! Each seed is one program: natively at -O1, for riscv64 at -O0 to -O3, the printed checksum compared. The list holds
//! only what is not equal, so that it stays short; the summary says how many were.

use super::torture::start;
use super::{List, Options, Outcome, parallel, run};
use crate::repo::root;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds for a program; natively, more means that it is endless and says nothing.
const LIMIT: u32 = 20;
const NATIVE_LIMIT: u32 = 5;

/// Runs the verb; `--count N` seeds from `--first N` on.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args, &["--count", "--first"])?;
    let number = |name: &str, usual: u64| match options.others.get(name) {
        Some(text) => text.parse::<u64>().map_err(|e| format!("{name}: {e}")),
        None => Ok(usual),
    };
    let (count, first) = (number("--count", 20)?, number("--first", 1)?);
    let tools = Tools::find(&options)?;
    let mut list = List::open("csmith", "Random C programs (seed, level) that differ from native: cargo xtask csmith");
    let seeds: Vec<u64> = (first..first + count).collect();
    let results = parallel(&seeds, options.jobs, |seed| tools.seed(&options, *seed));
    let (mut equal, mut useless) = (0, 0);
    for result in results {
        let Some(verdicts) = result? else {
            useless += 1;
            continue;
        };
        for (test, column, verdict) in verdicts {
            if verdict == "equal" {
                equal += 1;
            } else {
                list.set(&test, column, &verdict);
            }
        }
    }
    println!("{count} seeds: {equal} runs equal to native's, {useless} seeds endless or not compiled natively");
    list.finish(options.write)
}

struct Tools {
    loader: PathBuf,
    libraries: String,
    csmith: PathBuf,
    headers: PathBuf,
    work: PathBuf,
}

type Verdicts = Vec<(String, usize, String)>;

impl Tools {
    fn find(options: &Options) -> Result<Tools, String> {
        let (source, native) = (options.root("source")?, options.root("amd64")?);
        let library = |r: &Path| r.join("usr/lib/x86_64-linux-gnu").to_string_lossy().into_owned();
        let work = root().join("target/csmith");
        fs::create_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()))?;
        Ok(Tools {
            loader: native.join("usr/lib64/ld-linux-x86-64.so.2"),
            libraries: format!("{}:{}", library(&native), library(&source)),
            csmith: source.join("usr/bin/csmith"),
            headers: source.join("usr/include/csmith"),
            work,
        })
    }

    /// One program at all levels; nothing if it is endless natively.
    fn seed(&self, options: &Options, seed: u64) -> Result<Option<Verdicts>, String> {
        let source = self.work.join(format!("{seed}.c"));
        let status = Command::new(&self.loader)
            .args(["--library-path", &self.libraries])
            .arg(&self.csmith)
            .args(["--seed", &seed.to_string(), "--output"])
            .arg(&source)
            .stdout(Stdio::null())
            .status()
            .map_err(|e| format!("csmith: {e}"))?;
        if !status.success() {
            return Err(format!("csmith: {status}"));
        }
        let native_file = self.work.join(format!("{seed}.n"));
        if !self.compile("gcc", &source, "-O1", &native_file) {
            return Ok(None);
        }
        let native = run(&mut Command::new(&native_file), NATIVE_LIMIT)?;
        let _ = fs::remove_file(native_file);
        if native.status != 0 {
            return Ok(None);
        }
        let mut verdicts = Vec::new();
        for level in ["-O0", "-O1", "-O2", "-O3"] {
            self.level(options, seed, level, &source, &native, &mut verdicts)?;
        }
        if verdicts.iter().all(|(_, _, v)| v == "equal") {
            let _ = fs::remove_file(source);
        }
        Ok(Some(verdicts))
    }

    fn level(
        &self,
        options: &Options,
        seed: u64,
        level: &str,
        source: &Path,
        native: &Outcome,
        verdicts: &mut Verdicts,
    ) -> Result<(), String> {
        let guest = self.work.join(format!("{seed}{level}.r"));
        if !self.compile("riscv64-linux-gnu-gcc", source, level, &guest) {
            return Err(format!("seed {seed} {level}: does not compile for riscv64"));
        }
        for (column, emulator) in options.emulators() {
            let outcome = run(&mut start(column, emulator, &guest), LIMIT)?;
            verdicts.push((format!("{seed} {level}"), column, outcome.verdict(native)));
        }
        let _ = fs::remove_file(guest);
        Ok(())
    }

    fn compile(&self, compiler: &str, source: &Path, level: &str, out: &Path) -> bool {
        let status = Command::new(compiler)
            .args(["-w", level, "-static", "-I"])
            .arg(&self.headers)
            .arg("-o")
            .args([out, source])
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|s| s.success())
    }
}
