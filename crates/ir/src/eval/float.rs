//! Floating point, computed in integers by `softfp`.
//!
//! F32 operands are the low halves of variables, whatever the upper halves hold (`Unbox` looks at those); F32 results
//! are boxed.

use super::memory::boxed;
use super::{Env, Fault, State, Step, operands};
use crate::{Class, Code, Fmt, Op, Round};
use bits::Mem;
use softfp::{Flags, Format, Int};

fn format(fmt: Fmt) -> Format {
    match fmt {
        Fmt::F32 => softfp::F32,
        Fmt::F64 => softfp::F64,
    }
}

fn other(fmt: Fmt) -> Format {
    match fmt {
        Fmt::F32 => softfp::F64,
        Fmt::F64 => softfp::F32,
    }
}

/// The mode that an operation rounds in, given the one in force.
fn rounding(op: &Op, in_force: u8) -> softfp::Round {
    match op.round {
        // As `WriteRound`: modes that hosts do not have leave it nearest-even.
        Round::Dyn if in_force < 4 => softfp::Round::ALL[in_force as usize],
        Round::Dyn => softfp::Round::NearestEven,
        Round::NearestEven => softfp::Round::NearestEven,
        Round::ToZero => softfp::Round::ToZero,
        Round::Down => softfp::Round::Down,
        Round::Up => softfp::Round::Up,
    }
}

/// The integer type of a conversion.
///
/// # Panics
/// If `mem` names none.
fn integer(op: &Op) -> Int {
    match (op.mem, op.aux) {
        (Mem::I32, _) => Int::I32,
        (Mem::U32, _) => Int::U32,
        (Mem::U64, 1) => Int::I64,
        (Mem::U64, _) => Int::U64,
        other => panic!("no integer type {other:?}"),
    }
}

/// Operations whose result is rounded.
fn arithmetic(op: &Op, [a, b, c, _]: [u64; 4], rm: softfp::Round) -> Option<(u64, Flags)> {
    let f = format(op.fmt);
    let signed = |bit: u8, v: u64| if op.aux & bit != 0 { f.negated(v) } else { v };
    Some(match op.code {
        Code::FAdd => softfp::add(f, a, b, rm),
        Code::FSub => softfp::sub(f, a, b, rm),
        Code::FMul => softfp::mul(f, a, b, rm),
        Code::FDiv => softfp::div(f, a, b, rm),
        Code::FSqrt => softfp::sqrt(f, a, rm),
        Code::FMulAdd => softfp::fma(f, signed(1, a), b, signed(2, c), rm),
        Code::FMin => softfp::min(f, a, b),
        Code::FMax => softfp::max(f, a, b),
        Code::FCvtIF => softfp::from_int(f, a, integer(op), rm),
        _ => return None,
    })
}

/// Operations whose result is an integer.
fn to_integer(op: &Op, [a, b, ..]: [u64; 4], rm: softfp::Round) -> Option<(u64, Flags)> {
    let f = format(op.fmt);
    let truth = |(holds, flags): (bool, Flags)| (holds as u64, flags);
    Some(match op.code {
        Code::FEq => truth(softfp::eq(f, a, b)),
        Code::FLt => truth(softfp::lt(f, a, b)),
        Code::FLe => truth(softfp::le(f, a, b)),
        Code::FClass => (f.classify(a), 0),
        Code::FCvtFI => softfp::to_int(f, a, integer(op), rm),
        Code::FBits => (op.mem.extend(a), 0),
        _ => return None,
    })
}

/// The sign that `FSgn` gives to `a`.
fn with_sign(op: &Op, a: u64, b: u64) -> u64 {
    let f = format(op.fmt);
    let sign = match op.aux {
        0 => b,
        1 => !b,
        _ => a ^ b,
    };
    (a & !f.sign_bit()) | (sign & f.sign_bit())
}

/// Moves, and conversions whose result has another format than `fmt`: results that must not be boxed as `fmt` says.
fn moved(op: &Op, [a, ..]: [u64; 4], rm: softfp::Round) -> Option<(u64, Flags)> {
    Some(match op.code {
        Code::FCvtFF => {
            let (value, flags) = softfp::convert(format(op.fmt), other(op.fmt), a, rm);
            (other(op.fmt).boxed(value), flags)
        }
        Code::FFromBits => (boxed(op.mem, a), 0),
        Code::FMov => (a, 0),
        _ => return None,
    })
}

fn result(op: &Op, args: [u64; 4], rm: softfp::Round) -> Option<(u64, Flags)> {
    let f = format(op.fmt);
    if let Some(done) = to_integer(op, args, rm).or_else(|| moved(op, args, rm)) {
        return Some(done);
    }
    let (value, flags) = match op.code {
        Code::FSgn => (with_sign(op, args[0], args[1]), 0),
        Code::Unbox => (softfp::F32.boxed(softfp::F32.unbox(args[0])), 0),
        _ => arithmetic(op, args, rm)?,
    };
    Some((f.boxed(value), flags))
}

pub fn step(op: &Op, state: &mut State, _: &mut Env) -> Option<Result<Step, Fault>> {
    let i = op.code.info();
    if i.dst == Class::No {
        return None;
    }
    let (value, flags) = result(op, operands(op, state), rounding(op, state.round))?;
    state.flags |= flags as u8;
    state.set(op.dst, value);
    Some(Ok(Step::On))
}
