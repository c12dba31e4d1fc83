//! Section 2.10: a callback under the condition that a counter reaches a limit. Large limits are dealt out to several cells
//! (`ir::allowance`), and nobody may notice.

use crate::common::plugin::{assembled, emu, golden, plugin};

#[track_caller]
fn exact(guest: &str, arguments: &str, second: u32) {
    let ran = emu().plugin(&plugin("limit"), arguments).run(&golden(guest)).ended(0);
    assert_eq!(ran.log, format!("often 1 early 0 missed 0 wrong 0 second {second}\n"), "{guest} {arguments}");
}

/// Below 2^18 the counter itself is compared.
const LIMITS: [u32; 2] = [1000, 300_000];

#[test]
fn s2_10_a_limit_is_seen_by_the_block_that_reaches_it() {
    for limit in LIMITS {
        for then in ["reset", "keep", "back", "half", "find"] {
            exact("sort", &format!("limit={limit},then={then}"), 0);
        }
        exact("sort", &format!("limit={limit},cond=gt"), 0);
        exact("sort", &format!("limit={limit},where=insn"), 0);
    }
}

/// The limit was reached before any block had the condition, by the plugin or by blocks without it.
#[test]
fn s2_10_a_limit_that_was_reached_before_is_seen() {
    for limit in LIMITS {
        for begin in [limit - 5, limit + 5] {
            exact("calls", &format!("limit={limit},begin={begin},then=keep"), 0);
        }
        for late in [5, 20, 40] {
            exact("calls", &format!("limit={limit},late={late},then=keep"), 0);
            exact("sort", &format!("limit={limit},late={late},then=reset"), 0);
        }
    }
}

#[test]
fn s2_10_two_limits_on_one_counter() {
    exact("sort", "limit=300000,second=290000", 1);
    exact("sort", "limit=300000,second=300001,then=keep", 1);
}

#[test]
fn s2_10_each_thread_has_its_own() {
    for limit in LIMITS {
        exact("threads-four", &format!("limit={limit}"), 0);
        exact("threads-four", &format!("limit={limit},where=insn,then=half"), 0);
    }
}

/// Adds 1.0 to a register again and again, with a system call each time, and exits with 7 if the sum is right.
const SUM: &str = "
    .option norvc
    li s0, 100000
    li s1, 100000
    li t0, 1
    fcvt.d.l fs0, t0
    fmv.d.x fs1, x0
    1: fadd.d fs1, fs1, fs0
    li a7, 172
    ecall
    addi s0, s0, -1
    bnez s0, 1b
    fcvt.l.d t0, fs1
    sub a0, t0, s1
    addi a0, a0, 7
    li a7, 93
    ecall
";

/// The guest's floating-point registers and flags are those of its own making, whatever is called now and then.
#[test]
fn s2_10_floats_stay_what_they_are() {
    let guest = assembled("sum", SUM);
    // Of this plugin all functions are leaves, so that nothing else has blocks look where floats are.
    for once in 100..104 {
        emu().plugin(&plugin("cond"), &format!("cond=2,imm={once}")).run(&guest).ended(7);
    }
    for limit in LIMITS {
        for leaf in [0, 1] {
            emu().plugin(&plugin("limit"), &format!("limit={limit},leaf={leaf},then=keep")).run(&guest).ended(7);
        }
    }
}
