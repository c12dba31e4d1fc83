//! `cargo xtask torture`: GCC's execution tests (`gcc.c-torture/execute` of Debian's gcc-14-source) at five levels.
//!
//! A test passes when it compiles and its program ends with status 0. A verdict has one letter a level, -O0 -O1 -O2 -O3
//! -Os: `p` pass, `f` other status, `s` killed by a signal, `t` time over, `c` does not compile.

use super::{List, Options, parallel, run};
use crate::repo::root;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LEVELS: [&str; 5] = ["-O0", "-O1", "-O2", "-O3", "-Os"];
/// Seconds for a program.
const LIMIT: u32 = 20;

/// Runs the verb; `--level -O2` runs one level only, and `--missing N` of it at most N tests without a verdict yet, so that
/// a long run can be done in pieces.
pub fn task(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args, &["--level", "--missing"])?;
    let level = options.others.get("--level").map(String::as_str);
    let folder = sources(&options)?;
    let work = root().join("target/torture");
    fs::create_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()))?;
    let mut tests: Vec<String> = ["", "ieee/"].iter().flat_map(|sub| names(&folder, sub)).collect();
    tests.retain(|t| options.wants(t));
    tests.sort();
    let mut list = List::open("torture", "GCC's torture tests at -O0 -O1 -O2 -O3 -Os: cargo xtask torture");
    if let Some(most) = options.others.get("--missing") {
        let at = LEVELS.iter().position(|l| Some(*l) == level).ok_or("--missing needs a --level")?;
        tests.retain(|t| !has_verdict(&list, t, at));
        tests.truncate(most.parse().map_err(|e| format!("--missing: {e}"))?);
    }
    let verdicts = parallel(&tests, options.jobs, |test| one(&options, &folder, &work, test, level));
    for (test, verdicts) in tests.iter().zip(verdicts) {
        for (column, verdict) in verdicts? {
            let verdict = merged(&list, test, column, &verdict);
            list.set(test, column, &verdict);
        }
    }
    list.finish(options.write)
}

/// Whether the list's last column, which is Fluoro's, has a letter of this level.
fn has_verdict(list: &List, test: &str, level: usize) -> bool {
    list.new.get(test).and_then(|row| row[2].chars().nth(level)).is_some_and(|letter| letter != '-')
}

/// Letters of levels that were not run come from the list.
fn merged(list: &List, test: &str, column: usize, verdict: &str) -> String {
    let old = list.new.get(test).map_or("", |row| row[column].as_str());
    let kept = |at: usize| old.chars().nth(at).unwrap_or('-');
    let padded = old.len() == LEVELS.len();
    verdict.chars().enumerate().map(|(at, c)| if c == '-' && padded { kept(at) } else { c }).collect()
}

/// Unpacks the tests from the source root, once.
fn sources(options: &Options) -> Result<PathBuf, String> {
    let folder = root().join("target/gcc-tests");
    let tests = folder.join("gcc/testsuite/gcc.c-torture/execute");
    if tests.exists() {
        return Ok(tests);
    }
    let archive = options.root("source")?.join("usr/src/gcc-14");
    let archive = fs::read_dir(&archive)
        .map_err(|e| format!("{}: {e}", archive.display()))?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.to_string_lossy().ends_with(".tar.xz"))
        .ok_or("gcc-14-source holds no archive")?;
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let status = Command::new("tar")
        .args(["--strip-components=1", "--wildcards", "-xJf"])
        .arg(archive)
        .arg("-C")
        .arg(&folder)
        .arg("*/gcc/testsuite/gcc.c-torture/execute/*")
        .status();
    if tests.exists() { Ok(tests) } else { Err(format!("tar did not unpack the tests: {status:?}")) }
}

fn names(folder: &Path, sub: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join(sub)).into_iter().flatten();
    let files = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    files.filter(|f| f.ends_with(".c")).map(|f| format!("{sub}{f}")).collect()
}

type Verdicts = Vec<(usize, String)>;

fn one(options: &Options, folder: &Path, work: &Path, test: &str, only: Option<&str>) -> Result<Verdicts, String> {
    let source = folder.join(test);
    let flags = directives(&fs::read_to_string(&source).unwrap_or_default());
    let mut letters = vec![(0, String::new())];
    letters.extend(options.emulators().iter().map(|(c, _)| (*c, String::new())));
    for level in LEVELS {
        if only.is_some_and(|o| o != level) {
            letters.iter_mut().for_each(|(_, l)| l.push('-'));
            continue;
        }
        let stem = format!("{}{level}", test.replace('/', "_"));
        let (native, guest) = (work.join(format!("{stem}.n")), work.join(format!("{stem}.r")));
        let built = compile("gcc", &source, &flags, level, &native);
        letters[0].1.push(if built { ended(&mut Command::new(&native))? } else { 'c' });
        let built = compile("riscv64-linux-gnu-gcc", &source, &flags, level, &guest);
        for (column, emulator) in options.emulators() {
            let letter = if built { ended(&mut start(column, emulator, &guest))? } else { 'c' };
            letters.iter_mut().filter(|(c, _)| *c == column).for_each(|(_, l)| l.push(letter));
        }
        let _ = (fs::remove_file(native), fs::remove_file(guest));
    }
    Ok(letters)
}

/// How an emulator starts a program.
pub fn start(column: usize, emulator: &Path, guest: &Path) -> Command {
    let mut command = Command::new(emulator);
    if column == 2 {
        command.arg("run");
    }
    command.arg(guest);
    command
}

fn ended(command: &mut Command) -> Result<char, String> {
    Ok(match run(command, LIMIT)?.status {
        0 => 'p',
        124 => 't',
        s if s > 128 => 's',
        _ => 'f',
    })
}

fn compile(compiler: &str, source: &Path, flags: &[String], level: &str, out: &Path) -> bool {
    let mut command = Command::new(compiler);
    command.args(["-w", level, "-static", "-std=gnu17"]).args(flags).arg("-o").arg(out).arg(source);
    let status = command.arg("-lm").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

/// The options in `dg-options` and `dg-additional-options` lines without a target of their own.
fn directives(text: &str) -> Vec<String> {
    let mut flags = Vec::new();
    for line in text.lines() {
        let behind = ["dg-options", "dg-additional-options"].iter().find_map(|d| line.split_once(d).map(|(_, b)| b));
        let Some(behind) = behind.filter(|b| !b.contains("target")) else { continue };
        let quoted = behind.split('"').nth(1).unwrap_or("");
        flags.extend(quoted.split_whitespace().map(str::to_string));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::directives;

    #[test]
    fn options_of_a_test() {
        let text = "/* { dg-options \"-fwrapv -O2\" } */\n// { dg-additional-options \"-m32\" { target x } }\n";
        assert_eq!(directives(text), ["-fwrapv", "-O2"]);
    }
}
