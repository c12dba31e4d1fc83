//! Sections 1.9, 1.10, 2.11, 2.12, 2.16 and appendix A.1: registers.

use super::{counted_loop, hello};
use crate::common::plugin::{Ran, assembled, emu, golden, plugin, plugin_for};
use std::collections::BTreeSet;

fn state(version: u32, arguments: &str) -> Ran {
    emu().plugin(&plugin_for("state", version, &[]), arguments).run(&hello()).quiet(5)
}

/// Names and sizes of appendix A.1, without Vector.
fn table() -> Vec<(String, &'static str, u32)> {
    let cpu = "zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 pc";
    let fpu = "ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 \
               fs10 fs11 ft8 ft9 ft10 ft11";
    let csr = "fflags frm fcsr seed cycle time instret";
    let features = [("cpu", cpu), ("fpu", fpu), ("virtual", "priv"), ("csr", csr)];
    features.iter().flat_map(|(f, names)| names.split_whitespace().map(|n| (n.to_string(), *f, 8))).collect()
}

const VECTOR_CSRS: [&str; 7] = ["vstart", "vxsat", "vxrm", "vcsr", "vl", "vtype", "vlenb"];

fn listed(ran: &Ran) -> Vec<(String, String, u32)> {
    let words = ran.lines("reg").into_iter().map(|l| l.split(' ').collect::<Vec<_>>());
    words
        .filter(|w| !w[2].ends_with(".vector") && !VECTOR_CSRS.contains(&w[1]))
        .map(|w| (w[1].into(), w[2].strip_prefix("org.gnu.gdb.riscv.").unwrap().into(), w[3].parse().unwrap()))
        .collect()
}

#[test]
fn a_1_register_list_in_every_version() {
    let want: Vec<_> = table().into_iter().map(|(n, f, s)| (n, f.to_string(), s)).collect();
    for version in 4..=6 {
        assert_eq!(listed(&state(version, "do=list")), want, "version {version}");
    }
}

#[test]
fn s1_8_stride_and_return_of_read_register_by_version() {
    for version in 4..=6 {
        let ran = state(version, "do=list");
        let element = if version < 6 { 24 } else { 32 };
        assert!(ran.log.starts_with(&format!("element {element} ")), "{ran:?}");
        let wanted = if version < 6 { " returned 8 " } else { " returned 1 " };
        let rows = ran.lines("reg");
        assert!(rows.iter().filter(|l| !l.contains(".vector ")).all(|l| l.contains(wanted)), "{ran:?}");
    }
}

#[test]
fn s1_9_handles_and_what_is_read_only() {
    let old = state(5, "do=list");
    assert!(old.lines("reg").iter().all(|l| l.ends_with("null 0")), "{old:?}");
    let new = state(6, "do=list");
    let of = |word: &str| -> Vec<String> {
        new.lines("reg").iter().filter(|l| l.contains(word)).map(|l| l.split(' ').nth(1).unwrap().into()).collect()
    };
    assert_eq!(of("readonly 1"), ["pc"]);
    assert_eq!(of("null 1"), ["zero"]);
}

#[test]
fn s1_10_reading_appends_and_lists_are_glib_s() {
    for version in 4..=6 {
        state(version, "do=append").says(
            "after zero 12
             after pc 20 head head pc 10000
             zero-terminated 1
             lists differ names same",
        );
    }
}

/// Row 23: registers whose values change by themselves can be read too. What a callback reads lies between what the guest
/// reads before and behind it.
#[test]
fn a_1_counters_can_be_read() {
    for name in ["cycle", "time", "instret"] {
        let body = format!("rd{name} s2\nnop\nrd{name} s3\nnop\nli a0, 0\nli a7, 93\necall\n");
        let guest = assembled(name, &format!(".option norvc\n{body}"));
        let run = emu().plugin(&plugin("state"), &format!("do=read,reg={name},at=0x10004"));
        // The same file under another name is another plugin.
        let copy = run.path("again.so");
        std::fs::copy(plugin("state"), &copy).unwrap();
        let ran = run.plugin(&copy, "do=read,reg=s2+s3,at=0x1000c").run(&guest).quiet(0);
        let value = |reg| u64::from_str_radix(ran.lines(reg)[0].split_once(' ').unwrap().1, 16).unwrap();
        let [before, here, behind] = ["s2", name, "s3"].map(value);
        assert!(0 < before && before < here && here < behind, "{ran:?}");
    }
}

/// Each look takes new entropy: a half-word, and that it is good.
#[test]
fn a_1_the_seed_can_be_read() {
    let ran = emu().plugin(&plugin("state"), "do=read,reg=seed,at=0x10004").run(&counted_loop()).quiet(0);
    let values: BTreeSet<&str> = ran.lines("seed").into_iter().collect();
    assert!(values.len() > 1 && ran.lines("seed").len() == 10, "{ran:?}");
    assert!(values.iter().all(|v| v.starts_with("seed ffffffff8000")), "{ran:?}");
}

#[test]
fn s2_12_pc_is_exact_in_every_callback() {
    let ran = emu().plugin(&plugin("state"), "do=pc").run(&counted_loop()).quiet(0);
    assert!(!ran.log.contains("differs"), "{ran:?}");
    assert_eq!((ran.lines("block").len(), ran.lines("insn").len()), (11, 24));
    assert_eq!(ran.lines("syscall"), ["syscall 93 pc 10018"]);
    let ran = emu().plugin(&plugin("state"), "do=pc").run(&golden("die-exit"));
    assert!(!ran.log.contains("differs") && ran.lines("mem").len() > 3, "{ran:?}");
}

#[test]
fn s2_2_registers_at_init_are_those_of_the_entry() {
    let ran = emu().plugin(&plugin("state"), "do=start").run(&hello()).quiet(5);
    assert!(ran.log.starts_with("start 0 pc 10000 a0 0 sp "), "{ran:?}");
    assert!(!ran.log.contains("sp 0 "), "{ran:?}");
}

#[test]
fn s2_11_values_before_each_execution() {
    let ran = emu().plugin(&plugin("state"), "do=read,reg=t0,at=0x10004").run(&counted_loop()).quiet(0);
    assert_eq!(ran.log, "t0 a\nt0 9\nt0 8\nt0 7\nt0 6\nt0 5\nt0 4\nt0 3\nt0 2\nt0 1\n");
    let ran = emu().plugin(&plugin("state"), "do=read,reg=t0,at=0x10008").run(&counted_loop()).quiet(0);
    assert_eq!(ran.log, "t0 9\nt0 8\nt0 7\nt0 6\nt0 5\nt0 4\nt0 3\nt0 2\nt0 1\nt0 0\n");
}

/// What reading comes to: order of events on the first two blocks of `hello` with an access put in.
fn flags(version: u32) -> Vec<(String, i64)> {
    let guest =
        assembled("load", ".option norvc\nld t0, 0(sp)\nli a0, 1\nli a7, 172\necall\nli a0, 0\nli a7, 93\necall\n");
    let ran = emu().plugin(&plugin_for("state", version, &[]), "do=flags").run(&guest).quiet(0);
    let split = |l: &str| l.rsplit_once(' ').map(|(n, v)| (n.to_string(), v.parse().unwrap())).unwrap();
    ran.log.lines().map(split).collect()
}

#[test]
fn s1_9_version_4_reads_everywhere() {
    let all = flags(4);
    assert_eq!(all.len(), 13, "{all:?}");
    assert!(all.iter().all(|(_, n)| *n == 8), "{all:?}");
}

#[test]
fn s1_9_versions_5_and_6_refuse_where_no_registers_were_asked_for() {
    for (version, refused, read, kinds) in [(5, -1, 8, 13), (6, 0, 1, 16)] {
        let all = flags(version);
        assert_eq!(all.len(), kinds, "{all:?}");
        for (name, n) in &all {
            let no = name.ends_with(" no") || name == "atexit";
            assert_eq!(*n, if no { refused } else { read }, "version {version}, {name}");
        }
    }
}

#[test]
fn s1_9_writing_registers() {
    for (version, returned) in [(5, 8), (6, 1)] {
        let plugin = plugin_for("state", version, &[]);
        let ran = emu().plugin(&plugin, "do=write,at=0x1001c,reg=a0,value=42").run(&hello()).quiet(42);
        ran.says(&format!("write a0 returned {returned} before 5 after 2a"));
    }
}

#[test]
fn s1_9_writing_a_register_that_is_used_at_once_and_in_a_loop() {
    // The instruction that runs next reads it, in a block that is chained to itself.
    let plugin = plugin_for("state", 5, &[]);
    let ran = emu().plugin(&plugin, "do=write,at=0x10004,reg=t0,value=1").run(&counted_loop()).quiet(0);
    ran.says("write t0 returned 8 before a after 1");
    let ran = emu().plugin(&plugin, "do=write,at=0x10008,reg=t0,value=0").run(&counted_loop()).quiet(0);
    ran.says("write t0 returned 8 before 9 after 0");
}

#[test]
fn s1_9_writing_floating_point_registers_and_csrs() {
    let guest =
        assembled("floats-out", ".option norvc\nnop\nfrcsr a1\nfmv.x.d a0, fa0\nadd a0, a0, a1\nli a7, 93\necall\n");
    let plugin = plugin_for("state", 5, &[]);
    let run = emu().plugin(&plugin, "do=write,at=0x10000,reg=fa0,value=33");
    run.run(&guest).quiet(33).says("write fa0 returned 8 before 0 after 21");
    let run = emu().plugin(&plugin, "do=write,at=0x10000,reg=fcsr,value=0x61");
    run.run(&guest).quiet(0x61).says("write fcsr returned 8 before 0 after 61");
}

#[test]
fn s1_9_a_rounding_mode_that_is_written_holds_in_the_next_block() {
    // 2.5 is 2 to the nearest even number, 3 with ties away from zero, a mode that hosts do not have.
    let text = ".option norvc\nli t1, 5\nfcvt.d.w fa0, t1\nli t1, 2\nfcvt.d.w fa1, t1\nfdiv.d fa0, fa0, fa1\nnop\nj 1f\n\
                1: fcvt.w.d a0, fa0\nli a7, 93\necall\n";
    let guest = assembled("rounds", &text.replace("fcvt.w.d a0, fa0", "fcvt.w.d a0, fa0, dyn"));
    let plugin = plugin_for("state", 5, &[]);
    emu().plugin(&plugin, "do=write,at=0x10014,reg=a1,value=0").run(&guest).quiet(2);
    emu().plugin(&plugin, "do=write,at=0x10014,reg=frm,value=4").run(&guest).quiet(3);
}

#[test]
fn s1_9_writes_that_are_refused() {
    for (version, refused) in [(5, -1), (6, 0)] {
        let plugin = plugin_for("state", version, &[]);
        let ran = emu().plugin(&plugin, "do=empty").run(&hello()).quiet(5);
        assert_eq!(ran.log, format!("empty {refused}\n"));
        for flags in [0, 1] {
            let arguments = format!("do=write,at=0x1001c,reg=a0,value=42,flags={flags}");
            let ran = emu().plugin(&plugin, &arguments).run(&hello()).quiet(5);
            let returned: i64 = ran.log.split(' ').nth(3).unwrap().parse().unwrap();
            assert_eq!(returned, refused, "{ran:?}");
        }
        let ran = emu().plugin(&plugin, "do=zero").run(&hello()).quiet(5);
        assert!(ran.log.ends_with("reads 0\n"), "{ran:?}");
    }
}

#[test]
fn s1_9_writing_what_is_read_only_ends_with_a_message() {
    let ran = emu().plugin(&plugin_for("state", 6, &[]), "do=readonly").run(&hello()).ended(1);
    let why = ": register pc is read-only; use qemu_plugin_set_pc\n";
    assert!(ran.err.contains(" misuses qemu_plugin_write_register in its ") && ran.err.ends_with(why), "{ran:?}");
}

/// Four instructions and the call: a0 becomes 1, 2, 3.
fn steps() -> std::path::PathBuf {
    assembled("steps", ".option norvc\nli a0, 1\nli a0, 2\nli a0, 3\nli a7, 93\necall\n")
}

#[track_caller]
fn jumps(arguments: &str, status: i32, log: &str) {
    let ran = emu().plugin(&plugin_for("state", 6, &[]), &format!("do=setpc,{arguments}")).run(&steps()).quiet(status);
    ran.says(log);
}

#[test]
fn s1_9_set_pc_in_an_instruction_callback() {
    let log = "insn 10000\ninsn 10004\nleaving insn\ninsn 1000c\ninsn 10010";
    jumps("where=insn,at=0x10004,to=0x1000c", 1, log);
    // Whoever may write registers may write this one.
    jumps("where=rw,at=0x10004,to=0x1000c", 1, log);
    // Backwards, once.
    let log = "insn 10000\ninsn 10004\ninsn 10008\nleaving insn\ninsn 10004\ninsn 10008\ninsn 1000c\ninsn 10010";
    jumps("where=insn,at=0x10008,to=0x10004", 3, log);
}

#[test]
fn s1_9_set_pc_in_a_block_callback() {
    jumps("where=block,at=0x10000,to=0x10008", 3, "leaving block\ninsn 10008\ninsn 1000c\ninsn 10010");
}

#[test]
fn s1_9_set_pc_in_a_mem_callback() {
    let guest = assembled("step-load", ".option norvc\nld t0, 0(sp)\nli a0, 2\nli a0, 3\nli a7, 93\necall\n");
    let run = emu().plugin(&plugin_for("state", 6, &[]), "do=setpc,where=mem,at=0x10000,to=0x10008");
    run.run(&guest).quiet(3).says("insn 10000\nleaving mem\ninsn 10008\ninsn 1000c\ninsn 10010");
}

#[test]
fn s1_9_set_pc_in_a_syscall_callback_abandons_the_call() {
    // Behind the write of `hello`: nothing is written, a0 stays 1.
    let run = emu().plugin(&plugin_for("state", 6, &[]), "do=setpc,where=sys,value=64,to=0x1001c");
    let ran = run.run(&hello()).quiet(1);
    assert_eq!(ran.out, "");
    assert!(ran.log.contains("leaving syscall\n") && !ran.log.contains("still there"), "{ran:?}");
    assert!(!ran.log.contains("ret 64 5"), "{ran:?}");
    assert!(ran.log.ends_with("insn 1001c\ninsn 10020\n"), "{ran:?}");
}

#[test]
fn s1_9_set_pc_in_a_syscall_return_callback() {
    let run = emu().plugin(&plugin_for("state", 6, &[]), "do=setpc,where=ret,value=64,to=0x1001c");
    let ran = run.run(&hello()).ended(5);
    assert_eq!(ran.out, "hello");
    assert!(ran.log.ends_with("ret 64 5\nleaving return\ninsn 1001c\ninsn 10020\n"), "{ran:?}");
}

#[test]
fn s1_9_set_pc_without_the_flag_ends_with_a_message() {
    let run = emu().plugin(&plugin_for("state", 6, &[]), "do=setpc,where=no,at=0x10004,to=0x1000c");
    let ran = run.run(&steps()).ended(1);
    let at = "in its instruction callback, userdata ";
    let why = ": this callback may not set the pc; register it with QEMU_PLUGIN_CB_RW_REGS_PC\n";
    assert!(ran.err.contains(&format!(" misuses qemu_plugin_set_pc {at}")) && ran.err.ends_with(why), "{ran:?}");
}
