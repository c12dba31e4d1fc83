//! Sections 2.1, 2.7, 2.8: slots of events, the order of plugins, when translation is shown.

use super::{counted_loop, hello};
use crate::common::plugin::{assembled, emu, plugin};
use std::fs;

#[test]
fn s2_1_registering_again_replaces() {
    emu().plugin(&plugin("events"), "do=replace").run(&hello()).quiet(5).says(
        "new init
         new trans
         new call
         new ret
         new trans
         new call
         new end two",
    );
}

#[test]
fn s2_1_registering_null_removes() {
    emu().plugin(&plugin("events"), "do=remove").run(&hello()).quiet(5).says("");
}

#[test]
fn s2_1_the_last_plugin_is_told_first() {
    let run = emu();
    let second = run.path("second.so");
    fs::copy(plugin("trace"), &second).unwrap();
    let on = "on=init+trans+tb+insn+sys+ret+atexit,from=10018:11000";
    let run = run.plugin(&plugin("trace"), &format!("{on},tag=P ")).plugin(&second, &format!("{on},tag=Q "));
    run.run(&hello()).quiet(5).says(
        "Q init 0 num 1
         P init 0 num 1
         Q sys 0 64 1 20000 5 0 0 0 0 0
         P sys 0 64 1 20000 5 0 0 0 0 0
         Q ret 0 64 5
         P ret 0 64 5
         Q trans 10018 3
         P trans 10018 3
         Q tb 0 10018
         P tb 0 10018
         Q insn 0 10018
         P insn 0 10018
         Q insn 0 1001c
         P insn 0 1001c
         Q insn 0 10020
         P insn 0 10020
         Q sys 0 93 5 20000 5 0 0 0 0 0
         P sys 0 93 5 20000 5 0 0 0 0 0
         Q atexit num 1
         P atexit num 1",
    );
}

#[test]
fn s2_1_replacing_keeps_the_place_in_the_order() {
    let run = emu();
    let second = run.path("second.so");
    fs::copy(plugin("events"), &second).unwrap();
    let run = run.plugin(&plugin("events"), "tag=P ").plugin(&second, "tag=Q ");
    let ran = run.run(&hello()).quiet(5);
    let lines: Vec<&str> = ran.log.lines().collect();
    assert_eq!(lines[..4], ["Q new init", "P new init", "Q new trans", "P new trans"], "{ran:?}");
}

#[test]
fn s2_1_watching_translation_late_shows_only_what_is_translated_then() {
    let guest = assembled(
        "late",
        "
        .option norvc
        again: li a7, 172
        ecall
        li a7, 172
        ecall
        li t0, 2            # 10010
        1: addi t0, t0, -1  # 10014
        bnez t0, 1b
        addi s0, s0, 1      # 1001c
        li t1, 2
        blt s0, t1, again
        li a0, 0            # 10028
        li a7, 93
        ecall
        ",
    );
    emu().plugin(&plugin("events"), "do=late").run(&guest).quiet(0).says(
        "call 172
         call 172
         trans 10010
         trans 10014
         trans 1001c
         call 172
         call 172
         call 93",
    );
}

/// Until then blocks go on behind short branches, as no guest's do; those are shown when they are translated anew.
#[test]
fn s2_1_watching_translation_from_a_thread_shows_the_blocks_of_the_guest() {
    let guest = assembled(
        "from-a-thread",
        "
        .option norvc
        li s0, 3            # rounds: one without descriptors, one that asks, one that is watched
        li s2, -1
        li s3, -1
        round: li s1, 2     # 1000c
        again: li a0, 2     # 10010
        bltu a0, s1, 1f
        mv a0, s1           # 10018
        1: addi s1, s1, -1  # 1001c
        bnez s1, again
        addi s0, s0, -1     # 10024
        beqz s0, end
        mv a0, s2           # 1002c
        li a1, 0x20000
        li a2, 1
        li a7, 64
        ecall
        mv a0, s3           # 10040
        li a7, 63
        ecall
        li s2, 101          # 1004c
        li s3, 102
        j round
        end: li a0, 0       # 10058
        li a7, 93
        ecall
        .data
        .byte 1
        ",
    );
    emu().plugin(&plugin("idle"), "").run(&guest).quiet(0).says(
        "trans 1000c 3
         trans 10018 3
         trans 10010 2
         trans 10058 3",
    );
}

#[test]
fn s2_1_a_return_that_is_watched_in_its_call_is_not_shown() {
    let guest = assembled(
        "late-ret",
        "
        li a7, 172
        ecall
        li a7, 178
        ecall
        li a7, 172
        ecall
        li a0, 0
        li a7, 93
        ecall
        ",
    );
    let ran = emu().plugin(&plugin("events"), "do=late-ret").run(&guest).quiet(0);
    ran.says("call 172\n call 178\n call 172\n ret 172\n call 93");
}

#[test]
fn s2_8_each_block_is_shown_before_it_runs_and_once() {
    emu().plugin(&plugin("trace"), "on=trans+tb").run(&counted_loop()).quiet(0).says(
        "trans 10000 3
         tb 0 10000
         trans 10004 2
         tb 0 10004
         tb 0 10004
         tb 0 10004
         tb 0 10004
         tb 0 10004
         tb 0 10004
         tb 0 10004
         tb 0 10004
         tb 0 10004
         trans 1000c 3
         tb 0 1000c",
    );
}

#[test]
fn s2_7_no_flush_at_the_end_and_none_without_cause() {
    let ran = emu().plugin(&plugin("trace"), "on=flush+atexit").run(&hello()).quiet(5);
    ran.says("atexit num 1");
}

/// Code in a page of its own, written, run, changed, run again.
#[test]
fn s2_8_changed_code_is_shown_again() {
    let guest = assembled(
        "changing",
        "
        .option norvc
        li a0, 0x50000000
        li a1, 4096
        li a2, 7
        li a3, 0x32
        li a4, -1
        li a5, 0
        li a7, 222
        ecall
        mv s0, a0
        li t0, 0x00100513   # li a0, 1
        sw t0, 0(s0)
        li t0, 0x00008067   # ret
        sw t0, 4(s0)
        fence.i
        jalr s0
        mv s1, a0
        li t0, 0x00700513   # li a0, 7
        sw t0, 0(s0)
        fence.i
        jalr s0
        jalr s0
        add a0, a0, s1
        li a7, 93
        ecall
        ",
    );
    emu().plugin(&plugin("trace"), "on=trans+tb,from=50000000:50001000").run(&guest).quiet(8).says(
        "trans 50000000 2
         tb 0 50000000
         trans 50000000 2
         tb 0 50000000
         tb 0 50000000",
    );
}

#[test]
fn s2_8_a_block_that_cannot_be_fetched_is_not_shown() {
    let guest = assembled("nowhere", ".option norvc\nli t0, 0x500\njr t0\n");
    let ran = emu().plugin(&plugin("trace"), "on=trans+tb+atexit").run(&guest).ended(139);
    ran.says("trans 10000 2\ntb 0 10000\natexit num 1");
}

#[test]
fn s2_8_an_undecodable_instruction_is_the_last_of_its_block() {
    let guest = assembled("illegal", ".option norvc\nnop\nnop\n.word 0xffffffff\nnop\nnop\n");
    let ran = emu().plugin(&plugin("query"), "ask=insns").run(&guest).ended(132);
    let lines: Vec<&str> = ran.log.lines().collect();
    assert!(lines[0].starts_with("tb 10000 n 3 "), "{ran:?}");
    assert_eq!(lines.len(), 4, "{ran:?}");
    assert_eq!(lines[3], "insn 10008 size 4 data ffffffff haddr same");
}
