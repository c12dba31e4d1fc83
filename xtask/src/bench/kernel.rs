//! The kernels: their table, their compilers, and how each column starts one.

use super::Options;
use super::sample::{Column, Sample};
use crate::repo::root as repository;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One row of the benchmark: a kernel or a real program.
pub struct Bench {
    pub group: String,
    pub name: String,
    /// How often one measurement starts it.
    pub times: u32,
    pub what: What,
}

/// Where a row's programs come from.
pub enum What {
    /// `bench/kernels/SOURCE`, compiled twice.
    Kernel { source: String, flags: Vec<String>, dynamic: bool },
    /// Programs of the roots: the words of the native run, and those behind `-L ROOT` of an emulated one.
    Program { native: Vec<String>, guest: Vec<String>, root: PathBuf },
}

/// Flags that both compilers get.
const FLAGS: [&str; 5] = ["-O2", "-std=gnu11", "-ffp-contract=off", "-Wall", "-Wextra"];
/// Sysroot of the cross compiler, for programs that are linked dynamically.
const CROSS_ROOT: &str = "/usr/riscv64-linux-gnu";
/// Seconds after which a run counts as failed.
const LIMIT: &str = "120";

/// Reads `bench/kernels.tsv`.
pub fn table() -> Result<Vec<Bench>, String> {
    let path = repository().join("bench/kernels.tsv");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(parse_line).collect()
}

fn parse_line(line: &str) -> Result<Bench, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [group, name, source, flags, times] = fields[..] else {
        return Err(format!("bench/kernels.tsv: not five fields: {line}"));
    };
    let dynamic = flags == "dynamic";
    let flags = if dynamic || flags == "-" { vec![] } else { flags.split(' ').map(str::to_string).collect() };
    let times = times.parse().map_err(|e| format!("bench/kernels.tsv: {line}: {e}"))?;
    let what = What::Kernel { source: source.to_string(), flags, dynamic };
    Ok(Bench { group: group.to_string(), name: name.to_string(), times, what })
}

impl Bench {
    /// The words that start this row in a column; none where there is no emulator for it.
    pub fn command(&self, options: &Options, column: Column) -> Option<Vec<String>> {
        let emulator = match column {
            Column::Native => None,
            Column::Fluoro => Some(vec![text(options.fluoro.as_deref()?), "run".to_string()]),
            Column::Stat if !options.stat => return None,
            Column::Stat => {
                let report = text(&stat_report());
                Some([&text(options.fluoro.as_deref()?), "stat", "--json", "-o", &report].map(str::to_string).to_vec())
            }
            Column::Qemu => Some(vec![text(options.qemu.as_deref()?)]),
        };
        Some(match (emulator, &self.what) {
            (None, What::Kernel { .. }) => vec![text(&built("native", &self.name))],
            (None, What::Program { native, .. }) => native.clone(),
            (Some(mut words), What::Kernel { dynamic, .. }) => {
                if *dynamic {
                    words.extend(["-L".to_string(), CROSS_ROOT.to_string()]);
                }
                words.push(text(&built("riscv64", &self.name)));
                words
            }
            (Some(mut words), What::Program { guest, root, .. }) => {
                words.extend(["-L".to_string(), text(root)]);
                words.extend(guest.iter().cloned());
                words
            }
        })
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Where everything that is built or written goes.
fn folder() -> PathBuf {
    repository().join("target/bench")
}

/// The report of `fluoro stat`; of this process, since two benchmarks may run at once.
pub fn stat_report() -> PathBuf {
    folder().join(format!("stat-{}.json", std::process::id()))
}

fn built(machine: &str, name: &str) -> PathBuf {
    folder().join(machine).join(name)
}

/// The two compilers and the program that measures.
pub struct Tools {
    native: String,
    cross: String,
    /// Folder of results.
    pub folder: PathBuf,
}

impl Tools {
    /// Finds the compilers (`CC`, `RISCV_CC` name others) and compiles the measuring program.
    pub fn build() -> Result<Tools, String> {
        let named = |variable, usual: &str| std::env::var(variable).unwrap_or(usual.to_string());
        let tools =
            Tools { native: named("CC", "gcc"), cross: named("RISCV_CC", "riscv64-linux-gnu-gcc"), folder: folder() };
        let versions = (tools.version(&tools.native)?, tools.version(&tools.cross)?);
        if versions.0.split('.').next() != versions.1.split('.').next() {
            eprintln!("warning: the compilers differ: {} and {}", versions.0, versions.1);
        }
        for machine in ["native", "riscv64"] {
            let folder = tools.folder.join(machine);
            std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        let measure = repository().join("bench/measure.c");
        tools.build_if_older(&tools.native, &measure, &[], &["-O2", "-static"], &tools.folder.join("measure"))?;
        Ok(tools)
    }

    /// The compiler's version, or how to get one.
    pub fn version(&self, compiler: &str) -> Result<String, String> {
        let output = Command::new(compiler).arg("-dumpfullversion").output().map_err(|e| {
            format!("{compiler}: {e}; on Debian: apt-get install gcc gcc-riscv64-linux-gnu libc6-dev-riscv64-cross")
        })?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
    }

    /// Versions of both compilers, for the page.
    pub fn versions() -> String {
        match Tools::build() {
            Ok(t) => format!(
                "gcc {} native, {} for riscv64",
                t.version(&t.native).unwrap_or_default(),
                t.version(&t.cross).unwrap_or_default()
            ),
            Err(e) => e,
        }
    }

    /// Compiles a kernel natively and for riscv64, unless what is there is newer than its source.
    pub fn compile(&self, bench: &Bench) -> Result<(), String> {
        let What::Kernel { source, flags, dynamic } = &bench.what else { return Ok(()) };
        let kernels = repository().join("bench/kernels");
        let headers = [kernels.join("bench.h"), kernels.join("vm.h"), repository().join("bench/kernels.tsv")];
        let mut words: Vec<&str> = FLAGS.to_vec();
        words.extend(flags.iter().map(String::as_str));
        if !dynamic {
            words.push("-static");
        }
        let source = kernels.join(source);
        self.build_if_older(&self.native, &source, &headers, &words, &built("native", &bench.name))?;
        words.extend(["-march=rv64gc", "-mabi=lp64d"]);
        self.build_if_older(&self.cross, &source, &headers, &words, &built("riscv64", &bench.name))
    }

    /// Compiles something for this machine, unless what is there is newer than its source and headers.
    pub fn build_natively(&self, source: &Path, headers: &[PathBuf], flags: &[&str], out: &Path) -> Result<(), String> {
        self.build_if_older(&self.native, source, headers, flags, out)
    }

    fn build_if_older(
        &self,
        compiler: &str,
        source: &Path,
        more: &[PathBuf],
        flags: &[&str],
        out: &Path,
    ) -> Result<(), String> {
        let age = |p: &Path| p.metadata().and_then(|m| m.modified()).ok();
        let newest = more.iter().map(PathBuf::as_path).chain([source]).filter_map(age).max();
        if age(out) > newest {
            return Ok(());
        }
        let status =
            Command::new(compiler).args(flags).arg("-o").arg(out).arg(source).args(["-lm", "-lpthread"]).status();
        match status {
            Ok(s) if s.success() => Ok(()),
            Ok(s) => Err(format!("{compiler} {}: {s}", source.display())),
            Err(e) => Err(format!("{compiler}: {e}")),
        }
    }

    /// Runs one measurement.
    pub fn run(&self, bench: &Bench, command: &[String]) -> Result<Sample, String> {
        let report = self.folder.join(format!("measured-{}", std::process::id()));
        let output = Command::new(self.folder.join("measure"))
            .arg(&report)
            .args([LIMIT, &bench.times.to_string()])
            .args(command)
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .envs([("PYTHONHASHSEED", "0"), ("PYTHONDONTWRITEBYTECODE", "1"), ("PERL_HASH_SEED", "0")])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("bench/measure: {e}"))?;
        let line = std::fs::read_to_string(&report).map_err(|e| format!("{}: {e}", report.display()))?;
        let _ = std::fs::remove_file(&report);
        Sample::parse(&line, bench.times, output.stdout, &output.stderr).ok_or(format!("bench/measure wrote: {line}"))
    }
}
