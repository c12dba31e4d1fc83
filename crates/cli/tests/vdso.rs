//! System calls that the vDSO makes are answered in place only where nobody could tell.

mod common;

use common::*;
use std::path::PathBuf;
use std::process::Command;

/// Reads a clock five times through the vDSO, if it is mapped, and says the differences' signs as its status.
const GUEST: &str = r#"
#include <elf.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
int main(void) {
    const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
    const Elf64_Ehdr *head = (const void *)base;
    const Elf64_Phdr *parts = (const void *)(base + head->e_phoff);
    const Elf64_Sym *symbols = 0;
    const char *names = 0;
    const unsigned *hash = 0;
    for (int i = 0; i < head->e_phnum; i++)
        if (parts[i].p_type == PT_DYNAMIC)
            for (const Elf64_Dyn *d = (const void *)(base + parts[i].p_offset); d->d_tag; d++) {
                if (d->d_tag == DT_SYMTAB) symbols = (const void *)(base + d->d_un.d_ptr);
                if (d->d_tag == DT_STRTAB) names = base + d->d_un.d_ptr;
                if (d->d_tag == DT_HASH) hash = (const void *)(base + d->d_un.d_ptr);
            }
    for (unsigned i = 0; i < hash[1]; i++)
        if (!strcmp(names + symbols[i].st_name, "__vdso_clock_gettime")) {
            int (*read)(int, struct timespec *) = (void *)(base + symbols[i].st_value);
            struct timespec t[5];
            for (int n = 0; n < 5; n++)
                if (read(CLOCK_MONOTONIC, &t[n])) return 2;
            return t[0].tv_sec <= t[4].tv_sec ? 0 : 3;
        }
    return 4;
}
"#;

fn guest(scratch: &Scratch) -> PathBuf {
    let (source, to) = (scratch.file("vdso.c", 0o644, GUEST.as_bytes()), scratch.path("vdso"));
    let status = Command::new("riscv64-linux-gnu-gcc").args(["-O1", "-static", "-o"]).arg(&to).arg(&source).status();
    assert!(status.is_ok_and(|s| s.success()), "gcc-riscv64-linux-gnu makes the guest");
    to
}

#[test]
fn who_traces_or_counts_sees_every_call() {
    let scratch = Scratch::new("vdso-seen");
    let guest = guest(&scratch);
    let alone = fluoro().arg("run").arg(&guest).output().unwrap();
    assert_eq!((alone.status.code(), text(&alone.stderr).as_str()), (Some(0), ""));
    let traced = fluoro().args(["run", "--strace"]).arg(&guest).output().unwrap();
    assert_eq!(text(&traced.stderr).matches("clock_gettime(").count(), 5, "{}", text(&traced.stderr));
    let all = text(&traced.stderr).lines().filter(|l| l.contains('(')).count();
    let counted = fluoro().args(["stat", "--json"]).arg(&guest).output().unwrap();
    let said = text(&counted.stderr) + &text(&counted.stdout);
    let calls =
        said.split("\"system_calls\":").nth(1).map(|rest| rest.split([',', '}']).next().unwrap().trim().to_string());
    assert_eq!(calls, Some(all.to_string()), "{said}");
}
