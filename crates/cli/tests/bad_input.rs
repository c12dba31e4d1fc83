//! Programs that cannot be run: one line that names the thing and the remedy, and a shell's status.

mod common;

use common::*;
use std::path::Path;

/// Runs a file and wants this line about it, with every verb and name that runs guests.
#[track_caller]
fn refused(dir: &Scratch, path: &Path, status: i32, what: &str) {
    let line = format!("fluoro: {}: {what}", path.display());
    for verb in ["run", "stat"] {
        let output = fluoro().arg(verb).arg(path).output().unwrap();
        one_line(&output, status, &line);
    }
    one_line(&fluoro().arg(path).output().unwrap(), status, &line);
    one_line(&named(dir, "qemu-riscv64").arg(path).output().unwrap(), status, &line);
}

/// The same for a bent ELF file.
#[track_caller]
fn refused_elf(dir: &Scratch, name: &str, bend: impl FnOnce(&mut Elf), what: &str) {
    let mut elf = Elf::exit(0);
    bend(&mut elf);
    refused(dir, &dir.program(name, &elf.bytes), 126, what);
}

#[test]
fn files_that_are_no_programs() {
    let dir = Scratch::new("bad-files");
    refused(&dir, &dir.path("nowhere"), 127, "No such file or directory; check the path");
    refused(&dir, &dir.path(""), 126, "is a directory; name a program in it");
    let text = dir.file("plain", 0o644, &Elf::exit(0).bytes);
    refused(&dir, &text, 126, "is not executable; 'chmod +x' makes it so");
    let pipe = dir.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused(&dir, &pipe, 126, "is a pipe, a socket or a device; name a program");
    refused(&dir, Path::new("/dev/null"), 126, "is a pipe, a socket or a device; name a program");
    refused(&dir, &dir.program("empty", b""), 126, "is empty; build or copy it again");
    let what = "is neither an ELF program nor a script with a #! line; check what it is";
    refused(&dir, &dir.program("text", b"hello\n"), 126, what);
    refused(&dir, &dir.program("zeros", &[0; 9999]), 126, what);
}

#[test]
fn truncated_anywhere() {
    let dir = Scratch::new("bad-truncated");
    let whole = Elf::exit(0).bytes;
    for len in [5, 16, 63, 64, 100, 119, 120, 0x1000, whole.len() - 1] {
        let path = dir.program(&format!("cut-{len}"), &whole[..len]);
        let output = fluoro().arg(&path).output().unwrap();
        one_line(&output, 126, &format!("fluoro: {}: is truncated; build or copy it again", path.display()));
    }
}

#[test]
fn programs_of_other_machines() {
    let dir = Scratch::new("bad-machines");
    refused_elf(&dir, "aarch64", |e| e.put16(MACHINE, 183), "is an AArch64 program; this build runs riscv64");
    refused_elf(&dir, "x86", |e| e.put16(MACHINE, 62), "is an x86-64 program; this build runs riscv64");
    refused_elf(&dir, "mips", |e| e.put16(MACHINE, 8), "is a MIPS program; this build runs riscv64");
    refused_elf(
        &dir,
        "unknown",
        |e| e.put16(MACHINE, 999),
        "is a program for ELF machine 999; this build runs riscv64",
    );
    refused_elf(&dir, "rv32", |e| e.bytes[CLASS] = 1, "is a 32-bit program; this build runs riscv64");
    let big = "is a big-endian program; this build runs riscv64 (little-endian)";
    refused_elf(&dir, "big", |e| e.bytes[DATA] = 2, big);
}

#[test]
fn elf_files_that_are_no_programs() {
    let dir = Scratch::new("bad-kinds");
    refused_elf(&dir, "object", |e| e.put16(TYPE, 1), "is an object file; link it first");
    refused_elf(&dir, "core", |e| e.put16(TYPE, 4), "is a core dump; name a program");
}

#[test]
fn segments() {
    let dir = Scratch::new("bad-segments");
    let overlapping = |e: &mut Elf| {
        e.put16(PHNUM, 2);
        e.segment(1, 0x1000, 0x11000, 8);
    };
    refused_elf(&dir, "overlapping", overlapping, "has overlapping segments; link it again");
    // Whichever stands first: that is in no order.
    let mut swapped = Elf::exit(7);
    swapped.put16(PHNUM, 2);
    swapped.segment(1, 0, 0x10000, 8);
    let status = fluoro().arg(dir.program("swapped", &swapped.bytes)).status().unwrap();
    assert_eq!(status.code(), Some(7));
    let huge = "does not fit into the guest's address space; link it at lower addresses";
    refused_elf(&dir, "huge", |e| e.put64(PH + P_MEMSZ, 1 << 60), huge);
    refused_elf(&dir, "high", |e| e.put64(PH + P_VADDR, 0xffff_ffff_ffff_1000), huge);
    let outside = |e: &mut Elf| {
        e.put64(PH + P_FILESZ, 1 << 40);
        e.put64(PH + P_MEMSZ, 1 << 40);
    };
    refused_elf(&dir, "outside", outside, "is truncated; build or copy it again");
}

#[test]
fn missing_interpreters() {
    let dir = Scratch::new("bad-interpreters");
    let name = b"/lib/ld-nowhere.so.1\0";
    let dynamic = |e: &mut Elf| {
        e.put16(PHNUM, 2);
        let at = e.bytes.len() as u64;
        e.bytes.extend(name);
        e.segment(1, at, 0, name.len() as u64);
        e.put32(PH + 56, 3);
    };
    let needs = "needs the interpreter /lib/ld-nowhere.so.1";
    let nowhere =
        "which is neither under / nor /usr/riscv64-linux-gnu; name a sysroot with -L DIR ('fluoro doctor' helps)";
    refused_elf(&dir, "dynamic", dynamic, &format!("{needs}, {nowhere}"));
    let mut elf = Elf::exit(0);
    dynamic(&mut elf);
    let path = dir.program("dynamic2", &elf.bytes);
    let sysroot = dir.path("");
    let root = sysroot.display().to_string();
    let without = format!("which is neither under the sysroot {root} nor under /; name a sysroot that has it");
    let no_directory = "but the sysroot /nonexistent is no directory; name one that is, and has it";
    for (root, what) in [(&*root, &*without), ("/nonexistent", no_directory)] {
        let output = fluoro().args(["run", "-L", root]).arg(&path).output().unwrap();
        one_line(&output, 126, &format!("fluoro: {}: {needs}, {what}", path.display()));
    }
}

#[test]
fn what_is_not_under_a_named_sysroot_is_the_host_s() {
    let dir = Scratch::new("bad-prefix");
    // An interpreter that is a whole program: it stands below / and not below the sysroot.
    let interpreter = dir.program("ld", &Elf::exit(7).bytes);
    let name = [interpreter.as_os_str().as_encoded_bytes(), b"\0"].concat();
    let mut elf = Elf::exit(0);
    elf.put16(PHNUM, 2);
    let at = elf.bytes.len() as u64;
    elf.bytes.extend(&name);
    elf.segment(1, at, 0, name.len() as u64);
    elf.put32(PH + 56, 3);
    elf.put16(TYPE, 3); // movable, so that it does not lie where the interpreter does
    elf.segment(0, 0x1000, 0x51000, 8);
    let path = dir.program("dynamic", &elf.bytes);
    std::fs::create_dir(dir.path("empty")).unwrap();
    for root in ["/", "/nonexistent", dir.path("empty").to_str().unwrap()] {
        let output = fluoro().args(["run", "-L", root]).arg(&path).output().unwrap();
        one_line(&output, 7, "");
    }
}

#[test]
fn interpreters_of_scripts() {
    let dir = Scratch::new("bad-scripts");
    let script = dir.program("script", b"#!/nowhere/sh -x\n");
    let remedy = "name a sysroot that has /nowhere/sh for riscv64 with -L DIR";
    refused(&dir, &script, 126, &format!("is a script for /nowhere/sh, which is missing; {remedy}"));
    let script = dir.program("host", b"#!/bin/sh\n");
    let remedy = "name a sysroot that has /bin/sh for riscv64 with -L DIR";
    refused(&dir, &script, 126, &format!("is a script for /bin/sh, which is an x86-64 program; {remedy}"));
}

#[test]
fn paths_that_lead_nowhere() {
    let dir = Scratch::new("bad-paths");
    let file = dir.file("txt", 0o644, b"x");
    refused(&dir, &file.join("x"), 126, "Not a directory; check the path");
    let circle = dir.path("circle");
    std::os::unix::fs::symlink("circle", &circle).unwrap();
    let what = "Too many levels of symbolic links; check where its links lead";
    refused(&dir, &circle, 126, what);
    let output = fluoro().args(["run", "circle"]).current_dir(dir.path("")).output().unwrap();
    one_line(&output, 126, &format!("fluoro: circle: {what}"));
}

#[test]
fn damaged_headers() {
    let dir = Scratch::new("bad-headers");
    let what = "has a bad ELF header (an offset that no file has); build or copy it again";
    refused_elf(&dir, "far", |e| e.put64(32, 1 << 63), what);
}

#[test]
fn no_memory_for_the_guest() {
    for kib in [100_000, 200_000, 300_000] {
        let mut shell = std::process::Command::new("sh");
        let script = format!("ulimit -v {kib}; exec \"$0\" run \"$1\"");
        let output = shell.args(["-c", &script, env!("CARGO_BIN_EXE_fluoro")]).arg(sample()).output().unwrap();
        let what = "no memory for the guest: Cannot allocate memory; free some, or raise 'ulimit -v'";
        one_line(&output, 126, &format!("fluoro: {what}"));
    }
}
