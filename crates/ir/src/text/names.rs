//! Words of the text form.

use crate::{Code, Cond, Effects, Fmt, Jump, Op, Rmw, Round, Stop, Width};
use bits::Mem;
use std::fmt::Debug;

/// The word of a code or of an enumeration's member: its name in lower case.
pub fn word(member: impl Debug) -> String {
    format!("{member:?}").to_lowercase()
}

pub fn width(w: Width) -> &'static str {
    match w {
        Width::W64 => "64",
        Width::W32S => "32s",
        Width::W32Z => "32z",
    }
}

pub fn round(r: Round) -> &'static str {
    match r {
        Round::Dyn => "dyn",
        Round::NearestEven => "rne",
        Round::ToZero => "rtz",
        Round::Down => "rdn",
        Round::Up => "rup",
    }
}

/// What `aux` is a member of.
pub fn aux_words(code: Code) -> Vec<String> {
    match code {
        Code::Amo => Rmw::ALL.map(word).to_vec(),
        Code::Exit => Stop::ALL.map(word).to_vec(),
        Code::JumpInd => [Jump::Plain, Jump::Call, Jump::Return].map(word).to_vec(),
        _ => Vec::new(),
    }
}

/// Whether the first operand is an address with displacement `imm`.
pub fn has_address(code: Code) -> bool {
    code.info().effects.has(Effects::FAULTS) && code != Code::ZeroBlock
}

/// Under which names `imm`, `ext` and `aux` stand, `""` if it is not worth a name of its own.
pub struct Keys {
    pub imm: &'static str,
    pub ext: &'static str,
    pub aux: &'static str,
}

/// The keys of a code.
pub fn keys(code: Code) -> Keys {
    let named = |imm, ext, aux| Keys { imm, ext, aux };
    match code {
        Code::Insn => named("pc", "", "len"),
        Code::ScoreAdd => named("add", "cell", ""),
        Code::ScoreDraw => named("draw", "cell", ""),
        Code::ScoreStore => named("value", "cell", ""),
        Code::Callback => named("call", "", ""),
        Code::MemCallback => named("call", "access", ""),
        Code::CallPure | Code::CallFlags => named("helper", "", ""),
        Code::Branch => named("to", "else", ""),
        Code::Jump => named("to", "", ""),
        Code::Exit => named("pc", "", ""),
        Code::Syscall => named("pc", "then", ""),
        _ => named("", "", ""),
    }
}

/// Which suffixes are printed although they are at their default.
pub fn shows(op: &Op) -> (bool, bool, bool) {
    let i = op.code.info();
    let cond = matches!(op.code, Code::Branch | Code::SetCond | Code::Select);
    let mem = has_address(op.code) || matches!(op.code, Code::Ext | Code::FBits | Code::FFromBits);
    let fmt = [i.dst, i.a].contains(&crate::Class::Float) && !mem;
    (mem, cond, fmt)
}

/// Applies a suffix to an operation; false if it is none.
pub fn apply(op: &mut Op, suffix: &str) -> bool {
    fn put<T: Copy>(field: &mut T, all: &[T], names: impl Fn(T) -> bool) -> bool {
        let found = all.iter().find(|m| names(**m));
        found.inspect(|m| *field = **m).is_some()
    }
    let aux: Vec<u8> = (0..aux_words(op.code).len() as u8).collect();
    let words = aux_words(op.code);
    put(&mut op.width, &Width::ALL, |w| width(w) == suffix)
        || put(&mut op.mem, &Mem::ALL, |m| word(m) == suffix)
        || put(&mut op.cond, &Cond::ALL, |c| word(c) == suffix)
        || put(&mut op.fmt, &[Fmt::F32, Fmt::F64], |f| word(f) == suffix)
        || put(&mut op.round, &Round::ALL, |r| round(r) == suffix)
        || put(&mut op.aux, &aux, |n| words[n as usize] == suffix)
}
