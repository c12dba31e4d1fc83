//! What plugins can learn of the program: its file and where its code is (contract, section 3.5).

use crate::fail::misuse;
use std::ffi::CString;
use std::sync::OnceLock;

/// Facts of the main executable, with the load bias in all addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// As the user gave it.
    pub path: CString,
    /// The lowest address of an executable segment.
    pub start_code: u64,
    /// The end of what the file has of executable segments: the highest one.
    pub end_code: u64,
    /// Where execution begins: the interpreter's entry if there is one, else the program's.
    pub entry_code: u64,
}

static FACTS: OnceLock<ImageFacts> = OnceLock::new();

/// The program is loaded. Once in the life of a process.
pub fn set_image(facts: ImageFacts) {
    let _ = FACTS.set(facts);
}

/// The facts, for a function that a plugin called.
pub fn facts(function: &'static str) -> &'static ImageFacts {
    let early = "the program is not loaded yet; ask in vcpu_init or later, not in the install function";
    FACTS.get().unwrap_or_else(|| misuse(function, early))
}
