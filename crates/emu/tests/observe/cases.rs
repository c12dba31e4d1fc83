//! The cases.

use crate::{Run, assemble, golden, observe};

type Case = (&'static str, fn());

pub const ALL: &[Case] = &[
    ("ends", ends),
    ("other_signals", other_signals),
    ("results", results),
    ("interrupted_calls", interrupted_calls),
    ("one_thread_after_another", one_thread_after_another),
    ("threads_that_overlap", threads_that_overlap),
    ("main_leaves_first", main_leaves_first),
    ("first_registers", first_registers),
    ("vfork_is_fork", vfork_is_fork),
    ("lent_memory", lent_memory),
    ("another_program", another_program),
    ("unseen", unseen),
    ("another_result", another_result),
    ("moved", moved),
    ("results_are_kept", results_are_kept),
];

fn strings<S: ToString>(all: &[S]) -> Vec<String> {
    all.iter().map(S::to_string).collect()
}

/// Section 2.4's table.
fn ends() {
    for (guest, status, before) in [
        ("die-exit", 51, &["call 0 93"][..]),
        ("die-segv", 139, &[]),
        ("die-ill", 132, &[]),
        ("die-trap", 133, &[]),
        ("die-jump", 139, &[]),
        ("die-abrt", 134, &["call 0 172", "call 0 178", "call 0 131"]),
    ] {
        let run = observe(&golden(guest), "");
        let mut events = run.short(false);
        events.retain(|e| !e.starts_with("ret "));
        let expected = [&["init 0"], before, &["end 0"]].concat();
        assert_eq!((run.status, events, run.stderr.as_str()), (status, strings(&expected), ""), "{guest}");
    }
}

/// A signal that dumps no core: no end, but a line that says so; and the option that gives an end.
fn other_signals() {
    let run = observe(&golden("die-term"), "");
    let line = "fluoro: killed by SIGTERM: plugins print no final report then, as under QEMU; --plugin-atexit=always makes them\n";
    assert_eq!((run.status, run.stderr.as_str()), (143, line));
    assert!(!run.short(false).contains(&"end 0".to_string()), "{:?}", run.events);
    let run = observe(&golden("die-term"), "always");
    assert_eq!((run.status, run.stderr.as_str()), (143, ""));
    assert_eq!(run.short(false).last().map(String::as_str), Some("end 0"));
    let run = observe(&golden("die-term"), "count");
    assert_eq!((run.status, run.stderr.as_str()), (143, line));
    assert!(!run.short(false).contains(&"end 0".to_string()), "{:?}", run.events);
}

fn has(run: &Run, child: bool, event: &str) {
    assert!(run.short(child).iter().any(|e| e == event), "{event}: {:?}", run.events);
}

/// Errors, unknown calls, forks, the last thread's end.
fn results() {
    let run = observe(&golden("syscalls"), "");
    assert_eq!(run.status, 42);
    for event in ["ret 0 64 -9", "ret 0 64 -14", "ret 0 999 -38", "ret 0 -5 -38", "ret 0 221 -2", "ret 0 260 -10"] {
        has(&run, false, event);
    }
    let events = run.short(false);
    assert_eq!(events[events.len() - 2..], strings(&["call 0 93", "end 0"]));
    // Two children: one ends by itself, the other by a fault.
    let children = run.short(true);
    let count = |event: &str| children.iter().filter(|e| *e == event).count();
    assert_eq!([count("forked 0"), count("ret 0 220 0"), count("end 0"), count("call 0 94")], [2, 2, 2, 1]);
    assert_eq!(children[..2], strings(&["forked 0", "ret 0 220 0"]));
    assert!(events.iter().filter(|e| e.starts_with("ret 0 220 ")).all(|e| e != "ret 0 220 0"));
}

/// As the reference was recorded with it.
fn interrupted_calls() {
    let run = observe(&golden("interrupt"), "");
    let events = run.short(false);
    let expected = "init 0, call 0 132, ret 0 132 0, call 0 59, ret 0 59 0, call 0 134, ret 0 134 0, call 0 103, \
         ret 0 103 0, call 0 63, ret 0 63 -4, call 0 139, ret 0 139 -513, call 0 64, ret 0 64 8, call 0 134, ret 0 134 0, \
         call 0 103, ret 0 103 0, call 0 63, ret 0 63 -512, call 0 64, ret 0 64 1, call 0 139, ret 0 139 -513, \
         call 0 63, ret 0 63 1, call 0 64, ret 0 64 17, call 0 134, ret 0 134 0, call 0 103, ret 0 103 0, call 0 101, \
         ret 0 101 -4, call 0 139, ret 0 139 -513, call 0 64, ret 0 64 13, call 0 134, ret 0 134 0, call 0 103, \
         ret 0 103 0, call 0 133, ret 0 133 -4, call 0 139, ret 0 139 -513, call 0 64, ret 0 64 11, call 0 134";
    let expected: Vec<&str> = expected.split(", ").collect();
    assert_eq!(events[..expected.len()], strings(&expected));
    // The handler sees the interrupted call where it stands.
    let pc = |n: &str| {
        run.events.iter().filter(|e| e.contains(n)).filter_map(|e| e.split(" pc ").nth(1)).collect::<Vec<_>>()
    };
    let reads = pc("call 0 63");
    assert_eq!(reads[1], reads[2]);
}

fn lives(run: &Run) -> Vec<String> {
    run.short(false).into_iter().filter(|e| !e.starts_with("call ") && !e.starts_with("ret ")).collect()
}

fn one_thread_after_another() {
    let run = observe(&golden("threads-series"), "");
    assert_eq!(run.status, 0);
    let each = ["init 1", "exit 1"];
    let expected = [&["init 0", "parallel 0"][..], &each, &each, &each, &each, &["end 0"]].concat();
    assert_eq!(lives(&run), strings(&expected));
    // A new thread has no return from the call that made it, and none from its end.
    assert!(run.short(false).iter().all(|e| !e.starts_with("ret 1 93") && !e.starts_with("ret 1 220")));
}

fn threads_that_overlap() {
    for (guest, count) in [("threads-four", 4), ("threads-twenty", 20)] {
        let run = observe(&golden(guest), "");
        assert_eq!(run.status, 0);
        let lives = lives(&run);
        assert_eq!(lives[..3], strings(&["init 0", "parallel 0", "init 1"]));
        assert_eq!(lives.last().map(String::as_str), Some("end 0"));
        let count_of = |word: &str| lives.iter().filter(|e| e.starts_with(word)).count();
        assert_eq!([count_of("init"), count_of("exit"), count_of("parallel")], [count + 1, count, 1]);
    }
}

fn main_leaves_first() {
    let run = observe(&golden("threads-leave"), "");
    assert_eq!(run.status, 0);
    let lives = lives(&run);
    let count = |event: &str| lives.iter().filter(|e| *e == event).count();
    assert_eq!([count("exit 0"), count("end 0")], [1, 0], "{lives:?}");
    let last = lives.last().cloned().unwrap_or_default();
    let index = last.strip_prefix("end ").unwrap_or_else(|| panic!("{lives:?}"));
    // The last thread's end is that of the process.
    assert_eq!(count(&format!("exit {index}")) + 1, count(&format!("init {index}")), "{lives:?}");
}

/// `call N` makes a call.
const START: &str = ".macro call n\nli a7, \\n\necall\n.endm\n.globl _start\n_start:\n";

fn first_registers() {
    // CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS.
    let text = "li a0, 0xd0f00\nla a1, stack\nli a2, 0\nli a3, 0x1234\nli a4, 0\ncall 220\nbehind: beqz a0, child\n\
                wait: call 124\nla t0, word\nlw t0, 0(t0)\nbeqz t0, wait\nli a0, 7\ncall 94\n\
                child: la t0, word\nli t1, 1\nsw t1, 0(t0)\nli a0, 0\ncall 93\n\
                .bss\nword: .space 4096\nstack: .space 16\n";
    let run = observe(&assemble(&format!("{START}{text}")), "");
    assert_eq!(run.status, 7);
    let init = |n| run.events.iter().find(|e| e.starts_with(&format!("init {n}"))).cloned().unwrap_or_default();
    let clone = run.events.iter().find(|e| e.starts_with("call 0 220")).cloned().unwrap_or_default();
    let behind = clone.rsplit(' ').next().unwrap_or_default().to_string();
    let entry: u64 = u64::from_str_radix(init(0).split(' ').nth(3).unwrap_or_default(), 16).expect("a number");
    assert!(init(0).ends_with("sp 1 tp 0 a0 0") && entry & 1 == 0, "{}", init(0));
    let (start, end) = init(1).split_once(" sp ").map(|(a, b)| (a.to_string(), b.to_string())).unwrap_or_default();
    assert_eq!(start, format!("init 1 pc {behind}"));
    assert!(end.ends_with(" tp 1234 a0 0") && !end.starts_with("0 "), "{end}");
}

fn vfork_is_fork() {
    // Flags CLONE_VM, CLONE_VFORK, SIGCHLD. The child's store stays its own.
    let text = "li a0, 0x4111\nli a1, 0\nli a2, 0\nli a3, 0\nli a4, 0\ncall 220\nbeqz a0, child\n\
                li a1, 0\nli a2, 0\nli a3, 0\ncall 260\nla t0, word\nlw a0, 0(t0)\ncall 94\n\
                child: la t0, word\nli t1, 5\nsw t1, 0(t0)\nli a0, 3\ncall 93\n.data\nword: .word 1\n";
    let run = observe(&assemble(&format!("{START}{text}")), "");
    assert_eq!(run.status, 1);
    let parent: Vec<String> = run.short(false).into_iter().filter(|e| !e.starts_with("ret ")).collect();
    assert_eq!(parent, strings(&["init 0", "call 0 220", "call 0 260", "call 0 94", "end 0"]));
    assert_eq!(run.short(true), strings(&["forked 0", "ret 0 220 0", "call 0 93", "end 0"]));
}

/// A child that shares memory and runs beside its parent is refused.
fn lent_memory() {
    let text = "li a0, 0x111\nli a1, 0\nli a2, 0\nli a3, 0\nli a4, 0\ncall 220\nneg a0, a0\ncall 94\n";
    let run = observe(&assemble(&format!("{START}{text}")), "");
    assert_eq!(run.status, libc::EINVAL);
    has(&run, false, "ret 0 220 -22");
}

fn another_program() {
    let text = "la a0, nothing\nli a1, 0\nli a2, 0\ncall 221\nla a0, truth\nla a1, words\nli a2, 0\ncall 221\n\
                li a0, 9\ncall 94\n.data\n.balign 8\nwords: .quad truth, 0\ntruth: .string \"/bin/true\"\n\
                nothing: .string \"/nothing\"\n";
    let run = observe(&assemble(&format!("{START}{text}")), "");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(run.short(false), strings(&["init 0", "call 0 221", "ret 0 221 -2", "call 0 221"]));
}

/// `riscv_flush_icache` has no events.
fn unseen() {
    let run = observe(&assemble(&format!("{START}li a0, 0\nli a1, 0\nli a2, 0\ncall 259\ncall 94\n")), "");
    assert_eq!((run.status, run.short(false)), (0, strings(&["init 0", "call 0 94", "end 0"])));
}

const GETPID: &str = "li a0, 5\ncall 172\ncall 94\nli a0, 6\ncall 94\n";

fn another_result() {
    let run = observe(&assemble(&format!("{START}{GETPID}")), "result 172 33");
    assert_eq!(run.status, 33);
    let expected = ["init 0", "call 0 172", "ret 0 172 33", "call 0 94", "end 0"];
    assert_eq!(run.short(false), strings(&expected));
}

/// pc was set: the call never was, and its registers stay.
fn moved() {
    let run = observe(&assemble(&format!(".option norvc\n{START}{GETPID}")), "move 172 8");
    assert_eq!(run.status, 6);
    assert_eq!(run.short(false), strings(&["init 0", "call 0 172", "call 0 94", "end 0"]));
    let run = observe(&assemble(&format!(".option norvc\n{START}{GETPID}")), "move 172 0");
    assert_eq!(run.status, 5);
}

/// Somebody else wants to do something at the end as well: threads come back, and the end is told once.
fn results_are_kept() {
    for guest in ["threads-four", "threads-leave", "die-abrt", "syscalls"] {
        let run = observe(&golden(guest), "count");
        let ends = run.of(false).iter().filter(|e| e.starts_with("end ")).count();
        assert_eq!((ends, run.stderr.as_str()), (1, ""), "{guest}: {:?}", run.events);
        assert_eq!(run.status, observe(&golden(guest), "").status, "{guest}");
    }
}
