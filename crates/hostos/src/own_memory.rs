//! Our own memory as a debugger reaches it: protections do not count.
//!
//! The kernel does this for `/proc/self/mem`. The file is opened for each access: it shows the memory of the process that
//! opened it, so that a child would keep reaching its parent's, and accesses past protections are rare.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

const FILE: &str = "/proc/self/mem";

/// Copies memory at `addr`, which no Rust object occupies, into `to`. Returns whether all of it could be read: the
/// kernel finds pages that have no bytes (a file that ends before them), or there is no `/proc`.
pub fn read(addr: u64, to: &mut [u8]) -> bool {
    let file = OpenOptions::new().read(true).open(FILE);
    file.and_then(|f| f.read_exact_at(to, addr)).is_ok()
}

/// Copies `from` to memory at `addr`, which no Rust object occupies (the crate's contract for raw calls). Returns
/// whether all of it was written; a file that is mapped shared and may not be written is not.
pub fn write(addr: u64, from: &[u8]) -> bool {
    let file = OpenOptions::new().write(true).open(FILE);
    file.and_then(|f| f.write_all_at(from, addr)).is_ok()
}
