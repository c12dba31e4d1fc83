//! Which values the fields of an operation may take, beyond the classes of its operands.
//!
//! The verifier refuses what is outside, and the random generator draws from inside, so the two cannot disagree.

use crate::{Class, Code, Info, Rmw, Stop};
use bits::Mem;
use std::ops::RangeInclusive;

/// Values of `imm` where it is not the value of operand `a` or `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imm {
    /// Anything: a pc, a target, a displacement.
    Any,
    /// A displacement of 32 bits.
    Disp,
    /// One of these.
    In(RangeInclusive<i64>),
    /// A power of two in this range.
    PowerOfTwo(RangeInclusive<i64>),
}

impl Imm {
    pub fn allows(&self, imm: i64) -> bool {
        match self {
            Imm::Any => true,
            Imm::Disp => imm as i32 as i64 == imm,
            Imm::In(range) => range.contains(&imm),
            Imm::PowerOfTwo(range) => range.contains(&imm) && imm.count_ones() == 1,
        }
    }
}

/// What a code allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Whether the 32-bit widths mean something.
    pub narrow: bool,
    pub mems: &'static [Mem],
    /// The largest `aux`.
    pub aux: u8,
    pub imm: Imm,
}

const NONE: Imm = Imm::In(0..=0);
const WORDS: &[Mem] = &[Mem::U32, Mem::I32, Mem::U64];
const FLOATS: &[Mem] = &[Mem::U16, Mem::U32, Mem::U64];
const INTEGERS: &[Mem] = &[Mem::I32, Mem::U32, Mem::U64];
/// Helpers that a guest may have.
const HELPERS: Imm = Imm::In(0..=1023);

/// Integer operations that exist in 32 bits too.
fn narrow(code: Code) -> bool {
    use Code::*;
    let logic = matches!(code, And | Or | Xor | AndNot | OrNot | Xnor);
    let shift = matches!(code, Shl | Shr | Sar | Rotl | Rotr);
    let arith = matches!(code, Add | Sub | Mul | DivS | DivU | RemS | RemU);
    logic || shift || arith || matches!(code, Clz | Ctz | Popcnt)
}

fn mems(code: Code) -> &'static [Mem] {
    use Code::*;
    match code {
        LoadRes | StoreCond => WORDS,
        LoadF | StoreF | FFromBits => FLOATS,
        FCvtFI | FCvtIF => INTEGERS,
        Load | Store | Amo | Cas | Ext | FBits => &Mem::ALL,
        _ => &[Mem::U64],
    }
}

fn aux(code: Code) -> u8 {
    use Code::*;
    match code {
        Insn => 15,
        Amo => Rmw::ALL.len() as u8 - 1,
        Exit => Stop::ALL.len() as u8 - 1,
        JumpInd => crate::Jump::Return as u8,
        FMulAdd => 3,
        FSgn => 2,
        FCvtFI | FCvtIF => 1,
        _ => 0,
    }
}

fn imm(code: Code) -> Imm {
    use Code::*;
    match code {
        Insn | ScoreAdd | ScoreDraw | ScoreStore | Branch | Jump | Exit | Syscall => Imm::Any,
        Load | Store | LoadF | StoreF => Imm::Disp,
        ShlAdd => Imm::In(1..=3),
        ShlAddU => Imm::In(0..=3),
        AesKey1 => Imm::In(0..=10),
        Fence => Imm::In(0..=1),
        CallPure | CallFlags => HELPERS,
        Callback | MemCallback => Imm::In(0..=0xffff),
        ZeroBlock => Imm::PowerOfTwo(8..=4096),
        _ => NONE,
    }
}

/// The limits of a code.
pub fn limits(code: Code) -> Limits {
    Limits { narrow: narrow(code), mems: mems(code), aux: aux(code), imm: imm(code) }
}

/// Whether `imm` can be the value of an operand.
pub fn takes_immediate(info: &Info) -> bool {
    info.a == Class::IntImm || info.b == Class::IntImm
}
