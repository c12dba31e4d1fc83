//! The operations of the vectors as `softfp` computes them. Shared by the generator and by the test of `softfp`.

use crate::format::{Operation, Outcome, Type, Verb};
use softfp::{Format, Int, Round};

/// What `softfp` says of an operation.
pub fn compute(op: Operation, [a, b, c]: [u64; 3], rm: Round) -> Outcome {
    if let Verb::To(to) = op.verb {
        return convert(op.on, to, a, rm);
    }
    let f = format(op.on);
    let truth = |(holds, flags): (bool, u64)| (holds as u64, flags);
    match op.verb {
        Verb::Add => softfp::add(f, a, b, rm),
        Verb::Sub => softfp::sub(f, a, b, rm),
        Verb::Mul => softfp::mul(f, a, b, rm),
        Verb::Div => softfp::div(f, a, b, rm),
        Verb::Sqrt => softfp::sqrt(f, a, rm),
        Verb::MulAdd => softfp::fma(f, a, b, c, rm),
        Verb::Eq => truth(softfp::eq(f, a, b)),
        Verb::Lt => truth(softfp::lt(f, a, b)),
        Verb::Le => truth(softfp::le(f, a, b)),
        Verb::LtQuiet => truth(softfp::lt_quiet(f, a, b)),
        Verb::LeQuiet => truth(softfp::le_quiet(f, a, b)),
        Verb::Min => softfp::min(f, a, b),
        Verb::Max => softfp::max(f, a, b),
        Verb::Minimum => softfp::minimum(f, a, b),
        Verb::Maximum => softfp::maximum(f, a, b),
        Verb::RoundToInt => softfp::round_to_integral(f, a, rm, false),
        Verb::RoundToIntExact => softfp::round_to_integral(f, a, rm, true),
        Verb::ToIntModular => softfp::to_int_modular(a),
        Verb::To(_) => unreachable!("converted above"),
    }
}

fn convert(from: Type, to: Type, a: u64, rm: Round) -> Outcome {
    match (from.is_float(), to.is_float()) {
        (true, true) => softfp::convert(format(from), format(to), a, rm),
        (true, false) => softfp::to_int(format(from), a, int(to), rm),
        (false, true) => softfp::from_int(format(to), a, int(from), rm),
        (false, false) => unreachable!("no such conversion: {from:?} to {to:?}"),
    }
}

fn format(t: Type) -> Format {
    match t {
        Type::F16 => softfp::F16,
        Type::Bf16 => softfp::BF16,
        Type::F32 => softfp::F32,
        Type::F64 => softfp::F64,
        _ => unreachable!("{t:?} is no float"),
    }
}

fn int(t: Type) -> Int {
    match t {
        Type::I32 => Int::I32,
        Type::U32 => Int::U32,
        Type::I64 => Int::I64,
        Type::U64 => Int::U64,
        _ => unreachable!("{t:?} is no integer"),
    }
}
