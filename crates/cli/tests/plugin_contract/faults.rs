//! Sections 2.9 (faults) and 2.15: what is counted when an instruction faults.

use crate::common::plugin::{assembled, emu, plugin};
use std::path::PathBuf;

/// Handles SIGSEGV by going on behind the faulting instruction, which is the third of the block at 10100.
fn handled() -> PathBuf {
    assembled(
        "handled",
        "
        .option norvc
        la t0, handler
        la t1, action
        sd t0, 0(t1)
        li t0, 4                # SA_SIGINFO
        sd t0, 8(t1)
        li a0, 11
        mv a1, t1
        li a2, 0
        li a3, 8
        li a7, 134
        ecall
        j 1f
        handler:
        ld t0, 176(a2)
        addi t0, t0, 4
        sd t0, 176(a2)
        ret
        .org 0x100
        1: li s0, 0x123
        nop
        ld t1, 0(s0)            # 10108
        nop                     # 1010c
        li a0, 0
        li a7, 93
        ecall
        .data
        .balign 8
        action: .zero 32
        ",
    )
}

#[test]
fn s2_9_a_fault_in_the_middle_of_a_block() {
    let run = emu().plugin(&plugin("trace"), "on=tb+insn+mem,from=10100:10200");
    run.run(&handled()).quiet(0).says(
        "tb 0 10100
         insn 0 10100
         insn 0 10104
         insn 0 10108
         tb 0 1010c
         insn 0 1010c
         insn 0 10110
         insn 0 10114
         insn 0 10118",
    );
}

#[test]
fn s2_9_blocks_count_up_front_and_instructions_one_by_one() {
    let ran = emu().plugin(&plugin("count"), "").run(&handled()).quiet(0);
    let insns: u64 = ran.log.split("insns ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    // Row 34: the four instructions behind the fault were counted with their block.
    assert_eq!(ran.number("by-block"), insns + 4, "{ran:?}");
}

/// Inline adds that were merged have to be right at the fault: the handler's system calls look at the cell.
#[test]
fn s2_10_inline_counts_are_exact_at_faults() {
    for seed in 0..20 {
        let ran = emu().plugin(&plugin("count"), &format!("seed={seed}")).run(&handled()).quiet(0);
        let of = |word: &str| ran.lines(word)[0].split_once(' ').unwrap().1.to_string();
        assert_eq!(of("callbacks"), of("inline"), "seed {seed}");
        assert_eq!(of("again"), of("callbacks").split(' ').nth(2).unwrap(), "seed {seed}");
    }
}

/// Callbacks that only count become inline adds of a block; the handler's system calls look at the plugin's variables.
#[test]
fn s2_9_callbacks_that_only_count_are_exact_at_faults() {
    let told = |way: &str| emu().plugin(&plugin("leaves"), &format!("way={way}")).run(&handled()).quiet(0).log;
    let truth = told("opaque");
    assert_eq!(truth.lines().count(), 3, "sigaction, sigreturn, exit: {truth}");
    assert_eq!(told("leaf"), truth);
    assert_eq!(told("mixed"), truth);
}

/// Signals of a timer come between blocks only: every block that has begun has all of its instructions.
#[test]
fn s2_9_asynchronous_signals_come_between_blocks() {
    let guest = assembled(
        "ticks",
        "
        .option norvc
        la t0, handler
        la t1, action
        sd t0, 0(t1)
        li a0, 14
        mv a1, t1
        li a2, 0
        li a3, 8
        li a7, 134
        ecall
        li a0, 0
        la a1, interval
        li a2, 0
        li a7, 103
        ecall
        la s3, action
        li s1, 50           # until so many have come
        1: .rept 40
        addi s2, s2, 1
        .endr
        ld t2, 0(s3)
        .rept 40
        addi s2, s2, 1
        .endr
        blt s0, s1, 1b
        li a0, 0
        li a7, 93
        ecall
        handler:
        ld t0, 176+8*8(a2)  # s0 of the frame
        addi t0, t0, 1
        sd t0, 176+8*8(a2)
        ret
        .data
        .balign 8
        action: .dword 0, 4, 0
        interval: .dword 0, 300, 0, 300
        ",
    );
    let ran = emu().plugin(&plugin("count"), "ways=3").run(&guest).quiet(0);
    let insns: u64 = ran.log.split("insns ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(ran.number("by-block"), insns, "{ran:?}");
}

#[test]
fn s2_9_a_retried_instruction_is_counted_again() {
    // The handler makes the page readable and returns to the same instruction.
    let guest = assembled(
        "retried",
        "
        .option norvc
        li a0, 0x40000000
        li a1, 4096
        li a2, 0
        li a3, 0x32
        li a4, -1
        li a5, 0
        li a7, 222
        ecall
        la t0, handler
        la t1, action
        sd t0, 0(t1)
        li t0, 4
        sd t0, 8(t1)
        li a0, 11
        mv a1, t1
        li a2, 0
        li a3, 8
        li a7, 134
        ecall
        j 1f
        handler:
        li a0, 0x40000000
        li a1, 4096
        li a2, 3
        li a7, 226
        ecall
        ret
        .org 0x100
        1: li s0, 0x40000000    # 10100
        nop
        ld a0, 0(s0)            # 10108
        li a7, 93
        ecall
        .data
        .balign 8
        action: .zero 32
        ",
    );
    emu().plugin(&plugin("trace"), "on=tb+insn+mem,from=10100:10200").run(&guest).quiet(0).says(
        "tb 0 10100
         insn 0 10100
         insn 0 10104
         insn 0 10108
         tb 0 10108
         insn 0 10108
         mem 0 10108 R8 40000000 = 0
         insn 0 1010c
         insn 0 10110",
    );
}

#[test]
fn s2_14_a_failing_atomic_reports_nothing() {
    let body = "li s0, 0x120\namoadd.d t0, zero, (s0)\n";
    let guest = assembled("bad-atomic", &format!(".option norvc\n{body}"));
    let ran = emu().plugin(&plugin("trace"), "on=insn+mem+atexit").run(&guest).ended(139);
    ran.says("insn 0 10000\ninsn 0 10004\natexit num 1");
}
