//! Classic BPF as `seccomp` allows it: checked once, then run over 64 bytes that describe a call.
//!
//! Linux, `net/core/filter.c` and `kernel/seccomp.c`, say what is allowed; the packet instructions are not.

/// Most instructions in a program.
pub const LONGEST: u16 = 4096;

/// `struct seccomp_data` in 32-bit words: number, architecture, pc, six arguments.
pub type CallData = [u32; 16];

/// The words that describe a call.
pub fn call_data(number: u32, arch: u32, pc: u64, args: &[u64; 6]) -> CallData {
    let mut data = [0; 16];
    data[0] = number;
    data[1] = arch;
    for (pair, value) in data[2..].chunks_exact_mut(2).zip([pc].iter().chain(args)) {
        pair.copy_from_slice(&[*value as u32, (value >> 32) as u32]);
    }
    data
}

const LD: u16 = 0;
const LDX: u16 = 1;
const ST: u16 = 2;
const STX: u16 = 3;
const ALU: u16 = 4;
const JMP: u16 = 5;
const RET: u16 = 6;
const MISC: u16 = 7;

/// Modes of loads.
const IMM: u16 = 0x00;
const ABS: u16 = 0x20;
const MEM: u16 = 0x60;
const LEN: u16 = 0x80;

/// Source of an operand: the index register instead of the constant; of a result: the accumulator.
const X: u16 = 0x08;
const A: u16 = 0x10;

#[derive(Clone, Copy, Debug)]
struct Insn {
    code: u16,
    /// How many instructions to skip if the condition holds, and if not.
    jt: u8,
    jf: u8,
    k: u32,
}

/// A checked program.
#[derive(Debug)]
pub struct Program(Vec<Insn>);

impl Program {
    /// The instructions as [`Program::new`] takes them.
    pub fn raw(&self) -> Vec<u64> {
        let word = |i: &Insn| u64::from(i.code) | u64::from(i.jt) << 16 | u64::from(i.jf) << 24 | u64::from(i.k) << 32;
        self.0.iter().map(word).collect()
    }

    /// Checks instructions as they lie in memory (`struct sock_filter`).
    pub fn new(raw: Vec<u64>) -> Option<Program> {
        let decode = |w: u64| Insn { code: w as u16, jt: (w >> 16) as u8, jf: (w >> 24) as u8, k: (w >> 32) as u32 };
        let insns: Vec<Insn> = raw.into_iter().map(decode).collect();
        let valid = insns.iter().enumerate().all(|(i, insn)| insn.valid(insns.len() - i - 1));
        let ends = insns.last().is_some_and(|i| i.code & 7 == RET);
        (valid && ends).then_some(Program(insns))
    }

    /// The program's verdict on a call.
    pub fn run(&self, data: &CallData) -> u32 {
        let (mut a, mut x, mut at) = (0u32, 0u32, 0);
        let mut cells = [0u32; 16];
        loop {
            let i = self.0[at];
            at += 1;
            let operand = if i.code & X != 0 { x } else { i.k };
            match i.code & 7 {
                LD => a = load(&i, data, &cells),
                LDX => x = load(&i, data, &cells),
                ST => cells[i.k as usize] = a,
                STX => cells[i.k as usize] = x,
                ALU => match alu(i.code & 0xf0, a, operand) {
                    Some(value) => a = value,
                    None => return 0,
                },
                JMP => at += jump(&i, a, operand),
                RET => return if i.code & A != 0 { a } else { i.k },
                _ if i.code & 0xf8 == 0x80 => a = x,
                _ => x = a,
            }
        }
    }
}

fn load(i: &Insn, data: &CallData, cells: &[u32; 16]) -> u32 {
    match i.code & 0xe0 {
        IMM => i.k,
        ABS => data[i.k as usize / 4],
        MEM => cells[i.k as usize],
        _ => 64,
    }
}

fn alu(operation: u16, a: u32, b: u32) -> Option<u32> {
    Some(match operation {
        0x00 => a.wrapping_add(b),
        0x10 => a.wrapping_sub(b),
        0x20 => a.wrapping_mul(b),
        0x30 => a.checked_div(b)?,
        0x40 => a | b,
        0x50 => a & b,
        0x60 => a.checked_shl(b).unwrap_or(0),
        0x70 => a.checked_shr(b).unwrap_or(0),
        0x80 => a.wrapping_neg(),
        _ => a ^ b,
    })
}

fn jump(i: &Insn, a: u32, b: u32) -> usize {
    let taken = match i.code & 0xf0 {
        0x00 => return i.k as usize,
        0x10 => a == b,
        0x20 => a > b,
        0x30 => a >= b,
        _ => a & b != 0,
    };
    usize::from(if taken { i.jt } else { i.jf })
}

impl Insn {
    /// Whether it is allowed with `rest` instructions behind it.
    fn valid(&self, rest: usize) -> bool {
        let upper = self.code & !7;
        let cell = self.k < 16;
        match self.code & 7 {
            LD => match upper {
                ABS => self.k < 64 && self.k.is_multiple_of(4),
                MEM => cell,
                other => other == IMM || other == LEN,
            },
            LDX => {
                if upper == MEM {
                    cell
                } else {
                    upper == IMM || upper == LEN
                }
            }
            ST | STX => upper == 0 && cell,
            ALU => self.valid_alu(upper),
            JMP => self.valid_jump(upper, rest),
            RET => upper == 0 || upper == A,
            MISC => upper == 0 || upper == 0x80,
            _ => false,
        }
    }

    fn valid_alu(&self, upper: u16) -> bool {
        let operation = upper & 0xf0;
        let constant = upper & X == 0;
        let bad_constant = match operation {
            0x30 => self.k == 0,
            0x60 | 0x70 => self.k >= 32,
            _ => false,
        };
        let known = matches!(operation, 0x00..=0x80 | 0xa0) && (constant || operation != 0x80);
        upper < 0x100 && known && !(constant && bad_constant)
    }

    fn valid_jump(&self, upper: u16, rest: usize) -> bool {
        if upper == 0 {
            return (self.k as usize) < rest;
        }
        let known = matches!(upper & 0xf0, 0x10..=0x40) && upper < 0x100;
        known && usize::from(self.jt.max(self.jf)) < rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insn(code: u16, jt: u8, jf: u8, k: u32) -> u64 {
        u64::from(code) | u64::from(jt) << 16 | u64::from(jf) << 24 | u64::from(k) << 32
    }

    #[test]
    fn a_usual_filter() {
        // Load the number; 172 gives 1, 173 with a second argument above 5 gives 2, all else 3.
        let program = Program::new(vec![
            insn(0x20, 0, 0, 0),
            insn(0x15, 4, 0, 172),
            insn(0x15, 0, 2, 173),
            insn(0x20, 0, 0, 24),
            insn(0x25, 2, 0, 5),
            insn(0x06, 0, 0, 3),
            insn(0x06, 0, 0, 1),
            insn(0x06, 0, 0, 2),
        ])
        .unwrap();
        let run = |n, second| program.run(&call_data(n, 0, 0, &[0, second, 0, 0, 0, 0]));
        assert_eq!([run(172, 0), run(173, 6), run(173, 5), run(5, 9)], [1, 2, 3, 3]);
    }

    #[test]
    fn arithmetic_and_cells() {
        // A = 7; M[3] = A; X = A; A = A * X - 9; A = A ^ M[3] through X; return A.
        let program = Program::new(vec![
            insn(0x00, 0, 0, 7),
            insn(0x02, 0, 0, 3),
            insn(0x07, 0, 0, 0),
            insn(0x2c, 0, 0, 0),
            insn(0x14, 0, 0, 9),
            insn(0x61, 0, 0, 3),
            insn(0xac, 0, 0, 0),
            insn(0x16, 0, 0, 0),
        ])
        .unwrap();
        assert_eq!(program.run(&[0; 16]), (49 - 9) ^ 7);
    }

    #[test]
    fn what_the_kernel_refuses() {
        let end = insn(0x06, 0, 0, 0);
        let bad = [
            vec![],
            vec![insn(0x20, 0, 0, 0)],
            vec![insn(0x20, 0, 0, 2), end],
            vec![insn(0x20, 0, 0, 64), end],
            vec![insn(0x28, 0, 0, 0), end],
            vec![insn(0x34, 0, 0, 0), end],
            vec![insn(0x64, 0, 0, 32), end],
            vec![insn(0x02, 0, 0, 16), end],
            vec![insn(0x15, 1, 0, 0), end],
            vec![insn(0x05, 0, 0, 1), end],
            vec![insn(0xffff, 0, 0, 0), end],
        ];
        for raw in bad {
            assert!(Program::new(raw.clone()).is_none(), "{raw:x?}");
        }
    }
}
