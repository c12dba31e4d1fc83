//! Running the built program, and files to run it on.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod plugin;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The built program, in an environment without settings.
pub fn fluoro() -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_fluoro")))
}

/// The built program under another name.
pub fn named(dir: &Scratch, name: &str) -> Command {
    let link = dir.path(name);
    if !link.exists() {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fluoro"), &link).unwrap();
    }
    clean(Command::new(link))
}

fn clean(mut command: Command) -> Command {
    for (name, _) in std::env::vars() {
        if name.starts_with("FLUORO_") || name.starts_with("QEMU_") {
            command.env_remove(name);
        }
    }
    command.env("XDG_CONFIG_HOME", "/nonexistent").current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// The sample guest.
pub fn sample() -> PathBuf {
    repo().join("samples/digest")
}

pub fn repo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Checks status and that stderr is exactly this one line; nothing at all if the line is empty.
#[track_caller]
pub fn one_line(output: &Output, status: i32, line: &str) {
    let expected = if line.is_empty() { String::new() } else { format!("{line}\n") };
    assert_eq!(text(&output.stderr), expected);
    assert_eq!(output.status.code(), Some(status), "{line}");
}

/// A folder of its own for a test, removed at the end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file with these rights.
    pub fn file(&self, name: &str, mode: u32, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    pub fn program(&self, name: &str, bytes: &[u8]) -> PathBuf {
        self.file(name, 0o755, bytes)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An ELF program with one loadable segment whose code makes `exit(status)`, to be bent by tests.
#[derive(Clone)]
pub struct Elf {
    pub bytes: Vec<u8>,
}

/// Offsets into the file.
pub const MACHINE: usize = 18;
pub const CLASS: usize = 4;
pub const DATA: usize = 5;
pub const TYPE: usize = 16;
pub const PHNUM: usize = 56;
/// The first program header; the second follows 56 bytes later.
pub const PH: usize = 64;
pub const P_OFFSET: usize = 8;
pub const P_VADDR: usize = 16;
pub const P_FILESZ: usize = 32;
pub const P_MEMSZ: usize = 40;

impl Elf {
    pub fn exit(status: u8) -> Elf {
        let code = [
            (u32::from(status) << 20 | 0x513).to_le_bytes(), // li a0, status
            0x05d0_0893u32.to_le_bytes(),                    // li a7, 93
            0x0000_0073u32.to_le_bytes(),                    // ecall
        ]
        .concat();
        let mut e = Elf { bytes: vec![0; 0x1000] };
        e.bytes[..16].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
        e.put16(TYPE, 2);
        e.put16(MACHINE, 243);
        e.put32(20, 1);
        e.put64(24, 0x11000); // entry
        e.put64(32, PH as u64);
        e.put32(48, 5); // flags: RVC, double-float ABI
        e.put16(52, 64);
        e.put16(54, 56);
        e.put16(PHNUM, 1);
        e.segment(0, 0x1000, 0x11000, code.len() as u64);
        e.bytes.extend(code);
        e
    }

    /// Makes program header `n` a loadable, executable segment.
    pub fn segment(&mut self, n: usize, offset: u64, address: u64, size: u64) {
        let at = PH + 56 * n;
        self.put32(at, 1);
        self.put32(at + 4, 5);
        self.put64(at + P_OFFSET, offset);
        self.put64(at + P_VADDR, address);
        self.put64(at + 24, address);
        self.put64(at + P_FILESZ, size);
        self.put64(at + P_MEMSZ, size);
        self.put64(at + 48, 0x1000);
    }

    pub fn put16(&mut self, at: usize, value: u16) {
        self.bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }

    pub fn put32(&mut self, at: usize, value: u32) {
        self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    pub fn put64(&mut self, at: usize, value: u64) {
        self.bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
}
