//! The real programs: Debian's, out of the two roots, each a single process with the same work for all columns.

use super::Options;
use super::kernel::{Bench, What};
use crate::repo::root as repository;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Reads `bench/programs.tsv`; nothing if there are no roots.
pub fn benches(options: &Options) -> Result<Vec<Bench>, String> {
    let (guest, native) = &options.roots;
    if !guest.join("usr").exists() || !native.join("usr").exists() {
        eprintln!("no roots at {} and {}: 'cargo xtask roots' makes them", guest.display(), native.display());
        return Ok(vec![]);
    }
    let inputs = Inputs::make(guest, native)?;
    let path = repository().join("bench/programs.tsv");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    text.lines().filter(|l| !l.starts_with('#')).map(|l| bench(l, options, &inputs)).collect()
}

fn bench(line: &str, options: &Options, inputs: &Inputs) -> Result<Bench, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, times, program, arguments] = fields[..] else {
        return Err(format!("bench/programs.tsv: not four fields: {line}"));
    };
    let times = times.parse().map_err(|e| format!("bench/programs.tsv: {line}: {e}"))?;
    let arguments: Vec<String> = words(arguments).map(|w| inputs.replace(&w)).collect();
    let (guest_root, native_root) = &options.roots;
    let (guest_file, native_file) = match program {
        "cc1" => ("libexec/gcc/riscv64-linux-gnu/14/cc1", "libexec/gcc-cross/riscv64-linux-gnu/14/cc1"),
        same => (same, same),
    };
    let usr = |root: &Path, file: &str| text(&root.join("usr").join(file));
    let native = [native_start(native_root), vec![usr(native_root, native_file)], arguments.clone()].concat();
    let guest = [vec![usr(guest_root, guest_file)], arguments].concat();
    let what = What::Program { native, guest, root: guest_root.clone() };
    Ok(Bench { group: "programs".to_string(), name: name.to_string(), times, what })
}

/// The words before a program of the amd64 root: its own loader and libraries, so that no root rights are needed.
fn native_start(root: &Path) -> Vec<String> {
    let loader = text(&root.join("usr/lib64/ld-linux-x86-64.so.2"));
    let libraries = text(&root.join("usr/lib/x86_64-linux-gnu"));
    vec![loader, "--library-path".to_string(), libraries]
}

/// Words at spaces that have no backslash before them.
fn words(line: &str) -> impl Iterator<Item = String> {
    line.replace("\\ ", "\u{0}").split(' ').map(|w| w.replace('\u{0}', " ")).collect::<Vec<_>>().into_iter()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Files that the programs read.
struct Inputs {
    folder: PathBuf,
    here: PathBuf,
}

/// Sizes of the two texts.
const LONG: usize = 8_000_000;
const SHORT: usize = 1_500_000;

impl Inputs {
    /// Makes them, unless they are there: text is the root's Python library, end to end.
    fn make(guest: &Path, native: &Path) -> Result<Inputs, String> {
        let inputs = Inputs { folder: repository().join("target/bench/work"), here: repository().join("bench") };
        let folder = &inputs.folder;
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        if folder.join("done").exists() {
            return Ok(inputs);
        }
        let mut all = Vec::new();
        gather(&guest.join("usr/lib/python3.13"), &mut all)?;
        all.truncate(whole_lines(&all, LONG));
        let put = |name: &str, data: &[u8]| std::fs::write(folder.join(name), data).map_err(|e| format!("{name}: {e}"));
        put("text", &all)?;
        put("short", &all[..whole_lines(&all, SHORT)])?;
        let pack = |program: &str, args: &[&str], input: &str, out: &str| -> Result<(), String> {
            let start = native_start(native);
            let mut command = Command::new(&start[0]);
            command.args(&start[1..]).arg(native.join("usr/bin").join(program)).args(args).arg(folder.join(input));
            put(out, &stdout(&mut command)?)
        };
        pack("xz", &["-T1", "-6", "-c"], "short", "short.xz")?;
        pack("zstd", &["-q", "-9", "-c"], "text", "text.zst")?;
        let compiler = std::env::var("RISCV_CC").unwrap_or("riscv64-linux-gnu-gcc".to_string());
        let source = repository().join("bench/kernels/json.c");
        put("source.i", &stdout(Command::new(compiler).args(["-E", "-P"]).arg(source))?)?;
        put("done", b"")?;
        Ok(inputs)
    }

    fn replace(&self, word: &str) -> String {
        let file = |name: &str| text(&self.folder.join(name));
        match word {
            "C" => file("source.i"),
            _ => word
                .replace("HERE", &text(&self.here.join("programs")))
                .replace("TEXT", &file("text"))
                .replace("SHORT", &file("short")),
        }
    }
}

/// The length of the whole lines within the first `most` bytes.
fn whole_lines(text: &[u8], most: usize) -> usize {
    text[..most.min(text.len())].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
}

fn stdout(command: &mut Command) -> Result<Vec<u8>, String> {
    let name = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("{name}: {}", output.status)) }
}

/// Appends every Python source below a folder, in order of the names.
fn gather(folder: &Path, all: &mut Vec<u8>) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(fail)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
    entries.sort();
    for entry in entries {
        if all.len() >= LONG {
            break;
        }
        if entry.is_dir() && !entry.is_symlink() {
            gather(&entry, all)?;
        } else if entry.extension().is_some_and(|e| e == "py") {
            let data = std::fs::read(&entry).map_err(fail)?;
            if std::str::from_utf8(&data).is_ok() {
                all.extend(data);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{whole_lines, words};

    #[test]
    fn a_backslash_keeps_a_space() {
        assert_eq!(words("a b\\ c d").collect::<Vec<_>>(), ["a", "b c", "d"]);
    }

    #[test]
    fn cuts_behind_a_newline() {
        assert_eq!(whole_lines(b"ab\ncd\nef", 5), 3);
        assert_eq!(whole_lines(b"ab\ncd\n", 99), 6);
        assert_eq!(whole_lines(b"ab", 2), 0);
    }
}
