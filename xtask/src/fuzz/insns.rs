//! Random instructions, drawn from the guest's rows and judged by what they lift to.
//!
//! So a new row is exercised without being named here. What cannot be compared (clocks) or would leave the program
//! (system calls) is thrown away; what accesses memory gets an address first; jumps get a place to go.

use super::asm::{self, Reach};
use guest::{Guest, Shape};
use guest_riscv::{Riscv, ext::Exts, insn, vars};
use ir::random::Rng;
use ir::{Builder, Code, Effects, Op, Stop, Var};

/// One instruction of a sequence.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub word: u32,
    pub len: u32,
    /// A distance to be put in: from item `from` to item `to`.
    pub reach: Option<(Reach, usize, usize)>,
    /// Needs the item before it, so nobody jumps here.
    pub glued: bool,
}

impl Item {
    pub fn new(word: u32) -> Item {
        Item { word, len: if word & 3 == 3 { 4 } else { 2 }, reach: None, glued: false }
    }
}

/// Registers that the frame needs: pointers to the tables and to the window, and the loop counter.
const RESERVED: [Var; 3] = [vars::x(asm::GP), vars::x(asm::TP), vars::x(asm::T6)];

/// Where the reference (10.0.13) is known to be wrong: the row's name up to a dot, of which words, and what it does.
type Wrong = (&'static str, fn(u32) -> bool, &'static str);

const REFERENCE_WRONG: &[Wrong] = &[
    ("amocas_", |word| rd(word) == 0, "destroys its constant 0, so that later code computes nonsense or divides by 0"),
    ("fround", |_| true, "loses the flags where a later instruction overwrites the result"),
    ("fcvt_s_bf16", |_| true, "takes a value that is not boxed for the canonical NaN of the other half format"),
];

fn rd(word: u32) -> u32 {
    word >> 7 & 31
}

/// Whether the reference cannot be compared with on this word.
fn reference_is_wrong(name: &str, word: u32) -> bool {
    REFERENCE_WRONG.iter().any(|(prefix, of, _)| name.starts_with(prefix) && of(word))
}

/// What an instruction needs around it.
enum Kind {
    /// Nothing.
    Plain,
    /// An address in the window, in this integer register.
    Memory { base: u32, atomic: bool },
    /// A target.
    Jump(Reach),
    /// Not usable.
    Never,
}

/// An encoding: name, shape, and whether it is compressed.
type Encoding = (&'static str, Shape, bool);

/// Draws instructions.
pub struct Source {
    cpu: Riscv,
    /// Load-reserved and store-conditional are of one size: pairs of two sizes may fail or not.
    pub reserved_size: char,
    shapes: Vec<Encoding>,
    builder: Builder,
}

impl Source {
    pub fn new() -> Source {
        let rows = insn::ROWS.iter().copied().flatten().map(|row| (row.name, row.shape, false));
        let shorts = insn::SHORTS.iter().copied().flatten().map(|short| (short.name, short.shape, true));
        let shapes = rows.chain(shorts).collect();
        Source { cpu: Riscv::new(Exts::MAX), reserved_size: 'd', shapes, builder: Builder::default() }
    }

    /// Appends a random instruction, with what it needs before it. Jumps go to one of the next items.
    pub fn push(&mut self, rng: &mut Rng, items: &mut Vec<Item>) {
        loop {
            let word = self.word(rng);
            let mut glued = false;
            match self.kind(word) {
                Kind::Never => continue,
                Kind::Plain | Kind::Memory { base: asm::TP, .. } => {}
                Kind::Memory { base, atomic } => {
                    let offset = bits::sext(rng.next(), 12) as i32;
                    let offset = if atomic { offset & !15 } else { offset };
                    items.push(Item::new(asm::addi(base, asm::TP, offset)));
                    glued = true;
                }
                Kind::Jump(reach) => {
                    let from = items.len();
                    let to = from + 1 + rng.below(5) as usize;
                    items.push(Item { reach: Some((reach, from, to)), ..Item::new(word) });
                    return;
                }
            }
            items.push(Item { glued, ..Item::new(word) });
            return;
        }
    }

    /// A random word of a random row.
    fn word(&self, rng: &mut Rng) -> u32 {
        let (name, shape, short) = rng.pick(&self.shapes);
        let mut free = rng.next() as u32;
        if !short && rng.chance(40) {
            free = few_registers(free);
        }
        if rng.chance(50) {
            // Rounding mode of the instruction: dynamic.
            free |= 7 << 12;
        }
        let word = (free & !shape.mask | shape.value) & if short { 0xffff } else { u32::MAX };
        let (a, b, len) = shape.same;
        let mask = (1u32 << len) - 1;
        let word = word & !(mask << b) | (word >> a & mask) << b;
        let pair = name.starts_with("lr_") || name.starts_with("sc_");
        let other_size = pair && !name.ends_with(self.reserved_size);
        if other_size || reference_is_wrong(name, word) { self.word(rng) } else { word }
    }

    fn kind(&mut self, word: u32) -> Kind {
        let Some(insn) = self.cpu.decode(word) else { return Kind::Never };
        self.builder.start(0x1000, 0);
        self.builder.insn(0x1000, insn.len as u32);
        self.cpu.lift(&insn, &mut self.builder);
        let ops = &self.builder.block.ops[1..];
        if other_register(insn.word) || ops.iter().any(unusable) {
            return Kind::Never;
        }
        let jumps = ops.iter().any(|op| matches!(op.code, Code::Branch | Code::Jump));
        match ops.iter().find(|op| op.code.info().effects.has(Effects::FAULTS)) {
            Some(op) => memory(op),
            None if jumps => Reach::of(word).map_or(Kind::Never, Kind::Jump),
            None => Kind::Plain,
        }
    }

    /// The text of an instruction.
    pub fn text(&self, word: u32) -> String {
        let mut out = String::new();
        self.cpu.text(0, self.cpu.decode(word).as_ref(), word, &mut out);
        out
    }
}

/// Keeps the register fields of the base formats within eight registers, so that instructions meet.
fn few_registers(word: u32) -> u32 {
    word & !(0b11000 << 7 | 0b11000 << 15 | 0b11000 << 20) | (0b01000 << 7 | 0b01000 << 15 | 0b01000 << 20)
}

/// Whether it accesses a control and status register other than those of floating point.
fn other_register(word: u32) -> bool {
    let csr = word & 0x7f == 0x73 && word >> 12 & 3 != 0;
    csr && !(1..=3).contains(&(word >> 20))
}

/// Whether an operation must not be in a sequence.
fn unusable(op: &Op) -> bool {
    let stops = op.code == Code::Syscall || op.code == Code::Exit && op.stop() != Stop::FenceCode;
    let second = Var(op.dst.0.wrapping_add(1));
    let reserved = RESERVED.contains(&op.dst) || op.code == Code::CasPair && RESERVED.contains(&second);
    let odd = matches!(op.code, Code::ReadTime | Code::ReadCycles | Code::WriteRound | Code::JumpInd);
    stops || reserved || odd
}

fn memory(op: &Op) -> Kind {
    let base = op.a;
    let register = base.0 > 0 && base.0 < 32;
    if !register || (RESERVED.contains(&base) && base != vars::x(asm::TP)) {
        return Kind::Never;
    }
    let atomic = matches!(op.code, Code::LoadRes | Code::StoreCond | Code::Amo | Code::Cas | Code::CasPair);
    Kind::Memory { base: base.0 as u32, atomic }
}
