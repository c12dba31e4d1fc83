//! The names `qemu-riscv64` and `fluoro-riscv64`: the same program with the reference's spelling of options.
//!
//! Scripts and binfmt_misc registrations that call `qemu-riscv64` change nothing but the name. The reference's text is
//! its manual page and what its `-h` prints; options that mean nothing here are accepted with one warning line.

use crate::settings::Settings;
use crate::value;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Whether the program was started under a drop-in name (`argv[0]`, with or without a path or a `-static` tail).
pub fn is_drop_in(argv0: &OsStr) -> bool {
    let name = Path::new(argv0).file_name().and_then(OsStr::to_str).unwrap_or("");
    matches!(name.strip_suffix("-static").unwrap_or(name), "fluoro-riscv64" | "qemu-riscv64")
}

/// What the kernel's binfmt_misc hands over beside the arguments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// The word behind the program is its `argv[0]` (flag P of the registration).
    pub argv0: bool,
    /// A descriptor of the program (flags O and C), which the guest must not find.
    pub descriptor: Option<u64>,
}

impl Handed {
    /// What this process got.
    pub fn of_process() -> Handed {
        std::fs::read("/proc/self/auxv").map(|auxv| Handed::read(&auxv)).unwrap_or_default()
    }

    /// Reads an auxiliary vector: pairs of key and value.
    fn read(auxv: &[u8]) -> Handed {
        const AT_EXECFD: u64 = 2;
        const AT_FLAGS: u64 = 8;
        const PRESERVE_ARGV0: u64 = 1;
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        let value = |key| auxv.chunks_exact(16).find(|p| word(&p[..8]) == key).map(|p| word(&p[8..]));
        Handed { argv0: value(AT_FLAGS).unwrap_or(0) & PRESERVE_ARGV0 != 0, descriptor: value(AT_EXECFD) }
    }

    /// The arguments as a user would have typed them: `-0 NAME` for a preserved `argv[0]`. With that flag the kernel
    /// puts the program first, so there are no options before it.
    pub fn typed(&self, args: Vec<OsString>) -> Vec<OsString> {
        let mut args = args;
        if self.argv0 && args.len() >= 2 {
            let argv0 = args.remove(1);
            args.splice(0..0, ["-0".into(), argv0, "--".into()]);
        }
        args
    }
}

/// The reference's log items and what they do here, if anything.
const LOG_ITEMS: [(&str, &str); 21] = [
    ("strace", "as --strace"),
    ("plugin", "what plugins print with qemu_plugin_outs"),
    ("tid", "a log file per thread; -D FILE must have '%d' in its name"),
    ("cpu", ""),
    ("cpu_reset", ""),
    ("exec", ""),
    ("fpu", ""),
    ("guest_errors", ""),
    ("in_asm", ""),
    ("int", ""),
    ("invalid_mem", ""),
    ("mmu", ""),
    ("nochain", ""),
    ("op", ""),
    ("op_ind", ""),
    ("op_opt", ""),
    ("out_asm", ""),
    ("page", ""),
    ("pcall", ""),
    ("unimp", ""),
    ("vpu", ""),
];

/// What `-d help` prints.
pub fn log_items_text() -> String {
    let mut text = String::from("Log items:\n");
    for (item, does) in LOG_ITEMS {
        let does = if does.is_empty() { "accepted, prints nothing here" } else { does };
        text += &format!("  {item:13} {does}\n");
    }
    text
}

/// `-d ITEM,…`.
pub fn log_items(s: &mut Settings, value: &OsStr) -> Result<(), String> {
    for item in value::text(value)?.split(',') {
        let known = LOG_ITEMS.iter().find(|(name, _)| *name == item);
        match (item, known) {
            ("help", _) => s.list_log_items = true,
            ("strace", _) => s.strace = true,
            ("plugin", _) => s.log_plugin = true,
            ("tid", _) => s.log_per_thread = true,
            (_, Some(_)) => s.warnings.push(format!("-d {item}: prints nothing here")),
            (_, None) if item.starts_with("trace:") => s.warnings.push(format!("-d {item}: prints nothing here")),
            (_, None) => {
                let items = LOG_ITEMS.map(|(name, _)| name).join(", ");
                return Err(format!("unknown log item '{item}'; there are {items}, and '-d help' says what they do"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["qemu-riscv64", "/usr/bin/qemu-riscv64-static", "./fluoro-riscv64"] {
            assert!(is_drop_in(OsStr::new(name)), "{name}");
        }
        for name in ["fluoro", "qemu-riscv64/fluoro", "qemu-riscv32", ""] {
            assert!(!is_drop_in(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_the_kernel_hands_over() {
        let auxv = |pairs: &[(u64, u64)]| -> Vec<u8> {
            pairs.iter().flat_map(|(k, v)| [*k, *v]).flat_map(u64::to_le_bytes).collect()
        };
        let handed = Handed::read(&auxv(&[(6, 4096), (8, 1), (2, 3), (0, 0)]));
        assert_eq!(handed, Handed { argv0: true, descriptor: Some(3) });
        let words = |w: &[&str]| -> Vec<OsString> { w.iter().map(OsString::from).collect() };
        assert_eq!(handed.typed(words(&["/bin/ls", "ls", "-l"])), words(&["-0", "ls", "--", "/bin/ls", "-l"]));
        let plain = Handed::read(&auxv(&[(8, 0), (0, 0)]));
        assert_eq!(plain, Handed::default());
        assert_eq!(plain.typed(words(&["-L", "/", "x"])), words(&["-L", "/", "x"]));
    }

    #[test]
    fn items() {
        let mut s = Settings::default();
        assert_eq!(log_items(&mut s, OsStr::new("strace,in_asm,plugin,tid")), Ok(()));
        assert!(s.strace && s.log_plugin && s.log_per_thread);
        assert_eq!(s.warnings, ["-d in_asm: prints nothing here"]);
        assert!(log_items(&mut s, OsStr::new("foo")).is_err());
    }
}
