//! Broken files: each must give its own error, and none may crash us.

use super::error::Problem;
use super::{elf::Elf, find};
use crate::options::Options;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("fluoro-load-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Offset, address, size in the file, size in memory.
type Load = [u64; 4];

fn put(bytes: &mut Vec<u8>, at: usize, value: &[u8]) {
    if bytes.len() < at + value.len() {
        bytes.resize(at + value.len(), 0);
    }
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// A small executable with these segments.
fn program(loads: &[Load]) -> Vec<u8> {
    let mut b = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    put(&mut b, 16, &2u16.to_le_bytes());
    put(&mut b, 18, &243u16.to_le_bytes());
    put(&mut b, 24, &0x10000u64.to_le_bytes());
    put(&mut b, 32, &64u64.to_le_bytes());
    put(&mut b, 52, &64u16.to_le_bytes());
    put(&mut b, 54, &56u16.to_le_bytes());
    put(&mut b, 56, &(loads.len() as u16).to_le_bytes());
    put(&mut b, 62, &[0, 0]);
    for (i, [offset, addr, in_file, in_memory]) in loads.iter().enumerate() {
        let at = 64 + i * 56;
        put(&mut b, at, &1u32.to_le_bytes());
        put(&mut b, at + 4, &5u32.to_le_bytes());
        put(&mut b, at + 8, &offset.to_le_bytes());
        put(&mut b, at + 16, &addr.to_le_bytes());
        put(&mut b, at + 32, &in_file.to_le_bytes());
        put(&mut b, at + 40, &in_memory.to_le_bytes());
        put(&mut b, at + 48, &4096u64.to_le_bytes());
    }
    b.resize(b.len().max(0x200), 0);
    b
}

fn good() -> Vec<u8> {
    program(&[[0, 0x10000, 0x200, 0x200]])
}

fn parse(bytes: &[u8]) -> Result<Elf, Problem> {
    // Everything is in the bytes that were read first, so the file itself is not looked at.
    let file = File::open("/dev/null").unwrap();
    Elf::parse(&file, bytes, bytes.len() as u64)
}

fn changed(at: usize, value: &[u8]) -> Result<Elf, Problem> {
    let mut bytes = good();
    put(&mut bytes, at, value);
    parse(&bytes)
}

#[test]
fn each_defect_has_its_name() {
    assert!(parse(&good()).is_ok());
    assert_eq!(parse(b""), Err(Problem::Empty));
    assert_eq!(parse(b"garbage"), Err(Problem::Unknown));
    assert_eq!(parse(&good()[..40]), Err(Problem::Truncated));
    assert_eq!(changed(4, &[1]), Err(Problem::Class32));
    assert_eq!(changed(5, &[2]), Err(Problem::BigEndian));
    assert_eq!(changed(18, &[62, 0]), Err(Problem::Machine(62)));
    assert_eq!(changed(16, &[1, 0]), Err(Problem::Kind(1)));
    assert!(matches!(changed(54, &[55, 0]), Err(Problem::Malformed(_))));
    assert!(matches!(changed(32, &(1u64 << 63).to_le_bytes()), Err(Problem::Malformed(_))));
    assert_eq!(changed(32, &0x10_0000u64.to_le_bytes()), Err(Problem::Truncated));
    assert!(matches!(parse(&program(&[])), Err(Problem::Malformed(_))));
}

#[test]
fn segments_are_checked() {
    let with = |loads: &[Load]| parse(&program(loads)).map(|e| e.segments.len());
    assert_eq!(with(&[[0, 0x10000, 0x200, 0x3000], [0, 0x13000, 0x100, 0x100]]), Ok(2));
    assert_eq!(with(&[[0, 0x10000, 0x200, 0x3001], [0, 0x13000, 0x100, 0x100]]), Err(Problem::Overlapping));
    let swapped = parse(&program(&[[0, 0x13000, 0x100, 0x100], [0, 0x10000, 0x100, 0x100]])).unwrap();
    assert_eq!(swapped.span(), (0x10000, 0x13100));
    assert_eq!(with(&[[0, 0x13000, 0x100, 0x100], [0, 0x10000, 0x100, 0x3001]]), Err(Problem::Overlapping));
    assert_eq!(with(&[[0, 0x10000, 0x100, memory::GUEST_END]]), Err(Problem::Huge));
    assert_eq!(with(&[[0, 0x10000, 0x100, u64::MAX]]), Err(Problem::Huge));
    assert_eq!(with(&[[0, 0x10000, 0x10_0000, 0x10_0000]]), Err(Problem::Truncated));
    assert_eq!(with(&[[!0xfff, 0x10000, 0x1000, 0x1000]]), Err(Problem::Truncated));
    assert!(matches!(with(&[[0, 0x10000, 0x200, 0x100]]), Err(Problem::Malformed(_))));
    assert!(matches!(with(&[[1, 0x10000, 0x100, 0x100]]), Err(Problem::Malformed(_))));
}

/// Every single byte of the headers set to a few values: any result is fine, a panic is not.
#[test]
fn no_header_byte_crashes_the_parser() {
    for at in 0..120 {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let _ = changed(at, &[value]);
        }
    }
    for len in 0..good().len() {
        let _ = parse(&good()[..len]);
    }
}

fn find(path: &Path) -> Result<find::Found, Problem> {
    let options = Options { program: path.to_path_buf(), args: vec!["one".into()], ..Options::default() };
    find::program(&options).map_err(|e| e.problem)
}

#[test]
fn files_that_are_no_programs() {
    let folder = Folder::new("files");
    assert_eq!(find(&folder.0.join("none")).err(), Some(Problem::Missing));
    assert_eq!(find(&folder.0).err(), Some(Problem::Directory));
    let text = folder.file("text", b"hello\n");
    assert_eq!(find(&text).err(), Some(Problem::Unknown));
    fs::set_permissions(&text, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(find(&text).err(), Some(Problem::NotExecutable));
    let elf = folder.file("elf", &good());
    assert_eq!(find(&elf.join("below")).err(), Some(Problem::Unreadable(libc::ENOTDIR)));
    assert_eq!(find(&elf).unwrap().argv, [elf.as_os_str(), "one".as_ref()]);
}

#[test]
fn scripts_put_their_interpreter_in_front() {
    let folder = Folder::new("scripts");
    let elf = folder.file("elf", &good());
    let line = format!("#! {}  an argument \nrest", elf.display());
    let script = folder.file("script", line.as_bytes());
    let found = find(&script).unwrap();
    assert_eq!(found.argv, [elf.as_os_str(), "an argument".as_ref(), script.as_os_str(), "one".as_ref()]);
    assert_eq!(found.program.path, elf);
    let outer = folder.file("outer", format!("#!{}\n", script.display()).as_bytes());
    let argv = find(&outer).unwrap().argv;
    assert_eq!(argv, [elf.as_os_str(), "an argument".as_ref(), script.as_os_str(), outer.as_os_str(), "one".as_ref()]);
    let missing = folder.file("missing", b"#!/nowhere/sh\n");
    assert_eq!(find(&missing).err(), Some(Problem::ScriptInterpreter("/nowhere/sh".into(), Problem::Missing.into())));
    let dos = folder.file("dos", format!("#!{}\r\n", elf.display()).as_bytes());
    let name = format!("{}\r", elf.display());
    assert_eq!(find(&dos).err(), Some(Problem::ScriptInterpreter(name, Problem::Missing.into())));
    // 255 bytes count.
    let long = folder.file("long", format!("#!{} {}\n", elf.display(), "b".repeat(300)).as_bytes());
    let argument = "b".repeat(255 - "#! ".len() - elf.as_os_str().len());
    assert_eq!(find(&long).unwrap().argv[1], *argument);
    for cut in [format!("#!/{}\n", "a".repeat(300)), format!("#!{}{}\n", " ".repeat(250), elf.display())] {
        assert!(find(&folder.file("cut", cut.as_bytes())).is_err_and(|p| !matches!(p, Problem::ScriptInterpreter(..))));
    }
    let path = folder.0.join("loop");
    folder.file("loop", format!("#!{}\n", path.display()).as_bytes());
    assert_eq!(find(&path).err(), Some(Problem::Loop));
}

#[test]
fn messages_name_thing_and_remedy() {
    let error = super::LoadError::new("./prog", Problem::Machine(183));
    assert_eq!(error.to_string(), "./prog: is an AArch64 program; this build runs riscv64");
    assert_eq!((error.status(), super::LoadError::new("x", Problem::Missing).status()), (126, 127));
}
