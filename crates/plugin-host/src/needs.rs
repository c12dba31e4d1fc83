//! What a plugin's file says without being loaded: its machine, the version of the interface, and what it needs.

use object::elf::{DT_NEEDED, FileHeader64, ProgramHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Architecture, Endianness, Object, ObjectSection, ObjectSymbol, SectionKind};
use plugin_abi::{INSTALL_SYMBOL, VERSION_SYMBOL};
use std::collections::BTreeSet;
use std::path::Path;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// As `std::env::consts::ARCH` spells it, or another name.
    pub machine: String,
    /// It can be loaded into a program.
    pub shared: bool,
    pub install: bool,
    /// Its install function is at address 0.
    pub null_install: bool,
    /// The value of its version symbol; `None`: it has none.
    pub version: Option<i32>,
    /// The functions of the interface that it calls.
    pub functions: BTreeSet<String>,
    /// It calls glib's functions.
    pub glib: bool,
    /// The libraries that it is linked with.
    pub libraries: Vec<String>,
}

/// Why nothing could be read.
#[derive(Debug)]
pub enum Unreadable {
    Io(std::io::Error),
    /// A pipe or a device.
    NotRegular,
    NotElf,
    /// It begins as an ELF file.
    Damaged,
}

impl Needs {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no whole ELF file.
    pub fn read(file: &Path) -> Result<Needs, Unreadable> {
        if is_special(file) {
            return Err(Unreadable::NotRegular);
        }
        let data = std::fs::read(file).map_err(Unreadable::Io)?;
        Needs::of(&data)
    }

    fn of(data: &[u8]) -> Result<Needs, Unreadable> {
        if !data.starts_with(b"\x7fELF") {
            return Err(Unreadable::NotElf);
        }
        let elf = object::File::parse(data).map_err(|_| Unreadable::Damaged)?;
        if is_cut(data) {
            return Err(Unreadable::Damaged);
        }
        let mut needs = Needs {
            machine: machine(elf.architecture()),
            shared: elf.kind() == object::ObjectKind::Dynamic,
            libraries: libraries(data).unwrap_or_default(),
            ..Needs::default()
        };
        for symbol in elf.dynamic_symbols() {
            let name = symbol.name().map_err(|_| Unreadable::Damaged)?;
            match name {
                _ if symbol.is_undefined() => needs.wants(name),
                INSTALL_SYMBOL => {
                    needs.install = true;
                    needs.null_install = symbol.address() == 0;
                }
                VERSION_SYMBOL => needs.version = Some(word_at(&elf, symbol.address()).ok_or(Unreadable::Damaged)?),
                _ => {}
            }
        }
        Ok(needs)
    }

    fn wants(&mut self, name: &str) {
        if name.starts_with("qemu_plugin_") {
            self.functions.insert(name.to_string());
        }
        self.glib |= name.starts_with("g_");
    }
}

/// What is wrong with a file that [`is_special`].
pub const SPECIAL: &str = "is a pipe or a device; a plugin is a file";

/// Whether it is a pipe or a device, which reading could wait for.
pub fn is_special(file: &Path) -> bool {
    file.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// The names in its dynamic section.
fn libraries(data: &[u8]) -> Option<Vec<String>> {
    let header = FileHeader64::<Endianness>::parse(data).ok()?;
    let order = header.endian().ok()?;
    let sections = header.sections(order, data).ok()?;
    let (rows, link) = sections.dynamic(order, data).ok()??;
    let strings = sections.strings(order, data, link).ok()?;
    let needed = rows.iter().filter(|row| row.tag32(order) == Some(DT_NEEDED));
    Some(needed.filter_map(|row| Some(String::from_utf8_lossy(row.string(order, strings).ok()?).into())).collect())
}

/// Whether a segment of the file, or the table of its sections, which comes last, lies behind its end. The dynamic
/// linker maps such segments all the same, and dies when it looks at them.
pub fn is_cut(data: &[u8]) -> bool {
    const LOAD: u32 = 1;
    let Ok(header) = FileHeader64::<Endianness>::parse(data) else { return false };
    let Ok(order) = header.endian() else { return false };
    let Ok(segments) = header.program_headers(order, data) else { return false };
    let end = |s: &ProgramHeader64<Endianness>| s.p_offset(order).saturating_add(s.p_filesz(order));
    let sections = u64::from(header.e_shnum(order)) * u64::from(header.e_shentsize(order));
    let ends = segments.iter().filter(|s| s.p_type(order) == LOAD).map(end);
    ends.chain([header.e_shoff(order).saturating_add(sections)]).any(|end| end > data.len() as u64)
}

fn machine(architecture: Architecture) -> String {
    match architecture {
        Architecture::X86_64 => "x86_64".into(),
        Architecture::I386 => "x86".into(),
        Architecture::Aarch64 => "aarch64".into(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// The `int` at an address of the file's.
fn word_at(elf: &object::File, address: u64) -> Option<i32> {
    let zero = |s: &object::Section| {
        s.kind() == SectionKind::UninitializedData && (s.address()..s.address() + s.size()).contains(&address)
    };
    if elf.sections().any(|s| zero(&s)) {
        return Some(0);
    }
    let part = elf.sections().find_map(|s| s.data_range(address, 4).ok().flatten())?;
    Some(i32::from_le_bytes(part.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_files() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(!is_cut(&own) && is_cut(&own[..4096]) && is_cut(&own[..own.len() - 1]));
        assert!(!is_cut(b"\x7fELF") && !is_cut(b""));
    }

    #[test]
    fn what_is_no_plugin() {
        assert!(matches!(Needs::of(b"#!/bin/sh\n"), Err(Unreadable::NotElf)));
        assert!(matches!(Needs::of(b"\x7fELF\x02\x01\x01"), Err(Unreadable::Damaged)));
        assert!(matches!(Needs::read(Path::new("/nowhere/x.so")), Err(Unreadable::Io(_))));
        let own = Needs::read(&std::env::current_exe().unwrap()).unwrap();
        assert_eq!(own.machine, std::env::consts::ARCH);
        assert!(!own.install && own.version.is_none());
    }
}
