//! `cargo xtask fuzz plugin-misuse`: `tests/plugins/chaos.c` calls the interface's functions in every callback, now and
//! then with stale, null, foreign, made-up or huge arguments. A run ends as the guest does, or with status 1 and a line
//! that names the plugin; never by a crash of ours, never with other output of the guest, and it does end.

use super::{Given, clock};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const USAGE: &str = "\
cargo xtask fuzz plugin-misuse [options]
  --fluoro PATH      the fluoro to test (default: target/release/fluoro)
  --seconds N        how long (default 60)
  --seed N           first seed (default: from the clock)
  --seeds N          so many seeds and no more (default: as many as there is time for)
  --keep DIR         where the plugin and outputs are put (default: the temporary directory)
  --stop N           stop after N failures (default 10)";

struct Options {
    fluoro: PathBuf,
    seconds: u64,
    seed: u64,
    seeds: u64,
    keep: PathBuf,
    stop: usize,
}

/// The guests, which end by themselves and print the same each time.
const GUESTS: [&str; 4] = ["calls", "hashtab", "threads-four", "interrupt"];

/// Each seed runs with wrong arguments as rare as this: some reach far, some try much.
const RARE: [u64; 3] = [20, 200, 2000];

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut o = Options {
            fluoro: "target/release/fluoro".into(),
            seconds: 60,
            seed: clock(),
            seeds: u64::MAX,
            keep: std::env::temp_dir(),
            stop: 10,
        };
        for given in Given::all(args) {
            let given = given?;
            let (value, number) = (given.value, || given.number());
            match given.name {
                "--fluoro" => o.fluoro = value.into(),
                "--keep" => o.keep = value.into(),
                "--seconds" => o.seconds = number()?,
                "--seed" => o.seed = number()?,
                "--seeds" => o.seeds = number()?,
                "--stop" => o.stop = number()? as usize,
                name => return Err(format!("unknown option {name}\n{USAGE}")),
            }
        }
        Ok(o)
    }
}

/// The target `plugin-misuse`.
pub fn task(args: &[String]) -> Result<(), String> {
    let o = Options::parse(args)?;
    let plugin = build(&o)?;
    let plain: Vec<Output> = GUESTS.iter().map(|g| run(&o, &[], g)).collect::<Result<_, _>>()?;
    let end = Instant::now() + Duration::from_secs(o.seconds);
    let (mut runs, mut named, mut failures) = (0, 0, 0);
    for seed in o.seed..o.seed.saturating_add(o.seeds) {
        if Instant::now() > end || failures >= o.stop {
            break;
        }
        for rare in RARE {
            let which = (seed % GUESTS.len() as u64) as usize;
            let argument = format!("{},seed={seed},wrong={rare}", plugin.display());
            let output = run(&o, &["-plugin", &argument], GUESTS[which])?;
            runs += 1;
            named += u64::from(output.status.code() == Some(1));
            if let Err(why) = judge(&output, &plain[which]) {
                failures += 1;
                let command =
                    format!("{} run -plugin {argument},trace=1 tests/golden/elf/{}", o.fluoro.display(), GUESTS[which]);
                println!("{why}\n  {command}\n  {}", last_line(&output.stderr));
            }
        }
    }
    println!("{runs} runs, {named} of them ended with a diagnosis, {failures} failures");
    if failures == 0 { Ok(()) } else { Err(format!("{failures} failures")) }
}

/// Compiles the plugin.
fn build(o: &Options) -> Result<PathBuf, String> {
    let to = o.keep.join("chaos.so");
    let mut command = Command::new("cc");
    command.args(["-O1", "-g", "-w", "-fPIC", "-shared", "-DFLUORO_PLUGIN_API=6"]);
    command.args(["-Iinclude", "-Itests/plugins", "-Itests/plugins/include", "tests/plugins/chaos.c", "-o"]).arg(&to);
    let output = command.output().map_err(|e| format!("cc: {e}"))?;
    if !output.status.success() {
        return Err(format!("cc: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(to)
}

/// Runs a guest; one that does not end is killed after a while.
fn run(o: &Options, words: &[&str], guest: &str) -> Result<Output, String> {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "20"]).arg(&o.fluoro).arg("run").args(words);
    command.arg(Path::new("tests/golden/elf").join(guest)).stdin(Stdio::null());
    command.output().map_err(|e| format!("timeout: {e}"))
}

fn last_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next_back().unwrap_or_default().to_string()
}

/// Whether a run ended as it may.
fn judge(output: &Output, plain: &Output) -> Result<(), String> {
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("panicked at") || errors.contains("internal error") {
        return Err("a crash of ours".into());
    }
    let status = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
    // Other threads may go on for a moment, and a plugin's text need not end its line.
    let named = errors.contains(": plugin ");
    match status {
        1 if named && plain.stdout.starts_with(&output.stdout) => Ok(()),
        1 => Err("no line about the plugin, or other output of the guest".into()),
        _ if output.status == plain.status && output.stdout == plain.stdout => Ok(()),
        137 => Err("does not end".into()),
        _ => Err(format!("status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_judged() {
        let output = |status: i32, out: &str, err: &str| Output {
            status: std::process::ExitStatus::from_raw(status),
            stdout: out.into(),
            stderr: err.into(),
        };
        let plain = output(0, "ab", "");
        assert!(judge(&output(0, "ab", "chaos\n"), &plain).is_ok());
        assert!(judge(&output(0, "a", ""), &plain).is_err());
        assert!(judge(&output(1 << 8, "a", "chaos\nfluoro: plugin x: f: the text is NULL\n"), &plain).is_ok());
        assert!(judge(&output(1 << 8, "c", "fluoro: plugin x: f: the text is NULL\n"), &plain).is_err());
        assert!(judge(&output(1 << 8, "", "fluoro: what\n"), &plain).is_err());
        assert!(judge(&output(11, "", ""), &plain).is_err());
        assert!(judge(&output(0, "ab", "thread 'x' panicked at y"), &plain).is_err());
    }
}
