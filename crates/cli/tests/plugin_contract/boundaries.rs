//! Section 2.13 and appendix B: where blocks end. Appendix C.1: overlapping blocks.

use crate::common::plugin::{Ran, assembled, emu, golden, plugin};
use std::path::Path;

fn blocks(guest: &Path) -> Ran {
    emu().plugin(&plugin("trace"), "on=trans").run(guest)
}

#[test]
fn s2_13_at_most_512_instructions() {
    let guest = assembled("long", ".option norvc\n.rept 1000\nnop\n.endr\nli a0, 0\nli a7, 93\necall\n");
    blocks(&guest).quiet(0).says("trans 10000 512\ntrans 10800 491");
}

#[test]
fn s2_13_a_page_ends_a_block() {
    let body = "j 1f\n.org 0xff8\n1: nop\nnop\nnop\nli a0, 0\nli a7, 93\necall\n";
    let guest = assembled("page", &format!(".option norvc\n{body}"));
    blocks(&guest).quiet(0).says("trans 10000 1\ntrans 10ff8 2\ntrans 11000 4");
}

#[test]
fn s2_13_a_page_crossing_instruction_is_alone() {
    let body = "j 1f\n.org 0xffa\n1: c.nop\nc.nop\n.option norvc\nnop\n.option rvc\nli a0, 0\nli a7, 93\necall\n";
    let guest = assembled("crossing-code", body);
    blocks(&guest).quiet(0).says("trans 10000 1\ntrans 10ffa 2\ntrans 10ffe 1\ntrans 11002 3");
}

#[test]
fn s2_13_one_instruction_per_block() {
    let run = emu().word("-one-insn-per-tb").plugin(&plugin("trace"), "on=trans+tb");
    let ran = run.run(&super::hello()).quiet(5);
    let (shown, run) = (ran.lines("trans"), ran.lines("tb"));
    assert_eq!((shown.len(), run.len()), (9, 9), "{ran:?}");
    assert!(shown.iter().all(|l| l.ends_with(" 1")), "{ran:?}");
    let run = emu().env("QEMU_ONE_INSN_PER_TB", "1").plugin(&plugin("trace"), "on=trans");
    assert_eq!(run.run(&super::hello()).quiet(5).lines("trans").len(), 9);
}

/// How many instructions the block has in which `instruction` follows a `nop` and is followed by another.
fn block_of(instruction: &str) -> u64 {
    let body = format!(
        ".option norvc\n.option arch, +zawrs, +zicbop, +zihintpause\nnop\n{instruction}\nnop\nli a0, 0\nli a7, 93\necall\n"
    );
    let ran = blocks(&assembled("ender", &body));
    ran.number("trans 10000")
}

#[test]
fn b_what_ends_a_block() {
    let enders = [
        "beqz zero, 2f\n2:",
        "bnez zero, 2f\n2:",
        "j 2f\n2:",
        "jal 2f\n2:",
        "ebreak",
        ".word 0xffffffff",
        "frcsr t0",
        "fscsr zero",
        "csrr t0, frm",
        "rdcycle t0",
        "rdtime t0",
        "rdinstret t0",
        "csrwi fflags, 0",
        "fence.i",
        "pause",
        "wrs.nto",
        "wrs.sto",
        "wfi",
        "mret",
        "sret",
        "sfence.vma",
    ];
    for instruction in enders {
        assert_eq!(block_of(instruction), 2, "{instruction}");
    }
    assert_eq!(block_of("li a7, 172\necall"), 3, "ecall");
}

#[test]
fn b_what_does_not_end_a_block() {
    let stays = [
        "fence",
        "fence.tso",
        "ld t0, 0(sp)",
        "sd t0, -8(sp)",
        "amoadd.d t0, zero, (sp)",
        "lr.d t0, (sp)",
        "sc.d t0, t1, (sp)",
        "fadd.d fa0, fa0, fa1",
        "fdiv.s fa0, fa0, fa1",
        "fcvt.w.d t0, fa0",
        "div t0, t0, t1",
        "prefetch.r 0(sp)",
        "lui t0, 5",
        "auipc t0, 5",
        ".insn r 0x2f, 3, 0x14, t0, sp, t1",
        "cbo.zero (sp)",
    ];
    for instruction in stays {
        assert_eq!(block_of(instruction), 6, "{instruction}");
    }
}

/// The code of C.1: a loop of four passes whose head lies inside the first block, then two calls.
fn overlapping() -> std::path::PathBuf {
    assembled(
        "overlapping",
        "
        .option norvc
        j entry
        .org 0x144
        entry:
        .option rvc
        c.li t0, 4              # 10144
        .option norvc
        auipc t1, 1             # 10146
        ld t1, 82(t1)           # 1014a: from 11198
        .option rvc
        head: c.addi t0, -1     # 1014e
        .option norvc
        beqz t0, done           # 10150
        ld t1, 0(t1)            # 10154
        .option rvc
        c.j head                # 10158
        .option norvc
        done: jal ra, leaf      # 1015a
        jal ra, leaf            # 1015e
        .option rvc
        c.mv a0, t0             # 10162
        .option norvc
        li a7, 93               # 10164
        ecall                   # 10168
        .option rvc
        leaf: c.addi t0, 1      # 1016c
        c.jr ra                 # 1016e
        .org 0x1198
        cell: .dword 0x11198
        ",
    )
}

#[test]
fn c_1_overlapping_blocks_in_order() {
    let ran = emu().plugin(&plugin("trace"), "on=trans+tb+atexit,from=10144:11000").run(&overlapping()).quiet(2);
    ran.says(
        "trans 10144 5
         tb 0 10144
         trans 10154 2
         tb 0 10154
         trans 1014e 2
         tb 0 1014e
         tb 0 10154
         tb 0 1014e
         tb 0 10154
         tb 0 1014e
         trans 1015a 1
         tb 0 1015a
         trans 1016c 2
         tb 0 1016c
         trans 1015e 1
         tb 0 1015e
         tb 0 1016c
         trans 10162 3
         tb 0 10162
         atexit num 1",
    );
}

/// Section 2.13, last paragraphs: instrumentation does not move boundaries.
#[test]
fn s2_13_instrumentation_does_not_move_boundaries() {
    for name in ["calls", "long512"] {
        let of = |on: &str| {
            let ran = emu().plugin(&plugin("trace"), &format!("on={on}")).run(&golden(name)).ended(0);
            ran.lines("trans").iter().map(|l| l.to_string()).collect::<Vec<_>>()
        };
        // The accesses of system calls are none: `mem` prints little here.
        let (plain, blocks) = (of("trans"), of("trans+idle"));
        assert_eq!(plain, blocks);
        let counted =
            emu().plugin(&plugin("count"), "").plugin(&plugin("trace"), "on=trans").run(&golden(name)).ended(0);
        assert_eq!(plain, counted.lines("trans"), "{name}");
    }
}
