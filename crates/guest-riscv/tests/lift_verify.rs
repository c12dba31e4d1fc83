//! Random words of every row, in every rounding mode: what they lift to obeys the rules of the IR and its text form.
#![forbid(unsafe_code)]

use guest::{Flow, Guest, Shape};
use guest_riscv::{Riscv, ext::Exts, insn};
use ir::random::Rng;
use ir::text::parse_block;
use ir::{Builder, verify::verify};

/// Words tried of each row.
const WORDS: usize = 400;

fn word(rng: &mut Rng, shape: &Shape, short: bool) -> u32 {
    let free = rng.next() as u32;
    let word = (free & !shape.mask | shape.value) & if short { 0xffff } else { u32::MAX };
    let (a, b, len) = shape.same;
    let mask = (1u32 << len) - 1;
    word & !(mask << b) | (word >> a & mask) << b
}

/// Lifts one instruction as a block of its own, and checks it.
fn check(cpu: &Riscv, b: &mut Builder, name: &str, raw: u32, mode: u32) {
    let Some(insn) = cpu.decode(raw) else { return };
    b.start(0x1_0000, mode);
    b.insn(0x1_0000, insn.len as u32);
    if cpu.lift(&insn, b) == Flow::Next {
        b.jump(b.next_pc());
    }
    verify(&b.block).unwrap_or_else(|e| panic!("{name} {raw:08x}, mode {mode}: {e}\n{}", b.block));
    let text = b.block.to_string();
    assert_eq!(parse_block(&text).unwrap().to_string(), text, "{name} {raw:08x}");
}

#[test]
fn every_row_lifts_to_legal_operations() {
    let cpu = Riscv::new(Exts::MAX);
    let mut rng = Rng::new(3);
    let mut b = Builder::default();
    let rows = insn::ROWS.iter().copied().flatten().map(|r| (r.name, &r.shape, false));
    let shorts = insn::SHORTS.iter().copied().flatten().map(|s| (s.name, &s.shape, true));
    let mut count = 0;
    for (name, shape, short) in rows.chain(shorts) {
        for n in 0..WORDS {
            check(&cpu, &mut b, name, word(&mut rng, shape, short), n as u32 % 8);
        }
        count += 1;
    }
    assert!(count > 300, "only {count} rows");
}
