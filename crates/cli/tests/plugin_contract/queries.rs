//! Sections 1.6 (queries) and 3: instructions, text, symbols, the program.

use super::hello;
use crate::common::plugin::{Ran, assembled, emu, emu_without_log, golden, linked, plugin};
use std::path::{Path, PathBuf};

fn query(ask: &str, guest: &Path) -> Ran {
    emu().plugin(&plugin("query"), &format!("ask={ask}")).run(guest)
}

#[test]
fn s1_6_blocks_and_instructions() {
    query("insns", &hello()).quiet(5).says(
        "tb 10000 n 6 past null far null first same
         insn 10000 size 4 data 13051000 haddr same
         insn 10004 size 4 data 97050100 haddr same
         insn 10008 size 4 data 9385c5ff haddr same
         insn 1000c size 4 data 13065000 haddr same
         insn 10010 size 4 data 93080004 haddr same
         insn 10014 size 4 data 73000000 haddr same
         tb 10018 n 3 past null far null first same
         insn 10018 size 4 data 13055000 haddr same
         insn 1001c size 4 data 9308d005 haddr same
         insn 10020 size 4 data 73000000 haddr same",
    );
}

#[test]
fn s1_6_insn_data_copies_at_most_what_fits() {
    let guest = assembled("two-sizes", "c.li a0, 3\n.option norvc\nli a7, 93\necall\n");
    let ran = query("data", &guest).quiet(3);
    let lines: Vec<&str> = ran.log.lines().take(14).collect();
    let wanted = [
        "10000 0 -> 0 eeeeeeeeeeee",
        "10000 1 -> 1 0deeeeeeeeee",
        "10000 2 -> 2 0d45eeeeeeee",
        "10000 3 -> 2 0d45eeeeeeee",
        "10000 4 -> 2 0d45eeeeeeee",
        "10000 5 -> 2 0d45eeeeeeee",
        "10000 6 -> 2 0d45eeeeeeee",
        "10002 0 -> 0 eeeeeeeeeeee",
        "10002 1 -> 1 93eeeeeeeeee",
        "10002 2 -> 2 9308eeeeeeee",
        "10002 3 -> 3 9308d0eeeeee",
        "10002 4 -> 4 9308d005eeee",
        "10002 5 -> 4 9308d005eeee",
        "10002 6 -> 4 9308d005eeee",
    ];
    assert_eq!(lines, wanted);
}

#[test]
fn s3_2_text_is_padded_and_lifted() {
    let guest = assembled(
        "texts",
        "
        c.li a0, 5
        c.mv a1, a0
        .option norvc
        auipc t1, 1
        lui a2, 0xfffff
        addi sp, sp, -64
        sd s0, 8(sp)
        fadd.s fa0, fa1, fa2
        fence rw, rw
        beqz a0, 1f
        1: jal zero, 2f
        2: li a0, 0
        li a7, 93
        ecall
        ",
    );
    let ran = query("text", &guest).quiet(0);
    let texts: Vec<&str> = ran.log.lines().map(|l| l.split_once(' ').unwrap().1).collect();
    let wanted = [
        "'addi                    a0,zero,5'",
        "'mv                      a1,a0'",
        "'auipc                   t1,1                    # 0x11004'",
        "'lui                     a2,-1'",
        "'addi                    sp,sp,-64'",
        "'sd                      s0,8(sp)'",
        "'fadd.s                  dyn,fa0,fa1,fa2'",
        "'fence                   rw,rw'",
        "'beqz                    a0,4                    # 0x10020'",
        "'j                       4                       # 0x10024'",
        "'mv                      a0,zero'",
        "'addi                    a7,zero,93'",
        "'ecall                   '",
    ];
    assert_eq!(texts, wanted);
}

/// Functions of known size, and bytes that belong to none.
fn with_symbols() -> PathBuf {
    assembled(
        "symbols",
        "
        .option norvc
        nop                         # 10000: _start has neither type nor size
        j first
        .type first, @function
        first: nop                  # 10008
        j second
        .size first, . - first
        .type second, @function
        second: li a0, 0            # 10010
        li a7, 93
        .size second, . - second
        ecall                       # 10018: behind its end
        .type third, @function
        third: nop
        .size third, 0
        ",
    )
}

#[test]
fn s3_3_symbols_are_functions_with_a_size() {
    let wanted = "10000 (null)\n10004 (null)\n10008 first\n1000c first\n10010 second\n10014 second\n10018 (null)\n";
    assert_eq!(query("symbols", &with_symbols()).quiet(0).log, wanted);
}

/// Row 26: with any log option and without. The plugin has to tell by another way than the log.
#[test]
fn s3_3_symbols_whatever_is_logged() {
    let of = |run: crate::common::plugin::Emu| {
        let report = run.path("report");
        run.plugin(&plugin("named"), &format!("out={}", report.display())).run_and_read(&with_symbols()).1
    };
    assert_eq!(of(emu_without_log()), "symbols 4\n");
    assert_eq!(of(emu()), "symbols 4\n");
    let run = emu_without_log();
    let log = run.path("log");
    assert_eq!(of(run.word("-D").word(log)), "symbols 4\n");
    assert_eq!(of(emu_without_log().env("QEMU_LOG", "plugin")), "symbols 4\n");
}

#[test]
fn s3_5_code_range_and_path() {
    let guest = hello();
    let ran = query("code", &guest).quiet(5);
    let lines: Vec<&str> = ran.log.lines().collect();
    assert_eq!(lines[0], format!("path {} copies differ", guest.display()));
    let numbers: Vec<u64> =
        lines[1].split(' ').skip(1).step_by(2).map(|n| u64::from_str_radix(n, 16).unwrap()).collect();
    let [start, end, entry] = numbers[..] else { panic!("{ran:?}") };
    assert!((0xf000..=0x10000).contains(&start), "{ran:?}");
    assert!(end == 0x10024 && entry == 0x10000, "{ran:?}");
}

/// A program with an interpreter, at an address that was chosen for it: the entry is the interpreter's.
#[test]
fn s3_5_code_range_of_a_program_with_an_interpreter() {
    let run = emu().word("-L").word("/usr/riscv64-linux-gnu").plugin(&plugin("query"), "ask=code");
    let ran = run.run(&linked("series", "-pie")).quiet(0);
    let words: Vec<&str> = ran.log.lines().nth(1).unwrap().split(' ').collect();
    let [start, end, entry] = [1, 3, 5].map(|i| u64::from_str_radix(words[i], 16).unwrap());
    assert!(start < end && end - start < 0x10000 && start > 0x10000, "{ran:?}");
    assert!(entry < start || entry >= end, "the interpreter's: {ran:?}");
}

/// The path is the one that was given, not another name of the same file.
#[test]
fn s3_5_the_path_as_given() {
    let run = emu();
    let link = run.path("link");
    std::os::unix::fs::symlink(hello(), &link).unwrap();
    let odd = link.parent().unwrap().join(".").join("link");
    let ran = run.plugin(&plugin("query"), "ask=code").run(&odd).quiet(5);
    assert!(ran.log.starts_with(&format!("path {} copies", odd.display())), "{ran:?}");
}

/// A recorded program, whose text the recordings have: here only that nothing is ever empty or unpadded.
#[test]
fn s3_1_texts_are_never_empty_and_hold_a_blank() {
    let ran = query("text", &golden("calls"));
    assert!(ran.log.lines().count() > 100);
    for line in ran.log.lines() {
        let text = line.split_once('\'').unwrap().1.trim_end_matches('\'');
        assert!(text.len() >= 24 && text.contains(' '), "{line}");
    }
}
