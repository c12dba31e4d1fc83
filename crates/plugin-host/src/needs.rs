//! What a plugin's file says without being loaded: its machine, the version of the interface, and what it needs.

use object::{Architecture, Object, ObjectSection, ObjectSymbol};
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
    /// The value of its version symbol; `None`: it has none.
    pub version: Option<i32>,
    /// The functions of the interface that it calls.
    pub functions: BTreeSet<String>,
    /// It calls glib's functions.
    pub glib: bool,
}

/// Why nothing could be read.
#[derive(Debug)]
pub enum Unreadable {
    Io(std::io::Error),
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
        let data = std::fs::read(file).map_err(Unreadable::Io)?;
        Needs::of(&data)
    }

    fn of(data: &[u8]) -> Result<Needs, Unreadable> {
        if !data.starts_with(b"\x7fELF") {
            return Err(Unreadable::NotElf);
        }
        let elf = object::File::parse(data).map_err(|_| Unreadable::Damaged)?;
        let mut needs = Needs {
            machine: machine(elf.architecture()),
            shared: elf.kind() == object::ObjectKind::Dynamic,
            ..Needs::default()
        };
        for symbol in elf.dynamic_symbols() {
            let name = symbol.name().map_err(|_| Unreadable::Damaged)?;
            match name {
                _ if symbol.is_undefined() => needs.wants(name),
                INSTALL_SYMBOL => needs.install = true,
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
    let part = elf.sections().find_map(|s| s.data_range(address, 4).ok().flatten())?;
    Some(i32::from_le_bytes(part.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

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
