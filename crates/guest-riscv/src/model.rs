//! CPU models and the strings that choose them: `rv64`, `max`, `rv64,+zba,-c`, and the reference's `rv64,zba=true`.

use crate::ext::{BUNDLES, Ext, Exts};
use std::fmt;

/// Why a string chooses no CPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelError {
    UnknownModel(String),
    UnknownExtension(String),
    /// A value that is neither on nor off.
    BadValue(String),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelError::UnknownModel(m) => write!(f, "unknown model '{m}'; there are {}", names().join(", ")),
            ModelError::UnknownExtension(e) => write!(f, "unknown extension '{e}'"),
            ModelError::BadValue(v) => write!(f, "'{v}' is neither on nor off"),
        }
    }
}

impl std::error::Error for ModelError {}

/// A named set.
struct Model {
    name: &'static str,
    exts: fn() -> Exts,
}

static MODELS: &[Model] = &[
    Model { name: "max", exts: || Exts::MAX },
    Model { name: "rv64", exts: || set(RV64) },
    Model { name: "rv64i", exts: || Exts::BASE },
    Model { name: "rva22u64", exts: || set(RVA22U64) },
    Model { name: "sifive-u54", exts: || set(SIFIVE_U54) },
];

/// The reference's `rv64`.
const RV64: &[Ext] = {
    use Ext::*;
    &[
        M,
        A,
        D,
        C,
        Zicbom,
        Zicbop,
        Zicboz,
        Zicntr,
        Zifencei,
        Zihintntl,
        Zihintpause,
        Zihpm,
        Zawrs,
        Zfa,
        Zba,
        Zbb,
        Zbc,
        Zbs,
    ]
};

/// The profile of 2022. RISC-V Profiles, 5.1.
const RVA22U64: &[Ext] = {
    use Ext::*;
    &[M, A, D, C, Zicbom, Zicbop, Zicboz, Zicntr, Zihintpause, Zihpm, Zfhmin, Zba, Zbb, Zbs]
};

const SIFIVE_U54: &[Ext] = &[Ext::M, Ext::A, Ext::D, Ext::C, Ext::Zicntr, Ext::Zifencei, Ext::Zihpm];

/// Names that the reference knows and that change nothing in user mode, or stand for a property that every model has.
const WITHOUT_EFFECT: &[&str] = &[
    "h",
    "s",
    "u",
    "zic64b",
    "ziccamoa",
    "ziccif",
    "zicclsm",
    "ziccrse",
    "za64rs",
    "zkt",
    "mmu",
    "pmp",
    "vlen",
    "elen",
    "cbom_blocksize",
    "cbop_blocksize",
    "cboz_blocksize",
    "priv_spec",
    "vext_spec",
    "pmu-num",
    "pmu-mask",
];

fn set(exts: &[Ext]) -> Exts {
    exts.iter().fold(Exts::BASE, |set, &e| set.with(e))
}

/// The names of all models.
pub fn names() -> Vec<&'static str> {
    MODELS.iter().map(|m| m.name).collect()
}

/// Understands `model[,+ext|,-ext|,ext=on|,ext=off]…`.
pub fn parse(text: &str) -> Result<Exts, ModelError> {
    let mut words = text.split(',');
    let name = words.next().unwrap_or_default();
    let model = MODELS.iter().find(|m| m.name == name).ok_or_else(|| ModelError::UnknownModel(name.into()))?;
    words.filter(|w| !w.is_empty()).try_fold((model.exts)(), change)
}

/// Applies one word.
fn change(set: Exts, word: &str) -> Result<Exts, ModelError> {
    let (name, value) = match (word.strip_prefix('+'), word.strip_prefix('-'), word.split_once('=')) {
        (Some(name), ..) => (name, "on"),
        (_, Some(name), _) => (name, "off"),
        (.., Some(pair)) => pair,
        _ => (word, "on"),
    };
    let name = name.to_ascii_lowercase();
    if WITHOUT_EFFECT.contains(&name.as_str()) {
        return Ok(set);
    }
    let on = switch(value)?;
    let vector = name == "v" || name.starts_with("zv");
    if vector && !on {
        return Ok(set);
    }
    let exts = named(&name).ok_or(ModelError::UnknownExtension(name))?;
    Ok(exts.iter().fold(set, |set, &e| if on { set.with(e) } else { set.without(e) }))
}

/// The extensions behind a name.
fn named(name: &str) -> Option<Vec<Ext>> {
    let bundle = || BUNDLES.iter().find(|(n, _)| *n == name).map(|(_, exts)| exts.to_vec());
    Ext::from_name(name).map(|e| vec![e]).or_else(bundle)
}

fn switch(value: &str) -> Result<bool, ModelError> {
    match value {
        "on" | "true" | "yes" | "y" => Ok(true),
        "off" | "false" | "no" | "n" => Ok(false),
        _ => Err(ModelError::BadValue(value.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert_eq!(parse("rv64i,+zba"), parse("rv64i,zba=true"));
        assert_eq!(parse("max,-c"), parse("max,c=off"));
        assert_eq!(parse("rv64i,+b"), parse("rv64i,+zba,+zbb,+zbs"));
        assert_eq!(parse("max,v=false,vlen=256"), parse("max"));
        assert!(!parse("max,-d").unwrap().has(Ext::Zcd));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parse("rv65"), Err(ModelError::UnknownModel("rv65".into())));
        assert_eq!(parse("rv64,+zvk"), Err(ModelError::UnknownExtension("zvk".into())));
        assert_eq!(parse("rv64,zba=maybe"), Err(ModelError::BadValue("maybe".into())));
        assert_eq!(parse("rv64,+zvk").unwrap_err().to_string(), "unknown extension 'zvk'");
    }
}
