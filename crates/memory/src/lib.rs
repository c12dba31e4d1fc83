//! The guest's address space in user mode: which pages exist, what they allow, and copies that cannot crash us.
//!
//! Guest memory is host memory at the same address (decision D5, base 0). Guest addresses are below [`GUEST_END`]; the
//! host's own mappings (this program, its libraries, code memory, arenas) lie above it and are invisible to the guest.

pub mod guarded;
pub mod space;

pub use space::{AddressSpace, Prot};

/// One past the last address that a guest mapping may use.
pub const GUEST_END: u64 = 1 << 46;
