//! Random programs: many sequences, each of which starts from its own random registers and leaves them in a table
//! that the program writes to its standard output at the end.

use super::asm::*;
use super::elf::{Image, Segment};
use super::insns::{Item, Source};
use ir::random::{Rng, float, integer};

/// Words of a register table: `fcsr`, x1 to x31, f0 to f31.
pub const SLOTS: usize = 64;
const TABLE: usize = SLOTS * 8;
/// Bytes of memory that sequences load from and store to. The pointer `tp` is in its middle.
const WINDOW: usize = 8448;
const TEXT_AT: u64 = 0x1_0000;
const DATA_AT: u64 = 0x100_0000;

/// Counts a loop down; without it, it may not end.
pub const LOOP_STEP: u32 = addi(T6, T6, -1);

/// The name of a slot.
pub fn slot_name(slot: usize) -> String {
    match slot {
        0 => "fcsr".into(),
        1..32 => format!("x{slot}"),
        _ => format!("f{}", slot - 32),
    }
}

/// One sequence and the registers that it starts from.
#[derive(Clone)]
pub struct Sequence {
    pub items: Vec<Item>,
    pub registers: [u64; SLOTS],
}

/// A program before it is laid out.
#[derive(Clone)]
pub struct Program {
    pub sequences: Vec<Sequence>,
    window: Vec<u8>,
}

impl Program {
    /// A program of `count` sequences of about `len` instructions.
    pub fn random(source: &mut Source, rng: &mut Rng, count: usize, len: usize) -> Program {
        source.reserved_size = rng.pick(&['w', 'd']);
        let window = (0..WINDOW).map(|_| rng.next() as u8).collect();
        let sequences = (0..count).map(|_| Sequence::random(source, rng, len)).collect();
        Program { sequences, window }
    }

    /// The same program without all sequences but one.
    pub fn only(&self, n: usize) -> Program {
        Program { sequences: vec![self.sequences[n].clone()], window: self.window.clone() }
    }

    /// Bytes that it writes: a table per sequence, then the window.
    pub fn output_len(&self) -> usize {
        self.sequences.len() * TABLE + WINDOW
    }

    fn tables_at(&self) -> u64 {
        DATA_AT
    }

    fn output_at(&self) -> u64 {
        DATA_AT + (self.sequences.len() * TABLE) as u64
    }

    fn window_at(&self) -> u64 {
        self.output_at() + (self.sequences.len() * TABLE) as u64
    }

    /// Lays the program out.
    pub fn image(&self) -> Image {
        let tp = self.window_at() + WINDOW as u64 / 2;
        let mut data = Vec::new();
        for sequence in &self.sequences {
            let mut registers = sequence.registers;
            registers[TP as usize] = tp;
            data.extend(registers.iter().flat_map(|r| r.to_le_bytes()));
        }
        data.resize(data.len() * 2, 0);
        data.extend(&self.window);
        let text = Segment { addr: TEXT_AT, bytes: self.text() };
        Image { text, data: Segment { addr: DATA_AT, bytes: data } }
    }

    fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (n, sequence) in self.sequences.iter().enumerate() {
            let offset = (n * TABLE) as u64;
            words(&mut text, load_registers(self.tables_at() + offset));
            sequence.layout(&mut text);
            words(&mut text, store_registers(self.output_at() + offset));
        }
        words(&mut text, write_and_exit(self.output_at(), self.output_len()));
        text
    }
}

fn words(text: &mut Vec<u8>, code: Vec<u32>) {
    text.extend(code.iter().flat_map(|w| w.to_le_bytes()));
}

fn load_registers(table: u64) -> Vec<u32> {
    let mut code = li(GP, table as u32).to_vec();
    code.extend([ld(T0, GP, 0), csrrw(ZERO, FCSR, T0)]);
    code.extend((0..32).map(|n| fld(n, GP, 256 + n as i32 * 8)));
    code.extend((1..32).filter(|n| *n != GP).map(|n| ld(n, GP, n as i32 * 8)));
    code
}

fn store_registers(table: u64) -> Vec<u32> {
    let mut code = li(GP, table as u32).to_vec();
    code.extend((1..32).filter(|n| *n != GP).map(|n| sd(n, GP, n as i32 * 8)));
    code.extend((0..32).map(|n| fsd(n, GP, 256 + n as i32 * 8)));
    code.extend([csrr(T0, FCSR), sd(T0, GP, 0)]);
    code
}

fn write_and_exit(from: u64, len: usize) -> Vec<u32> {
    let numbers = [(A0, 1), (A1, from as u32), (A2, len as u32), (A7, 64)];
    let mut code: Vec<u32> = numbers.iter().flat_map(|(r, n)| li(*r, *n)).collect();
    code.push(ECALL);
    code.extend([(A0, 0), (A7, 93)].iter().flat_map(|(r, n)| li(*r, *n)));
    code.push(ECALL);
    code
}

impl Sequence {
    fn random(source: &mut Source, rng: &mut Rng, len: usize) -> Sequence {
        let mut items = Vec::new();
        while items.len() < len {
            match rng.below(40) {
                0 => indirect_jump(rng, &mut items),
                1 => rounding_mode(rng, &mut items),
                2 => backward_loop(source, rng, &mut items),
                _ => source.push(rng, &mut items),
            }
        }
        Sequence { items, registers: registers(rng) }
    }

    /// Appends the sequence's code with all distances put in.
    fn layout(&self, text: &mut Vec<u8>) {
        let ends = self.items.iter().scan(0, |at, item| {
            *at += item.len as i32;
            Some(*at)
        });
        let starts: Vec<i32> = std::iter::once(0).chain(ends).collect();
        let glued = |n: &usize| self.items.get(*n).is_some_and(|item| item.glued);
        let place = |n: usize| starts[(n..).find(|n| !glued(n)).unwrap_or(n).min(self.items.len())];
        for item in &self.items {
            let word = item.reach.map_or(item.word, |(reach, from, to)| reach.put(item.word, place(to) - starts[from]));
            text.extend(&word.to_le_bytes()[..item.len as usize]);
        }
        if !text.len().is_multiple_of(4) {
            text.extend(&C_NOP.to_le_bytes()[..2]);
        }
    }
}

/// Random registers: integers, floats of all formats, boxed or not, a rounding mode and flags.
fn registers(rng: &mut Rng) -> [u64; SLOTS] {
    let formats = [softfp::F16, softfp::BF16, softfp::F32, softfp::F64];
    let mut all = std::array::from_fn(|slot| match slot {
        0..32 => integer(rng),
        _ => {
            let f = rng.pick(&formats);
            let value = float(rng, f);
            if rng.chance(90) { f.boxed(value) } else { value }
        }
    });
    all[0] = rng.below(5) << 5 | rng.below(32);
    // The loop counter: no loop runs long.
    all[T6 as usize] = rng.below(4);
    all
}

/// A register that instructions of the frame may use.
fn scratch(rng: &mut Rng) -> u32 {
    rng.pick(&[1, 2, 5, 6, 7, 8, 9, 10, 11, 15, 17, 18, 28, 30])
}

/// `auipc`, `addi`, `jalr` to one of the next items.
fn indirect_jump(rng: &mut Rng, items: &mut Vec<Item>) {
    let (at, register) = (items.len(), scratch(rng));
    let odd = rng.below(2) as i32;
    let link = rng.pick(&[0, 0, 1, 5, 10, register]);
    items.push(Item::new(auipc(register)));
    let reach = Some((Reach::I, at, at + 3 + rng.below(4) as usize));
    items.push(Item { reach, glued: true, ..Item::new(addi(register, register, 0)) });
    items.push(Item { glued: true, ..Item::new(jalr(link, register, odd)) });
}

/// Sets a rounding mode that exists.
fn rounding_mode(rng: &mut Rng, items: &mut Vec<Item>) {
    let (mode, register, rd) = (rng.below(5) as u32, scratch(rng), scratch(rng));
    if rng.chance(50) {
        return items.push(Item::new(csrrwi(rd, FRM, mode)));
    }
    items.push(Item::new(addi(register, ZERO, (mode << 5 | rng.below(32) as u32) as i32)));
    items.push(Item { glued: true, ..Item::new(csrrw(rd, FCSR, register)) });
}

/// A few instructions, and a branch back to them while the counter is positive.
fn backward_loop(source: &mut Source, rng: &mut Rng, items: &mut Vec<Item>) {
    items.push(Item::new(addi(T6, ZERO, 1 + rng.below(3) as i32)));
    let start = items.len();
    for _ in 0..1 + rng.below(6) {
        source.push(rng, items);
    }
    items.push(Item::new(LOOP_STEP));
    let blt_zero_t6 = T6 << 20 | 4 << 12 | 0x63;
    // Nobody jumps between the decrement and its test.
    items.push(Item { reach: Some((Reach::B, items.len(), start)), glued: true, ..Item::new(blt_zero_t6) });
}
