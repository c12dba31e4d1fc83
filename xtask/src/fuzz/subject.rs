//! Who runs a program.

use super::elf::Image;
use super::{Options, oracle};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One that runs programs.
pub enum Subject {
    Reference(PathBuf),
    Evaluator,
    Fluoro(PathBuf),
}

/// A program of ten thousand instructions that is not done by then never will be.
const PATIENCE: Duration = Duration::from_secs(20);

impl Subject {
    pub fn name(&self) -> &'static str {
        match self {
            Subject::Reference(_) => "the reference",
            Subject::Evaluator => "the evaluator",
            Subject::Fluoro(_) => "fluoro",
        }
    }

    /// What the program writes, or how it failed.
    pub fn output(&self, o: &Options, image: &Image) -> Result<Vec<u8>, String> {
        match self {
            Subject::Evaluator => oracle::output(image),
            Subject::Reference(path) => run(o, image, path, &["-cpu", "max"]),
            Subject::Fluoro(path) => run(o, image, path, &["run", "--cpu", "max"]),
        }
    }
}

fn run(o: &Options, image: &Image, program: &Path, args: &[&str]) -> Result<Vec<u8>, String> {
    let file = o.keep.join(format!("fluoro-fuzz-{}", std::process::id()));
    let write = std::fs::write(&file, image.elf());
    let mode = std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755));
    write.and(mode).map_err(|e| format!("{}: {e}", file.display()))?;
    let child = Command::new(program).args(args).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let result = child.map_err(|e| format!("{}: {e}", program.display())).and_then(finish);
    let _ = std::fs::remove_file(&file);
    result
}

/// Waits for a child, but not for ever.
fn finish(mut child: std::process::Child) -> Result<Vec<u8>, String> {
    let (mut stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes)
    });
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break status,
            None if start.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("does not end".into());
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let bytes = reader.join().expect("reads only").map_err(|e| e.to_string())?;
    if status.success() {
        return Ok(bytes);
    }
    let mut text = String::new();
    let _ = stderr.read_to_string(&mut text);
    Err(format!("status {:?}, signal {:?}: {}", status.code(), status.signal(), text.trim()))
}
