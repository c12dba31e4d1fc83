//! `fluoro plugin check FILE`: would it load? Answered from the file, and by the dynamic linker, which looks for what it
//! needs; nothing of it runs.

use crate::glib;
use crate::linker;
use crate::needs::{Needs, SPECIAL, Unreadable};
use plugin_abi::{CUR_VERSION, MIN_VERSION, functions};
use std::fmt;
use std::path::{Path, PathBuf};

/// A plugin that would load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub file: PathBuf,
    /// The version of the interface that it was built for.
    pub version: i32,
    /// As users write it: `x86-64`.
    pub machine: String,
    /// The functions of the interface that it calls.
    pub functions: Vec<String>,
    /// How many there are.
    pub known: usize,
    pub needs_glib: bool,
    /// The libraries that it is linked with.
    pub libraries: Vec<String>,
}

/// Why one would not, as a sentence about the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    pub file: PathBuf,
    pub what: String,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.what)
    }
}

impl std::error::Error for CheckError {}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let glib = if self.needs_glib { ", needs glib" } else { "" };
        let facts = format!("plugin API {}, {}{glib}", self.version, self.machine);
        writeln!(f, "{}   {facts:<38}  loads", self.file.display())?;
        write!(f, "  uses        {} of {} functions, 0 unknown", self.functions.len(), self.known)?;
        if !self.libraries.is_empty() {
            write!(f, "\n  libraries   {}", self.libraries.join(", "))?;
        }
        self.notes().try_for_each(|note| write!(f, "\n  note        {note}"))
    }
}

/// What a plugin may ask for that a program has nothing of: one function of each kind that shows it, and what to say.
const FOR_MACHINES: [(&str, &str); 7] = [
    ("qemu_plugin_register_vcpu_idle_cb", "asks for idle vCPUs: a program's are never idle"),
    ("qemu_plugin_register_vcpu_resume_cb", "asks for resumed vCPUs: a program's never are"),
    ("qemu_plugin_register_vcpu_discon_cb", "asks for interrupts and exceptions: a program has none"),
    ("qemu_plugin_get_hwaddr", "asks for physical addresses: a program's accesses have none"),
    ("qemu_plugin_read_memory_hwaddr", "reads physical memory: a program has none, so that fails"),
    ("qemu_plugin_translate_vaddr", "translates addresses to physical ones: a program has none, so that fails"),
    ("qemu_plugin_request_time_control", "asks for control of time: a program's is the host's, whatever it sets"),
];

impl Report {
    /// What of it will do nothing, one sentence each.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        let uses = |name: &str| self.functions.iter().any(|f| f == name);
        FOR_MACHINES.into_iter().filter(move |(name, _)| uses(name)).map(|(_, note)| note)
    }
}

/// Looks at a plugin's file.
///
/// # Errors
/// It would not load: the first reason.
pub fn check(file: &Path) -> Result<Report, CheckError> {
    let error = |what| CheckError { file: file.to_path_buf(), what };
    let needs = Needs::read(file).map_err(|e| error(unreadable(&e)))?;
    if let Some(what) = wrong(&needs) {
        return Err(error(what));
    }
    if needs.glib
        && let Err(what) = glib::load_global()
    {
        return Err(error(what));
    }
    if let Some(what) = linker::missing(file) {
        return Err(error(what));
    }
    Ok(Report {
        file: file.to_path_buf(),
        version: needs.version.unwrap_or_default(),
        machine: spelled(&needs.machine),
        functions: needs.functions.into_iter().collect(),
        known: functions::rows().count(),
        needs_glib: needs.glib,
        libraries: needs.libraries,
    })
}

fn unreadable(e: &Unreadable) -> String {
    match e {
        Unreadable::Io(e) => io_text(e),
        Unreadable::NotRegular => SPECIAL.into(),
        Unreadable::NotElf => "is not an ELF file; a plugin is a shared object".into(),
        Unreadable::Damaged => "is a truncated or damaged ELF file; build or copy it again".into(),
    }
}

/// The system's words without Rust's number behind them.
fn io_text(e: &std::io::Error) -> String {
    let text = e.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_string()
}

/// What is wrong with its machine. The dynamic linker only says that there is no such file.
pub(crate) fn foreign(needs: &Needs) -> Option<String> {
    let here = std::env::consts::ARCH;
    let (theirs, ours) = (spelled(&needs.machine), spelled(here));
    (needs.machine != here).then(|| format!("was built for {theirs}; plugins run on the host, which is {ours}"))
}

/// What keeps it from being loaded, except glib.
fn wrong(needs: &Needs) -> Option<String> {
    if let Some(what) = foreign(needs) {
        return Some(what);
    }
    if !needs.shared {
        return Some("is not a shared object; link it with -shared".into());
    }
    if needs.null_install {
        return Some("has a 'qemu_plugin_install' that is NULL; define the function".into());
    }
    if !needs.install {
        return Some("has no function 'qemu_plugin_install', so it is not a plugin".into());
    }
    let Some(version) = needs.version else {
        return Some("has no 'qemu_plugin_version'; every plugin says so for what version it was built".into());
    };
    if !(MIN_VERSION..=CUR_VERSION).contains(&version) {
        let range = format!("versions {MIN_VERSION} to {CUR_VERSION} are supported");
        return Some(format!("was built for plugin API {version}; {range}"));
    }
    let unknown = needs.functions.iter().find(|n| functions::rows().all(|f| f.name != n.as_str()))?;
    Some(match functions::REMOVED.iter().find(|(old, _)| old == unknown) {
        Some((_, new)) => format!("needs '{unknown}', which version 2 has replaced by '{new}'; port it"),
        None => format!("needs '{unknown}', which no version of the interface has"),
    })
}

fn spelled(machine: &str) -> String {
    match machine {
        "x86_64" => "x86-64".into(),
        "aarch64" => "AArch64".into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> Needs {
        Needs {
            machine: std::env::consts::ARCH.into(),
            shared: true,
            install: true,
            null_install: false,
            version: Some(4),
            functions: ["qemu_plugin_outs".to_string()].into(),
            glib: false,
            libraries: vec![],
        }
    }

    #[test]
    fn reasons() {
        assert_eq!(wrong(&fit()), None);
        let text = |change: fn(&mut Needs)| {
            let mut needs = fit();
            change(&mut needs);
            wrong(&needs).unwrap()
        };
        assert_eq!(text(|n| n.version = Some(1)), "was built for plugin API 1; versions 2 to 6 are supported");
        assert_eq!(
            text(|n| n.functions = ["qemu_plugin_frobnicate".into()].into()),
            "needs 'qemu_plugin_frobnicate', which no version of the interface has"
        );
        assert!(text(|n| n.functions = ["qemu_plugin_n_vcpus".into()].into()).contains("'qemu_plugin_num_vcpus'"));
        assert!(text(|n| n.machine = "aarch64".into()).starts_with("was built for AArch64"));
        assert!(text(|n| n.shared = false).contains("-shared"));
        assert!(text(|n| n.install = false).contains("not a plugin"));
        assert!(text(|n| n.null_install = true).contains("NULL"));
        assert!(text(|n| n.version = None).contains("qemu_plugin_version"));
    }

    #[test]
    fn texts() {
        let report = Report {
            file: "./libfoo.so".into(),
            version: 4,
            machine: "x86-64".into(),
            functions: vec!["qemu_plugin_outs".into()],
            known: 57,
            needs_glib: true,
            libraries: vec!["libc.so.6".into(), "libm.so.6".into()],
        };
        let text = "./libfoo.so   plugin API 4, x86-64, needs glib        loads\n  uses        1 of 57 functions, \
                    0 unknown\n  libraries libc.so.6, libm.so.6";
        assert_eq!(
            report.to_string().split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        assert_eq!(report.notes().count(), 0);
        let report = Report { functions: vec![FOR_MACHINES[0].0.into()], ..report };
        assert!(report.to_string().ends_with("\n  note        asks for idle vCPUs: a program's are never idle"));
        for (name, _) in FOR_MACHINES {
            assert!(functions::rows().any(|f| f.name == name), "{name}");
        }
        let error = check(Path::new("/nowhere/x.so")).unwrap_err();
        assert_eq!(error.to_string(), "/nowhere/x.so: No such file or directory");
    }
}
