//! Every floating-point row against Berkeley SoftFloat: lifted, verified, evaluated, in each rounding mode both static
//! and dynamic, with the vectors under `tests/softfloat-vectors`.

#[path = "../../../tests/softfloat-vectors/src/format.rs"]
mod format;
#[path = "../../../tests/softfloat-vectors/src/read.rs"]
mod read;
#[path = "../../../tests/softfloat-vectors/src/rows.rs"]
mod rows;

use format::{Case, Operation, Outcome, Type};
use guest::{Flow, Guest, Row};
use guest_riscv::{Exts, Riscv};
use ir::eval::{self, Env, HelperFn, State, Window};
use ir::{Block, Builder, Stop};
use rows::{DYNAMIC, Registers, assignments, boxed, encode, result_type, rounds, row, rows_of, variable, ways};
use std::collections::HashMap;

const PC: u64 = 0x1000;
const SOURCES: [u32; 3] = [11, 12, 13];

/// Lifts single instructions and evaluates them.
struct Machine {
    cpu: Riscv,
    /// By word and `frm`.
    blocks: HashMap<(u32, u32), Block>,
}

impl Machine {
    fn new() -> Machine {
        Machine { cpu: Riscv::new(Exts::MAX), blocks: HashMap::new() }
    }

    fn block(&mut self, word: u32, frm: u32) -> &Block {
        let cpu = &self.cpu;
        self.blocks.entry((word, frm)).or_insert_with(|| {
            let insn = cpu.decode(word).unwrap_or_else(|| panic!("{word:08x} is no instruction"));
            let mut b = Builder::default();
            b.start(PC, frm);
            b.insn(PC, 4);
            if cpu.lift(&insn, &mut b) == Flow::Next {
                b.jump(PC + 4);
            }
            ir::verify::verify(&b.block).unwrap_or_else(|e| panic!("{word:08x}: {e}"));
            b.block
        })
    }

    /// Evaluates an instruction; the outcome of its block.
    fn run(&mut self, word: u32, frm: u32, state: &mut State) -> eval::Outcome {
        let call = |i: usize| {
            move |a, b, c| {
                let guest::Pair(value, flags) = (guest_riscv::helpers::HELPERS[i].function)(a, b, c);
                (value, flags)
            }
        };
        let helpers: Vec<_> = (0..guest_riscv::helpers::HELPERS.len()).map(call).collect();
        let helpers: Vec<HelperFn> = helpers.iter().map(|h| h as HelperFn).collect();
        let mut memory = Window::new(0, 0);
        let mut env = Env { memory: &mut memory, helpers: &helpers, answer: &ir::eval::no_answer, time: 0, cycles: 0 };
        state.round = if frm < 4 { frm as u8 } else { 0 };
        eval::run(self.block(word, frm), state, &mut env)
    }
}

/// Result register and flags of an instruction on raw registers. The flags are those that it adds to `preset`.
fn execute(m: &mut Machine, op: Operation, word: u32, frm: u32, r: Registers, raw: [u64; 3], preset: u8) -> Outcome {
    let mut state = State::new(0);
    state.flags = preset;
    for (number, value) in r.rs.into_iter().zip(raw).take(op.operands()) {
        state.set(variable(op.on, number), value);
    }
    let end = m.run(word, frm, &mut state);
    assert_eq!(end, eval::Outcome::Next(PC + 4), "{word:08x}");
    assert_eq!(state.flags & preset, preset, "{word:08x} clears flags");
    let result = if r.rd == 0 && !result_type(op).is_float() { 0 } else { state.get(variable(result_type(op), r.rd)) };
    (result, state.flags as u64)
}

fn check(m: &mut Machine, case: &Case, n: usize) {
    let op = case.operation;
    let registers = assignments(op, SOURCES);
    let r = registers[n % registers.len()];
    let preset = [0, 1 << (n % 5), 0x1f][n % 3];
    for computing in rows_of(op) {
        let row = row(&computing.name);
        let raw = computing.registers(op, case.operands);
        let modes = if rounds(row) { 0..5 } else { 0..1 };
        for (mode, (bits, flags)) in modes.zip(case.outcomes) {
            let expected = (boxed(result_type(op), bits), flags | preset as u64);
            for (rm, frm) in ways(row, mode, n) {
                let is = execute(m, op, encode(row, r, rm), frm, r, raw, preset);
                assert_eq!(is, expected, "{} {raw:x?} rm {rm} frm {frm}", row.name);
            }
        }
    }
}

#[test]
fn rows_equal_softfloat() {
    let mut m = Machine::new();
    let mut seen: HashMap<Operation, usize> = HashMap::new();
    for (n, case) in read::cases().enumerate() {
        check(&mut m, &case, n);
        *seen.entry(case.operation).or_default() += 1;
    }
    assert!(Operation::all().iter().all(|op| seen.get(op).is_some_and(|&n| n >= 400)));
}

/// A single or half that is not boxed counts as the canonical NaN.
#[test]
fn operands_must_be_boxed() {
    let mut m = Machine::new();
    let r = Registers { rd: 10, rs: SOURCES };
    let mut checked = 0;
    for op in Operation::all().into_iter().filter(|op| matches!(op.on, Type::F16 | Type::Bf16 | Type::F32)) {
        let (one, nan) = match op.on {
            Type::F16 => (0x3c00, 0x7e00),
            Type::Bf16 => (0x3f80, 0x7fc0),
            _ => (0x3f80_0000, 0x7fc0_0000),
        };
        let good = boxed(op.on, one);
        // The lowest, the highest and all upper bits wrong.
        for bad in [good ^ boxed(op.on, 0) & boxed(op.on, 0).wrapping_neg(), good ^ 1 << 63, one] {
            for position in 0..op.operands() {
                let with = |value| std::array::from_fn(|i| if i == position { value } else { good });
                for computing in rows_of(op) {
                    let word = encode(row(&computing.name), r, 0);
                    let is = execute(&mut m, op, word, 0, r, with(bad), 0);
                    let expected = execute(&mut m, op, word, 0, r, with(boxed(op.on, nan)), 0);
                    assert_eq!(is, expected, "{} {bad:x} as operand {position}", computing.name);
                    checked += 1;
                }
            }
        }
    }
    assert_eq!(checked, 288);
}

/// Results that go to `x0` raise their flags.
#[test]
fn flags_without_result() {
    let mut m = Machine::new();
    let r = Registers { rd: 0, rs: SOURCES };
    let mut raised = 0;
    for (n, case) in read::cases().enumerate().filter(|(_, c)| !result_type(c.operation).is_float()) {
        let op = case.operation;
        let raw = case.operands.map(|a| boxed(op.on, a));
        let mode = n as u32 % 5;
        for row in rows_of(op).iter().map(|c| row(&c.name)) {
            let (_, flags) = execute(&mut m, op, encode(row, r, mode), 3, r, raw, 0);
            let mode = if rounds(row) { mode } else { 0 };
            assert_eq!(flags, case.outcomes[mode as usize].1, "{} {raw:x?}", row.name);
            raised += (flags != 0) as u32;
        }
    }
    assert!(raised > 10_000);
}

/// Reserved rounding modes, static and by `frm`, are illegal in every row that has the field.
#[test]
fn reserved_modes() {
    let mut m = Machine::new();
    let r = Registers { rd: 10, rs: SOURCES };
    let all = Operation::all().into_iter().flat_map(rows_of).map(|computing| row(&computing.name));
    let rounding: Vec<&Row> = all.filter(|row| rounds(row)).collect();
    assert_eq!(rounding.len(), 65);
    for row in rounding {
        for (rm, frm) in [(5, 0), (6, 0), (5, 5), (DYNAMIC, 5), (DYNAMIC, 6), (DYNAMIC, 7)] {
            let end = m.run(encode(row, r, rm), frm, &mut State::new(0));
            assert_eq!(end, eval::Outcome::Stop { stop: Stop::Illegal, pc: PC }, "{} rm {rm} frm {frm}", row.name);
        }
        // A static mode does not look at `frm`.
        let end = m.run(encode(row, r, 1), 6, &mut State::new(0));
        assert_eq!(end, eval::Outcome::Next(PC + 4), "{}", row.name);
    }
}
