//! What a plugin should not do: each is named in one message, the run ends with status 1, and nothing that the guest
//! has written is lost. (The contract leaves these undefined; real emulators crash.)

use crate::common::plugin::{Ran, assembled, emu, plugin};
use std::path::PathBuf;

/// Writes "before", then works on: the misuse waits for the second system call's block.
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
        ld t0, 0(a1)
        li a7, 172
        ecall
        li a0, 5
        li a7, 93
        ecall
        .data
        text: .ascii \"before\"
        .balign 8
        .dword 0
        ",
    )
}

fn misuse(what: &str, place: &str) -> Ran {
    // Far less than is usual, so that nobody waits long.
    emu().env("FLUORO_PLUGIN_TIMEOUT", "1").plugin(&plugin("misuse"), &format!("do={what},in={place}")).run(&guest())
}

/// Ends with status 1 and one line that names the plugin and each of these words.
#[track_caller]
fn named(what: &str, place: &str, words: &[&str]) {
    let ran = misuse(what, place).ended(1);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 1, "{what} in {place}: {ran:?}");
    assert!(lines[0].contains("misuse-v4.so"), "{what} in {place}: {ran:?}");
    for word in words {
        assert!(lines[0].contains(word), "{what} in {place}: no '{word}' in {:?}", lines[0]);
    }
}

#[test]
fn misuse_an_unknown_id() {
    named("id", "tb", &["qemu_plugin_register_atexit_cb", "id"]);
    named("id-reset", "tb", &["qemu_plugin_reset", "id"]);
    named("id-uninstall", "insn", &["qemu_plugin_uninstall", "id"]);
}

#[test]
fn misuse_null_handles() {
    named("null-tb", "trans", &["qemu_plugin_tb_n_insns"]);
    named("null-insn", "trans", &["qemu_plugin_insn_size"]);
    named("null-register", "trans", &["qemu_plugin_register_vcpu_insn_exec_cb"]);
    named("null-board", "tb", &["qemu_plugin_u64_sum"]);
    named("null-text", "tb", &["qemu_plugin_outs"]);
    named("null-buffer", "tb", &["qemu_plugin_read_memory_vaddr"]);
}

#[test]
fn misuse_stale_handles() {
    named("stale-tb", "tb", &["qemu_plugin_register_vcpu_tb_exec_cb"]);
    named("stale-insn", "insn", &["qemu_plugin_insn_vaddr"]);
    named("handle", "tb", &["qemu_plugin_read_register"]);
}

#[test]
fn misuse_boards() {
    named("beyond", "tb", &["qemu_plugin_scoreboard_find"]);
    named("freed-board", "tb", &["qemu_plugin_scoreboard_free"]);
}

#[test]
fn misuse_flags_that_do_not_exist() {
    named("flags", "tb", &["qemu_plugin_register_vcpu_tb_exec_cb"]);
}

/// What the guest wrote before the second system call is there.
#[test]
fn misuse_keeps_the_guest_s_output() {
    for what in ["crash", "id", "null-board"] {
        let ran = emu().plugin(&plugin("misuse"), &format!("do={what},in=mem")).run(&guest()).ended(1);
        assert_eq!(ran.out, "before", "{what}: {ran:?}");
    }
}

#[test]
fn misuse_a_crash_names_plugin_callback_and_guest_pc() {
    named("crash", "insn", &["SIGSEGV", "0x55d0", "0x10000", "instruction"]);
    named("crash", "tb", &["SIGSEGV", "0x55d0", "0x10000", "block"]);
    named("crash", "mem", &["SIGSEGV", "0x55d0", "0x10018"]);
    for place in ["init", "trans", "sys", "ret"] {
        named("crash", place, &["SIGSEGV"]);
    }
    named("jump", "tb", &["SIGSEGV"]);
    let ran = misuse("abort", "tb").ended(1);
    assert!(ran.err.contains("aborted in its block callback, userdata 0x55d0, guest pc 0x10000"), "{ran:?}");
    assert_eq!(ran.log, "", "no atexit: {ran:?}");
}

#[test]
fn misuse_a_callback_that_never_ends_is_named_by_the_signal_that_ends_it() {
    for (place, words) in [("insn", "instruction callback"), ("sys", "syscall callback")] {
        let ran = misuse("loop", place).ended(142);
        assert!(ran.err.contains("killed by SIGALRM") && ran.err.contains("was in its"), "{ran:?}");
        assert!(ran.err.contains(words) && ran.err.contains("guest pc 0x100"), "{ran:?}");
    }
}

#[test]
fn misuse_a_callback_that_computes_for_ever_is_named_and_ends_the_run() {
    let site = |kind: &str| format!("in its {kind}, userdata 0x55d0, guest pc 0x1000");
    for (place, kind) in [("tb", "block callback"), ("insn", "instruction callback"), ("mem", "memory callback")] {
        let block = if place == "mem" { "8 of the block at 0x10018" } else { "0 of the block at 0x10000" };
        named("spin", place, &["has computed for 1 s", kind, "userdata 0x55d0, guest pc 0x100", block]);
    }
    for (place, kind) in
        [("init", "vcpu_init callback"), ("trans", "translation callback"), ("sys", "syscall callback")]
    {
        named("spin", place, &["has computed for 1 s", kind, "guest pc 0x100"]);
    }
    named("leaf", "none", &["has computed for 1 s", &site("block callback")]);
    named("spin", "install", &["has computed for 1 s", "install function"]);
    let ran = misuse("spin", "atexit").ended(1);
    assert!(ran.out == "before" && ran.err.contains("in its atexit callback"), "{ran:?}");
    let ran = misuse("spin", "ret").ended(1);
    assert!(ran.out == "before" && ran.err.contains("in its syscall_ret callback"), "{ran:?}");
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
    named("crash", "install", &["SIGSEGV", "misuse-v4.so+0x"]);
    named("abort", "install", &["aborted in its install function"]);
    named("recurse", "install", &["SIGSEGV", "install function"]);
    named("recurse", "tb", &["SIGSEGV", "block callback"]);
    let ran = misuse("crash", "atexit").ended(1);
    assert_eq!(ran.out, "before");
    assert!(ran.err.contains("misuse-v4.so") && ran.err.contains("SIGSEGV"), "{ran:?}");
}
