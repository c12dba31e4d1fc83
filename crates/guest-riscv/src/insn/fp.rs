//! What the floating-point extensions share: rounding modes, NaN boxing, and the way to the helpers.
//!
//! Single and double precision become host operations wherever the host has the rounding mode; half precision, and
//! rounding to nearest with ties away from zero, become calls of helpers on `softfp`. The block is translated for one
//! value of `frm` (bits 0-2 of its mode), so all of this is decided at translation time.

use super::prelude::*;

/// A format. The number is the `fmt` field of encodings, except that bfloat16 has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Size {
    S = 0,
    D = 1,
    H = 2,
    B = 3,
}

impl Size {
    /// The format of host operations; half precision has none.
    fn host(self) -> Option<Fmt> {
        match self {
            Size::S => Some(Fmt::F32),
            Size::D => Some(Fmt::F64),
            Size::H | Size::B => None,
        }
    }

    /// The bits that a register holds of a value, unsigned.
    pub fn mem(self) -> Mem {
        match self {
            Size::S => Mem::U32,
            Size::D => Mem::U64,
            Size::H | Size::B => Mem::U16,
        }
    }

    /// The format as `softfp` knows it.
    pub fn format(self) -> softfp::Format {
        match self {
            Size::S => softfp::F32,
            Size::D => softfp::F64,
            Size::H => softfp::F16,
            Size::B => softfp::BF16,
        }
    }

    /// By number.
    pub const ALL: [Size; 4] = [Size::S, Size::D, Size::H, Size::B];

    const fn sign(self) -> i64 {
        match self {
            Size::S => 1 << 31,
            Size::D => i64::MIN,
            Size::H | Size::B => 1 << 15,
        }
    }
}

/// Who computes with which rounding mode.
enum Mode {
    Host(Round),
    Soft,
}

/// The rounding mode of an instruction with `rm` field; `None` if it is reserved. Manual, 21.2.
fn effective(b: &Builder, rm: u32) -> Option<u8> {
    let rm = if rm == 7 { b.block.mode & 7 } else { rm };
    (rm < 5).then_some(rm as u8)
}

/// As [`effective`], for formats that the host knows.
fn mode(b: &Builder, rm: u32) -> Option<Mode> {
    let rm = effective(b, rm)?;
    let statics = [Round::NearestEven, Round::ToZero, Round::Down, Round::Up];
    Some(match statics.get(rm as usize) {
        Some(_) if rm as u32 == b.block.mode & 7 => Mode::Host(Round::Dyn),
        Some(&round) => Mode::Host(round),
        None => Mode::Soft,
    })
}

fn illegal(b: &mut Builder) {
    b.exit(Stop::Illegal, b.pc);
}

/// `a` as an operand: singles are checked for their box.
fn unboxed(b: &mut Builder, fmt: Fmt, a: Var) -> Var {
    if fmt == Fmt::F64 {
        return a;
    }
    let t = b.temp();
    b.fp(Code::Unbox, fmt, Round::Dyn, t, a, Var::IMM, Var::IMM);
    t
}

fn unboxed_pair(b: &mut Builder, fmt: Fmt, [x, y]: [Var; 2]) -> [Var; 2] {
    let a = unboxed(b, fmt, x);
    [a, if x == y { a } else { unboxed(b, fmt, y) }]
}

/// An integer destination of something that also raises flags: `x0` becomes a temporary.
fn int_destination(b: &mut Builder, rd: Var) -> Var {
    if rd == Var::ZERO { b.temp() } else { rd }
}

/// What a helper is told besides its operands; the helpers take it apart again.
#[derive(Clone, Copy)]
pub struct How {
    pub rm: u8,
    pub size: Size,
    /// What the helper says: another size, an integer type, which sign.
    pub variant: u8,
}

impl How {
    fn pack(self) -> u64 {
        self.rm as u64 | (self.size as u64) << 3 | (self.variant as u64) << 5
    }

    /// From the third argument of a helper.
    pub fn unpack(argument: u64) -> How {
        let size = Size::ALL[argument as usize >> 3 & 3];
        How { rm: argument as u8 & 7, size, variant: (argument >> 5) as u8 }
    }
}

/// `dst = helper(a, b)`, raw registers of any class.
fn call(b: &mut Builder, helper: i64, how: How, dst: Var, [x, y]: [Var; 2]) {
    b.push(Op { dst, a: x, b: y, imm: helper, ext: how.pack(), ..Op::new(Code::CallFlags) });
}

/// An operation that rounds: the host's and the helper that stands in for it.
#[derive(Clone, Copy)]
pub struct Verb {
    code: Code,
    helper: i64,
}

pub const ADD: Verb = Verb { code: Code::FAdd, helper: helpers::FADD };
pub const SUB: Verb = Verb { code: Code::FSub, helper: helpers::FSUB };
pub const MUL: Verb = Verb { code: Code::FMul, helper: helpers::FMUL };
pub const DIV: Verb = Verb { code: Code::FDiv, helper: helpers::FDIV };
pub const SQRT: Verb = Verb { code: Code::FSqrt, helper: helpers::FSQRT };

/// Rounded arithmetic of one or two operands (`Var::IMM` where there is no second).
pub fn arith(b: &mut Builder, verb: Verb, size: Size, rm: u32, rd: Var, operands: [Var; 2]) {
    match (mode(b, rm), size.host()) {
        (None, _) => illegal(b),
        (Some(Mode::Host(round)), Some(fmt)) => {
            let [x, y] = match operands {
                [x, Var::IMM] => [unboxed(b, fmt, x), Var::IMM],
                both => unboxed_pair(b, fmt, both),
            };
            b.fp(verb.code, fmt, round, rd, x, y, Var::IMM);
        }
        _ => soft(b, verb.helper, size, rm, 0, rd, operands),
    }
}

/// Calls a helper that rounds as `rm` says.
pub fn soft(b: &mut Builder, helper: i64, size: Size, rm: u32, variant: u8, dst: Var, operands: [Var; 2]) {
    match effective(b, rm) {
        Some(rm) => call(b, helper, How { rm, size, variant }, dst, operands),
        None => illegal(b),
    }
}

/// Calls a helper that does not round, with a floating-point result.
pub fn plain(b: &mut Builder, helper: i64, size: Size, variant: u8, dst: Var, operands: [Var; 2]) {
    call(b, helper, How { rm: 0, size, variant }, dst, operands);
}

/// Calls a helper that does not round, with an integer result.
pub fn plain_int(b: &mut Builder, helper: i64, size: Size, variant: u8, rd: Var, operands: [Var; 2]) {
    let dst = int_destination(b, rd);
    plain(b, helper, size, variant, dst, operands);
}

/// Negates the product of a fused multiply-add.
pub const MINUS_PRODUCT: u8 = 1;
/// Negates its addend.
pub const MINUS_ADDEND: u8 = 2;

/// Fused multiply-add with the given signs.
pub fn fused(b: &mut Builder, signs: u8, size: Size, rm: u32, rd: Var, [x, y, z]: [Var; 3]) {
    match (mode(b, rm), size.host()) {
        (None, _) => illegal(b),
        (Some(Mode::Host(round)), Some(fmt)) => {
            let [x, y] = unboxed_pair(b, fmt, [x, y]);
            let z = unboxed(b, fmt, z);
            b.push(Op { fmt, round, dst: rd, a: x, b: y, c: z, aux: signs, ..Op::new(Code::FMulAdd) });
        }
        _ => soft_fused(b, signs, size, rm, rd, [x, y, z]),
    }
}

/// There is a helper per format and rounding mode, as all three arguments are operands.
fn soft_fused(b: &mut Builder, signs: u8, size: Size, rm: u32, rd: Var, [x, y, z]: [Var; 3]) {
    let rm = effective(b, rm).expect("tried before") as i64;
    let helper = match size {
        Size::S => helpers::FMA_S_RMM,
        Size::D => helpers::FMA_D_RMM,
        Size::H | Size::B => helpers::FMA_H_RNE + rm,
    };
    let x = if signs & MINUS_PRODUCT != 0 { negated(b, size, x) } else { x };
    let z = if signs & MINUS_ADDEND != 0 { negated(b, size, z) } else { z };
    b.push(Op { dst: rd, a: x, b: y, c: z, imm: helper, ..Op::new(Code::CallFlags) });
}

/// The raw bits of `a` with the other sign, as an integer variable; what is not boxed stays so.
fn negated(b: &mut Builder, size: Size, a: Var) -> Var {
    let t = b.temp();
    b.push(Op { mem: Mem::U64, dst: t, a, ..Op::new(Code::FBits) });
    b.alu_imm(Code::Xor, Width::W64, t, t, size.sign());
    t
}

/// Minimum and maximum of the host's formats.
pub fn min_max(b: &mut Builder, code: Code, fmt: Fmt, rd: Var, operands: [Var; 2]) {
    let [x, y] = unboxed_pair(b, fmt, operands);
    b.fp(code, fmt, Round::Dyn, rd, x, y, Var::IMM);
}

/// Comparison of the host's formats.
pub fn compare(b: &mut Builder, code: Code, fmt: Fmt, rd: Var, operands: [Var; 2]) {
    let [x, y] = unboxed_pair(b, fmt, operands);
    let dst = int_destination(b, rd);
    b.fp(code, fmt, Round::Dyn, dst, x, y, Var::IMM);
}

/// Sign injection: `variant` 0 the sign, 1 its complement, 2 the exclusive or.
pub fn sign(b: &mut Builder, variant: u8, fmt: Fmt, rd: Var, operands: [Var; 2]) {
    if variant == 0 && operands[0] == operands[1] {
        // A move, but a single that is not boxed becomes a NaN.
        let code = if fmt == Fmt::F64 { Code::FMov } else { Code::Unbox };
        return b.fp(code, fmt, Round::Dyn, rd, operands[0], Var::IMM, Var::IMM);
    }
    let [x, y] = unboxed_pair(b, fmt, operands);
    b.push(Op { fmt, dst: rd, a: x, b: y, aux: variant, ..Op::new(Code::FSgn) });
}

/// `fclass` of the host's formats.
pub fn classify(b: &mut Builder, fmt: Fmt, rd: Var, a: Var) {
    let a = unboxed(b, fmt, a);
    b.fp(Code::FClass, fmt, Round::Dyn, rd, a, Var::IMM, Var::IMM);
}

/// Moves the bits of a float to an integer register, sign-extended; the box is not looked at. `mem` is signed.
pub fn to_bits(b: &mut Builder, mem: Mem, rd: Var, a: Var) {
    if rd != Var::ZERO {
        b.push(Op { mem, dst: rd, a, ..Op::new(Code::FBits) });
    }
}

/// Moves the low bits of an integer register to a float, boxed.
pub fn from_bits(b: &mut Builder, size: Size, rd: Var, a: Var) {
    b.push(Op { mem: size.mem(), dst: rd, a, ..Op::new(Code::FFromBits) });
}

/// A constant.
pub fn constant(b: &mut Builder, size: Size, rd: Var, bits: u64) {
    b.push(Op { mem: size.mem(), dst: rd, imm: bits as i64, ..Op::new(Code::FFromBits) });
}

/// An integer type of conversions.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Int {
    W,
    Wu,
    L,
    Lu,
}

impl Int {
    /// How conversion operations name it: `mem` and `aux`.
    fn names(self) -> (Mem, u8) {
        match self {
            Int::W => (Mem::I32, 0),
            Int::Wu => (Mem::U32, 0),
            Int::L => (Mem::U64, 1),
            Int::Lu => (Mem::U64, 0),
        }
    }
}

/// Float to integer.
pub fn to_int(b: &mut Builder, size: Size, int: Int, rm: u32, rd: Var, a: Var) {
    match (mode(b, rm), size.host()) {
        (None, _) => illegal(b),
        (Some(Mode::Host(round)), Some(fmt)) => {
            // Hosts truncate without a look at the mode in force.
            let round = if effective(b, rm) == Some(1) { Round::ToZero } else { round };
            let (a, dst) = (unboxed(b, fmt, a), int_destination(b, rd));
            let (mem, aux) = int.names();
            b.push(Op { fmt, round, mem, aux, dst, a, ..Op::new(Code::FCvtFI) });
        }
        _ => {
            let dst = int_destination(b, rd);
            soft(b, helpers::FTOINT, size, rm, int as u8, dst, [a, Var::IMM]);
        }
    }
}

/// Integer to float.
pub fn from_int(b: &mut Builder, size: Size, int: Int, rm: u32, rd: Var, a: Var) {
    let exact = size == Size::D && matches!(int, Int::W | Int::Wu);
    let (mem, aux) = int.names();
    match (mode(b, rm), size.host()) {
        (None, _) => illegal(b),
        (Some(m), Some(fmt)) if exact || matches!(m, Mode::Host(_)) => {
            let round = if let (Mode::Host(round), false) = (m, exact) { round } else { Round::Dyn };
            b.push(Op { fmt, round, mem, aux, dst: rd, a, ..Op::new(Code::FCvtIF) });
        }
        _ => soft(b, helpers::FFROMINT, size, rm, int as u8, rd, [a, Var::IMM]),
    }
}

/// Double to single.
pub fn narrow(b: &mut Builder, rm: u32, rd: Var, a: Var) {
    match mode(b, rm) {
        None => illegal(b),
        Some(Mode::Host(round)) => b.fp(Code::FCvtFF, Fmt::F64, round, rd, a, Var::IMM, Var::IMM),
        Some(Mode::Soft) => convert(b, Size::D, Size::S, rm, rd, a),
    }
}

/// Single to double: exact, but a reserved mode is illegal all the same.
pub fn widen(b: &mut Builder, rm: u32, rd: Var, a: Var) {
    if mode(b, rm).is_none() {
        return illegal(b);
    }
    let a = unboxed(b, Fmt::F32, a);
    b.fp(Code::FCvtFF, Fmt::F32, Round::Dyn, rd, a, Var::IMM, Var::IMM);
}

/// Conversion between any two formats by the helper.
pub fn convert(b: &mut Builder, from: Size, to: Size, rm: u32, rd: Var, a: Var) {
    soft(b, helpers::FCONVERT, to, rm, from as u8, rd, [a, Var::IMM]);
}
