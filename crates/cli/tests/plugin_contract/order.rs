//! Sections 2.9 and 2.10: the order inside a block, conditions and inline operations.

use super::counted_loop;
use crate::common::plugin::{assembled, emu, plugin};

/// The `amoadd.d` at 1000c is executed twice: in the block of 10000 and in that of 1000c.
const TWICE: &str = "
    .option norvc
    la t0, cell
    li t1, 2
    amoadd.d t2, t1, (t0)
    addi s0, s0, 1
    li t3, 2
    blt s0, t3, 0x1000c
    li a0, 0
    li a7, 93
    ecall
    .data
    cell: .dword 100
";

#[test]
fn s2_9_order_of_all_kinds_inside_a_block() {
    let guest = assembled("twice", &TWICE.replace("0x1000c", ". - 12"));
    emu().plugin(&plugin("order"), "at=0x1000c").run(&guest).quiet(0).says(
        "block first block 0 insn 0 mem 0
         block second block 1 insn 0 mem 0
         block last block 1 insn 0 mem 0
         insn stored block 1 insn 5 mem 0
         insn equals 7 block 1 insn 7 mem 0
         insn is -1 block 1 insn 18446744073709551615 mem 0
         load first block 1 insn 18446744073709551615 mem 0
         load third block 1 insn 18446744073709551615 mem 1
         store second block 1 insn 18446744073709551615 mem 2
         store third block 1 insn 18446744073709551615 mem 40
         block first block 1 insn 18446744073709551615 mem 40
         block at least 2 block 2 insn 18446744073709551615 mem 40
         block second block 2 insn 18446744073709551615 mem 40
         block last block 2 insn 18446744073709551615 mem 40
         insn stored block 2 insn 5 mem 40
         insn equals 7 block 2 insn 7 mem 40
         insn is -1 block 2 insn 18446744073709551615 mem 40
         load first block 2 insn 18446744073709551615 mem 40
         load third block 2 insn 18446744073709551615 mem 41
         store second block 2 insn 18446744073709551615 mem 42
         store third block 2 insn 18446744073709551615 mem 40",
    );
}

#[test]
fn s2_9_mem_callbacks_follow_each_access() {
    let guest = assembled(
        "accesses",
        "
        .option norvc
        la t0, cell
        ld t1, 0(t0)
        sd t1, 8(t0)
        amoadd.d t2, t1, (t0)
        nop
        li a0, 0
        li a7, 93
        ecall
        .data
        cell: .dword 100, 0
        ",
    );
    emu().plugin(&plugin("trace"), "on=tb+insn+mem,from=10000:1001c").run(&guest).quiet(0).says(
        "tb 0 10000
         insn 0 10000
         insn 0 10004
         insn 0 10008
         mem 0 10008 R8 20000 = 64
         insn 0 1000c
         mem 0 1000c W8 20008 = 64
         insn 0 10010
         mem 0 10010 R8 20000 = 64
         mem 0 10010 W8 20000 = c8
         insn 0 10014
         insn 0 10018",
    );
}

/// How often a conditional callback fired among how many chances, and the cell at the end.
#[track_caller]
fn fires(arguments: &str, times: u64, chances: u64, cell: u64) {
    let ran = emu().plugin(&plugin("cond"), arguments).run(&counted_loop()).quiet(0);
    assert_eq!(ran.log, format!("fired {times} of {chances} cell {cell}\n"), "{arguments}");
}

#[test]
fn s2_10_conditions_on_blocks() {
    // Eleven blocks; the cell is 1 to 11 where the condition sees it.
    for (cond, times) in [(0, 0), (1, 11), (2, 1), (3, 10), (4, 4), (5, 5), (6, 6), (7, 7)] {
        fires(&format!("cond={cond},imm=5"), times, 11, 11);
    }
}

#[test]
fn s2_10_conditions_on_instructions() {
    // 3 + 9 * 2 + 3 instructions.
    for (cond, times) in [(0, 0), (1, 24), (2, 1), (3, 23), (4, 4), (5, 5), (6, 19), (7, 20)] {
        fires(&format!("where=insn,cond={cond},imm=5"), times, 24, 24);
    }
}

#[test]
fn s2_10_comparison_is_unsigned() {
    // The cell is -4 to -1, then 0 to 6.
    let start = u64::MAX - 4;
    let cases = [(4, 1 << 63, 7), (7, 1 << 63, 4), (6, 6, 4), (5, 6, 7), (2, u64::MAX, 1), (6, u64::MAX, 0)];
    for (cond, imm, times) in cases {
        fires(&format!("cond={cond},imm={imm},start={start}"), times, 11, 6);
    }
    // The same on instructions: -4 to -1, then 0 to 19.
    for (cond, imm, times) in [(4, 1u64 << 63, 20), (7, 1 << 63, 4), (6, 6, 17), (5, 6, 7)] {
        fires(&format!("where=insn,cond={cond},imm={imm},start={start}"), times, 24, 19);
    }
}

#[test]
fn s2_10_large_numbers_that_no_immediate_holds() {
    let big = 0x1234_5678_9abc_def0u64;
    fires(&format!("cond=2,imm={},by={big}", big.wrapping_mul(3)), 1, 11, big.wrapping_mul(11));
    fires(&format!("cond=7,imm={},start={big},by=1", big + 2), 10, 11, big + 11);
    fires(&format!("cond=2,imm={},start=0x7fffffff,by=1", 0x8000_0003u64), 1, 11, 0x7fff_ffff + 11);
    fires(&format!("cond=4,imm={},start=0x80000000,by=0x80000000", 0x1_8000_0001u64), 2, 11, 12 * 0x8000_0000);
}

#[test]
fn s2_10_store_puts_the_number_there() {
    fires("op=store,by=7,cond=2,imm=7", 11, 11, 7);
    fires("op=store,by=7,cond=6,imm=7", 0, 11, 7);
    fires("op=store,by=0,cond=2,imm=0,start=9", 11, 11, 0);
    let minus = u64::MAX;
    fires(&format!("op=store,by={minus},cond=2,imm={minus}"), 11, 11, minus);
}

#[test]
fn s2_10_add_wraps() {
    fires(&format!("cond=2,imm=0,by=1,start={}", u64::MAX), 1, 11, 10);
    fires(&format!("cond=0,by={}", u64::MAX), 0, 11, 11u64.wrapping_neg());
}
