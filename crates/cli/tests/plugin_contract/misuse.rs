//! What a plugin should not do: each is named in one line, the run ends with status 1, and nothing that the guest has
//! written is lost. (The contract leaves these undefined; real emulators crash.)

use crate::common::plugin::{Ran, assembled, emu, plugin};
use std::path::{Path, PathBuf};

/// Writes "before", then works on: a block at 10000, one at 10018, whose second instruction loads, and one at 10028.
fn guest() -> PathBuf {
    assembled(
        "misused",
        "
        .option norvc
        li a0, 1
        la a1, text
        li a2, 6
        li a7, 64
        ecall
        nop
        ld t0, 0(a1)
        li a7, 172
        ecall
        li a0, 5
        li a7, 93
        ecall
        .type _start, @function
        .size _start, . - _start
        .data
        text: .ascii \"before\"
        .balign 8
        .dword 0
        ",
    )
}

/// What is said of where it was, in the callbacks of the first block and of its load.
const BLOCK: &str = " in its block callback, userdata 0x55d0, registered on the block at 0x10000, guest pc 0x10000";
const INSN: &str = " in its instruction callback, userdata 0x55d0, registered on the instruction at 0x10000 of the \
                    block at 0x10000, guest pc 0x10000";
const LOAD: &str = " in its memory callback, userdata 0x55d0, registered on the instruction at 0x1001c of the block \
                    at 0x10018, guest pc 0x1001c";
const START: &str = " <_start+0x0>";

fn run(guest: &Path, what: &str, place: &str) -> Ran {
    // Far less than is usual, so that nobody waits long.
    emu().env("FLUORO_PLUGIN_TIMEOUT", "1").plugin(&plugin("misuse"), &format!("do={what},in={place}")).run(guest)
}

fn misuse(what: &str, place: &str) -> Ran {
    run(&guest(), what, place)
}

/// What was said, with P for the plugin, whose name has changing parts, and for a distance in its code.
fn said(ran: &Ran) -> String {
    let path = plugin("misuse").display().to_string();
    let file = path.rsplit('/').next().unwrap();
    let text = ran.err.replace(&path, "P").replace(file, "P");
    let Some((before, after)) = text.split_once(" at P+0x") else { return text };
    format!("{before} at P+{}", after.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

/// Ends with status 1 and exactly this line.
#[track_caller]
fn named(what: &str, place: &str, line: &str) {
    let ran = misuse(what, place).ended(1);
    assert_eq!(said(&ran), format!("qemu-riscv64: plugin P {line}\n"), "{what} in {place}");
}

/// The same of a function of the interface that is misused.
#[track_caller]
fn misused(what: &str, place: &str, function: &str, at: &str, why: &str) {
    named(what, place, &format!("misuses qemu_plugin_{function}{at}{START}: {why}"));
}

#[test]
fn misuse_an_unknown_id() {
    let why = "is not the id of a plugin; pass the id that the install function got";
    for (what, place, function, at) in [
        ("id", "tb", "register_atexit_cb", BLOCK),
        ("id-reset", "insn", "reset", INSN),
        ("id-uninstall", "tb", "uninstall", BLOCK),
    ] {
        let ran = misuse(what, place).ended(1);
        let line = said(&ran);
        let id = line.split(": ").nth(2).and_then(|l| l.split(' ').next()).unwrap_or_default();
        assert_eq!(line, format!("qemu-riscv64: plugin P misuses qemu_plugin_{function}{at}{START}: {id} {why}\n"));
        assert!(id.starts_with("0x"), "{line}");
    }
}

const STALE: &str = "the handle is not of the block that is being translated; handles are valid inside the translation \
                     callback that got them";
const TRANSLATION: &str = " in its translation callback, guest pc 0x10000";

#[test]
fn misuse_null_handles() {
    let no_board = "0x0 is not a scoreboard; it was never made, or was freed";
    let no_buffer = "the buffer is NULL; pass a GByteArray";
    misused("null-tb", "trans", "tb_n_insns", TRANSLATION, STALE);
    misused("null-insn", "trans", "insn_size", TRANSLATION, STALE);
    misused("null-register", "trans", "register_vcpu_insn_exec_cb", TRANSLATION, STALE);
    misused("null-callback", "none", "register_vcpu_tb_exec_cb", TRANSLATION, "the callback is NULL");
    misused("null-board", "tb", "u64_sum", BLOCK, no_board);
    misused("null-board", "insn", "u64_sum", INSN, no_board);
    misused("null-text", "tb", "outs", BLOCK, "the text is NULL");
    misused("null-buffer", "tb", "read_memory_vaddr", BLOCK, no_buffer);
    let line = format!("misuses qemu_plugin_read_memory_vaddr{LOAD} <_start+0x1c>: {no_buffer}");
    named("null-buffer", "mem", &line);
}

#[test]
fn misuse_stale_handles() {
    misused("stale-tb", "tb", "register_vcpu_tb_exec_cb", BLOCK, STALE);
    misused("stale-insn", "insn", "insn_vaddr", INSN, STALE);
    let why = "0x123456 is not a register's handle; take it from qemu_plugin_get_registers";
    misused("handle", "tb", "read_register", BLOCK, why);
    let why = "the handle is not what qemu_plugin_request_time_control gave";
    misused("time", "tb", "update_ns", BLOCK, why);
}

#[test]
fn misuse_boards() {
    let why = "there is no vCPU 1000; they are numbered from 0, and 1 have begun";
    misused("beyond", "tb", "scoreboard_find", BLOCK, why);
    let why = "a counter at byte 18446744073709551608 does not lie in an element of 8 bytes";
    misused("far", "tb", "u64_get", BLOCK, why);
    let ran = misuse("freed-board", "tb").ended(1);
    let line = format!("qemu-riscv64: plugin P misuses qemu_plugin_scoreboard_free{BLOCK}{START}: 0x");
    assert!(said(&ran).starts_with(&line), "{ran:?}");
    assert!(ran.err.ends_with(" is not a scoreboard; it was never made, or was freed\n"), "{ran:?}");
}

#[test]
fn misuse_numbers_that_stand_for_nothing() {
    let why = "9 is no value of enum qemu_plugin_cb_flags in version 4";
    misused("flags", "tb", "register_vcpu_tb_exec_cb", TRANSLATION, why);
    let why = "7 is no value of enum qemu_plugin_op";
    misused("op", "trans", "register_vcpu_tb_exec_inline_per_vcpu", TRANSLATION, why);
}

#[test]
fn misuse_outside_of_any_callback() {
    let why = "0x0 is not a scoreboard; it was never made, or was freed";
    named("thread", "tb", &format!("misuses qemu_plugin_u64_sum on a thread of its own: {why}"));
    named("null-board", "install", &format!("misuses qemu_plugin_u64_sum in its install function: {why}"));
}

/// What the guest wrote before the second system call is there.
#[test]
fn misuse_keeps_the_guest_s_output() {
    for what in ["crash", "id", "null-board", "abort", "spin", "jump", "recurse"] {
        let ran = misuse(what, "mem").ended(1);
        assert_eq!(ran.out, "before", "{what}: {ran:?}");
    }
}

#[test]
fn misuse_a_crash_names_plugin_callback_and_guest_pc() {
    let crash = "crashed (SIGSEGV at 0x0) at P+";
    named("crash", "tb", &format!("{crash}{BLOCK}{START}"));
    named("crash", "insn", &format!("{crash}{INSN}{START}"));
    named(
        "crash",
        "insn,after=3",
        &format!("{crash}{}", INSN.replacen("0x10000", "0x10008", 1)).replace("pc 0x10000", "pc 0x10008 <_start+0x8>"),
    );
    named("crash", "mem", &format!("{crash}{LOAD} <_start+0x1c>"));
    named("crash", "trans", &format!("{crash}{TRANSLATION}{START}"));
    named("crash", "init", &format!("{crash} in its vcpu_init callback, guest pc 0x10000{START}"));
    named("crash", "sys", &format!("{crash} in its syscall callback, guest pc 0x10018 <_start+0x18>"));
    named("crash", "ret", &format!("{crash} in its syscall_ret callback, guest pc 0x10018 <_start+0x18>"));
    // Not in the plugin's own code: nothing is looked up that needs memory.
    named("libc", "tb", &format!("crashed (SIGSEGV at 0x8){BLOCK}"));
    named("jump", "mem", &format!("crashed (SIGSEGV at 0x10){LOAD}"));
    named("abort", "tb", &format!("aborted{BLOCK}"));
    assert_eq!(misuse("abort", "tb").log, "", "no atexit");
}

/// Generated code calls a function that calls nothing itself without a note of it.
#[test]
fn misuse_a_crash_in_a_leaf() {
    let at = "in its instruction callback, userdata 0x7d0, registered on the instruction at 0x10004 of the block at \
              0x10000, guest pc 0x10004 <_start+0x4>";
    named("leaf-crash", "none", &format!("crashed (SIGSEGV at 0x7d0) at P+ {at}"));
}

/// The rest of a block in which generated code has given up: the operand of `fadd.s` is no boxed number.
#[test]
fn misuse_in_a_block_that_the_evaluator_finishes() {
    let guest = assembled(
        "misused-finish",
        "
        .option norvc
        nop
        li t0, 1
        fmv.d.x fa0, t0
        fadd.s fa1, fa0, fa0
        la a1, text
        ld a0, 0(a1)
        li a7, 93
        ecall
        .type _start, @function
        .size _start, . - _start
        .data
        .balign 8
        text: .dword 0
        ",
    );
    let at = "registered on the instruction at 0x10018 of the block at 0x10000, guest pc 0x10018 <_start+0x18>";
    let ran = run(&guest, "crash", "mem").ended(1);
    let crashed = "qemu-riscv64: plugin P crashed (SIGSEGV at 0x0) at P+";
    assert_eq!(said(&ran), format!("{crashed} in its memory callback, userdata 0x55d0, {at}\n"));
}

#[test]
fn misuse_a_callback_that_never_ends_is_named_by_the_signal_that_ends_it() {
    for (place, at) in [("insn", INSN), ("tb", BLOCK), ("sys", " in its syscall callback, guest pc 0x10018")] {
        let ran = misuse("loop", place).ended(142);
        let mut lines: Vec<&str> = ran.err.lines().collect();
        lines.sort_unstable_by_key(|line| line.contains("killed by"));
        assert_eq!(
            said(&ran).lines().filter(|l| *l == format!("qemu-riscv64: plugin P was{at}")).count(),
            1,
            "{ran:?}"
        );
        assert!(lines.len() == 2 && lines[1].contains("killed by SIGALRM"), "{ran:?}");
    }
}

#[test]
fn misuse_a_callback_that_computes_for_ever_is_named_and_ends_the_run() {
    let spins = |place: &str, at: &str| {
        named("spin", place, &format!("has computed for 1 s{at}; it may never end (--plugin-timeout 0 lets it go on)"));
    };
    spins("tb", &format!("{BLOCK}{START}"));
    spins("insn", &format!("{INSN}{START}"));
    spins("mem", &format!("{LOAD} <_start+0x1c>"));
    spins("init", &format!(" in its vcpu_init callback, guest pc 0x10000{START}"));
    spins("trans", &format!("{TRANSLATION}{START}"));
    spins("sys", " in its syscall callback, guest pc 0x10018 <_start+0x18>");
    spins("ret", " in its syscall_ret callback, guest pc 0x10018 <_start+0x18>");
    spins("atexit", " in its atexit callback, guest pc 0x10030 <_start+0x30>");
    spins("install", " in its install function");
    let line = format!("has computed for 1 s{BLOCK}{START}; it may never end (--plugin-timeout 0 lets it go on)");
    named("leaf", "none", &line);
}

/// The callbacks of the end are not called again by the end that one of them makes.
#[test]
fn s2_4_exit_in_an_atexit_callback() {
    let ran = misuse("exit", "atexit").ended(7);
    assert_eq!((ran.out.as_str(), ran.log.as_str()), ("before", ""), "{ran:?}");
}

/// A plugin may wait for its peer or its user.
#[test]
fn misuse_is_not_to_wait() {
    for place in ["install", "tb", "sys", "atexit"] {
        let ran = misuse("wait", place).ended(5);
        assert_eq!(ran.err, "", "{place}: {ran:?}");
    }
    let off = emu().env("FLUORO_PLUGIN_TIMEOUT", "0").plugin(&plugin("misuse"), "do=loop,in=tb").run(&guest());
    off.ended(142);
}

#[test]
fn misuse_a_crash_in_install_and_at_exit() {
    let crash = "crashed (SIGSEGV at 0x0) at P+";
    named("crash", "install", &format!("{crash} in its install function"));
    named("abort", "install", "aborted in its install function");
    named("crash", "atexit", &format!("{crash} in its atexit callback, guest pc 0x10030 <_start+0x30>"));
    // How far the stack goes is not ours to say.
    for (place, at) in [("install", " in its install function"), ("tb", BLOCK)] {
        let line = said(&misuse("recurse", place).ended(1));
        let (before, after) = line.split_once(" at 0x").expect(&line);
        assert_eq!(before, "qemu-riscv64: plugin P crashed (SIGSEGV");
        assert!(after.contains(&format!(" at P+{at}")) && line.lines().count() == 1, "{line}");
    }
}
