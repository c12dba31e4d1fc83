//! Reduces a difference to the instructions that it needs.

use super::Options;
use super::asm::{C_NOP, NOP};
use super::insns::{Item, Source};
use super::program::LOOP_STEP;
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
    let alone = suspects.iter().map(|n| program.only(*n)).find(|p| differ(p).is_some());
    let reduced = alone.unwrap_or_else(|| fewer(program.clone(), |p| differ(p).is_some()));
    let reduced = without(reduced, |p| differ(p).is_some());
    show_items(source, &reduced);
    if let Some(outputs) = differ(&reduced) {
        show(&outputs, reduced.sequences.len());
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
    for (n, sequence) in program.sequences.iter().enumerate() {
        println!("  sequence {n}");
        for (n, item) in sequence.items.iter().enumerate().filter(|(_, item)| !is_nop(item)) {
            let reach = item.reach.map_or(String::new(), |(_, _, to)| format!("-> item {to}"));
            println!("  item {n}: {:08x} {} {reach}", item.word, source.text(item.word));
        }
        show_registers(&sequence.registers);
    }
}

/// Removes sequences for as long as the difference stays.
fn fewer(mut program: Program, differs: impl Fn(&Program) -> bool) -> Program {
    for n in (0..program.sequences.len()).rev() {
        let sequence = program.sequences.remove(n);
        if !differs(&program) {
            program.sequences.insert(n, sequence);
        }
    }
    program
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
    for s in 0..program.sequences.len() {
        for n in (0..program.sequences[s].items.len()).rev() {
            let before = program.sequences[s].items[n];
            if before.word == LOOP_STEP || is_nop(&before) {
                continue;
            }
            let nop = Item::new(if before.len == 4 { NOP } else { C_NOP });
            program.sequences[s].items[n] = Item { glued: before.glued, ..nop };
            if !differs(&program) {
                program.sequences[s].items[n] = before;
            }
        }
    }
    program
}

/// Prints which registers and bytes differ.
fn show((expected, got): &(Output, Output), sequences: usize) {
    let (Ok(a), Ok(b)) = (expected, got) else {
        return println!("  expected {}, got {}", summary(expected), summary(got));
    };
    let word = |bytes: &[u8], n: usize| bytes.get(n * 8..n * 8 + 8).map(|w| u64::from_le_bytes(w.try_into().unwrap()));
    for n in (0..a.len().max(b.len()) / 8).filter(|n| word(a, *n) != word(b, *n)).take(8) {
        let name = match n / SLOTS {
            s if s < sequences => format!("{} behind sequence {s}", slot_name(n % SLOTS)),
            _ => format!("word {} of the window", n - sequences * SLOTS),
        };
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
