//! Random programs with random probes: whatever is merged, chained or cut, the totals are the same.
//!
//! The programs are machine code made here: loops, calls, branches forwards, accesses of all sizes, atomics, and
//! accesses that fault and are handled by a signal handler that goes on behind them.

use super::totals::{line, stat};
use crate::common::plugin::{Emu, compiled, emu, plugin};
use crate::common::repo;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The splitmix generator.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    fn below(&mut self, n: u64) -> u32 {
        (self.next() % n) as u32
    }
}

const TEXT: u64 = 0x10000;
const DATA: u64 = 0x40000;
// The loop counter, the data pointer, an address that is not mapped, the link of calls.
const S0: u32 = 8;
const S1: u32 = 9;
const S2: u32 = 18;
const RA: u32 = 1;
const SP: u32 = 2;

fn i_type(op: u32, funct3: u32, rd: u32, rs1: u32, imm: i32) -> u32 {
    (imm as u32 & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | op
}

fn r_type(op: u32, funct3: u32, funct7: u32, rd: u32, rs1: u32, rs2: u32) -> u32 {
    funct7 << 25 | rs2 << 20 | i_type(op, funct3, rd, rs1, 0)
}

fn s_type(funct3: u32, rs2: u32, rs1: u32, imm: i32) -> u32 {
    let imm = imm as u32;
    (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 31) << 7 | 0x23
}

fn branch(funct3: u32, rs1: u32, rs2: u32, distance: i32) -> u32 {
    let d = distance as u32;
    (d >> 12 & 1) << 31
        | (d >> 5 & 0x3f) << 25
        | rs2 << 20
        | rs1 << 15
        | funct3 << 12
        | (d >> 1 & 15) << 8
        | (d >> 11 & 1) << 7
        | 0x63
}

fn jal(rd: u32, distance: i32) -> u32 {
    let d = distance as u32;
    (d >> 20 & 1) << 31 | (d >> 1 & 0x3ff) << 21 | (d >> 11 & 1) << 20 | (d >> 12 & 0xff) << 12 | rd << 7 | 0x6f
}

fn li(rd: u32, value: u32) -> [u32; 2] {
    let upper = value.wrapping_add(0x800) >> 12;
    [upper << 12 | rd << 7 | 0x37, i_type(0x1b, 0, rd, rd, value as i32 - (upper << 12) as i32)]
}

/// Registers that random instructions may change.
fn any(rng: &mut Rng) -> u32 {
    [5, 6, 7, 10, 11, 12, 13, 14, 15, 28, 29, 30][rng.below(12) as usize]
}

/// A few instructions; faulting ones only if wanted.
fn some(rng: &mut Rng, code: &mut Vec<u32>, faults: bool) {
    let (a, b, c) = (any(rng), any(rng), any(rng));
    let near = |rng: &mut Rng| rng.below(2000) as i32 - 1000;
    match rng.below(16) {
        0..4 => code.push(r_type(0x33, rng.below(8), 0, a, b, c)),
        4 => code.push(r_type(0x33, rng.below(8), 1, a, b, c)),
        5 | 6 => code.push(i_type(0x13, 0, a, b, near(rng))),
        7..10 => code.push(i_type(0x03, rng.below(7), a, S1, near(rng))),
        10 | 11 => code.push(s_type(rng.below(4), a, S1, near(rng))),
        12 => code.push(r_type(0x2f, 2 + rng.below(2), [0, 4, 0x10, 0x20, 0x30][rng.below(5) as usize], a, S1, b)),
        13 => {
            // Forwards over a few, on what the registers happen to hold.
            let skipped = 1 + rng.below(4);
            code.push(branch([0, 1, 4, 5, 6, 7][rng.below(6) as usize], a, b, 4 + 4 * skipped as i32));
            (0..skipped).for_each(|_| code.push(i_type(0x13, 0, any(rng), any(rng), near(rng))));
        }
        14 if faults => code.push(if rng.below(2) == 0 { i_type(0x03, 3, a, S2, 8) } else { s_type(3, a, S2, 8) }),
        14 => code.push(0x0000_100f),                  // fence.i ends blocks
        _ => code.push(0x0020_2573 & !0xf80 | a << 7), // reads frm: ends blocks too
    }
}

/// Words of a program that begins at [`TEXT`].
fn program(seed: u64, faults: bool) -> Vec<u32> {
    let mut rng = Rng(seed);
    let mut code = Vec::new();
    // sigaction(SIGSEGV, handler): the handler is the next few words, jumped over.
    code.push(jal(0, 20));
    code.extend([
        i_type(0x03, 3, 5, 12, 176),
        i_type(0x13, 0, 5, 5, 4),
        s_type(3, 5, 12, 176),
        i_type(0x67, 0, 0, RA, 0),
    ]);
    code.extend(li(5, TEXT as u32 + 4));
    code.extend(li(S1, DATA as u32));
    code.extend([s_type(3, 5, S1, 0), i_type(0x13, 0, 6, 0, 4), s_type(3, 6, S1, 8)]);
    code.extend([i_type(0x13, 0, 10, 0, 11), i_type(0x13, 0, 11, S1, 0), i_type(0x13, 0, 12, 0, 0)]);
    code.extend([i_type(0x13, 0, 13, 0, 8), i_type(0x13, 0, 17, 0, 134), 0x73]);
    code.extend(li(S1, DATA as u32 + 2048));
    code.extend(li(SP, DATA as u32 + 0x1f00));
    code.push(i_type(0x13, 0, S2, 0, 0x100));
    // Two small functions, jumped over.
    let mut functions = Vec::new();
    let over = code.len();
    code.push(0);
    for _ in 0..2 {
        functions.push(code.len());
        (0..1 + rng.below(6)).for_each(|_| some(&mut rng, &mut code, faults));
        code.push(i_type(0x67, 0, 0, RA, 0));
    }
    code[over] = jal(0, 4 * (code.len() - over) as i32);
    for _ in 0..2 + rng.below(3) {
        code.push(i_type(0x13, 0, S0, 0, 5 + rng.below(200) as i32));
        let head = code.len();
        for _ in 0..1 + rng.below(5) {
            (0..rng.below(8)).for_each(|_| some(&mut rng, &mut code, faults));
            let to = functions[rng.below(2) as usize];
            if rng.below(3) == 0 {
                code.push(jal(RA, 4 * (to as i32 - code.len() as i32)));
            }
        }
        code.push(i_type(0x13, 0, S0, S0, -1));
        code.push(branch(1, S0, 0, 4 * (head as i32 - code.len() as i32)));
    }
    // write(1, data, 64): what memory came to; exit.
    code.extend([i_type(0x13, 0, 10, 0, 1), i_type(0x13, 0, 11, S1, -500), i_type(0x13, 0, 12, 0, 1000)]);
    code.extend([i_type(0x13, 0, 17, 0, 64), 0x73, i_type(0x13, 0, 10, 0, 0), i_type(0x13, 0, 17, 0, 93), 0x73]);
    code
}

/// The file: one segment for all.
fn elf(code: &[u32]) -> Vec<u8> {
    let mut f = b"\x7fELF\x02\x01\x01".to_vec();
    f.resize(16, 0);
    f.extend(2u16.to_le_bytes());
    f.extend(243u16.to_le_bytes());
    f.extend(1u32.to_le_bytes());
    [TEXT, 64, 0].iter().for_each(|n| f.extend(n.to_le_bytes()));
    f.extend(5u32.to_le_bytes());
    [64u16, 56, 2, 64, 0, 0].iter().for_each(|n| f.extend(n.to_le_bytes()));
    let size = 4 * code.len() as u64;
    for (flags, words) in [(5u32, [0x1000, TEXT, TEXT, size, size, 0x1000]), (6, [0, DATA, DATA, 0, 0x2000, 0x1000])] {
        f.extend(1u32.to_le_bytes());
        f.extend(flags.to_le_bytes());
        words.iter().for_each(|n: &u64| f.extend(n.to_le_bytes()));
    }
    f.resize(0x1000, 0);
    code.iter().for_each(|w| f.extend(w.to_le_bytes()));
    f
}

fn write(run: &Emu, code: &[u32]) -> std::path::PathBuf {
    let path = run.path("guest");
    fs::write(&path, elf(code)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Totals by callbacks (or nothing), by inline counters, and by the second inline counters.
fn totals(run: Emu, arguments: &str, guest: &Path, output: &mut Option<String>) -> Vec<[u64; 4]> {
    let ran = run.plugin(&plugin("count"), arguments).run(guest).ended(0);
    let before = output.get_or_insert_with(|| ran.out.clone());
    assert_eq!(*before, ran.out, "{arguments}: the guest's output");
    ["callbacks", "inline"].into_iter().filter(|w| !ran.lines(w).is_empty()).map(|w| line(&ran.log, w)).collect()
}

/// What the recordings' plugin says of a program in one of its modes, with blocks of all sizes and of one instruction:
/// executions and accesses by address, a hash of all accesses in order, one of all registers before each instruction.
fn same_with_small_blocks(guest: &Path, mode: &str) {
    let probe = compiled(&repo().join("tests/golden/probe/probe.c"), "probe", 4, &[]);
    let report = |run: Emu| {
        let report = run.path("report");
        run.plugin(&probe, &format!("mode={mode},out={}", report.display())).run_and_read(guest).1
    };
    let (large, small) = (report(emu()), report(emu().word("-one-insn-per-tb")));
    assert!(large.lines().count() > 5, "{mode}: {large}");
    for (l, s) in large.lines().zip(small.lines()) {
        assert_eq!(l, s, "{mode}: one instruction per block");
    }
    assert_eq!(large.lines().count(), small.lines().count(), "{mode}");
}

/// Checks one program; what `stat` counted, and how many instructions were counted with their block but not executed.
fn check(seed: u64, faults: bool) -> (u64, u64) {
    let keep = emu();
    let guest = write(&keep, &program(seed, faults));
    let mut output = Some(emu().run(&guest).ended(0).out);
    let counted = stat(&guest);
    let seeded = format!("seed={}", seed | 1);
    for arguments in ["ways=1", "ways=2", &seeded, &format!("ways=2,{seeded}")] {
        for got in totals(emu(), arguments, &guest, &mut output) {
            assert_eq!(got, counted, "program {seed:#x}, {arguments}: blocks, instructions, loads, stores");
        }
    }
    for got in totals(emu().word("-one-insn-per-tb"), &seeded, &guest, &mut output) {
        assert_eq!(got[0], got[1], "program {seed:#x}: a block for each instruction");
        assert_eq!(got[1..], counted[1..], "program {seed:#x}, one instruction per block");
    }
    let mode = ["insns", "mem", "state,step=100,max=20000"][seed as usize % 3];
    same_with_small_blocks(&guest, mode);
    let by_block = emu().plugin(&plugin("count"), "ways=2").run(&guest).number("by-block");
    (counted[1], by_block - counted[1])
}

/// How many programs; `PLUGIN_RANDOM` asks for more.
fn programs() -> u64 {
    std::env::var("PLUGIN_RANDOM").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

/// Checks many; the sums, so that nobody is fooled by programs that do nothing.
fn all(first: u64, faults: bool) -> (u64, u64) {
    (0..programs()).map(|n| check(first + n, faults)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

#[test]
fn random_programs_count_the_same_in_every_way() {
    let (instructions, unexecuted) = all(0x5eed_0000, false);
    assert!(instructions > 50_000 && unexecuted == 0, "{instructions} executed, {unexecuted} not");
}

#[test]
fn random_programs_with_faults_count_the_same_in_every_way() {
    let (instructions, unexecuted) = all(0xfa17_0000, true);
    assert!(instructions > 50_000 && unexecuted > 1000, "{instructions} executed, {unexecuted} not");
}
