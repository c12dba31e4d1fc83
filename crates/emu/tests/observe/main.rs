//! What an observer is told of threads, system calls and ends, and in which order (plugin contract, 2.2 to 2.6).
//!
//! A guest may end its process at any time, so each runs in one of its own: this program, started again.

mod cases;
mod recorder;

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What is left of a guest's run.
pub struct Run {
    pub events: Vec<String>,
    /// As a shell shows it.
    pub status: i32,
    pub stderr: String,
}

impl Run {
    /// The events of the first process, or of its children.
    pub fn of(&self, child: bool) -> Vec<&str> {
        let part = |e: &'static str| move |l: &&String| l.starts_with(e) == child;
        let mine = self.events.iter().filter(part("child "));
        mine.map(|l| l.strip_prefix("child ").unwrap_or(l)).collect()
    }

    /// The same without pcs, and of the registers at the beginning only the vCPU.
    pub fn short(&self, child: bool) -> Vec<String> {
        let cut = |l: &str| l.split(" pc ").next().unwrap_or_default().to_string();
        self.of(child).into_iter().map(cut).collect()
    }
}

fn scratch() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("observe-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    dir
}

/// Runs a guest under the recorder; `how` is one of its words, or empty.
pub fn observe(guest: &Path, how: &str) -> Run {
    let record = scratch().join("record");
    let _ = std::fs::remove_file(&record);
    let mut command = Command::new("timeout");
    command.args(["-k", "1", "300"]).arg(std::env::current_exe().expect("our own file"));
    command.arg("--guest").arg(guest).arg(&record).arg(how).stdin(Stdio::null());
    let Output { status, stderr, .. } = command.output().expect("timeout runs");
    let events = std::fs::read_to_string(&record).unwrap_or_default();
    Run {
        events: events.lines().map(str::to_string).collect(),
        status: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// One of the recorded guests.
pub fn golden(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the repository");
    root.join("tests/golden/elf").join(name)
}

/// A guest from assembly.
pub fn assemble(text: &str) -> PathBuf {
    use std::io::Write;
    let guest = scratch().join("guest");
    let mut gcc = Command::new("riscv64-linux-gnu-gcc");
    gcc.args(["-nostdlib", "-static", "-Wl,--no-relax", "-x", "assembler", "-", "-o"])
        .arg(&guest)
        .stdin(Stdio::piped());
    let mut child = gcc.spawn().expect("riscv64-linux-gnu-gcc (package gcc-riscv64-linux-gnu) is needed");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("gcc reads");
    assert!(child.wait().expect("gcc ends").success());
    guest
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, first, guest, record, how] = words.as_slice()
        && first == "--guest"
    {
        recorder::run(guest, record, how);
    }
    let wanted = words.iter().skip(1).find(|w| !w.starts_with('-'));
    for (name, case) in cases::ALL {
        if wanted.is_none_or(|w| name.contains(w.as_str())) {
            case();
            println!("test {name} ... ok");
        }
    }
    let _ = std::fs::remove_dir_all(scratch());
}
