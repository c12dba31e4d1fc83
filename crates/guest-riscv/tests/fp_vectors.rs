//! Every floating-point row against Berkeley SoftFloat: lifted, verified, evaluated, in each rounding mode both static
//! and dynamic, with the vectors under `tests/softfloat-vectors`.

#[path = "../../../tests/softfloat-vectors/src/format.rs"]
mod format;
#[path = "../../../tests/softfloat-vectors/src/read.rs"]
mod read;

use format::{Case, Operation, Outcome, Type, Verb};
use guest::{Flow, Guest, Row};
use guest_riscv::{Riscv, ext::Exts, insn, vars};
use ir::eval::{self, Env, HelperFn, State, Window};
use ir::{Block, Builder, Stop};
use std::collections::HashMap;

const PC: u64 = 0x1000;
/// `rm` of instructions that round as `frm` says.
const DYNAMIC: u32 = 7;

fn row(name: &str) -> &'static Row {
    let mut all = insn::ROWS.iter().copied().flatten();
    all.find(|r| r.name == name).unwrap_or_else(|| panic!("no row {name}"))
}

/// Whether the encoding leaves these bits open.
fn open(row: &Row, bits: u32) -> bool {
    row.shape.mask & bits == 0
}

fn rounds(row: &Row) -> bool {
    open(row, 7 << 12)
}

/// Numbers of the destination and the three sources.
#[derive(Clone, Copy)]
struct Registers {
    rd: u32,
    rs: [u32; 3],
}

fn encode(row: &Row, registers: Registers, rm: u32) -> u32 {
    let fields = [(7, 5, registers.rd), (15, 5, registers.rs[0]), (20, 5, registers.rs[1]), (27, 5, registers.rs[2])];
    let fields = fields.into_iter().chain([(12, 3, rm)]);
    let wanted = fields.filter(|&(at, len, _)| open(row, ((1 << len) - 1) << at));
    wanted.fold(row.shape.value, |word, (at, _, value)| word | value << at)
}

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
        let mut env = Env { memory: &mut memory, helpers: &helpers, time: 0, cycles: 0 };
        state.round = if frm < 4 { frm as u8 } else { 0 };
        eval::run(self.block(word, frm), state, &mut env)
    }
}

/// The bits of a value of a type as a register holds it.
fn boxed(t: Type, bits: u64) -> u64 {
    match t {
        Type::F16 | Type::Bf16 => bits | 0xffff_ffff_ffff_0000,
        Type::F32 => bits | 0xffff_ffff_0000_0000,
        _ => bits,
    }
}

fn letter(t: Type) -> &'static str {
    match t {
        Type::F16 => "h",
        Type::Bf16 => "bf16",
        Type::F32 => "s",
        Type::F64 => "d",
        Type::I32 => "w",
        Type::U32 => "wu",
        Type::I64 => "l",
        Type::U64 => "lu",
    }
}

fn sign(t: Type) -> u64 {
    match t {
        Type::F16 => 1 << 15,
        Type::F32 => 1 << 31,
        _ => 1 << 63,
    }
}

/// Rows that compute an operation, each with signs to flip in the operands first.
fn rows_of(op: Operation) -> Vec<(String, [bool; 3])> {
    let plain = |name: &str| vec![(format!("{name}_{}", letter(op.on)), [false; 3])];
    match op.verb {
        Verb::Add => plain("fadd"),
        Verb::Sub => plain("fsub"),
        Verb::Mul => plain("fmul"),
        Verb::Div => plain("fdiv"),
        Verb::Sqrt => plain("fsqrt"),
        Verb::MulAdd => {
            [("fmadd", false, false), ("fmsub", false, true), ("fnmsub", true, false), ("fnmadd", true, true)]
                .map(|(name, product, addend)| (format!("{name}_{}", letter(op.on)), [product, false, addend]))
                .to_vec()
        }
        Verb::Eq => plain("feq"),
        Verb::Lt => plain("flt"),
        Verb::Le => plain("fle"),
        Verb::LtQuiet => plain("fltq"),
        Verb::LeQuiet => plain("fleq"),
        Verb::Min => plain("fmin"),
        Verb::Max => plain("fmax"),
        Verb::Minimum => plain("fminm"),
        Verb::Maximum => plain("fmaxm"),
        Verb::RoundToInt => plain("fround"),
        Verb::RoundToIntExact => plain("froundnx"),
        Verb::ToIntModular => vec![("fcvtmod_w_d".to_string(), [false; 3])],
        Verb::To(to) => plain(&format!("fcvt_{}", letter(to))),
    }
}

/// The type of the result.
fn result_type(op: Operation) -> Type {
    match op.verb {
        Verb::To(to) => to,
        Verb::Eq | Verb::Lt | Verb::Le | Verb::LtQuiet | Verb::LeQuiet | Verb::ToIntModular => Type::I64,
        _ => op.on,
    }
}

fn variable(t: Type, number: u32) -> ir::Var {
    if t.is_float() { vars::f(number) } else { vars::x(number) }
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

/// Different registers, and the destination equal to each of the sources.
fn assignments(op: Operation) -> Vec<Registers> {
    let rs = [11, 12, 13];
    let mut all = vec![Registers { rd: 10, rs }];
    if op.on.is_float() == result_type(op).is_float() {
        all.extend(rs[..op.operands()].iter().map(|&rd| Registers { rd, rs }));
    }
    all
}

/// `rm` and `frm` of every way to round in `mode`, of which one static one, chosen by `n`.
fn ways(row: &Row, mode: u32, n: usize) -> Vec<(u32, u32)> {
    let some_frm = n as u32 % 8;
    if rounds(row) { vec![(mode, some_frm), (mode, mode), (DYNAMIC, mode)] } else { vec![(0, some_frm)] }
}

fn check(m: &mut Machine, case: &Case, n: usize) {
    let op = case.operation;
    let registers = assignments(op);
    let r = registers[n % registers.len()];
    let preset = if n.is_multiple_of(3) { 0 } else { 1 << (n % 5) };
    for (name, flips) in rows_of(op) {
        let row = row(&name);
        let mut raw = case.operands;
        for (operand, flip) in raw.iter_mut().zip(flips) {
            *operand = boxed(op.on, *operand ^ if flip { sign(op.on) } else { 0 });
        }
        for (mode, (bits, flags)) in (0..5).zip(case.outcomes) {
            let expected = (boxed(result_type(op), bits), flags | preset as u64);
            for (rm, frm) in ways(row, mode, n) {
                let is = execute(m, op, encode(row, r, rm), frm, r, raw, preset);
                assert_eq!(is, expected, "{name} {raw:x?} rm {rm} frm {frm}");
            }
            if !rounds(row) {
                break;
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
    let r = Registers { rd: 10, rs: [11, 12, 13] };
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
                for (name, _) in rows_of(op) {
                    let word = encode(row(&name), r, 0);
                    let is = execute(&mut m, op, word, 0, r, with(bad), 0);
                    let expected = execute(&mut m, op, word, 0, r, with(boxed(op.on, nan)), 0);
                    assert_eq!(is, expected, "{name} {bad:x} as operand {position}");
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
    let r = Registers { rd: 0, rs: [11, 12, 13] };
    let mut raised = 0;
    for (n, case) in read::cases().enumerate().filter(|(_, c)| !result_type(c.operation).is_float()) {
        let op = case.operation;
        let raw = case.operands.map(|a| boxed(op.on, a));
        let mode = n as u32 % 5;
        for (name, _) in rows_of(op) {
            let word = encode(row(&name), r, mode);
            let (_, flags) = execute(&mut m, op, word, 3, r, raw, 0);
            let mode = if rounds(row(&name)) { mode } else { 0 };
            assert_eq!(flags, case.outcomes[mode as usize].1, "{name} {raw:x?}");
            raised += (flags != 0) as u32;
        }
    }
    assert!(raised > 10_000);
}

/// Reserved rounding modes, static and by `frm`, are illegal in every row that has the field.
#[test]
fn reserved_modes() {
    let mut m = Machine::new();
    let r = Registers { rd: 10, rs: [11, 12, 13] };
    let names: Vec<String> = Operation::all().into_iter().flat_map(rows_of).map(|(name, _)| name).collect();
    let rounding: Vec<&Row> = names.iter().map(|name| row(name)).filter(|row| rounds(row)).collect();
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
