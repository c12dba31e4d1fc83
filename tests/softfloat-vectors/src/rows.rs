//! Which rows of the RISC-V guest compute an operation, and how an instruction of them is encoded. Shared by the test
//! that evaluates lifted rows and the one that runs generated code.

use crate::format::{Operation, Type, Verb};
use guest::Row;
use guest_riscv::{insn, vars};

/// `rm` of instructions that round as `frm` says.
pub const DYNAMIC: u32 = 7;

/// The row with this name.
pub fn row(name: &str) -> &'static Row {
    let mut all = insn::ROWS.iter().copied().flatten();
    all.find(|r| r.name == name).unwrap_or_else(|| panic!("no row {name}"))
}

/// Whether the encoding leaves these bits open.
fn open(row: &Row, bits: u32) -> bool {
    row.shape.mask & bits == 0
}

/// Whether an instruction of this row names a rounding mode.
pub fn rounds(row: &Row) -> bool {
    open(row, 7 << 12)
}

/// Numbers of the destination and the three sources.
#[derive(Clone, Copy)]
pub struct Registers {
    pub rd: u32,
    pub rs: [u32; 3],
}

/// The word of an instruction. What the row has no field for is ignored.
pub fn encode(row: &Row, registers: Registers, rm: u32) -> u32 {
    let fields = [(7, 5, registers.rd), (15, 5, registers.rs[0]), (20, 5, registers.rs[1]), (27, 5, registers.rs[2])];
    let fields = fields.into_iter().chain([(12, 3, rm)]);
    let wanted = fields.filter(|&(at, len, _)| open(row, ((1 << len) - 1) << at));
    wanted.fold(row.shape.value, |word, (at, _, value)| word | value << at)
}

/// The bits of a value of a type as a register holds it.
pub fn boxed(t: Type, bits: u64) -> u64 {
    match t {
        Type::F16 | Type::Bf16 => bits | 0xffff_ffff_ffff_0000,
        Type::F32 => bits | 0xffff_ffff_0000_0000,
        _ => bits,
    }
}

/// The variable of a register of the kind that holds such values.
pub fn variable(t: Type, number: u32) -> ir::Var {
    if t.is_float() { vars::f(number) } else { vars::x(number) }
}

/// The type of the result.
pub fn result_type(op: Operation) -> Type {
    match op.verb {
        Verb::To(to) => to,
        Verb::Eq | Verb::Lt | Verb::Le | Verb::LtQuiet | Verb::LeQuiet | Verb::ToIntModular => Type::I64,
        _ => op.on,
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

/// A row that computes an operation, after these operands have changed their signs.
pub struct Computing {
    pub name: String,
    negated: [bool; 3],
}

impl Computing {
    /// The operands of a case as registers hold them for this row.
    pub fn registers(&self, op: Operation, operands: [u64; 3]) -> [u64; 3] {
        std::array::from_fn(|i| boxed(op.on, operands[i] ^ if self.negated[i] { sign(op.on) } else { 0 }))
    }
}

/// The rows of an operation: four of the fused ones, one of the others.
pub fn rows_of(op: Operation) -> Vec<Computing> {
    let fused = [("fmadd", false, false), ("fmsub", false, true), ("fnmsub", true, false), ("fnmadd", true, true)];
    if op.verb == Verb::MulAdd {
        let row = |(name, product, addend)| Computing {
            name: format!("{name}_{}", letter(op.on)),
            negated: [product, false, addend],
        };
        return fused.map(row).into();
    }
    vec![Computing { name: format!("{}_{}", mnemonic(op.verb), letter(op.on)), negated: [false; 3] }]
}

fn mnemonic(verb: Verb) -> String {
    let plain = match verb {
        Verb::Add => "fadd",
        Verb::Sub => "fsub",
        Verb::Mul => "fmul",
        Verb::Div => "fdiv",
        Verb::Sqrt => "fsqrt",
        Verb::Eq => "feq",
        Verb::Lt => "flt",
        Verb::Le => "fle",
        Verb::LtQuiet => "fltq",
        Verb::LeQuiet => "fleq",
        Verb::Min => "fmin",
        Verb::Max => "fmax",
        Verb::Minimum => "fminm",
        Verb::Maximum => "fmaxm",
        Verb::RoundToInt => "fround",
        Verb::RoundToIntExact => "froundnx",
        Verb::ToIntModular => "fcvtmod_w",
        Verb::To(to) => return format!("fcvt_{}", letter(to)),
        Verb::MulAdd => unreachable!("four rows"),
    };
    plain.into()
}

/// Different registers, and the destination equal to each of the sources.
pub fn assignments(op: Operation, rs: [u32; 3]) -> Vec<Registers> {
    let mut all = vec![Registers { rd: 10, rs }];
    if op.on.is_float() == result_type(op).is_float() {
        all.extend(rs[..op.operands()].iter().map(|&rd| Registers { rd, rs }));
    }
    all
}

/// `rm` and `frm` of the ways to round in `mode`: static under some other mode (chosen by `n`) and under the same one,
/// and dynamic.
pub fn ways(row: &Row, mode: u32, n: usize) -> Vec<(u32, u32)> {
    let some_frm = n as u32 % 8;
    if rounds(row) { vec![(mode, some_frm), (mode, mode), (DYNAMIC, mode)] } else { vec![(0, some_frm)] }
}
