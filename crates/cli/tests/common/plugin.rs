//! Building plugins and small guests, and running the one with the other.
//!
//! Plugins are in `tests/plugins`, compiled with the host's compiler against `include/qemu-plugin.h`. Tests use the
//! reference's spelling of options, so that with `PLUGIN_REFERENCE=/path/to/qemu-riscv64` most of them can be run
//! against the reference too: a test that fails there expects something that the contract improves, or is wrong.

use super::{Scratch, named, repo, text};
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a run may take, as a last resort; all take a fraction of a second on a machine that has nothing else to do.
const LIMIT: Duration = Duration::from_secs(300);

/// A number no other call gets.
fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Runs a compiler unless what it made last time from the same input is still there.
fn made(name: &str, input: &impl Hash, compiler: &str, arguments: &[String]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-made");
    fs::create_dir_all(&folder).unwrap();
    let mut hash = DefaultHasher::new();
    (input, compiler, arguments).hash(&mut hash);
    let to = folder.join(format!("{:016x}-{name}", hash.finish()));
    if !to.exists() {
        let beside = folder.join(format!(".{}-{}-{name}", std::process::id(), unique()));
        let mut command = Command::new(compiler);
        command.args(arguments).arg("-o").arg(&beside);
        let output = command.output().unwrap_or_else(|e| panic!("{compiler}: {e}; the plugin tests need it"));
        assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
        fs::rename(&beside, &to).unwrap();
    }
    to
}

/// Contents of all files that a plugin may include.
fn headers() -> Vec<Vec<u8>> {
    let mut paths = vec![repo().join("include/qemu-plugin.h")];
    for folder in ["tests/plugins", "tests/plugins/include"] {
        let entries = fs::read_dir(repo().join(folder)).into_iter().flatten().flatten();
        paths.extend(entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|x| x == "h")));
    }
    paths.sort();
    paths.iter().map(|p| fs::read(p).unwrap_or_default()).collect()
}

/// The plugin `tests/plugins/NAME.c`, for the version of the interface that most are built for (4).
pub fn plugin(name: &str) -> PathBuf {
    plugin_for(name, 4, &[])
}

/// The same for another version, with further macros; with `UB_TRAPS` what C leaves undefined is a trap.
pub fn plugin_for(name: &str, api: u32, defines: &[&str]) -> PathBuf {
    compiled(&repo().join(format!("tests/plugins/{name}.c")), name, api, defines)
}

/// A plugin made from this file.
pub fn compiled(source: &Path, name: &str, api: u32, defines: &[&str]) -> PathBuf {
    let mut arguments: Vec<String> = [
        "-O1",
        "-g",
        "-Wall",
        "-Werror",
        "-Wno-unused-parameter",
        "-Wno-unused-function",
        "-Wno-unused-variable",
        "-fPIC",
        "-shared",
    ]
    .map(String::from)
    .into();
    arguments.push(format!("-DFLUORO_PLUGIN_API={api}"));
    if defines.contains(&"UB_TRAPS") {
        arguments.extend(["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"].map(String::from));
    }
    arguments.extend(defines.iter().map(|d| format!("-D{d}")));
    for folder in ["include", "tests/plugins", "tests/plugins/include"] {
        arguments.extend(["-I".to_string(), repo().join(folder).display().to_string()]);
    }
    arguments.push(source.display().to_string());
    let input = (fs::read(source).unwrap_or_else(|e| panic!("{}: {e}", source.display())), headers());
    made(&format!("{name}-v{api}.so"), &input, "cc", &arguments)
}

/// Lines of assembly that make a thread with the stack `stack`; in the thread a0 is 0 behind them.
pub const CLONE: &str = "li a0, 0x50f00
la a1, stack
li a2, 0
li a3, 0
li a4, 0
li a7, 220
ecall";

/// A guest from a few lines of assembly. Its first instruction is at 0x10000, its data at 0x20000 (section `.data`).
pub fn assembled(name: &str, lines: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-made");
    fs::create_dir_all(&folder).unwrap();
    let body = format!(".option nopic\n.globl _start\n.text\n_start:\n{lines}\n");
    let mut hash = DefaultHasher::new();
    body.hash(&mut hash);
    let source = folder.join(format!("{:016x}-{name}.s", hash.finish()));
    if !source.exists() {
        let beside = folder.join(format!(".{}-{}.s", std::process::id(), unique()));
        fs::write(&beside, &body).unwrap();
        fs::rename(&beside, &source).unwrap();
    }
    let options = [
        "-march=rv64gc_zicbom_zicboz_zba_zbb",
        "-mabi=lp64d",
        "-nostdlib",
        "-static",
        "-Wl,-Ttext=0x10000",
        "-Wl,-Tdata=0x20000",
        "-Wl,--build-id=none",
        "-Wl,--no-relax",
        "-Wl,-z,norelro",
        "-Wl,--no-warn-rwx-segments",
    ];
    let mut arguments: Vec<String> = options.map(String::from).into();
    arguments.push(source.display().to_string());
    made(name, &body, "riscv64-linux-gnu-gcc", &arguments)
}

/// The guest `tests/plugins/guests/NAME.c`, linked statically with the C library.
pub fn guest(name: &str) -> PathBuf {
    linked(name, "-static")
}

/// The same, linked with one more option.
pub fn linked(name: &str, option: &str) -> PathBuf {
    let source = repo().join(format!("tests/plugins/guests/{name}.c"));
    let input = fs::read(&source).unwrap_or_else(|e| panic!("{}: {e}", source.display()));
    let mut arguments: Vec<String> = ["-O1", option, "-pthread"].map(String::from).into();
    arguments.push(source.display().to_string());
    made(name, &input, "riscv64-linux-gnu-gcc", &arguments)
}

/// A recorded guest.
pub fn golden(name: &str) -> PathBuf {
    repo().join("tests/golden/elf").join(name)
}

/// A run to be made, under the reference's name and with its spelling of options.
pub struct Emu {
    command: Command,
    scratch: Scratch,
}

/// Whether the tests run against the reference.
pub fn is_reference() -> bool {
    std::env::var_os("PLUGIN_REFERENCE").is_some()
}

/// A run of the emulator.
pub fn emu() -> Emu {
    let scratch = Scratch::new(&format!("plugin-{}", unique()));
    let command = match std::env::var_os("PLUGIN_REFERENCE") {
        Some(path) => Command::new(path),
        None => named(&scratch, "qemu-riscv64"),
    };
    Emu { command, scratch }.word("-d").word("plugin").log()
}

/// A run by `fluoro run`, which also takes the reference's spelling of options.
pub fn fluoro_run() -> Emu {
    let scratch = Scratch::new(&format!("plugin-{}", unique()));
    match std::env::var_os("PLUGIN_REFERENCE") {
        Some(path) => Emu { command: Command::new(path), scratch },
        None => Emu { command: super::fluoro(), scratch }.word("run"),
    }
}

/// A run without `-d plugin`.
pub fn emu_without_log() -> Emu {
    let scratch = Scratch::new(&format!("plugin-{}", unique()));
    let command = match std::env::var_os("PLUGIN_REFERENCE") {
        Some(path) => Command::new(path),
        None => named(&scratch, "qemu-riscv64"),
    };
    Emu { command, scratch }
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
    /// The log file: what plugins said.
    pub log: String,
}

impl Emu {
    fn log(self) -> Emu {
        let path = self.scratch.path("log");
        self.word("-D").word(path)
    }

    /// A word of the command line.
    pub fn word(mut self, word: impl AsRef<std::ffi::OsStr>) -> Emu {
        self.command.arg(word);
        self
    }

    /// A variable.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Emu {
        self.command.env(name, value);
        self
    }

    /// A plugin with its arguments, as they stand behind the comma (or empty).
    pub fn plugin(self, file: &Path, arguments: &str) -> Emu {
        let comma = if arguments.is_empty() { "" } else { "," };
        self.word("-plugin").word(format!("{}{comma}{arguments}", file.display()))
    }

    /// A path in the folder of this run.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path(name)
    }

    /// Runs a guest.
    #[track_caller]
    pub fn run(self, guest: &Path) -> Ran {
        self.word(guest).go()
    }

    /// Runs a guest; also what plugins wrote to `report` in the folder of the run, and forked children to
    /// `report.childN`.
    #[track_caller]
    pub fn run_and_read(self, guest: &Path) -> (Ran, String) {
        let report = self.scratch.path("report");
        let mut emu = self.word(guest);
        let ran = emu.start();
        let mut all = read(&report);
        for n in 0..100 {
            let child = report.with_extension(format!("child{n}"));
            if child.exists() {
                all += &format!("== child{n}\n{}", read(&child));
            }
        }
        (ran, all)
    }

    /// Runs what the words say. Descendants that outlive the first process are not waited for.
    #[track_caller]
    pub fn go(mut self) -> Ran {
        self.start()
    }

    #[track_caller]
    fn start(&mut self) -> Ran {
        let [out, err] = ["out", "err"].map(|n| self.scratch.path(n));
        self.command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        self.command.current_dir(self.scratch.path("")).process_group(0);
        let mut child = self.command.spawn().unwrap();
        let end = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status();
                let _ = child.wait();
                panic!("{:?} takes too long; stderr: {}", self.command, read(&err));
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        Ran { status, out: read(&out), err: read(&err), log: read(&self.scratch.path("log")) }
    }
}

fn read(path: &Path) -> String {
    text(&fs::read(path).unwrap_or_default())
}

impl Ran {
    /// The status as a shell shows it.
    pub fn shown(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    /// The run ended with this status and said nothing on stderr.
    #[track_caller]
    pub fn quiet(self, status: i32) -> Ran {
        assert_eq!(self.err, "", "{self:?}");
        self.ended(status)
    }

    /// The run ended with this status.
    #[track_caller]
    pub fn ended(self, status: i32) -> Ran {
        assert_eq!(self.shown(), status, "{self:?}");
        self
    }

    /// The log is exactly this; indentation of the expected text is taken away.
    #[track_caller]
    pub fn says(self, expected: &str) -> Ran {
        let lines: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let got: Vec<&str> = self.log.lines().map(str::trim_end).collect();
        if got != lines {
            let at = got.iter().zip(&lines).take_while(|(a, b)| a == b).count();
            panic!(
                "line {}: want {:?}, got {:?}\n--- all of it (stderr {:?}, status {}):\n{}",
                at + 1,
                lines.get(at),
                got.get(at),
                self.err,
                self.shown(),
                self.log
            );
        }
        self
    }

    /// The lines of the log that begin with a word.
    pub fn lines(&self, word: &str) -> Vec<&str> {
        self.log.lines().filter(|l| l.split(' ').next() == Some(word)).collect()
    }

    /// The number behind `NAME ` at the beginning of a line of the log.
    #[track_caller]
    pub fn number(&self, name: &str) -> u64 {
        let line = self.log.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(' '));
        let line = line.unwrap_or_else(|| panic!("no '{name}' in {self:?}"));
        let first = line.split(' ').next().unwrap_or("");
        first.parse().unwrap_or_else(|e| panic!("{line}: {e}"))
    }
}
