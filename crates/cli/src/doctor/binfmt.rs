//! binfmt_misc: whether the kernel starts riscv64 programs with us, and the entry that makes it so.

use super::{Finding, Mark};
use crate::say::{self, CANNOT_RUN, Failure, OURS};
use std::path::{Path, PathBuf};

const DIR: &str = "/proc/sys/fs/binfmt_misc";

/// The first 20 bytes of a riscv64 program: ELF, 64 bits, little-endian, version 1, any ABI, EXEC or DYN, machine 243.
const MAGIC: &str = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xf3\x00";
/// Which bits of them count: not the ABI, and the lowest bit of the type.
const MASK: &str = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff";

/// An entry for riscv64: its name and interpreter.
struct Entry {
    name: String,
    interpreter: String,
    enabled: bool,
}

/// The topic of the report.
pub fn state() -> Vec<Finding> {
    if !Path::new(DIR).join("status").exists() {
        return vec![Finding::new(Mark::Note, "binfmt_misc is not mounted", MOUNT)];
    }
    match entry() {
        None => vec![Finding::new(Mark::Note, "riscv64 not registered", "sudo fluoro doctor --register")],
        Some(e) if !e.enabled => {
            let remedy = format!("echo 1 | sudo tee {DIR}/{}", e.name);
            vec![Finding::new(Mark::Note, format!("riscv64 is switched off ({})", e.name), remedy)]
        }
        Some(e) => vec![Finding::new(Mark::Ok, format!("riscv64 runs with {}", e.interpreter), "")],
    }
}

fn entry() -> Option<Entry> {
    let files = std::fs::read_dir(DIR).ok()?.flatten();
    files.filter_map(|f| parse(&f.file_name().to_string_lossy(), &std::fs::read_to_string(f.path()).ok()?)).next()
}

/// Reads an entry as the kernel prints it; `None` if it is for something else.
fn parse(name: &str, text: &str) -> Option<Entry> {
    let field = |key: &str| text.lines().find_map(|l| l.strip_prefix(key)).map(str::trim);
    let magic = field("magic ")?;
    let riscv64 = magic.starts_with("7f454c460201") && magic.get(36..40) == Some("f300");
    let interpreter = field("interpreter ")?.to_string();
    riscv64.then(|| Entry { name: name.to_string(), interpreter, enabled: text.starts_with("enabled") })
}

/// Makes the kernel's register appear.
const MOUNT: &str = "sudo mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc";

/// What is written to the kernel: `F` keeps our file open, so that it works in containers and chroots as well, `P`
/// hands over the guest's own `argv[0]`.
fn line(interpreter: &Path) -> String {
    format!(":fluoro-riscv64:M::{MAGIC}:{MASK}:{}:FP", interpreter.display())
}

/// `fluoro doctor --register`.
pub fn register() -> Result<u8, Failure> {
    if let Some(e) = entry() {
        let undo = format!("echo -1 | sudo tee {DIR}/{} removes it", e.name);
        return Err(Failure::new(OURS, format!("{}: is registered for riscv64 already; {undo}", e.interpreter)));
    }
    let interpreter = drop_in_file()?;
    let file = Path::new(DIR).join("register");
    std::fs::write(&file, line(&interpreter)).map_err(|e| {
        let why = say::os_words(&e);
        let remedy = if file.exists() { "sudo fluoro doctor --register" } else { MOUNT };
        Failure::new(OURS, format!("{}: {why}; try '{remedy}'", file.display()))
    })?;
    say::result(&format!("riscv64 programs now start with {}\n", interpreter.display()))
}

/// The file named `fluoro-riscv64` beside this program.
fn drop_in_file() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe().map_err(|e| Failure::new(CANNOT_RUN, format!("/proc/self/exe: {e}")))?;
    let link = own.with_file_name("fluoro-riscv64");
    if link.exists() {
        return Ok(link);
    }
    let remedy = format!("sudo ln -s {} {}", own.display(), link.display());
    Err(Failure::new(OURS, format!("{}: there is no such file; '{remedy}' makes it", link.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernel_s_entries() {
        let text = "enabled\ninterpreter /usr/bin/qemu-riscv64\nflags: OCF\noffset 0\nmagic \
                    7f454c460201010000000000000000000200f300\nmask ffffffffffffff00fffffffffffffffffeffffff\n";
        let e = parse("qemu-riscv64", text).unwrap();
        assert_eq!((e.interpreter.as_str(), e.enabled), ("/usr/bin/qemu-riscv64", true));
        assert!(parse("x", &text.replace("f300", "b700")).is_none());
        assert!(!parse("x", &text.replace("enabled", "disabled")).unwrap().enabled);
        assert!(parse("status", "enabled\n").is_none());
    }

    #[test]
    fn the_entry_has_as_many_bytes_of_magic_as_of_mask() {
        let bytes = |s: &str| s.replace("ELF", r"\x45\x4c\x46").matches(r"\x").count();
        assert_eq!(bytes(MAGIC), 20);
        assert_eq!(bytes(MASK), 20);
        assert!(line(Path::new("/x")).ends_with(":/x:FP"));
    }
}
