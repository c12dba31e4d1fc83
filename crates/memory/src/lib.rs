//! The guest's address space in user mode: which pages exist, what they allow, and copies that cannot crash us.
//!
//! Guest memory is host memory at the same address (decision D5, base 0). Guest addresses are below [`GUEST_END`]; the
//! host's own mappings (this program, its libraries, code memory, arenas) lie above it and are invisible to the guest.
//! The guest's mapping calls are the host's, at addresses that we choose; [`list`] keeps what the host does not know
//! (which pages the guest may execute: in the host none of them is executable).
//!
//! `unsafe` is allowed here for three things only: mapping calls on addresses below [`GUEST_END`], which no Rust object
//! ever occupies, the guarded accesses of [`guarded`], and memory of our own ([`arena`], [`slab`]).

pub mod arena;
pub mod files;
pub mod guarded;
pub mod list;
pub mod slab;
pub mod space;

pub use list::{Attributes, Mapping, Role};
pub use space::{AddressSpace, Change, Layout, MapRequest, Prot};

/// One past the last address that a guest mapping may use. The host loads position-independent programs at two thirds of
/// its 47 bits (0x5555_5555_4000) or above, and everything else of ours higher; below this address there is room for a
/// guest's reservation of 2^46 bytes.
pub const GUEST_END: u64 = 0x5000_0000_0000;

/// A Linux error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);
