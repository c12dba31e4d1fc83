//! `fluoro stat` of a program with faults, whose truth is counted by hand.
//!
//! A counter counts a whole block; where a fault ends it in the middle, what was not executed is taken back. So the
//! program faults before, behind and between what is counted, in blocks that end in branches, and goes on behind each
//! fault. The comments in the program say what each piece adds.
#![forbid(unsafe_code)]

mod common;

use common::{Scratch, fluoro, text};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = r#"
    .option norelax
    .option norvc
    .globl _start
_start:
    # 3 times 7 instructions and a call: a handler each for SIGSEGV, SIGILL and SIGTRAP; 3 blocks
    .irp signal, 11, 4, 5
    li a0, \signal
    lla a1, action
    li a2, 0
    li a3, 8
    li a7, 134
    ecall
    .endr
    # 21 instructions, 10 branches, 9 of them taken; 10 blocks
    li t0, 10
1:  addi t0, t0, -1
    bnez t0, 1b
    # 3 branches, none taken, and a jump; 4 blocks
    .rept 3
    bnez zero, 2f
    .endr
    j 2f
    # 3 instructions; no block, the next belongs to it
2:  lla s0, data
    li s1, 3
    # 3 times 8 instructions; loads of 8 and 2 bytes, stores of 4 and 1, a branch taken twice; the load from 0 fails.
    # 2 blocks each
3:  ld t1, 0(s0)
    sw t1, 8(s0)
    addi s1, s1, -1
    ld t2, 0(zero)
    lh t1, 16(s0)
    sb t1, 24(s0)
    add t1, t1, t1
    bnez s1, 3b
    # 2 instructions; the store fails, so the jump is in a block of its own
    sd t1, 0(zero)
    j 4f
    # An instruction, then 4 times 6 and, each second time, 2 more; 3 branches, of which the first two skip these, and the
    # last is taken three times; the load between them fails. 2 blocks before and 2 behind that, each time
4:  li s1, 4
5:  andi t1, s1, 1
    beqz t1, 6f
    addi t2, t2, 1
6:  ld t3, 0(zero)
    beqz t1, 7f
    addi t2, t2, 1
7:  addi s1, s1, -1
    bnez s1, 5b
    # 2 instructions, illegal and a breakpoint; 2 blocks, and 1 for the jump to them
    j 8f
8:  unimp
    ebreak
    # 3 instructions and a call; 1 block
    li a0, 0
    li a7, 93
    ecall
    # 10 times, once a fault: 5 instructions, a load and a store of 8 bytes, a call; 1 block each
handler:
    ld t0, 176(a2)
    addi t0, t0, 4
    sd t0, 176(a2)
    li a7, 139
    ecall
    .data
    .balign 8
action: .dword handler, 4, 0
data: .zero 32
"#;

const TRUTH: [(&str, u64); 10] = [
    ("instructions", 3 * 7 + 21 + 4 + 3 + 3 * 8 + 2 + 1 + 4 * 6 + 2 * 2 + 1 + 2 + 3 + 10 * 5),
    ("blocks", 3 + 10 + 4 + 3 * 2 + 2 + 4 * 4 + 1 + 2 + 1 + 10),
    ("loads", 3 * 2 + 10),
    ("load_bytes", 3 * (8 + 2) + 10 * 8),
    ("stores", 3 * 2 + 10),
    ("store_bytes", 3 * (4 + 1) + 10 * 8),
    ("branches", 10 + 3 + 3 + 4 * 3),
    ("branches_taken", 9 + 2 + 4 + 3),
    ("system_calls", 3 + 10 + 1),
    ("faults", 3 + 1 + 4 + 1 + 1),
];

fn program(dir: &Scratch) -> PathBuf {
    let source = dir.file("faults.S", 0o644, SOURCE.as_bytes());
    let to = dir.path("faults");
    let status =
        Command::new("riscv64-linux-gnu-gcc").args(["-nostdlib", "-static", "-o"]).arg(&to).arg(source).status();
    assert!(status.expect("the cross compiler; 'fluoro doctor' says how to install it").success());
    to
}

/// What the report says of the names in the table.
fn counted(dir: &Scratch, options: &[&str]) -> BTreeMap<&'static str, u64> {
    let report = dir.path("report.json");
    let output = fluoro().args(["stat", "--json", "-o"]).arg(&report).args(options).arg(program(dir)).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    let json = fs::read_to_string(report).unwrap();
    let number = |name: &str| {
        let after = json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name} is missing: {json}")).1;
        after.split([',', '}']).next().unwrap().parse().unwrap()
    };
    TRUTH.iter().map(|(name, _)| (*name, number(name))).collect()
}

#[test]
fn a_program_with_faults() {
    let dir = Scratch::new("stat-faults");
    assert_eq!(counted(&dir, &[]), BTreeMap::from(TRUTH));
}

#[test]
fn the_same_with_each_instruction_a_block() {
    let dir = Scratch::new("stat-faults-single");
    let mut truth = BTreeMap::from(TRUTH);
    truth.insert("blocks", truth["instructions"]);
    assert_eq!(counted(&dir, &["--one-insn-per-tb"]), truth);
}
