//! What must hold of the tables as a whole: no encoding belongs to two rows unless one says that it refines the other,
//! names are unique, and what rows lift to obeys the rules of the IR.

use guest::{Flow, Guest, Needs, Row, Shape, Short};
use guest_riscv::{Ext, Exts, Riscv, insn};
use ir::Builder;
use std::collections::HashSet;

/// A row of either table.
struct Entry {
    name: &'static str,
    shape: Shape,
    refines: Option<&'static str>,
}

fn rows() -> Vec<Entry> {
    let entry = |r: &Row| Entry { name: r.name, shape: r.shape, refines: r.refines };
    insn::ROWS.iter().copied().flatten().map(entry).collect()
}

fn shorts() -> Vec<Entry> {
    let entry = |s: &Short| Entry { name: s.name, shape: s.shape, refines: s.refines };
    insn::SHORTS.iter().copied().flatten().map(entry).collect()
}

/// Whether a word can have both shapes.
fn meet(a: &Shape, b: &Shape) -> bool {
    (a.value ^ b.value) & a.mask & b.mask == 0
}

/// Whether every word of shape `a` has shape `b`.
fn inside(a: &Shape, b: &Shape) -> bool {
    a.mask & b.mask == b.mask && meet(a, b)
}

/// Whether `a` refines `b`, at once or through rows between them.
fn refines(all: &[Entry], a: &Entry, b: &Entry) -> bool {
    let general = all.iter().find(|e| a.refines == Some(e.name));
    general.is_some_and(|g| g.name == b.name || refines(all, g, b))
}

fn check(all: &[Entry]) {
    for (i, first) in all.iter().enumerate() {
        for second in &all[i + 1..] {
            let nested = refines(all, first, second) && inside(&first.shape, &second.shape);
            assert!(nested || !meet(&first.shape, &second.shape), "{} and {} overlap", first.name, second.name);
        }
        let general = first.refines.map(|name| all.iter().find(|e| e.name == name));
        let known = general.is_none_or(|g| g.is_some_and(|g| inside(&first.shape, &g.shape)));
        assert!(known, "{} does not refine {:?}", first.name, first.refines);
    }
    let names: HashSet<&str> = all.iter().map(|e| e.name).collect();
    assert_eq!(names.len(), all.len(), "two rows have one name");
}

#[test]
fn rows_do_not_overlap() {
    check(&rows());
}

#[test]
fn shorts_do_not_overlap() {
    check(&shorts());
}

/// Long encodings end in 11, short ones do not; and an extension that no row needs is one without instructions.
#[test]
fn shapes_and_extensions() {
    assert!(rows().iter().all(|r| r.shape.value & 3 == 3 && r.shape.mask & 3 == 3));
    assert!(shorts().iter().all(|s| s.shape.value & 3 != 3 && s.shape.mask & 3 == 3 && s.shape.mask >> 16 == 0));
    let needs = insn::ROWS.iter().copied().flatten().map(|r| r.needs);
    let needs = needs.chain(insn::SHORTS.iter().copied().flatten().map(|s| s.needs));
    let used = needs.fold(0, |all, Needs { any, all: also }| all | any | also);
    let without: Vec<&str> = Exts(Exts::MAX.0 & !used).iter().map(Ext::name).collect();
    let expected = [
        // Made of others, or a property.
        "a",
        "c",
        "zicbom",
        "zicbop",
        "zicfilp",
        "zicfiss",
        "zicntr",
        "zihintntl",
        "zihpm",
        "zama16b",
        "zkr",
        "ztso",
    ];
    assert_eq!(without, expected);
}

/// Random words of each row's shape lift to blocks that obey the rules, under every rounding mode.
#[test]
fn lifted_blocks_are_valid() {
    let cpu = Riscv::new(Exts::MAX);
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut b = Builder::default();
    for row in rows() {
        for n in 0..500 {
            seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let word = row.shape.value | (seed >> 32) as u32 & !row.shape.mask;
            lift(&cpu, &mut b, word, n % 8, row.name);
        }
    }
}

/// Lifts a word if it is an instruction at all, and checks what came out.
fn lift(cpu: &Riscv, b: &mut Builder, word: u32, mode: u32, name: &str) {
    let Some(insn) = cpu.decode(word) else { return };
    b.start(0x1000, mode);
    b.insn(0x1000, 4);
    if cpu.lift(&insn, b) == Flow::Next {
        b.jump(0x1004);
    }
    ir::verify::verify(&b.block).unwrap_or_else(|e| panic!("{name} {word:08x}: {e}"));
}
