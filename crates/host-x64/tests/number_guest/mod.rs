//! A guest whose instruction words are numbers of lists of operations.
//!
//! A word with bit 0 set has four bytes, else two; the other bits of its lower half are the number.

use guest::{Flow, Guest, Helper, Insn, Pair, Register};
use ir::{Builder, Effects, Op, Stop, Var};
use std::sync::{Arc, Mutex};

/// Lists of operations, by number. Number 0 is a breakpoint.
pub type Insns = Arc<Mutex<Vec<Vec<Op>>>>;

pub struct NumberGuest {
    insns: Insns,
}

/// Holds the rounding mode.
pub const ROUND: Var = Var(64);

static INTS: [Var; 31] = vars(1);
static FLOATS: [Var; 31] = vars(32);

const fn vars(first: u16) -> [Var; 31] {
    let mut all = [Var::ZERO; 31];
    let mut n = 0;
    while n < 31 {
        all[n] = Var(first + n as u16);
        n += 1;
    }
    all
}

extern "C" fn mix(a: u64, b: u64, c: u64) -> Pair {
    Pair(a.wrapping_mul(3) ^ b.rotate_left(7) ^ c, c & 31)
}

extern "C" fn boxed_sum(a: u64, b: u64, _: u64) -> Pair {
    Pair(a.wrapping_add(b) | 0xffff_ffff << 32, a & 16)
}

static HELPERS: [Helper; 2] =
    [Helper { name: "mix", function: mix }, Helper { name: "boxed_sum", function: boxed_sum }];

impl NumberGuest {
    pub fn new(insns: Insns) -> NumberGuest {
        NumberGuest { insns }
    }
}

/// The bytes of instruction `number`.
pub fn encode(number: usize, len: u8) -> Vec<u8> {
    let long = len == 4;
    let word = (number as u32) << 1 | long as u32;
    word.to_le_bytes()[..len as usize].to_vec()
}

impl Guest for NumberGuest {
    fn name(&self) -> &'static str {
        "numbers"
    }

    fn registers(&self) -> &[Register] {
        &[]
    }

    fn hot_ints(&self) -> &'static [Var] {
        &INTS
    }

    fn hot_floats(&self) -> &'static [Var] {
        &FLOATS
    }

    fn mode_var(&self) -> (Var, u64) {
        (ROUND, 7)
    }

    fn insn_len(&self, prefix: u16) -> u8 {
        if prefix & 1 == 1 { 4 } else { 2 }
    }

    fn decode(&self, raw: u32) -> Option<Insn> {
        let number = (raw & 0xffff) >> 1;
        Some(Insn { row: number as u16, len: self.insn_len(raw as u16), word: raw, raw })
    }

    fn lift(&self, insn: &Insn, b: &mut Builder) -> Flow {
        let insns = self.insns.lock().unwrap();
        match insns.get(insn.row as usize).filter(|_| insn.row != 0) {
            Some(ops) => ops.iter().for_each(|op| b.push(*op)),
            None => b.exit(Stop::Breakpoint, b.pc),
        }
        let ends = b.block.ops.last().is_some_and(|op| op.code.info().effects.has(Effects::ENDS));
        if ends { Flow::Ends } else { Flow::Next }
    }

    fn text(&self, _: u64, _: Option<&Insn>, raw: u32, out: &mut String) {
        *out += &format!("{raw:x}");
    }

    fn helpers(&self) -> &'static [Helper] {
        &HELPERS
    }
}
