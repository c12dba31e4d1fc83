//! Why a plugin was not loaded. The texts are the contract's (section 1.12), because scripts know them; those under our own
//! name are ours.

use crate::check;
use plugin_abi::{CUR_VERSION, INSTALL_SYMBOL, MIN_VERSION, VERSION_SYMBOL};
use std::fmt;
use std::path::Path;

/// A plugin that was not loaded: the text behind `PROG: `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// As the user named it.
    pub file: String,
    pub problem: Problem,
}

/// What is wrong with it; the strings are the dynamic linker's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Open(String),
    NoInstall(String),
    NullInstall,
    NoVersion(String),
    TooOld(i32),
    TooNew(i32),
    Refused(i32),
    /// Ours, about the file.
    Own(String),
    /// Ours: `file` is that of the log and cannot be written.
    Log(String),
    /// Ours: the process has as many as it can.
    TooMany,
    /// Ours: an argument has a zero byte.
    Argument,
    /// Ours: the process has plugins already.
    Again,
}

impl Problem {
    /// In our own words, which `fluoro plugin check` says too.
    pub(crate) fn in_own_words(self, file: &Path) -> Problem {
        match self {
            Problem::Open(_)
            | Problem::NoInstall(_)
            | Problem::NullInstall
            | Problem::NoVersion(_)
            | Problem::TooOld(_)
            | Problem::TooNew(_) => match (check::check(file), self) {
                (Err(e), Problem::Open(text)) if !file.exists() => Problem::Own(plain(&text, file).unwrap_or(e.what)),
                (Err(e), _) => Problem::Own(e.what),
                (Ok(_), Problem::Open(text)) => Problem::Own(plain(&text, file).unwrap_or(text)),
                (Ok(_), other) => other,
            },
            other => other,
        }
    }
}

/// What the dynamic linker says behind the file's name.
fn plain(text: &str, file: &Path) -> Option<String> {
    let (_, text) = text.split_once(&format!("{}: ", file.display()))?;
    Some(text.strip_prefix("cannot open shared object file: ").unwrap_or(text).into())
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.problem {
            Problem::Log(text) => return write!(f, "{}: {text}", self.file),
            Problem::Own(text) => return write!(f, "plugin {}: {text}", self.file),
            _ => {}
        }
        write!(f, "Could not load plugin {}: ", self.file)?;
        match &self.problem {
            Problem::Open(text) => f.write_str(text),
            Problem::NoInstall(text) => write!(f, "'{INSTALL_SYMBOL}': {text}"),
            Problem::NullInstall => write!(f, "{INSTALL_SYMBOL} is NULL"),
            Problem::NoVersion(text) => write!(f, "plugin does not declare API version '{VERSION_SYMBOL}': {text}"),
            Problem::TooOld(n) => write!(
                f,
                "plugin requires API version {n}, but this QEMU supports only a minimum version of {MIN_VERSION}"
            ),
            Problem::TooNew(n) => {
                write!(f, "plugin requires API version {n}, but this QEMU supports only up to version {CUR_VERSION}")
            }
            Problem::Refused(code) => write!(f, "{INSTALL_SYMBOL} returned error code {code}"),
            Problem::Log(text) | Problem::Own(text) => f.write_str(text),
            Problem::TooMany => write!(f, "there are {} plugins already", crate::plugin::MAX),
            Problem::Argument => f.write_str("an argument has a zero byte"),
            Problem::Again => f.write_str("the process has loaded its plugins already"),
        }
    }
}

impl std::error::Error for LoadError {}
