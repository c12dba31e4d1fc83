//! Parsing.

use super::names::{apply, has_address, keys, word};
use crate::{Block, Class, Code, Op, Var};
use std::fmt;

/// What could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// The piece of text that makes no sense.
    pub text: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: cannot understand {:?}", self.line, self.text)
    }
}

impl std::error::Error for ParseError {}

/// Inside this file an error is the piece of text alone.
type Parsed<T> = Result<T, String>;

/// Parses one operation.
pub fn parse_op(text: &str) -> Result<Op, ParseError> {
    op(text).map_err(|text| ParseError { line: 1, text })
}

/// Parses a block as its `Display` prints it. Numbers of instructions and bytes are counted from the marks.
pub fn parse_block(text: &str) -> Result<Block, ParseError> {
    let mut block = Block::default();
    for (n, line) in text.lines().enumerate() {
        line_of(&mut block, n, line.trim()).map_err(|text| ParseError { line: n + 1, text })?;
    }
    Ok(block)
}

fn line_of(block: &mut Block, n: usize, line: &str) -> Parsed<()> {
    if n == 0 {
        return header(block, line);
    }
    if line.is_empty() {
        return Ok(());
    }
    let op = op(line)?;
    if op.code == Code::Insn {
        block.insns += 1;
        block.bytes += op.aux as u32;
    }
    block.ops.push(op);
    Ok(())
}

fn header(block: &mut Block, line: &str) -> Parsed<()> {
    let rest = line.strip_prefix("block ").ok_or(line)?;
    let (pc, mode) = rest.split_once(" mode=").unwrap_or((rest, "0"));
    block.pc = number(pc)? as u64;
    block.mode = number(mode)? as u32;
    Ok(())
}

fn op(text: &str) -> Parsed<Op> {
    let (dst, rest) = match text.split_once(" = ") {
        Some((dst, rest)) => (var(dst)?, rest),
        None => (Var::IMM, text),
    };
    let (head, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut suffixes = head.split('.');
    let name = suffixes.next().unwrap_or_default();
    let code = Code::ALL.iter().find(|c| word(c) == name).ok_or(head)?;
    let mut op = Op { dst, ..Op::new(*code) };
    for suffix in suffixes {
        apply(&mut op, suffix).then_some(()).ok_or(suffix)?;
    }
    operands(&mut op, rest)?;
    Ok(op)
}

/// Operands and keys: `v1, [v2+8] imm=3`.
fn operands(op: &mut Op, text: &str) -> Parsed<()> {
    let i = op.code.info();
    let mut classes = [i.a, i.b, i.c, i.d].into_iter().enumerate().filter(|(_, class)| *class != Class::No);
    for piece in text.split([' ', ',']).filter(|piece| !piece.is_empty()) {
        match piece.split_once('=') {
            Some((key, value)) => set_key(op, key, value)?,
            None => {
                let (n, class) = classes.next().ok_or(piece)?;
                operand(op, n, class, piece)?;
            }
        }
    }
    Ok(())
}

fn operand(op: &mut Op, n: usize, class: Class, text: &str) -> Parsed<()> {
    let var = if n == 0 && has_address(op.code) {
        address(op, text)?
    } else if class == Class::IntImm && text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) {
        op.imm = number(text)?;
        Var::IMM
    } else {
        var(text)?
    };
    *[&mut op.a, &mut op.b, &mut op.c, &mut op.d][n] = var;
    Ok(())
}

/// `[base]`, `[base+8]`, `[base-8]`; the base may be `-`.
fn address(op: &mut Op, text: &str) -> Parsed<Var> {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or(text)?;
    let at = inner.get(1..).and_then(|rest| rest.find(['+', '-'])).map_or(inner.len(), |at| at + 1);
    let (base, disp) = inner.split_at(at);
    op.imm = if disp.is_empty() { 0 } else { number(disp.trim_start_matches('+'))? };
    var(base)
}

fn set_key(op: &mut Op, key: &str, value: &str) -> Parsed<()> {
    let names = keys(op.code);
    match key {
        "dst" => op.dst = var(value)?,
        "a" => op.a = var(value)?,
        "b" => op.b = var(value)?,
        "c" => op.c = var(value)?,
        "d" => op.d = var(value)?,
        key if key == names.imm || key == "imm" => op.imm = number(value)?,
        key if key == names.ext || key == "ext" => op.ext = number(value)? as u64,
        key if key == names.aux || key == "aux" => op.aux = number(value)? as u8,
        other => return Err(other.into()),
    }
    Ok(())
}

fn var(text: &str) -> Parsed<Var> {
    let numbered = |prefix: &str, first: u16| {
        let n: u16 = text.strip_prefix(prefix)?.parse().ok()?;
        n.checked_add(first).map(Var)
    };
    match text {
        "zero" => Ok(Var::ZERO),
        "-" => Ok(Var::IMM),
        _ => numbered("v", 0).or_else(|| numbered("t", Var::GUEST_END)).ok_or(text.into()),
    }
}

/// A decimal or hexadecimal number of 64 bits, signed or not.
fn number(text: &str) -> Parsed<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let magnitude = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let n = magnitude.map_err(|_| text)? as i64;
    Ok(if negative { n.wrapping_neg() } else { n })
}
