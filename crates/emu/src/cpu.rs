//! CPU models: from the word that users type to a guest, and to what Linux programs are told of it.

use guest_riscv::{Exts, Riscv, model};
use linux::CpuFacts;

/// The model if none is named.
pub const DEFAULT: &str = "max";

/// The names of the models.
pub fn models() -> Vec<&'static str> {
    model::names()
}

/// The names that may follow `,+` or `,-`.
pub fn extensions() -> impl Iterator<Item = &'static str> {
    Exts::MAX.iter().map(|e| e.name())
}

/// The extensions of a model.
///
/// # Errors
/// Why the word names no CPU.
pub fn extensions_of(word: &str) -> Result<Vec<&'static str>, String> {
    let exts = model::parse(word).map_err(|e| e.to_string())?;
    Ok(exts.iter().map(|e| e.name()).collect())
}

/// The CPU that a word names.
pub(crate) fn parse(word: &str) -> Result<(Riscv, CpuFacts), String> {
    let guest = Riscv::parse(word).map_err(|e| match e {
        guest_riscv::ModelError::BadValue(_) => e.to_string(),
        guest_riscv::ModelError::UnknownModel(name) => unknown("model", &name),
        guest_riscv::ModelError::UnknownExtension(name) if name == "v" || name.starts_with("zv") => {
            format!("the vector extension ({name}) is not in this version yet; leave it out")
        }
        guest_riscv::ModelError::UnknownExtension(name) => unknown("extension", &name),
    })?;
    let facts = facts(guest.exts());
    Ok((guest, facts))
}

fn unknown(what: &str, name: &str) -> String {
    format!("unknown {what} '{name}'; 'fluoro doctor --cpu' lists them")
}

/// The largest key of `riscv_hwprobe` that may depend on the CPU.
const LAST_KEY: i64 = 31;

fn facts(exts: Exts) -> CpuFacts {
    let hwprobe = (0..=LAST_KEY).filter_map(|key| Some((key, exts.hwprobe(key)?))).collect();
    CpuFacts { hwcap: exts.hwcap(), isa: exts.isa_string(), hwprobe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_have_facts() {
        let (guest, facts) = parse("rv64").unwrap();
        assert_eq!(guest::Guest::name(&guest), "riscv64");
        assert!(facts.isa.starts_with("rv64imafdc"), "{}", facts.isa);
        assert_eq!(facts.hwcap, [0, 2, 3, 5, 8, 12].iter().map(|b| 1 << b).sum::<u64>());
        assert!(facts.hwprobe.iter().any(|&(key, value)| key == 3 && value == 1));
    }

    #[test]
    fn unknown_words_are_named() {
        assert_eq!(parse("z80").err().unwrap(), "unknown model 'z80'; 'fluoro doctor --cpu' lists them");
        assert_eq!(parse("rv64,+zqq").err().unwrap(), "unknown extension 'zqq'; 'fluoro doctor --cpu' lists them");
        let vector = "the vector extension (v) is not in this version yet; leave it out";
        assert_eq!(parse("rv64,v=true").err().unwrap(), vector);
        assert!(parse("rv64,v=false").is_ok());
    }
}
