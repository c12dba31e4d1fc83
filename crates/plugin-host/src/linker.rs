//! What the dynamic linker would miss of a plugin: it is asked to look everything up, and runs nothing of it (as ldd does;
//! ld.so(8), `LD_TRACE_LOADED_OBJECTS`).

use crate::library;
use plugin_abi::functions;
use std::ffi::CString;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the ABI of the host, x86-64, puts it.
const LINKER: &str = "/lib64/ld-linux-x86-64.so.2";

/// What keeps it from being loaded, as a sentence about the file. `None`: nothing, or the linker cannot be asked.
pub fn missing(file: &Path) -> Option<String> {
    let mut command = Command::new(LINKER);
    command.arg(Path::new(".").join(file)).stdin(Stdio::null()).env_remove("LD_VERBOSE").env_remove("LD_DEBUG");
    command.envs([("LD_TRACE_LOADED_OBJECTS", "1"), ("LD_WARN", "yes"), ("LD_BIND_NOW", "yes")]);
    let output = command.output().ok()?;
    let (found, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let library = found.lines().find_map(absent);
    library
        .or_else(|| wrong.lines().find_map(old))
        .or_else(|| wrong.lines().find_map(refused))
        .or_else(|| wrong.lines().find_map(|line| undefined(line, offered)))
}

/// `\tNAME => not found`
fn absent(line: &str) -> Option<String> {
    let name = line.trim().strip_suffix(" => not found")?;
    Some(format!("needs the library '{name}', which is not found; install it, or name its folder in LD_LIBRARY_PATH"))
}

/// ``FILE: LIBRARY: version `NAME' not found (required by FILE)``
fn old(line: &str) -> Option<String> {
    let (before, rest) = line.split_once(": version `")?;
    let (version, _) = rest.split_once("' not found")?;
    let library = before.rsplit(['/', ' ']).next().unwrap_or(before);
    Some(format!("needs version {version} of {library}, which is older here; build the plugin on this machine"))
}

/// `PROGRAM: error while loading shared libraries: FILE: WHY`
fn refused(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(": error while loading shared libraries: ")?;
    let (_, why) = rest.split_once(": ")?;
    Some(match why {
        "failed to map segment from shared object" => {
            "may not be executed where it lies: that is mounted noexec; copy it elsewhere".into()
        }
        why => format!("cannot be loaded: {why}; build or copy it again"),
    })
}

/// `undefined symbol: NAME\t(FILE)`, perhaps with `, version V` behind the name.
fn undefined(line: &str, offered: impl Fn(&str) -> bool) -> Option<String> {
    let (_, rest) = line.split_once("undefined symbol: ")?;
    let name = rest.split(['\t', ' ', ',']).next()?;
    let what = "which neither it nor a library that it is linked with has; link what defines it";
    (!offered(name)).then(|| format!("needs '{name}', {what}"))
}

/// Whether a plugin finds it in our process.
fn offered(name: &str) -> bool {
    functions::rows().any(|f| f.name == name) || CString::new(name).is_ok_and(|name| library::is_offered(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_linker_says() {
        let said = absent("\tlibnope.so => not found").unwrap();
        assert!(said.starts_with("needs the library 'libnope.so', which is not found"), "{said}");
        assert_eq!(absent("\tlibc.so.6 => /lib/libc.so.6 (0x7f00)"), None);
        let said = old("./x.so: /lib/libc.so.6: version `GLIBC_2.99' not found (required by ./x.so)").unwrap();
        assert!(said.starts_with("needs version GLIBC_2.99 of libc.so.6,"), "{said}");
        let begin = "./x.so: error while loading shared libraries: ./x.so: ";
        let said = refused(&format!("{begin}failed to map segment from shared object")).unwrap();
        assert!(said.contains("noexec"), "{said}");
        let said = refused(&format!("{begin}ELF file's phentsize not the expected size")).unwrap();
        assert_eq!(said, "cannot be loaded: ELF file's phentsize not the expected size; build or copy it again");
        assert_eq!(refused("./x.so: something else"), None);
        let line = "undefined symbol: gone, version V\t(./x.so)";
        assert!(undefined(line, |_| false).unwrap().starts_with("needs 'gone', "));
        assert_eq!(undefined(line, |name| name == "gone"), None);
        assert!(offered("malloc") && offered("qemu_plugin_outs") && !offered("nosuch_function"));
    }

    #[test]
    fn nothing_is_missing_of_what_runs() {
        assert_eq!(missing(&std::env::current_exe().unwrap()), None);
    }
}
