//! Loading a program: finding it, checking it, mapping it, and making its first stack.

pub mod elf;
mod error;
mod find;
mod map;
mod present;
mod stack;
mod vdso;

pub use error::{LoadError, Problem};

use crate::options::Options;
use memory::AddressSpace;
use std::path::PathBuf;

/// What is known about the program that runs.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// The executable's absolute path, as `/proc/self/exe` shows it.
    pub exe: PathBuf,
    /// Device and inode of the executable.
    pub identity: (u64, u64),
    /// `/proc/self/cmdline`: addresses of the first argument's first byte and behind the last.
    pub args: (u64, u64),
    /// The same for the environment.
    pub env: (u64, u64),
    /// The auxiliary vector as it lies in memory.
    pub auxv: Vec<u8>,
    /// Start of the code and of the stack, for `/proc/self/stat`.
    pub code: (u64, u64),
    pub stack: u64,
    /// Address of the signal return code in the vDSO.
    pub sigreturn: u64,
}

/// What observers may ask about the program (plugin contract, section 3.5). Addresses are those in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The executable as it was named.
    pub path: PathBuf,
    /// The lowest address of its code segments, and the end of what its file has of them.
    pub code: (u64, u64),
    /// Where execution begins: in the interpreter, if there is one.
    pub entry: u64,
}

/// A program in memory.
pub struct Loaded {
    pub entry: u64,
    /// The stack pointer at entry.
    pub stack: u64,
    pub sysroot: Option<PathBuf>,
    pub image: Image,
    pub facts: Facts,
}

/// Loads the program that the options name.
///
/// # Errors
/// See [`LoadError`].
pub fn program(memory: &AddressSpace, options: &Options) -> Result<Loaded, LoadError> {
    let found = find::program(options)?;
    map::load(memory, options, found)
}

/// Whether the program that the options name could be loaded, as far as its files tell.
///
/// # Errors
/// See [`LoadError`].
pub fn check(options: &Options) -> Result<(), LoadError> {
    find::program(options).map(|_| ())
}

#[cfg(test)]
mod tests;
