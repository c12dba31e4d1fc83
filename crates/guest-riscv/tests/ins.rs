//! Runs the lines of `tests/ins/*.ins`: encodings, their texts, and what they do to a state, by the reference evaluator.
//!
//! A line is
//!
//! ```text
//! [00b50533] "add a0,a0,a1" x10 = 5, x11 = 7 => x10 = 12
//! ```
//!
//! - words in hexadecimal, as a disassembler prints them (two digits a byte, highest first), run one after the other;
//! - the text of each, with one blank instead of the padding;
//! - the state before: `x5`, `f5`, `frm`, `fflags`, `pc`, and memory as `u8[address]` to `u64[address]`;
//! - the state after. What is not named must not have changed; `pc` is behind the words unless it is named. Also
//!   `stop = syscall` (or another reason) for a block that hands over, and `fault = address` for an access that fails.
//!
//! Memory reaches from 0x40000000 for 4096 bytes, of which the last 1024 cannot be written.

mod ins {
    pub mod machine;
    pub mod parse;
}

use guest::Guest;
use guest_riscv::{Exts, Riscv, insn};
use ins::machine::Machine;
use ins::parse::{Line, parse};
use std::collections::BTreeSet;
use std::path::Path;

/// Every line of every file, with its place.
fn lines() -> Vec<(String, Line)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ins");
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    let mut files: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "ins")).collect();
    files.sort();
    files.iter().flat_map(|f| of_file(f)).collect()
}

fn of_file(file: &Path) -> Vec<(String, Line)> {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file).unwrap();
    let numbered = text.lines().zip(1..).filter(|(l, _)| !l.trim().is_empty() && !l.starts_with('#'));
    numbered
        .map(|(l, n)| {
            let place = format!("{name}:{n}");
            let line = parse(l).unwrap_or_else(|e| panic!("{place}: {e}\n{l}"));
            (place, line)
        })
        .collect()
}

#[test]
fn every_line_holds() {
    let machine = Machine::new();
    let lines = lines();
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(place, line)| {
            machine.check(line).err().map(|e| format!("{place}: {}: {e}", line.texts.join("; ")))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} lines are wrong:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn texts() {
    let cpu = Riscv::new(Exts::MAX);
    for (place, line) in lines() {
        for (&(raw, _), expected) in line.words.iter().zip(&line.texts) {
            let mut text = String::new();
            cpu.text(0x10000, cpu.decode(raw).as_ref(), raw, &mut text);
            let words: Vec<&str> = text.split_whitespace().collect();
            assert_eq!(&words.join(" "), expected, "{place}");
        }
    }
}

/// Nobody adds a row without a line.
#[test]
fn every_row_has_a_line() {
    let cpu = Riscv::new(Exts::MAX);
    let words = || lines().into_iter().flat_map(|(_, l)| l.words);
    let rows: BTreeSet<u16> = words().filter_map(|(raw, _)| cpu.decode(raw)).map(|i| i.row).collect();
    let missing = insn::ROWS.iter().copied().flatten().zip(0u16..).filter(|(_, n)| !rows.contains(n));
    let shorts = insn::SHORTS.iter().copied().flatten();
    let missing_shorts = shorts.filter(|s| !words().any(|(raw, len)| len == 2 && s.shape.fits(raw)));
    let names: Vec<&str> = missing.map(|(r, _)| r.name).chain(missing_shorts.map(|s| s.name)).collect();
    assert!(names.is_empty(), "rows without a line in tests/ins: {names:?}");
}
