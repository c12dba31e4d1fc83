//! What guests need: C libraries in sysroots; and the tools around them.

use super::{Finding, Mark};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the interpreter of dynamic programs stands in a sysroot.
const INTERPRETER: &str = "lib/ld-linux-riscv64-lp64d.so.1";

/// The sysroots that `fluoro run` would use or could be told to.
pub fn sysroots() -> Vec<Finding> {
    let named = ["FLUORO_SYSROOT", "QEMU_LD_PREFIX"];
    let named = named.iter().filter_map(|name| Some((*name, PathBuf::from(std::env::var_os(name)?))));
    let usual = ["/", "/usr/riscv64-linux-gnu", "/usr/gnemul/qemu-riscv64"].map(|dir| ("", PathBuf::from(dir)));
    let mut findings = Vec::new();
    for (variable, dir) in named.chain(usual) {
        let there = dir.join(INTERPRETER).exists();
        let state = dir.display().to_string();
        if there {
            let more = c_library(&dir).map(|v| format!("C library {v}")).unwrap_or_default();
            let more = if variable.is_empty() { more } else { format!("{more}  named by {variable}") };
            findings.push(Finding::new(Mark::Ok, state, more.trim_start()));
        } else if !variable.is_empty() {
            findings.push(Finding::new(
                Mark::Missing,
                state,
                format!("{variable} names it, but /{INTERPRETER} is not in it"),
            ));
        }
    }
    if findings.is_empty() {
        let remedy = "sudo apt-get install libc6-riscv64-cross";
        findings.push(Finding::new(Mark::Missing, "no riscv64 C library (static programs need none)", remedy));
    }
    findings
}

/// The version that a sysroot's C library says of itself.
fn c_library(root: &Path) -> Option<String> {
    let places = ["lib/libc.so.6", "lib/riscv64-linux-gnu/libc.so.6", "usr/lib/riscv64-linux-gnu/libc.so.6"];
    let bytes = places.iter().find_map(|p| std::fs::read(root.join(p)).ok())?;
    let mark = b"stable release version ";
    let at = bytes.windows(mark.len()).position(|w| w == mark)? + mark.len();
    let version = bytes[at..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.');
    let version: String = version.map(|b| *b as char).collect();
    Some(version.trim_end_matches('.').to_string())
}

/// glib, which many plugins call but do not link.
pub fn glib() -> Vec<Finding> {
    let dirs = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib"];
    let file = dirs.iter().map(|d| Path::new(d).join("libglib-2.0.so.0")).find(|p| p.exists());
    vec![match file {
        Some(file) => Finding::new(Mark::Ok, format!("glib {}", glib_version(&file)), ""),
        None => {
            Finding::new(Mark::Note, "glib not found, which most plugins need", "sudo apt-get install libglib2.0-0")
        }
    }]
}

/// From the name behind the link: `libglib-2.0.so.0.8400.3` is 2.84.3.
fn glib_version(file: &Path) -> String {
    let real = std::fs::canonicalize(file).unwrap_or_default();
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut parts = name.trim_start_matches("libglib-2.0.so.0.").split('.').filter_map(|p| p.parse::<u32>().ok());
    match (parts.next(), parts.next()) {
        (Some(minor), Some(micro)) => format!("2.{}.{}", minor / 100, micro + minor % 100),
        _ => "2".to_string(),
    }
}

/// A cross compiler, to build guests.
pub fn compiler() -> Vec<Finding> {
    vec![match in_path("riscv64-linux-gnu-gcc") {
        Some(path) => Finding::new(Mark::Ok, path.display().to_string(), ""),
        None => {
            let remedy = "only to build guests: sudo apt-get install gcc-riscv64-linux-gnu libc6-dev-riscv64-cross";
            Finding::new(Mark::Note, "riscv64-linux-gnu-gcc not found", remedy)
        }
    }]
}

/// The reference emulator, to compare with.
pub fn reference() -> Vec<Finding> {
    let found = ["qemu-riscv64", "qemu-riscv64-static"].iter().find_map(|name| in_path(name));
    let Some(path) = found else {
        return vec![Finding::new(Mark::Note, "qemu-riscv64 not found", "only needed to compare")];
    };
    let shown = path.display().to_string();
    let same = |p: &Path| std::fs::canonicalize(p).ok();
    if same(&path) == std::env::current_exe().ok().and_then(|p| same(&p)) {
        return vec![Finding::new(Mark::Ok, shown, "is Fluoro under that name")];
    }
    let output = Command::new(&path).arg("-version").output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    let version = text.split_whitespace().skip_while(|w| *w != "version").nth(1).unwrap_or("").to_string();
    vec![Finding::new(Mark::Ok, shown, if version.is_empty() { version } else { format!("version {version}") })]
}

/// The program that a shell would start.
pub fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file())
}
