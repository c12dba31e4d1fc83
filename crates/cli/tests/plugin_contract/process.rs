//! Sections 2.4 and 2.5: the end of the process, fork and exec.

use super::hello;
use crate::common::plugin::{Ran, assembled, emu, guest, plugin};

/// A guest that sends itself a signal.
fn killed_by(signal: u32) -> Ran {
    let body =
        format!(".option norvc\nli a7, 172\necall\nli a1, {signal}\nli a7, 129\necall\n1: li a7, 124\necall\nj 1b\n");
    emu().plugin(&plugin("trace"), "on=exit+atexit").run(&assembled("kill", &body))
}

#[test]
fn s2_4_core_dumping_signals_run_atexit() {
    for signal in [3, 4, 5, 6, 7, 8, 11] {
        let ran = killed_by(signal).ended(128 + signal as i32);
        assert_eq!(ran.log, "atexit num 1\n", "signal {signal}: {ran:?}");
    }
}

/// Row 14. The signal that a program sends itself with its default action is the kernel's business alone.
#[test]
fn s2_4_other_deadly_signals_run_nothing() {
    for signal in [1, 2, 9, 10, 12, 13, 14, 15, 24] {
        let ran = killed_by(signal).ended(128 + signal as i32);
        assert_eq!(ran.log, "", "signal {signal}: {ran:?}");
    }
}

#[test]
fn s2_4_faults_of_the_cpu_run_atexit() {
    for (body, status) in [("ld a0, 0(zero)", 139), (".word 0", 132), ("ebreak", 133), ("jr zero", 139)] {
        let ran = emu().plugin(&plugin("trace"), "on=exit+atexit");
        let ran = ran.run(&assembled("dies", &format!(".option norvc\n{body}\n"))).ended(status);
        assert_eq!(ran.log, "atexit num 1\n", "{body}: {ran:?}");
    }
}

#[test]
fn s2_4_exit_in_a_callback() {
    for place in ["init", "trans", "tb", "insn", "sys", "ret"] {
        let ran = emu().plugin(&plugin("misuse"), &format!("do=exit,in={place}")).run(&hello()).quiet(7);
        assert_eq!(ran.log, "atexit\n", "{place}: {ran:?}");
    }
    let ran = emu()
        .plugin(&plugin("misuse"), "do=exit,in=mem")
        .run(&assembled("one-load", ".option norvc\nld a0, 0(sp)\nli a7, 93\necall\n"))
        .quiet(7);
    assert_eq!(ran.log, "atexit\n");
    let ran = emu().plugin(&plugin("misuse"), "do=_exit").run(&hello()).quiet(9);
    assert_eq!(ran.log, "");
}

/// Row 29: destructors of plugins stay silent at the guest's end.
#[test]
fn s2_4_no_destructors_at_the_guest_s_end() {
    emu().plugin(&plugin("life"), "in=never").run(&hello()).quiet(5).says("atexit resets 0");
}

#[test]
fn s2_4_failing_exec_returns() {
    let guest = assembled(
        "noexec",
        "
        .option norvc
        la a0, name
        li a1, 0
        li a2, 0
        li a7, 221
        ecall
        neg a0, a0
        li a7, 93
        ecall
        .data
        name: .asciz \"/no/such/program\"
        ",
    );
    let ran = emu().plugin(&plugin("trace"), "on=sys+ret+exit+atexit").run(&guest).quiet(2);
    let lines: Vec<&str> = ran.log.lines().collect();
    assert!(lines.len() == 4 && lines[0].starts_with("sys 0 221 "), "{ran:?}");
    assert!(lines[1] == "ret 0 221 -2" && lines[3] == "atexit num 1", "{ran:?}");
}

/// The new program runs with the same plugins (decision D12); of the old one nothing more is heard.
#[test]
fn s2_4_exec_is_no_end_and_keeps_the_plugins() {
    let run = emu();
    let report = run.path("report");
    let run = run.plugin(&plugin("append"), &format!("out={}", report.display()));
    let (ran, found) = run.run_and_read(&guest("again"));
    assert_eq!(ran.shown(), 7, "{ran:?}");
    assert_eq!(found, "install\ninit 0\nexec\ninstall\ninit 0\natexit\n", "{ran:?}");
}

/// Parent and child write to one log, so their lines are counted.
fn forked(flags: u32) {
    let guest = assembled(
        "forked",
        &format!(
            "
            .option norvc
            li a0, {flags}
            li a1, 0
            li a2, 0
            li a3, 0
            li a4, 0
            li a7, 220
            ecall
            beqz a0, 1f
            li a0, -1
            la a1, status
            li a2, 0
            li a3, 0
            li a7, 260
            ecall
            lb a0, 1(a1)
            li a7, 93
            ecall
            1: li a0, 4
            li a7, 93
            ecall
            .data
            status: .dword 0
            "
        ),
    );
    let ran = emu().plugin(&plugin("trace"), "on=init+exit+sys+ret+atexit+each").run(&guest).quiet(4);
    let count = |line: &str| ran.log.lines().filter(|l| *l == line).count();
    assert_eq!((count("ret 0 220 0"), count("ret 0 220 pid")), (1, 1), "{ran:?}");
    assert_eq!((count("init 0 num 1"), count("atexit num 1"), count("each 0")), (1, 2, 2), "{ran:?}");
    assert_eq!((ran.lines("exit").len(), ran.lines("sys").len(), ran.lines("ret").len()), (0, 4, 3), "{ran:?}");
}

/// Row 15: atexit runs in the child too.
#[test]
fn s2_5_fork() {
    forked(17);
}

#[test]
fn s2_5_vfork() {
    forked(0x4111);
}

/// What only threads may share: without the flags of a thread, shared memory is refused.
#[test]
fn s2_5_shared_memory_without_a_thread_is_refused() {
    let guest = assembled(
        "sharing",
        ".option norvc\nli a0, 0x111\nla a1, stack\nli a7, 220\necall\nneg a0, a0\nli a7, 93\necall\n.data\n.zero 4096\nstack:\n",
    );
    let ran = emu().plugin(&plugin("trace"), "on=ret").run(&guest).quiet(22);
    ran.says("ret 0 220 -22");
}

/// A callback may end the program while other threads go on.
#[test]
fn s2_4_exit_in_a_callback_among_threads() {
    for place in ["tb", "insn", "mem"] {
        let late = format!("do=exit,in={place},after=20000");
        let ran = emu().plugin(&plugin("misuse"), &late).run(&guest("load")).quiet(7);
        assert_eq!(ran.log, "atexit\n", "{place}: {ran:?}");
    }
}

#[test]
fn s2_5_counters_go_on_in_the_child() {
    let ran = emu().plugin(&plugin("count"), "").run(&guest("forks")).ended(6);
    let ends: Vec<(&str, &str)> = ran.lines("callbacks").into_iter().zip(ran.lines("inline")).collect();
    assert_eq!(ends.len(), 2, "{ran:?}");
    for (callbacks, inline) in ends {
        assert_eq!(callbacks.split_once(' ').unwrap().1, inline.split_once(' ').unwrap().1, "{ran:?}");
    }
}

#[test]
fn s2_5_a_child_has_no_threads_of_its_parent() {
    let ran = emu().plugin(&plugin("trace"), "on=atexit+each").run(&guest("forkalone")).ended(6);
    assert_eq!((ran.lines("atexit").len(), ran.lines("each").len()), (2, 1 + 2), "{ran:?}");
}

/// Row 16: a thread in a forked child takes an index that a thread of the parent had; dead entries are gone.
#[test]
fn s2_5_threads_in_a_child_of_a_threaded_parent() {
    let ran = emu().plugin(&plugin("trace"), "on=init+exit+atexit+each").run(&guest("forkthread")).ended(6);
    let ends = ran.lines("atexit").len();
    assert_eq!(ends, 2, "{ran:?}");
    assert_eq!(ran.lines("init").len(), 3, "{ran:?}");
    // At the child's end only its main thread is there; the parent's end still has the parent's second thread.
    assert_eq!(ran.lines("each").len(), 1 + 2, "{ran:?}");
}

/// Nothing of ours is a task of the guest's process: Linux refuses some calls to a process with several.
#[test]
fn s2_5_a_guest_with_plugins_is_one_task() {
    // Links of a task list: two, and one for each task.
    let guest = assembled(
        "tasks",
        "
        .option norvc
        li a0, -100
        la a1, path
        la a2, status
        li a3, 0
        li a7, 79
        ecall
        lw a0, 20(a2)
        li a7, 93
        ecall
        .data
        path: .asciz \"/proc/self/task\"
        .balign 8
        status: .zero 128
        ",
    );
    for timeout in ["0", "1", "60"] {
        emu().env("FLUORO_PLUGIN_TIMEOUT", timeout).plugin(&plugin("trace"), "on=insn").run(&guest).ended(3);
    }
}
