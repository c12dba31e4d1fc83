//! What a host is to the engine: an emitter of blocks, a few fixed pieces of code, and the layout that generated code
//! and Rust agree on.
//!
//! A host knows the IR and its own manual, and nothing of guests.
#![forbid(unsafe_code)]

pub mod layout;
pub mod record;

pub use record::{Record, RecordKind};

use ir::{Block, Callee, Var};

/// Why generated code returned to Rust; the value that `enter` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Return {
    /// A direct jump that is not linked yet; `layout::LINK_FROM` holds the address behind its stub's call.
    Link = 0,
    /// An indirect jump to a pc that the jump cache does not hold; the pc is stored.
    Lookup = 1,
    /// A host fault; the engine's handler has filled in the fault slots.
    Fault = 2,
    /// `Return::STOP + stop as u32`: an `Exit` operation; the pc is stored.
    Stop = 8,
}

/// A direct exit of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Offset of the 32-bit displacement to patch, relative to the block's first byte. It does not cross a cache line.
    pub field: u32,
    /// Offset of the stub's first byte, to which the displacement points until it is linked.
    pub stub: u32,
    /// Guest pc of the target.
    pub target: u64,
}

/// Where the engine will put the code, and the addresses of the fixed pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// Run address of the block's first byte; 64-byte aligned addresses make layout decisions exact.
    pub at: u64,
    /// Run address of [`Fixed::link`].
    pub link: u64,
    /// Run address of [`Fixed::lookup`].
    pub lookup: u64,
    /// Run address of [`Fixed::stop`].
    pub stop: u64,
    /// Run addresses of [`Fixed::call`].
    pub call: [u64; 2],
    /// Run address of [`Fixed::fetch_floats`].
    pub fetch_floats: u64,
    /// Address of the function that settles the allowance in `layout::SETTLED`: `extern "C" fn(index: u32, state: usize)
    /// -> u32`, which says whether the condition holds.
    pub settle: u64,
    /// Floating-point variables may be away when a block begins (`layout::FLOATS_AWAY`).
    pub lazy_floats: bool,
    /// The function (as a helper) that answers the block's `Syscall` in place, result and whether there is one; 0: none.
    /// Not together with `lazy_floats`.
    pub answer: u64,
}

/// An emitted block. Buffers are reused from block to block.
#[derive(Debug, Default)]
pub struct Emitted {
    pub code: Vec<u8>,
    pub links: Vec<Link>,
    pub records: Vec<Record>,
    /// First byte of the loop that the block is, and one past its jump back, if it jumps to itself.
    pub round: Option<(u32, u32)>,
}

impl Emitted {
    /// Empties all buffers.
    pub fn clear(&mut self) {
        self.code.clear();
        self.links.clear();
        self.records.clear();
        self.round = None;
    }
}

/// The pieces of code that every block relies on, as offsets into `code`.
#[derive(Debug, Default)]
pub struct Fixed {
    pub code: Vec<u8>,
    /// `extern "C" fn(state: usize, entry: usize) -> u32`: saves the caller's registers, loads the pins, jumps.
    pub enter: u32,
    /// Saves the pins and returns the code in the first scratch register from `enter`.
    pub stop: u32,
    /// Target of link stubs (by call).
    pub link: u32,
    /// Jump cache miss; the pc is in the first scratch register.
    pub lookup: u32,
    /// Calls of observers' functions: at a point, about an access.
    pub call: [u32; 2],
    /// Brings floating-point variables and control into registers; called by blocks that need them.
    pub fetch_floats: u32,
    /// Where a callback that leaves goes on: returns to Rust, which looks up the pc in its slot.
    pub abandon: u32,
}

/// Where a variable lives between blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Its slot in the state.
    Slot,
    /// An integer host register, by its number.
    Int(u8),
    /// A floating-point host register, by its number.
    Float(u8),
}

/// A host architecture, set up for one guest's register use.
pub trait Host: Send + Sync {
    /// The fixed pieces, to be placed anywhere in code memory.
    fn fixed(&self) -> Fixed;

    /// Emits a block. Jumps to the block's own pc are linked at once.
    ///
    /// # Panics
    /// If the block breaks the rules of the IR.
    fn emit(&self, block: &Block, place: &Place, out: &mut Emitted);

    /// What is known about a host function at this address, of whose machine code these are the first bytes.
    fn inspect(&self, at: u64, code: &[u8]) -> Callee;

    /// Where `var` lives between blocks.
    fn home(&self, var: Var) -> Home;

    /// The variables in host registers, in the order of the bits of [`Record::narrow`].
    fn int_pins(&self) -> &[Var];

    /// The variables in floating-point host registers, in the order of the bits of [`Record::nans`].
    fn float_pins(&self) -> &[Var];

    /// Words that generated code expects in the arena besides [`layout::CONSTANTS`]: displacement and value.
    fn tables(&self) -> Vec<(i32, u64)>;

    /// Bits 0 to 4 of the guest's sticky flags, from the host's control register.
    fn flags_of(&self, control: u32) -> u64;

    /// The control register with every floating-point exception masked.
    fn masked(&self, control: u32) -> u32;

    /// The same with the sticky flags (guest order) replaced.
    fn with_flags(&self, control: u32, flags: u64) -> u32;

    /// The same with the rounding mode (guest encoding) replaced.
    fn with_round(&self, control: u32, mode: u64) -> u32;
}
