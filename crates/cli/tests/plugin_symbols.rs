//! Symbols beyond the reference's: of objects that are mapped later, and of the vDSO.

mod common;

use common::plugin::{assembled, emu, plugin};

/// Maps the program's own file once more, elsewhere, and calls a function there; then a signal handler returns through
/// the vDSO.
const GUEST: &str = "
    li a0, -100
    lla a1, file
    li a2, 0
    li a7, 56           # openat
    ecall
    mv a4, a0
    li a0, 0
    li a1, 0x1000
    li a2, 5            # read and execute
    li a3, 2            # private
    li a5, 0x1000       # where the file has its code
    li a7, 222          # mmap
    ecall
    lla t0, _start
    lla t1, moved
    sub t1, t1, t0
    add t1, t1, a0
    jalr t1
    li a0, 10
    lla a1, action
    li a2, 0
    li a3, 8
    li a7, 134          # rt_sigaction
    ecall
    li a7, 172          # getpid
    ecall
    li a1, 10
    li a7, 129          # kill
    ecall
    li a0, 0
    li a7, 93
    ecall
    .type moved, @function
moved:
    addi a1, a1, 1
    jr ra
    .size moved, . - moved
    .type handler, @function
handler:
    jr ra
    .size handler, . - handler
    .data
action:
    .dword handler, 0, 0
file:
    .asciz \"/proc/self/exe\"
";

#[test]
fn s3_3_objects_that_are_mapped_later_and_the_vdso_have_symbols() {
    let ran = emu().plugin(&plugin("query"), "ask=symbols").run(&assembled("again-mapped", GUEST)).quiet(0);
    let at = |name: &str| {
        let lines = ran.log.lines().filter_map(|l| l.split_once(' ')).filter(|(_, symbol)| *symbol == name);
        lines.map(|(addr, _)| u64::from_str_radix(addr, 16).unwrap()).collect::<Vec<u64>>()
    };
    let moved = at("moved");
    assert!(moved.len() == 2 && moved[0] > 0x100_0000, "{ran:?}");
    assert!(at("handler").iter().all(|a| *a < 0x11000) && !at("handler").is_empty(), "{ran:?}");
    assert!(!at("__vdso_rt_sigreturn").is_empty(), "{ran:?}");
}
