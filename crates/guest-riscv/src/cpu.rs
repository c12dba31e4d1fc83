//! The guest as the engine sees it: decoder and lifter for a set of extensions.

use crate::ext::{Ext, Exts};
use crate::model::{self, ModelError};
use crate::{csr, helpers, insn, registers, text, vars};
use guest::{Flow, Guest, Helper, Insn, Register, Row, Short, Table};
use ir::{Builder, Code, Effects, Op, Var};

/// Telling bits of a 32-bit word: opcode, funct3, and the bits of funct7 that vary most.
pub(crate) fn key(word: u32) -> usize {
    (word >> 2 & 31 | (word >> 12 & 7) << 5 | (word >> 25 & 1) << 8 | (word >> 30 & 1) << 9) as usize
}

/// Bits that [`key`] picks.
pub(crate) const KEY_BITS: u32 = 10;

/// Telling bits of a 16-bit word: quadrant, funct3, bits 12 to 10.
pub(crate) fn short_key(half: u32) -> usize {
    (half & 3 | (half >> 10 & 63) << 2) as usize
}

/// Bits that [`short_key`] picks.
pub(crate) const SHORT_KEY_BITS: u32 = 8;

/// From bits to rows, for a set of extensions.
pub(crate) struct Decoder {
    exts: Exts,
    rows: Vec<&'static Row>,
    shorts: Vec<&'static Short>,
    words: Table,
    halves: Table,
}

impl Decoder {
    pub fn new(exts: Exts) -> Decoder {
        let rows: Vec<&Row> = insn::ROWS.iter().copied().flatten().collect();
        let shorts: Vec<&Short> = insn::SHORTS.iter().copied().flatten().collect();
        let on = |needs: guest::Needs| needs.met(exts.0);
        let shapes = rows.iter().zip(0..).filter(|(r, _)| on(r.needs)).map(|(r, n)| (r.shape, n));
        let words = Table::new(key, KEY_BITS, shapes);
        let shapes = shorts.iter().zip(0..).filter(|(s, _)| on(s.needs)).map(|(s, n)| (s.shape, n));
        let halves = Table::new(short_key, SHORT_KEY_BITS, shapes);
        Decoder { exts, rows, shorts, words, halves }
    }

    /// The row with this number.
    pub fn row(&self, n: u16) -> &'static Row {
        self.rows[n as usize]
    }

    /// The row of a compressed instruction.
    pub fn short(&self, half: u32) -> Option<&'static Short> {
        self.halves.find(half).map(|n| self.shorts[n as usize])
    }

    /// The instruction with these bits in memory.
    pub fn decode(&self, raw: u32) -> Option<Insn> {
        let insn = self.find(raw)?;
        let known = !csr::accesses(insn.word) || csr::allowed(self.exts, insn.word);
        known.then_some(insn)
    }

    /// The same without asking whether a control register exists.
    pub fn find(&self, raw: u32) -> Option<Insn> {
        if raw & 3 == 3 {
            let row = self.words.find(raw)?;
            return Some(Insn { row, len: 4, word: raw, raw });
        }
        let raw = raw & 0xffff;
        let word = (self.short(raw)?.expand)(raw);
        if word == 0 {
            return None;
        }
        Some(Insn { row: self.words.find(word)?, len: 2, word, raw })
    }
}

/// Major opcode of the atomics.
const AMO: u32 = 0x2f;

/// With Zama16b read-modify-writes of words and doublewords take misaligned addresses. (The extension speaks of those
/// inside 16 bytes; like the reference, we take the others too.)
fn allow_misaligned(op: &mut Op) {
    if op.code == Code::Amo && op.mem.bytes() >= 4 {
        op.ext = 1;
    }
}

/// A RISC-V CPU model.
pub struct Riscv {
    exts: Exts,
    decoder: Decoder,
    registers: Vec<Register>,
}

impl Riscv {
    pub fn new(exts: Exts) -> Riscv {
        Riscv { exts, decoder: Decoder::new(exts), registers: registers::of(exts) }
    }

    /// The CPU that a string chooses, see [`crate::model`].
    pub fn parse(text: &str) -> Result<Riscv, ModelError> {
        model::parse(text).map(Riscv::new)
    }

    /// The extensions that are on.
    pub fn exts(&self) -> Exts {
        self.exts
    }
}

impl Guest for Riscv {
    fn name(&self) -> &'static str {
        "riscv64"
    }

    fn registers(&self) -> &[Register] {
        &self.registers
    }

    fn hot_ints(&self) -> &'static [Var] {
        &registers::HOT_INTS
    }

    fn hot_floats(&self) -> &'static [Var] {
        &registers::HOT_FLOATS
    }

    /// frm: rounding modes are decided at translation.
    fn mode_var(&self) -> (Var, u64) {
        (vars::FRM, 7)
    }

    fn insn_len(&self, prefix: u16) -> u8 {
        if prefix & 3 == 3 { 4 } else { 2 }
    }

    fn decode(&self, raw: u32) -> Option<Insn> {
        self.decoder.decode(raw)
    }

    fn lift(&self, insn: &Insn, b: &mut Builder) -> Flow {
        let first = b.block.ops.len();
        (self.decoder.row(insn.row).lift)(b, insn.word);
        if insn.word & 0x7f == AMO && self.exts.has(Ext::Zama16b) {
            b.block.ops[first..].iter_mut().for_each(allow_misaligned);
        }
        match b.block.ops.last() {
            Some(op) if op.code.info().effects.has(Effects::ENDS) => Flow::Ends,
            _ => Flow::Next,
        }
    }

    fn text(&self, pc: u64, _insn: Option<&Insn>, raw: u32, out: &mut String) {
        text::show(pc, raw, out);
    }

    fn helpers(&self) -> &'static [Helper] {
        helpers::HELPERS
    }
}
