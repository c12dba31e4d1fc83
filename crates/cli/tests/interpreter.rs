//! Programs with an interpreter, moved or not, and without: what they are told of their place.
#![forbid(unsafe_code)]

mod common;

use common::{Scratch, fluoro, text};
use std::path::PathBuf;
use std::process::Command;

/// The cross compiler's C library, with the interpreter in it.
const SYSROOT: &str = "/usr/riscv64-linux-gnu";

/// Compares the auxiliary vector with what the linker says; prints the interpreter's distance from the program's start.
const SOURCE: &str = r#"
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
extern const Elf64_Ehdr __ehdr_start;
extern void _start(void);
int main(void) {
    const char *start = (const char *)&__ehdr_start;
    const char *base = (const char *)getauxval(AT_BASE);
    printf("headers %ld entry %d count %ld", (long)getauxval(AT_PHDR) - (long)start,
        getauxval(AT_ENTRY) == (unsigned long)_start, getauxval(AT_PHNUM) - __ehdr_start.e_phnum);
    printf(" interpreter %d\n", base ? memcmp(base, "\177ELF", 4) == 0 && base != start : -1);
    return 3;
}
"#;

fn program(dir: &Scratch, name: &str, how: &str) -> PathBuf {
    let source = dir.file("place.c", 0o644, SOURCE.as_bytes());
    let to = dir.path(name);
    let status = Command::new("riscv64-linux-gnu-gcc").args(["-O1", how, "-o"]).arg(&to).arg(source).status();
    assert!(status.expect("the cross compiler; 'fluoro doctor' says how to install it").success());
    to
}

#[test]
fn the_vector_names_the_places() {
    let dir = Scratch::new("interpreter");
    for (how, interpreter) in [("-pie", 1), ("-no-pie", 1), ("-static", -1)] {
        let program = program(&dir, &how[1..], how);
        let output = fluoro().args(["run", "-L", SYSROOT]).arg(program).output().unwrap();
        let wanted = format!("headers 64 entry 1 count 0 interpreter {interpreter}\n");
        assert_eq!((text(&output.stdout), text(&output.stderr)), (wanted, String::new()), "{how}");
        assert_eq!(output.status.code(), Some(3), "{how}");
    }
}
