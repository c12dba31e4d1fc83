//! Sections 1.7, 2.14 and 2.16: accesses, and reading and writing guest memory.

use super::hello;
use crate::common::plugin::{CLONE, Ran, assembled, emu, golden, guest, plugin, plugin_for};

/// A guest that makes the accesses of `body`, with t0 = 20000 (where 32 bytes 80 81 82 … are) and t1 = 20100.
fn with_body(name: &str, body: &str) -> std::path::PathBuf {
    let bytes: Vec<String> = (0x80..0xc0u32).map(|b| b.to_string()).collect();
    assembled(
        name,
        &format!(
            "
            .option norvc
            la t0, bytes
            addi t1, t0, 256
            {body}
            nop
            li a0, 0
            li a7, 93
            ecall
            .data
            bytes: .byte {}
            .zero 8192
            ",
            bytes.join(",")
        ),
    )
}

/// The accesses of a body, without vCPU and pc.
fn accesses(name: &str, body: &str) -> Vec<String> {
    let ran = emu().plugin(&plugin("trace"), "on=mem").run(&with_body(name, body)).quiet(0);
    ran.log.lines().map(|l| l.splitn(4, ' ').nth(3).unwrap().to_string()).collect()
}

#[track_caller]
fn shows(name: &str, body: &str, expected: &[&str]) {
    assert_eq!(accesses(name, body), expected, "{body}");
}

#[test]
fn s2_14_loads_of_every_size_and_sign() {
    let body = "lb a0, 1(t0)\nlbu a0, 1(t0)\nlh a0, 2(t0)\nlhu a0, 2(t0)\nlw a0, 4(t0)\nlwu a0, 4(t0)\nld a0, 8(t0)";
    let expected = [
        "R1s 20001 = 81",
        "R1 20001 = 81",
        "R2s 20002 = 8382",
        "R2 20002 = 8382",
        "R4s 20004 = 87868584",
        "R4 20004 = 87868584",
        "R8 20008 = 8f8e8d8c8b8a8988",
    ];
    shows("loads", body, &expected);
}

#[test]
fn s2_14_stores_of_every_size() {
    let body = "li a0, -2\nsb a0, 0(t1)\nsh a0, 2(t1)\nsw a0, 4(t1)\nsd a0, 8(t1)\nsd zero, 8(t1)";
    let expected =
        ["W1 20100 = fe", "W2 20102 = fffe", "W4 20104 = fffffffe", "W8 20108 = fffffffffffffffe", "W8 20108 = 0"];
    shows("stores", body, &expected);
}

#[test]
fn s2_14_unaligned_and_page_crossing_accesses_are_one() {
    let body = "ld a0, 1(t0)\nli t2, 0x20ffd\nsd a0, 0(t2)\nld a1, 0(t2)\nlw a1, 1(t2)\nlh a1, 2(t2)";
    let expected = [
        "R8 20001 = 8887868584838281",
        "W8 20ffd = 8887868584838281",
        "R8 20ffd = 8887868584838281",
        "R4s 20ffe = 85848382",
        "R2s 20fff = 8483",
    ];
    shows("crossing", body, &expected);
}

#[test]
fn s2_14_floating_point_accesses_are_their_size() {
    let body = "flw fa0, 0(t0)\nfld fa1, 8(t0)\nfsw fa0, 0(t1)\nfsd fa1, 8(t1)";
    let expected =
        ["R4 20000 = 83828180", "R8 20008 = 8f8e8d8c8b8a8988", "W4 20100 = 83828180", "W8 20108 = 8f8e8d8c8b8a8988"];
    shows("floats", body, &expected);
}

#[test]
fn s2_14_compressed_accesses_are_their_size() {
    let body = ".option rvc\nmv s0, t0\nmv s1, t1\nmv sp, t1\nc.lw a0, 4(s0)\nc.ld a1, 8(s0)\nc.sw a0, 0(s1)\nc.sd a1, 8(s1)\nc.ldsp a2, 8(sp)\nc.sdsp a2, 16(sp)\nc.lwsp a2, 0(sp)\nc.swsp a2, 24(sp)\nc.fld fa0, 8(s0)\nc.fsd fa0, 32(s1)\n.option norvc\n.balign 4";
    let expected = [
        "R4s 20004 = 87868584",
        "R8 20008 = 8f8e8d8c8b8a8988",
        "W4 20100 = 87868584",
        "W8 20108 = 8f8e8d8c8b8a8988",
        "R8 20108 = 8f8e8d8c8b8a8988",
        "W8 20110 = 8f8e8d8c8b8a8988",
        "R4s 20100 = 87868584",
        "W4 20118 = 87868584",
        "R8 20008 = 8f8e8d8c8b8a8988",
        "W8 20120 = 8f8e8d8c8b8a8988",
    ];
    shows("compressed", body, &expected);
}

#[test]
fn s2_14_read_modify_write_is_a_read_then_a_write() {
    let body = "li a0, 5\nsd a0, 0(t1)\namoadd.d a1, a0, (t1)\namoswap.w a1, zero, (t1)\namomaxu.d a1, a0, (t1)\namoor.w a1, a0, (t1)";
    let expected = [
        "W8 20100 = 5",
        "R8 20100 = 5",
        "W8 20100 = a",
        "R4s 20100 = a",
        "W4 20100 = 0",
        "R8 20100 = 0",
        "W8 20100 = 5",
        "R4s 20100 = 5",
        "W4 20100 = 5",
    ];
    shows("atomics", body, &expected);
}

#[test]
fn s2_14_small_atomics() {
    let body = "li a0, 5\nsd a0, 0(t1)\n.insn r 0x2f, 0, 0, a1, t1, a0\n.insn r 0x2f, 1, 0, a1, t1, a0";
    let expected = ["W8 20100 = 5", "R1s 20100 = 5", "W1 20100 = a", "R2s 20100 = a", "W2 20100 = f"];
    shows("small-atomics", body, &expected);
}

#[test]
fn s2_14_reserved_pairs() {
    // Success: read, then read and write. Without a reservation: nothing.
    let body = "li a0, 7\nlr.d a1, (t0)\nsc.d a2, a0, (t0)\nsc.d a2, a0, (t0)\nlr.w a1, (t0)\nsc.w a2, a0, (t0)\nlr.d a1, (t0)\nsc.d a2, a0, (t1)";
    let got = accesses("reserved", body);
    let want = [
        "R8 20000 = 8786858483828180",
        "R8 20000 = 8786858483828180",
        "W8 20000 = 7",
        "R4s 20000 = 7",
        "R4 20000 = 7",
        "W4 20000 = 7",
        "R8 20000 = 7",
    ];
    assert_eq!(got, want);
}

#[test]
fn s2_14_compare_and_swap_reports_what_memory_holds() {
    // The first succeeds; the second fails and reports a write of what is there (row 7).
    let body = "li a0, 7\nsd a0, 0(t1)\nli a1, 9\nmv a2, a0\n.insn r 0x2f, 3, 0x14, a2, t1, a1\nmv a2, a0\n.insn r 0x2f, 3, 0x14, a2, t1, a1";
    let expected = ["W8 20100 = 7", "R8 20100 = 7", "W8 20100 = 9", "R8 20100 = 9", "W8 20100 = 9"];
    shows("swaps", body, &expected);
}

#[test]
fn s2_14_compare_and_swap_of_pairs_is_16_bytes() {
    let body = "li a0, 7\nsd a0, 0(t1)\nli a1, 8\nsd a1, 8(t1)\nmv a2, a0\nmv a3, a1\nli a4, 1\nli a5, 2\n.insn r 0x2f, 4, 0x14, a2, t1, a4";
    let expected = ["W8 20100 = 7", "W8 20108 = 8", "R16 20100 = 7", "W16 20100 = 1"];
    shows("pairs", body, &expected);
    let ran = emu().plugin(&plugin("access"), "").run(&with_body("pairs", body)).quiet(0);
    let highs: Vec<&str> = ran.log.lines().filter_map(|l| l.split_once(" high ")).map(|(_, h)| h).collect();
    assert_eq!(highs, ["0", "0", "8", "2"], "{ran:?}");
}

#[test]
fn s2_14_what_is_no_access() {
    // Row 8: cache-block zero is silent in user mode. Prefetches, fences and the kernel's own accesses are too.
    let body = "cbo.zero (t1)\nori zero, t0, 0\nori zero, t0, 1\nori zero, t0, 3\nfence\nli a0, 1\nmv a1, t1\nli a2, 0\nli a7, 64\necall\nld a1, 0(t0)";
    shows("silent", body, &["R8 20000 = 8786858483828180"]);
}

#[test]
fn s2_14_filters_by_direction() {
    let body = "li a0, 5\namoadd.d a1, a0, (t1)\nld a0, 0(t0)\nsd a0, 0(t1)\nlr.d a1, (t1)\nsc.d a2, a0, (t1)";
    let guest = with_body("directions", body);
    let kinds = |rw: &str| -> String {
        let ran = emu().plugin(&plugin("trace"), &format!("on=mem,rw={rw}")).run(&guest).quiet(0);
        ran.log.lines().map(|l| l.split(' ').nth(3).unwrap().chars().next().unwrap()).collect()
    };
    assert_eq!(kinds("RW"), "RWRWRRW");
    assert_eq!(kinds("R"), "RRRR");
    assert_eq!(kinds("W"), "WWW");
}

#[test]
fn s1_7_accessors_and_s2_14_no_host_side_in_user_mode() {
    let body = "ld a0, 0(t0)\nsd a0, 0(t1)\nlb a0, 0(t0)";
    let ran = emu().plugin(&plugin("access"), "").run(&with_body("three", body)).quiet(0);
    assert!(!ran.log.contains("hwaddr wrong"), "{ran:?}");
    let without_raw: Vec<String> =
        ran.log.lines().map(|l| [&l[..6], l.split_once(" shift").unwrap().1].concat()).collect();
    let expected = [
        "1000c  3 signed 0 big 0 store 0 type 3 value 8786858483828180 high 0",
        "10010  3 signed 0 big 0 store 1 type 3 value 8786858483828180 high 0",
        "10014  0 signed 1 big 0 store 0 type 0 value 80 high 0",
    ];
    assert_eq!(without_raw, expected);
}

/// Instructions that access memory at `t0`, and the words that describe what they do, as the reference has them: in a
/// process that never had a thread, and in one that has. (With threads it forgets the sign of what atomic operations read;
/// the contract does not.)
const WORDS: [(&str, &[u32], &[u32]); 26] = [
    ("lb a1, 0(t0)", &[0x15e80], &[0x12e80]),
    ("lbu a1, 0(t0)", &[0x15e00], &[0x12e00]),
    ("lh a1, 0(t0)", &[0x15090], &[0x12090]),
    ("lhu a1, 0(t0)", &[0x15010], &[0x12010]),
    ("lw a1, 0(t0)", &[0x150a0], &[0x120a0]),
    ("lwu a1, 0(t0)", &[0x15020], &[0x12020]),
    ("ld a1, 0(t0)", &[0x15030], &[0x12030]),
    ("ld a1, 1(t0)", &[0x15030], &[0x12030]),
    ("sb a1, 8(t0)", &[0x25e00], &[0x22e00]),
    ("sh a1, 8(t0)", &[0x25010], &[0x22010]),
    ("sw a1, 8(t0)", &[0x25020], &[0x22020]),
    ("sd a1, 8(t0)", &[0x25030], &[0x22030]),
    ("flw fa1, 0(t0)", &[0x15020], &[0x12020]),
    ("fsd fa1, 8(t0)", &[0x25030], &[0x22030]),
    (".insn i 0x07, 1, f11, 0(t0)", &[0x15010], &[0x10010]),
    (".insn s 0x27, 1, f11, 8(t0)", &[0x25010], &[0x20010]),
    ("lr.w a1, (t0)", &[0x15ea0], &[0x10ea0]),
    ("sc.w a2, a1, (t0)", &[0x15e20, 0x25e20], &[0x10e20, 0x20e20]),
    ("lr.d a1, (t0)", &[0x15e30], &[0x10e30]),
    ("sc.d a2, a1, (t0)", &[0x15e30, 0x25e30], &[0x10e30, 0x20e30]),
    ("amoadd.d a1, zero, (t0)", &[0x15030, 0x25030], &[0x12030, 0x22030]),
    (".insn r 0x2f, 1, 0, a1, t0, zero", &[0x15e90, 0x25e10], &[0x10e90, 0x20e10]),
    (".insn r 0x2f, 2, 0x14, a1, t0, zero", &[0x15e20, 0x25e20], &[0x10e20, 0x20e20]),
    (".insn r 0x2f, 3, 0x14, a1, t0, zero", &[0x15e30, 0x25e30], &[0x10e30, 0x20e30]),
    (".insn r 0x2f, 4, 0x14, a2, t0, a4", &[0x15e40, 0x25e40], &[0x10e40, 0x20e40]),
    ("amoadd.w a1, zero, (t0)", &[0x150a0, 0x25020], &[0x120a0, 0x22020]),
];

/// The words of a guest that accesses in all ways, makes a thread that waits, and does it again.
fn words() -> Vec<u32> {
    let lines: String = WORDS.iter().map(|(insn, ..)| format!("{insn}\n")).collect();
    let guest = assembled(
        "words",
        &format!(
            "
            .option norvc
            la t0, bytes
            jal work
            {CLONE}
            beqz a0, wait
            jal work
            li a0, 0
            li a7, 94
            ecall
            wait: li a0, 0
            li a1, 0
            li a2, 0
            li a3, 0
            li a7, 73
            ecall
            j wait
            work:
            {lines}
            ret
            .data
            .balign 16
            bytes: .zero 64
            .zero 4096
            stack: .dword 0
            "
        ),
    );
    let ran = emu().plugin(&plugin("access"), "").run(&guest).quiet(0);
    ran.log.lines().map(|l| u32::from_str_radix(l.split(' ').nth(2).unwrap(), 16).unwrap()).collect()
}

#[test]
fn s1_7_fields_of_the_raw_word() {
    let expected = WORDS.iter().flat_map(|w| w.1).chain(WORDS.iter().flat_map(|w| w.2));
    let hex = |word: &u32| format!("{word:x}");
    assert_eq!(words().iter().map(hex).collect::<Vec<_>>(), expected.map(hex).collect::<Vec<_>>());
}

/// Row 37: misaligned reservations and compare-and-swaps are SIGBUS, plain atomic operations are performed.
#[test]
fn s2_14_misaligned_atomics() {
    let ends = |name: &str, body: &str| {
        let ran = emu().plugin(&plugin("trace"), "on=mem").run(&with_body(name, body));
        (ran.shown(), ran.log.lines().count())
    };
    assert_eq!(ends("odd-lr", "addi t1, t1, 4\nlr.d a1, (t1)"), (135, 0));
    assert_eq!(ends("odd-sc", "addi t1, t1, 4\nsc.d a1, a0, (t1)"), (135, 0));
    assert_eq!(ends("odd-cas", "addi t1, t1, 4\n.insn r 0x2f, 3, 0x14, a2, t1, a1"), (135, 0));
    assert_eq!(ends("odd-add", "addi t1, t1, 4\namoadd.d a1, a0, (t1)"), (0, 2));
}

/// Row 37: without a reservation an aligned SC still checks its address.
#[test]
fn s2_14_a_conditional_store_without_a_reservation_checks_its_address() {
    let ran = emu().plugin(&plugin("trace"), "on=mem").run(&with_body("lost-sc", "li t1, 0x120\nsc.d a1, a0, (t1)"));
    assert_eq!((ran.shown(), ran.log.as_str()), (139, ""), "{ran:?}");
}

/// Row 39: two fences of system mode do nothing here.
#[test]
fn s2_14_system_fences_without_effect() {
    shows("fences", ".word 0x18000073\n.word 0x18100073\nld a1, 0(t0)", &["R8 20000 = 8786858483828180"]);
}

/// A guest that writes "hello" and exits with 0, with the bytes 12345 in an unreadable page at 40000000.
fn guarded() -> std::path::PathBuf {
    assembled(
        "guarded",
        "
        .option norvc
        li a0, 0x40000000
        li a1, 4096
        li a2, 3
        li a3, 0x32
        li a4, -1
        li a5, 0
        li a7, 222
        ecall
        la t0, digits
        lw t1, 0(t0)
        sw t1, 0(a0)
        lb t1, 4(t0)
        sb t1, 4(a0)
        li a1, 4096
        li a2, 0
        li a7, 226
        ecall
        li a0, 1
        la a1, text
        li a2, 5
        li a7, 64
        ecall
        li a0, 0
        li a7, 93
        ecall
        .data
        text: .ascii \"hello\"
        .balign 8
        digits: .ascii \"12345\"
        ",
    )
}

#[test]
fn s2_16_and_s1_10_reading_memory() {
    emu().plugin(&plugin("memory"), "do=read,to=0x40000000").run(&guarded()).quiet(0).says(
        "nothing 0 -> 0 length 4
         text 5 -> 1 length 5 'hello'
         one 1 -> 1 length 1 'h'
         null 3 -> 0 length 3
         wraps 8 -> 0 length 8
         top 8 -> 0 length 8
         beyond 8 -> 0 length 8
         protected 5 -> 1 length 5 '12345'
         into a hole 2 -> 0 length 2
         again 5 -> 1 length 5 'hello'",
    );
}

#[test]
fn s1_9_writing_memory() {
    for version in [5, 6] {
        let run = emu().plugin(&plugin_for("memory", version, &[]), "do=write,to=0x40000000");
        let ran = run.run(&guarded()).quiet(0);
        assert_eq!(ran.out, "HELLO");
        ran.says(
            "text 5 -> 1
             nowhere 5 -> 0
             protected 5 -> 1
             text 5 -> 1 length 5 'HELLO'
             protected 5 -> 1 length 5 '12345'",
        );
    }
}

#[test]
fn s1_9_written_code_is_translated_again() {
    let guest = assembled(
        "patched",
        "
        .option norvc
        li s1, 2
        2: li s0, 2
        1: li a0, 1         # 10008, becomes li a0, 9
        addi s0, s0, -1
        bnez s0, 1b
        nop                 # 10014: here it is written
        addi s1, s1, -1
        bnez s1, 2b
        li a7, 93
        ecall
        ",
    );
    let run = emu().plugin(&plugin_for("memory", 5, &[]), "do=patch,at=0x10014,to=0x10008,bytes=13059000");
    run.run(&guest).quiet(9).says("patched 4 -> 1\npatched 4 -> 1");
}

#[test]
fn s1_9_physical_memory_is_for_machines() {
    for version in [5, 6] {
        let run = emu().plugin(&plugin_for("memory", version, &[]), "do=later");
        let ran = run.run(&hello()).quiet(5);
        assert_eq!(ran.out, "hello");
        ran.says("translate 0 77\nread physical 1\nwrite physical 1");
    }
}

/// Reads that follow writes see the written value, and what memory holds is what was reported.
#[test]
fn s1_7_values_are_what_memory_holds() {
    let ran = emu().plugin(&plugin("holds"), "").run(&golden("sort")).quiet(0);
    assert_eq!(ran.number("wrong"), 0, "{ran:?}");
    assert!(ran.number("right") > 10_000);
}

/// Section C.4 and row 7: with a second thread, the written values are still those that memory holds.
#[test]
fn s2_14_parallel_atomics_report_what_memory_holds() {
    let ran: Ran = emu().plugin(&plugin("holds"), "only=private").run(&guest("atomics")).quiet(0);
    assert_eq!(ran.number("wrong"), 0, "{ran:?}");
    assert!(ran.number("atomic") >= 8, "{ran:?}");
}
