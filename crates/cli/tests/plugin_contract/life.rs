//! Section 4.1: reset and uninstall, from every kind of callback.

use super::hello;
use crate::common::plugin::{assembled, emu, golden, guest, plugin};
use std::fs;
use std::path::PathBuf;

/// A guest with every kind of event: a few loops of blocks, accesses and calls.
fn busy() -> PathBuf {
    assembled(
        "busy",
        "
        .option norvc
        li s0, 200
        1: ld t0, 0(sp)
        sd t0, -8(sp)
        li a7, 172
        ecall
        addi s0, s0, -1
        bnez s0, 1b
        li a0, 0
        li a7, 93
        ecall
        ",
    )
}

const PLACES: [&str; 7] = ["init", "trans", "tb", "insn", "mem", "sys", "ret"];

#[test]
fn s4_1_reset_from_every_callback() {
    for place in PLACES {
        let ran = emu().plugin(&plugin("life"), &format!("do=reset,in={place}")).run(&busy()).quiet(0);
        // The second request, made at the same time, was ignored; nothing is registered any more, so no atexit.
        assert_eq!(ran.log, format!("asked in {place}\nreset 1 id 1 vcpus 1\n"), "{place}");
    }
}

#[test]
fn s4_1_reset_again_and_again() {
    for place in PLACES.into_iter().filter(|p| *p != "init") {
        let ran = emu().plugin(&plugin("life"), &format!("do=reset,in={place},times=20")).run(&busy()).quiet(0);
        let wanted: String = (1..=20).map(|n| format!("asked in {place}\nreset {n} id 1 vcpus 1\n")).collect();
        assert_eq!(ran.log, wanted, "{place}");
    }
}

#[test]
fn s4_1_uninstall_from_every_callback() {
    for place in PLACES {
        let ran = emu().plugin(&plugin("life"), &format!("do=uninstall,in={place}")).run(&busy()).quiet(0);
        // The requests that followed were ignored; destructors run; its atexit does not.
        let wanted = format!("asked in {place}\nuninstalled id 1 after 0 resets\nunloaded\n");
        assert_eq!(ran.log, wanted, "{place}");
    }
}

#[test]
fn s4_1_uninstall_needs_no_callback() {
    let ran = emu().plugin(&plugin("life"), "do=uninstall,in=mem,silent=1").run(&busy()).quiet(0);
    assert_eq!(ran.log, "asked in mem\nunloaded\n");
}

#[test]
fn s4_1_resets_then_uninstall() {
    let ran = emu().plugin(&plugin("life"), "do=reset,in=insn,after=7,times=3,then=uninstall").run(&busy()).quiet(0);
    let mut wanted: String = (1..=3).map(|n| format!("asked in insn\nreset {n} id 1 vcpus 1\n")).collect();
    wanted += "asked in insn\nuninstalled id 1 after 3 resets\nunloaded\n";
    assert_eq!(ran.log, wanted);
}

/// Observed order: flush, then the reset's or uninstall's own callback; every plugin's flush callback runs.
#[test]
fn s4_1_all_plugins_see_the_flush() {
    let run = emu().plugin(&plugin("life"), "do=reset,in=tb").plugin(&plugin("trace"), "on=flush+atexit");
    run.run(&busy()).quiet(0).says("asked in tb\nflush\nreset 1 id 1 vcpus 1\natexit num 1");
    let run = emu().plugin(&plugin("life"), "do=uninstall,in=tb").plugin(&plugin("trace"), "on=flush+atexit");
    let wanted = "asked in tb\nflush\nuninstalled id 1 after 0 resets\nunloaded\natexit num 1";
    run.run(&busy()).quiet(0).says(wanted);
}

#[test]
fn s4_1_reset_from_a_flush_callback() {
    let run = emu();
    let second = run.path("second.so");
    fs::copy(plugin("life"), &second).unwrap();
    let run = run.plugin(&plugin("life"), "do=reset,in=flush").plugin(&second, "do=reset,in=tb");
    let ran = run.run(&busy()).quiet(0);
    let count = |line: &str| ran.log.lines().filter(|l| *l == line).count();
    assert_eq!((count("asked in tb"), count("asked in flush"), count("reset 1 id 1 vcpus 1")), (1, 1, 2), "{ran:?}");
}

/// After a reset the plugin sees known code again: the guest has four blocks, far fewer than these translations.
#[test]
fn s4_1_code_is_shown_again_after_a_reset() {
    let ran = emu().plugin(&plugin("life"), "do=reset,in=trans,times=30").run(&busy()).quiet(0);
    assert_eq!((ran.lines("asked").len(), ran.lines("reset").len()), (30, 30), "{ran:?}");
}

/// One plugin goes; the other's counts are as if it had never been there.
#[test]
fn s4_1_other_plugins_count_on_exactly() {
    let guest = golden("sort");
    let alone = emu().plugin(&plugin("count"), "seed=5").run(&guest).ended(0);
    for what in
        ["do=reset,in=insn,after=3000,times=9", "do=uninstall,in=mem,after=5000", "do=reset,in=tb,after=100,times=50"]
    {
        for first in [true, false] {
            let (life, count) = (plugin("life"), plugin("count"));
            let run = if first {
                emu().plugin(&life, what).plugin(&count, "seed=5")
            } else {
                emu().plugin(&count, "seed=5").plugin(&life, what)
            };
            let ran = run.run(&guest).ended(0);
            for word in ["callbacks", "inline", "both", "again", "by-block"] {
                assert_eq!(ran.lines(word), alone.lines(word), "{what}: {ran:?}");
            }
        }
    }
}

#[test]
fn s4_1_under_load_of_threads() {
    for what in [
        "do=reset,in=insn,after=20000,times=30",
        "do=uninstall,in=tb,after=30000",
        "do=reset,in=tb,after=5000,times=30,then=uninstall",
    ] {
        let ran = emu().plugin(&plugin("life"), what).plugin(&plugin("count"), "ways=2").run(&guest("load")).ended(0);
        let resets = if what.contains("times=30") { 30 } else { 0 };
        assert_eq!(ran.lines("reset").len(), resets, "{what}: {ran:?}");
        let gone = usize::from(what.contains("uninstall"));
        assert_eq!((ran.lines("uninstalled").len(), ran.lines("unloaded").len()), (gone, gone), "{what}: {ran:?}");
        assert!(ran.lines("late").is_empty(), "{what}: {ran:?}");
    }
}

#[test]
fn s4_1_a_reset_that_is_asked_for_at_the_end_does_not_hang() {
    // The block that asks is the last one.
    let ran = emu().plugin(&plugin("life"), "do=reset,in=tb,after=2").run(&hello()).quiet(5);
    assert!(ran.log.starts_with("asked in tb\n"), "{ran:?}");
    let ran = emu().plugin(&plugin("life"), "do=uninstall,in=sys,after=2").run(&hello()).quiet(5);
    assert!(ran.log.starts_with("asked in sys\n"), "{ran:?}");
}

/// Sixty-four threads with changing code, three plugins that reset and go at different times, and one that counts on.
#[test]
fn s4_1_stress() {
    let ways = [
        "do=reset,in=tb,after=700,times=40,then=uninstall",
        "do=reset,in=insn,after=5000,times=40",
        "do=reset,in=mem,after=900,times=40,then=uninstall",
    ];
    for seed in 0..3 {
        let mut run = emu().plugin(&plugin("count"), &format!("seed={seed}"));
        for (n, way) in ways.iter().enumerate() {
            let copy = run.path(&format!("life-{n}.so"));
            fs::copy(plugin("life"), &copy).unwrap();
            run = run.plugin(&copy, way);
        }
        let ran = run.run(&guest("many")).ended(0);
        assert_eq!(ran.err, "");
        assert!(ran.lines("reset").len() > 60 && ran.lines("late").is_empty(), "{ran:?}");
        let of = |word: &str| ran.lines(word)[0].split_once(' ').unwrap().1.to_string();
        assert_eq!(of("callbacks"), of("inline"), "seed {seed}");
    }
}
