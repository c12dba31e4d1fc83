//! Section 2.6: system calls.

use crate::common::plugin::{assembled, emu, golden, plugin};

#[test]
fn s2_6_arguments_are_the_raw_registers() {
    let guest = assembled(
        "six",
        "
        .option norvc
        li a0, -1
        li a1, 2
        li a2, 3
        li a3, 4
        li a4, 5
        li a5, 6
        li a6, 99               # no argument
        li a7, 5000
        ecall
        li a0, 0
        li a1, 0
        li a2, 0
        li a3, 0
        li a4, 0
        li a5, 0
        li a7, 93
        ecall
        ",
    );
    emu().plugin(&plugin("trace"), "on=sys+ret").run(&guest).quiet(0).says(
        "sys 0 5000 ffffffffffffffff 2 3 4 5 6 0 0
         ret 0 5000 -38
         sys 0 93 0 0 0 0 0 0 0 0",
    );
}

#[test]
fn s2_6_errors_are_negative_numbers() {
    let guest = assembled("badfd", ".option norvc\nli a0, 77\nli a7, 57\necall\nli a0, 0\nli a7, 94\necall\n");
    let ran = emu().plugin(&plugin("trace"), "on=ret").run(&guest).quiet(0);
    ran.says("ret 0 57 -9");
}

#[test]
fn s2_6_order_with_execution() {
    let ran = emu().plugin(&plugin("trace"), "on=tb+insn+sys+ret,from=10014:1001c").run(&super::hello()).quiet(5);
    ran.says(
        "insn 0 10014
         sys 0 64 1 20000 5 0 0 0 0 0
         ret 0 64 5
         tb 0 10018
         insn 0 10018
         sys 0 93 5 20000 5 0 0 0 0 0",
    );
}

#[test]
fn s2_6_flushing_the_instruction_cache_is_no_event() {
    let guest = assembled(
        "icache",
        ".option norvc\nli a0, 0\nli a1, 0\nli a2, 0\nli a7, 259\necall\nli a7, 172\necall\nli a0, 0\nli a7, 93\necall\n",
    );
    let ran = emu().plugin(&plugin("trace"), "on=sys").run(&guest).quiet(0);
    let numbers: Vec<&str> = ran.log.lines().map(|l| l.split(' ').nth(2).unwrap()).collect();
    assert_eq!(numbers, ["172", "93"]);
}

/// Row 19: interrupted calls show -512 and come again, returns from handlers show -513.
#[test]
fn s2_6_interrupted_calls_and_returns_from_handlers() {
    let ran = emu().plugin(&plugin("trace"), "on=sys+ret").run(&golden("interrupt")).ended(0);
    assert!(ran.log.contains(" -512\n"), "{ran:?}");
    assert!(ran.log.contains("ret 0 139 -513\n"), "{ran:?}");
    let lines: Vec<&str> = ran.log.lines().collect();
    let cut = lines.iter().position(|l| l.ends_with(" -512")).unwrap();
    // The handler's write and its return, then the same call.
    assert!(lines[cut + 1].starts_with("sys 0 64 ") && lines[cut + 3].starts_with("sys 0 139 "), "{ran:?}");
    assert_eq!(lines[cut + 4..cut + 6], ["ret 0 139 -513", lines[cut - 1]], "{ran:?}");
}

#[test]
fn s2_6_no_return_from_exit() {
    for number in [93, 94] {
        let guest = assembled("ends", &format!(".option norvc\nli a0, 3\nli a7, {number}\necall\n"));
        let ran = emu().plugin(&plugin("trace"), "on=sys+ret+exit+atexit").run(&guest).quiet(3);
        let lines: Vec<&str> = ran.log.lines().collect();
        assert_eq!(lines.len(), 2, "{ran:?}");
        assert!(lines[0].starts_with(&format!("sys 0 {number} 3 ")) && lines[1] == "atexit num 1", "{ran:?}");
    }
}
