//! `cargo xtask TASK`: one row a task.
#![forbid(unsafe_code)]

use std::process::ExitCode;

type Task = fn(&[String]) -> Result<(), String>;

/// Name, what it does, and who does it.
const TASKS: &[(&str, &str, Task)] = &[
    ("bench", "how fast Fluoro is beside native and the reference", xtask::bench::task),
    ("roots", "make the Debian roots that tests and benchmarks need", xtask::suite::roots::task),
    ("programs", "scripts in Debian roots beside native and the reference", xtask::suite::programs::task),
    ("python", "CPython's own tests in Debian roots", xtask::suite::python::task),
    ("torture", "GCC's execution tests at five levels", xtask::suite::torture::task),
    ("posix", "the Open POSIX test suite", xtask::suite::posix::task),
    ("glib", "the installed tests of GLib", xtask::suite::glib::task),
    ("csmith", "random C programs against their native twins", xtask::suite::csmith::task),
    ("fuzz", "random programs beside the reference (seq), random misuse by plugins (plugin-misuse)", xtask::fuzz::task),
    ("tidy", "check the rules of the house: floors, fences, sizes, docs", xtask::tidy::task),
    ("mutate", "plant faults and see whether the suites notice them", xtask::mutate::task),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        eprintln!("usage: cargo xtask TASK [arguments]");
        for (name, meaning, _) in TASKS {
            eprintln!("  {name:10} {meaning}");
        }
        return ExitCode::from(2);
    };
    let Some((_, _, task)) = TASKS.iter().find(|(n, ..)| n == name) else {
        eprintln!("xtask: {name}: no such task; 'cargo xtask' lists them");
        return ExitCode::from(2);
    };
    match task(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
