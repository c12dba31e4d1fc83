//! Plugins that reset and uninstall themselves at random while 64 threads run: translations are thrown away every
//! millisecond or so, nothing is delivered late, nothing is lost or counted twice, nothing leaks, nobody hangs.
//!
//! `FLUORO_STRESS=N` repeats it N times, each time with other seeds (2 if not given; a run takes a second or two).
#![forbid(unsafe_code)]

mod common;

use common::Scratch;
use common::plugin::{Emu, Ran, fluoro_run, guest, plugin};
use std::fs;

/// How often, and with which number to begin.
fn repeats() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|v| v.parse().unwrap_or_else(|e| panic!("{name}: {e}")));
    let first = number("FLUORO_STRESS_SEED").unwrap_or(1);
    first..first + number("FLUORO_STRESS").unwrap_or(2)
}

/// The plugin `storm` under several names: each file that is loaded has its own state.
fn storm(run: Emu, dir: &Scratch, number: u64, arguments: &str) -> Emu {
    let copy = dir.path(&format!("storm{number}.so"));
    fs::copy(plugin("storm"), &copy).unwrap();
    run.plugin(&copy, arguments)
}

fn work(run: Emu, threads: u64, rounds: u64) -> Ran {
    let log = run.path("log");
    let run = run.word("-D").word(log).word(guest("storm")).word(threads.to_string()).word(rounds.to_string());
    let ran = run.go().quiet(0);
    // Each round adds up 1 to 2000.
    assert_eq!(ran.out, format!("sum {}\n", threads * rounds * 2000 * 2001 / 2), "{ran:?}");
    ran
}

/// The numbers of the plugins' last lines: id, resets, stale, delivered, pages grown.
fn lines(ran: &Ran, word: &str) -> Vec<[i64; 5]> {
    let numbers = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        // The id needs all 64 bits.
        [1, 3, 5, 7, 9].map(|i| words[i].parse::<i64>().unwrap_or(-1))
    };
    ran.lines(word).iter().map(numbers).collect()
}

#[test]
fn threads_in_a_storm_of_resets() {
    const THREADS: u64 = 64;
    const ROUNDS: u64 = 6;
    for seed in repeats() {
        let dir = Scratch::new("stress");
        let mut run = fluoro_run().plugin(&plugin("private"), "");
        run = storm(run, &dir, 1, &format!("seed={seed},every=50"));
        run = storm(run, &dir, 2, &format!("seed={},every=30", seed + 1));
        run = storm(run, &dir, 3, &format!("seed={},every=70,resets=30,then=uninstall", seed + 2));
        run = storm(run, &dir, 4, &format!("seed={},every=100,resets=5,then=uninstall", seed + 3));
        run = storm(run, &dir, 5, &format!("seed={},every=500,resets=50", seed + 4));
        let ran = work(run, THREADS, ROUNDS);
        let n = THREADS * ROUNDS;
        let wanted = format!("{} insns {} loads {} stores {}", n * 2001, n * 10002, n * 2000, n * 2000);
        assert_eq!(ran.lines("inline"), [format!("inline {wanted}")], "seed {seed}");
        assert_eq!(ran.lines("called"), [format!("called {wanted}")], "seed {seed}");
        let (gone, there) = (lines(&ran, "uninstalled"), lines(&ran, "storm"));
        assert_eq!((gone.len(), there.len()), (2, 3), "seed {seed}: {}", ran.log);
        assert!(gone.iter().chain(&there).all(|line| line[2] == 0), "seed {seed}: delivered late: {}", ran.log);
        let resets: i64 = there.iter().map(|line| line[1]).sum();
        assert!(resets > 200, "seed {seed}: hardly a storm: {}", ran.log);
    }
}

#[test]
fn resets_leak_nothing() {
    for seed in repeats() {
        let run = fluoro_run().plugin(&plugin("storm"), &format!("seed={seed},every=20"));
        let ran = work(run, 1, 4000);
        let line = lines(&ran, "storm")[0];
        assert!(line[1] > 200 && line[2] == 0, "seed {seed}: {}", ran.log);
        assert!(line[4] < 2000, "seed {seed}: {} pages more than after 20 resets: {}", line[4], ran.log);
    }
}
