//! Sections 2.2 and 4.6: vCPUs and threads, in user mode.

use crate::common::plugin::{assembled, emu, golden, guest, plugin};

/// Starts, ends of vCPUs and the end of the program, without the flush that a first thread may cause.
fn life(name: &str, status: i32) -> Vec<String> {
    let ran = emu().plugin(&plugin("trace"), "on=init+exit+atexit+each+idle+resume").run(&guest(name)).ended(status);
    ran.log.lines().map(String::from).collect()
}

#[test]
fn s2_2_an_index_comes_back_when_the_highest_thread_is_gone() {
    let mut wanted = vec!["init 0 num 1".to_string()];
    for _ in 0..20 {
        wanted.extend(["init 1 num 2".to_string(), "exit 1 num 2".to_string()]);
    }
    wanted.extend(["atexit num 2".to_string(), "each 0".to_string()]);
    assert_eq!(life("series", 0), wanted);
}

#[test]
fn s2_2_the_number_of_vcpus_never_falls() {
    let seen = life("shrink", 0);
    let numbers = seen.iter().filter_map(|line| line.split_once(" num ")?.1.parse::<u32>().ok());
    let numbers: Vec<u32> = numbers.collect();
    assert!(numbers.len() == 8 && numbers.is_sorted() && numbers[7] >= 3, "{seen:?}");
}

#[test]
fn s2_2_an_index_is_one_more_than_the_largest_in_use() {
    // Threads 1 and 2 run, 1 ends, the next is 3.
    let wanted = [
        "init 0 num 1",
        "init 1 num 2",
        "init 2 num 3",
        "exit 1 num 3",
        "init 3 num 4",
        "atexit num 4",
        "each 0",
        "each 2",
        "each 3",
    ];
    assert_eq!(life("gap", 0), wanted);
}

#[test]
fn s2_2_main_may_leave_first() {
    assert_eq!(life("leave", 3), ["init 0 num 1", "init 1 num 2", "exit 0 num 2", "atexit num 2", "each 1"]);
}

#[test]
fn s2_2_a_new_thread_s_registers() {
    let guest = assembled(
        "cloned",
        "
        .option norvc
        li a0, 0x3d0f00
        la a1, stack
        la a2, tid
        li a3, 0x7654
        la a4, tid
        li a7, 220
        j 1f
        .org 0x100
        1: ecall
        beqz a0, 2f                 # 10104
        3: lw t0, tid               # until the child is gone
        bnez t0, 3b
        li a0, 0
        li a7, 93
        ecall
        2: li a7, 93
        ecall
        .data
        .balign 16
        tid: .dword 1
        .zero 4088
        stack:
        ",
    );
    let ran = emu().plugin(&plugin("state"), "do=start").run(&guest).quiet(0);
    assert_eq!(ran.lines("start").len(), 2, "{ran:?}");
    assert_eq!(ran.lines("start")[1], "start 1 pc 10104 a0 0 sp 21000 tp 7654");
}

#[test]
fn s2_2_every_thread_s_work_is_counted_once() {
    for name in ["threads-four", "threads-twenty", "threads-series", "threads-leave"] {
        let ran = emu().plugin(&plugin("count"), "seed=3").run(&golden(name)).ended(0);
        let of = |word: &str| ran.lines(word)[0].split_once(' ').unwrap().1.to_string();
        assert_eq!(of("callbacks"), of("inline"), "{name}: {ran:?}");
    }
}

#[test]
fn s2_2_a_first_thread_flushes_once() {
    // Threads come and go one after the other; only the first finds translations of a single-threaded guest.
    let ran = emu().plugin(&plugin("trace"), "on=flush").run(&guest("series")).ended(0);
    assert_eq!(ran.log, "flush\n");
}

/// Section 4.4: where there are scoreboards, the seventeenth vCPU makes them grow, which is told as a flush.
#[test]
fn s2_7_scoreboards_grow_with_a_flush() {
    let flushes = |arguments: &str| {
        let ran = emu().plugin(&plugin("flushes"), arguments).run(&golden("threads-twenty")).ended(0);
        ran.log.lines().count()
    };
    assert_eq!((flushes(""), flushes("board=1")), (1, 2));
}

/// A new thread's system call gives no return of its own: one for the parent only.
#[test]
fn s2_5_clone_of_a_thread_returns_once() {
    let ran = emu().plugin(&plugin("trace"), "on=sys+ret").run(&guest("series")).ended(0);
    let calls =
        |word: &str| ran.lines(word).iter().filter(|l| ["220", "435"].contains(&l.split(' ').nth(2).unwrap())).count();
    // glibc tries clone3 first, which may not exist here.
    assert_eq!(calls("sys"), calls("ret"), "{ran:?}");
}

#[test]
fn s2_2_idle_and_resume_are_for_machines() {
    let ran = emu().plugin(&plugin("trace"), "on=idle+resume").run(&guest("series")).ended(0);
    assert_eq!(ran.log, "");
}
