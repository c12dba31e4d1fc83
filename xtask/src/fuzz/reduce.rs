//! Reduces a difference to the instructions that it needs.

use super::Options;
use super::asm::{C_NOP, NOP};
use super::insns::{Item, Source};
use super::program::{Program, SLOTS, slot_name};
use super::subject::Subject;

type Output = Result<Vec<u8>, String>;

/// Prints the difference between two subjects, reduced as far as possible.
pub fn report(o: &Options, source: &Source, program: &Program, oracle: &Subject, subject: &Subject) {
    let differ = |p: &Program| {
        let image = p.image();
        let (a, b) = (oracle.output(o, &image), subject.output(o, &image));
        (a != b && a.is_ok()).then_some((a, b))
    };
    let Some(outputs) = differ(program) else {
        return println!("  not seen again: the difference is not deterministic");
    };
    let suspects = suspects(&outputs, program.sequences.len());
    let Some(alone) = suspects.into_iter().map(|n| program.only(n)).find(|p| differ(p).is_some()) else {
        return show(&outputs, 0);
    };
    let reduced = without(alone, |p| differ(p).is_some());
    show_items(source, &reduced);
    if let Some(outputs) = differ(&reduced) {
        show(&outputs, 0);
    }
    let kept = o.keep.join(format!("fuzz-seq-{:x}", reduced.sequences[0].registers[5]));
    if std::fs::write(&kept, reduced.image().elf()).is_ok() {
        println!("  kept as {}", kept.display());
    }
}

/// Prints what it takes to make the oracle fail.
pub fn failure(o: &Options, source: &Source, program: &Program, oracle: &Subject) {
    let fails = |p: &Program| oracle.output(o, &p.image()).is_err();
    let Some(alone) = (0..program.sequences.len()).map(|n| program.only(n)).find(fails) else { return };
    show_items(source, &without(alone, fails));
}

fn show_items(source: &Source, program: &Program) {
    for (n, item) in program.sequences[0].items.iter().enumerate().filter(|(_, item)| !is_nop(item)) {
        let reach = item.reach.map_or(String::new(), |(_, _, to)| format!("-> item {to}"));
        println!("  item {n}: {:08x} {} {reach}", item.word, source.text(item.word));
    }
    show_registers(&program.sequences[0].registers);
}

/// Sequences to try: those whose tables differ, then all.
fn suspects(outputs: &(Output, Output), count: usize) -> Vec<usize> {
    let mut list: Vec<usize> = match outputs {
        (Ok(a), Ok(b)) if a.len() == b.len() => {
            let table = |bytes: &[u8], n: usize| bytes[n * SLOTS * 8..][..SLOTS * 8].to_vec();
            (0..count).filter(|n| table(a, *n) != table(b, *n)).take(3).collect()
        }
        _ => Vec::new(),
    };
    list.extend(0..count);
    list
}

fn is_nop(item: &Item) -> bool {
    item.word == NOP || item.word == C_NOP
}

/// Replaces items by `nop` for as long as the difference stays.
fn without(mut program: Program, differs: impl Fn(&Program) -> bool) -> Program {
    for n in (0..program.sequences[0].items.len()).rev() {
        let item = &mut program.sequences[0].items[n];
        let before = *item;
        *item = Item { glued: before.glued, ..Item::new(if before.len == 4 { NOP } else { C_NOP }) };
        if !differs(&program) {
            program.sequences[0].items[n] = before;
        }
    }
    program
}

/// Prints which registers and bytes differ.
fn show((expected, got): &(Output, Output), sequence: usize) {
    let (Ok(a), Ok(b)) = (expected, got) else {
        return println!("  expected {}, got {}", summary(expected), summary(got));
    };
    let word = |bytes: &[u8], n: usize| bytes.get(n * 8..n * 8 + 8).map(|w| u64::from_le_bytes(w.try_into().unwrap()));
    for n in (0..a.len().max(b.len()) / 8).filter(|n| word(a, *n) != word(b, *n)).take(8) {
        let name = if n < (sequence + 1) * SLOTS { slot_name(n % SLOTS) } else { format!("word {n} of the output") };
        println!("  {name}: expected {:x?}, got {:x?}", word(a, n), word(b, n));
    }
}

fn summary(output: &Output) -> String {
    match output {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(text) => text.clone(),
    }
}

fn show_registers(registers: &[u64; SLOTS]) {
    for row in 0..SLOTS / 4 {
        let four: Vec<String> =
            (row * 4..row * 4 + 4).map(|n| format!("{:>4}={:016x}", slot_name(n), registers[n])).collect();
        println!("    {}", four.join(" "));
    }
}
