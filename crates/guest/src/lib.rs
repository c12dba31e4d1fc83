//! What a guest architecture is to the rest of the house: registers, a decoder, texts, and a lifter.
//!
//! A guest crate knows its manual and the IR, and nothing of hosts, Linux or machines. Everything here is called at
//! translation time only, so `dyn` costs nothing that shows.
#![forbid(unsafe_code)]

pub mod pattern;
pub mod register;
pub mod row;
pub mod table;

pub use ir::Builder;
pub use pattern::{Field, Pattern, check_text};
pub use register::{Bank, Place, Register};
pub use row::{Alias, Arg, Needs, Operand, Row, Shape, Short, Text, args};
pub use table::Table;

/// A decoded instruction: the row that it matched, its length, and its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Index of the row in the guest's table.
    pub row: u16,
    /// Bytes.
    pub len: u8,
    /// Bits from which operands are taken (RISC-V: the 32-bit form, also of a compressed instruction).
    pub word: u32,
    /// The bits as they stand in memory.
    pub raw: u32,
}

/// Whether a block goes on after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next instruction belongs to the same block.
    Next,
    /// The lifter has emitted a block ender.
    Ends,
}

/// Result of a helper: value and floating-point flags (guest order), in two host registers.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair(pub u64, pub u64);

/// A Rust function that generated code may call: `CallPure` and `CallFlags` name it by its index.
#[derive(Clone, Copy)]
pub struct Helper {
    pub name: &'static str,
    pub function: extern "C" fn(u64, u64, u64) -> Pair,
}

/// A guest architecture with a chosen set of extensions.
pub trait Guest: Send + Sync {
    /// The name that users type, e.g. `riscv64`.
    fn name(&self) -> &'static str;

    /// Every register with a name, in the order of the plugin contract.
    fn registers(&self) -> &[Register];

    /// Integer variables by falling frequency of use: which of them a host should keep in its registers.
    fn hot_ints(&self) -> &'static [ir::Var];

    /// The same for floating-point variables.
    fn hot_floats(&self) -> &'static [ir::Var];

    /// The variable and the mask of its bits that blocks are translated for: `Block::mode` is `var & mask`.
    fn mode_var(&self) -> (ir::Var, u64);

    /// Bytes that must be there to know how long the instruction at a pc is, and the length that `prefix` announces.
    fn insn_len(&self, prefix: u16) -> u8;

    /// Decodes `raw` (zero-extended if shorter). `None`: no such instruction, or its extension is off.
    fn decode(&self, raw: u32) -> Option<Insn>;

    /// Lifts one instruction, of which the builder already has the mark.
    fn lift(&self, insn: &Insn, b: &mut Builder) -> Flow;

    /// Appends the instruction's text in the format of the plugin contract, section 3.
    fn text(&self, pc: u64, insn: Option<&Insn>, raw: u32, out: &mut String);

    /// The helpers that lifted code may call.
    fn helpers(&self) -> &'static [Helper];
}
