//! RISC-V, 64 bits: every scalar extension, as rows.
//!
//! How a row is written (`insn/<extension>.rs`; a new file also goes into the list in `insn/mod.rs`):
//!
//! ```text
//! insns! { pub ROWS;
//!     /// Adds with the rounding mode of the instruction. Manual, 21.6.
//!     fadd_s "0000000 rs2:5 rs1:5 rm:3 rd:5 1010011" F "fadd.s {rm},{rd},{rs1},{rs2}"
//!         (b, rm: Rm, rd: F, rs1: F, rs2: F) { arith(b, Code::FAdd, Fmt::F32, rm, rd, rs1, rs2) }
//! }
//! ```
//!
//! - Pattern: highest bit first; a field is `name:bits`, or `imm[12|10:5]` where it is split (see `guest::pattern`).
//!   The arguments name the same fields; their types ([`operand`]) say what the body gets: `X` and `F` a [`ir::Var`],
//!   `S` and `U` an `i64`, `Rm` and `AqRl` a `u32`. A field that the body does not use is an argument nevertheless.
//! - After the pattern: the extension ([`ext::Ext`]); `Zbb or Zbkb`: either of them; `Zabha and Zacas`: both. Then
//!   `refines NAME` if the encoding is cut out of that of another row: the narrower row stands first.
//! - Text: the mnemonic, one blank, the operands; `{@imm}` at the end shows the target of a pc-relative operand.
//! - Body: operations on `b`, an [`ir::Builder`]: `b.pc`, `b.next_pc()`, `b.block.mode` (bits 0-2 are `frm`),
//!   `b.temp()`. Nothing may fault after a guest variable was written: fault first, into a temporary, then write; this
//!   holds for `rd` = `rs1` too. Writing `Var::ZERO` through the methods of `b` does nothing; operations pushed by hand
//!   must not have it as destination. A body that ends the block pushes an ender last.
//! - Helpers are listed in [`helpers`]. Pseudo-instructions and texts of encodings that have no row are in
//!   `insn/aliases.rs`. Each row has a line in a file of `tests/*.ins`.
#![forbid(unsafe_code)]

mod cpu;
mod csr;
pub mod ext;
pub mod helpers;
pub mod insn;
pub mod model;
pub mod operand;
mod registers;
mod text;
pub mod vars;

pub use cpu::Riscv;
pub use ext::{Ext, Exts};
pub use model::ModelError;
