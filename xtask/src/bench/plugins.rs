//! `cargo xtask bench --plugins`: what probes cost, kind by kind, as factors over Fluoro's own plain run.
//!
//! One plugin, `bench/plugins/factors.c`, puts one kind of probe on everything. Each run with it comes right after a
//! plain run of the same kernel and is compared with that one; a kernel's kinds take turns, round by round. What the
//! kernel prints and what the plugin has counted must be right, or there are no figures.

mod kind;
mod page;
mod pairs;

use super::kernel::{Bench, Tools, stat_report};
use super::page::measured;
use super::sample::Column;
use super::{Options, section};
use crate::repo::root as repository;
use kind::{KINDS, Kind, SHARE};
use pairs::{Counts, Pairs};
use std::path::{Path, PathBuf};

/// Seconds after which a run is long: it hides noise better than a short one, and is done less often.
const LONG: f64 = 4.0;
/// Rounds of long runs.
const LONG_ROUNDS: usize = 3;

/// One kernel's runs, kind by kind.
struct Measured {
    group: String,
    name: String,
    pairs: Vec<(&'static Kind, Pairs)>,
}

/// Measures the kernels that the options choose, prints the tables, and writes them if wanted.
pub fn task(options: &Options, tools: &Tools, kernels: Vec<Bench>) -> Result<(), String> {
    let plugin = compile(tools)?;
    let fluoro = measured(options);
    let mut all = Vec::new();
    for bench in &kernels {
        let kernel = measure(options, tools, bench, &plugin)?;
        print!("{}", page::lines(&kernel, options.min));
        all.push(kernel);
    }
    println!("\n{}", page::summary(&all, options.min));
    if measured(options) != fluoro {
        return Err("the Fluoro under test was replaced while it was measured: the figures are of two".to_string());
    }
    if options.write {
        let path = repository().join("BENCHMARKS.md");
        let old = std::fs::read_to_string(&path).unwrap_or("# Benchmarks\n".to_string());
        let text = page::write(options, &all).replace(&format!("{}/", repository().display()), "");
        std::fs::write(&path, section::with(&old, page::TITLE, &text))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        println!("wrote section {} of {}", page::TITLE, path.display());
    }
    Ok(())
}

/// The section that an earlier `--plugins --write` left on a page.
pub fn kept(page: &str) -> Option<&str> {
    section::of(page, page::TITLE)
}

/// Groups of kernels that say something about probes: plain loops, cold code, one thread and two.
pub fn has_group(group: &str) -> bool {
    KINDS.iter().any(|k| k.fits(group))
}

fn compile(tools: &Tools) -> Result<PathBuf, String> {
    let root = repository();
    let source = root.join("bench/plugins/factors.c");
    let folders = ["include", "tests/plugins/include"].map(|f| root.join(f));
    let headers = [folders[0].join("qemu-plugin.h"), folders[1].join("glib.h")];
    let mut flags: Vec<String> =
        ["-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fPIC", "-shared", "-Wl,--as-needed"]
            .map(String::from)
            .into();
    flags.extend(folders.iter().map(|f| format!("-I{}", f.display())));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let out = tools.folder.join("factors.so");
    tools.build_natively(&source, &headers, &flags, &out)?;
    Ok(out)
}

fn measure(options: &Options, tools: &Tools, bench: &Bench, plugin: &Path) -> Result<Measured, String> {
    let plain = bench.command(options, Column::Fluoro).ok_or("no Fluoro: build one or name it with --fluoro")?;
    // Its runs are so long that one of each is enough.
    let reference = bench.command(options, Column::Qemu);
    let kinds = KINDS.iter().filter(|k| k.fits(&bench.group) && options.wants_probe(k.name));
    let mut pairs: Vec<(&Kind, Pairs)> = Vec::new();
    for kind in kinds {
        pairs.push((kind, Pairs::new(kind, counts(options, tools, bench, kind)?)));
    }
    for round in 0..options.runs {
        for (kind, pairs) in &mut pairs {
            if pairs.len() >= LONG_ROUNDS && pairs.longest() > LONG {
                continue;
            }
            let before = tools.run(bench, &command(&plain, None, kind))?;
            pairs.add(kind, &before, &tools.run(bench, &command(&plain, Some(("-p", plugin)), kind))?);
            if let Some(words) = reference.as_ref().filter(|_| round == 0) {
                pairs.refer(&before, &tools.run(bench, &command(words, Some(("-plugin", plugin)), kind))?);
            }
        }
    }
    Ok(Measured { group: bench.group.clone(), name: bench.name.clone(), pairs })
}

/// The words of a run, with the plugin's option before the program and its amount of work behind it.
fn command(words: &[String], plugin: Option<(&str, &Path)>, kind: &Kind) -> Vec<String> {
    let mut words = words.to_vec();
    if let Some((option, plugin)) = plugin {
        let at = words.len().saturating_sub(1);
        words.splice(at..at, [option.to_string(), format!("{},what={}", plugin.display(), kind.name)]);
    }
    words.extend(kind.slow.then(|| SHARE.to_string()));
    words
}

/// How often things happen in the kernel; nothing without `fluoro stat`.
fn counts(options: &Options, tools: &Tools, bench: &Bench, kind: &Kind) -> Result<Option<Counts>, String> {
    let Some(words) = bench.command(options, Column::Stat) else { return Ok(None) };
    tools.run(bench, &command(&words, None, kind))?;
    let report = stat_report();
    let counts = std::fs::read_to_string(&report).ok().and_then(|text| Counts::parse(&text));
    let _ = std::fs::remove_file(report);
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_run() {
        let plain = ["fluoro", "run", "crc"].map(String::from);
        let plugin = Some(("-p", Path::new("factors.so")));
        let named = |name: &str| KINDS.iter().find(|k| k.name == name).unwrap();
        assert_eq!(command(&plain, None, named("nothing")), plain);
        let probed = ["fluoro", "run", "-p", "factors.so,what=nothing", "crc"];
        assert_eq!(command(&plain, plugin, named("nothing")), probed);
        let slow = ["fluoro", "run", "-p", "factors.so,what=call-mem", "crc", "/8"];
        assert_eq!(command(&plain, plugin, named("call-mem")), slow);
    }
}
