//! `docs/linux-truth.md` names tests for each sentence; they exist, and Fluoro passes them. Here are those that need another
//! CPU model than the list's.

mod common;

use common::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names of all test functions below a folder.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|x| x == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("#[test]").skip(1) {
                let name = after.split_once("fn ").and_then(|(_, rest)| rest.split('(').next());
                found.extend(name.map(String::from));
            }
        }
    }
}

/// The checks of `tests/expected/cases.tsv` and what Fluoro makes of them.
fn checks() -> BTreeMap<String, String> {
    let text = fs::read_to_string(repo().join("tests/expected/cases.tsv")).unwrap();
    let words = text.lines().skip(1).map(|l| l.split('\t').collect::<Vec<_>>());
    words.map(|w| (w[0].to_string(), w[3].to_string())).collect()
}

#[test]
fn every_sentence_is_backed_by_tests() {
    let text = fs::read_to_string(repo().join("docs/linux-truth.md")).unwrap();
    let checks = checks();
    let mut known = BTreeSet::new();
    tests(&repo().join("crates"), &mut known);
    let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("| ") && !l.ends_with("| tests |")).collect();
    assert!(rows.len() >= 80, "only {} rows", rows.len());
    let mut complaints = Vec::new();
    for row in rows {
        let last = row.trim().trim_matches('|').rsplit('|').next().unwrap_or("");
        let names: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            complaints.push(format!("no test: {row}"));
        }
        for name in names {
            let good =
                if name.contains('/') { checks.get(name).is_some_and(|v| v == "ok") } else { known.contains(name) };
            if !good {
                complaints.push(format!("{name} does not exist or fails"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A guest with this source, linked statically.
fn compiled(scratch: &Scratch, source: &Path) -> PathBuf {
    let to = scratch.path("guest");
    let mut compiler = Command::new("riscv64-linux-gnu-gcc");
    compiler.args(["-O1", "-static", "-pthread", "-w", "-o"]).arg(&to).arg(source);
    assert!(compiler.status().is_ok_and(|s| s.success()), "gcc-riscv64-linux-gnu makes the guest");
    to
}

/// `max` has Zama16b and takes such addresses, as the recording of the reference does; without, it is Linux's SIGBUS.
#[test]
fn misaligned_amo_without_zama16b() {
    let scratch = Scratch::new("misaligned-amo");
    let guest = compiled(&scratch, &repo().join("tests/guest/gaps_linux.c"));
    for check in ["misaligned_amo_crossing", "misaligned_amo_inside", "misaligned_lr"] {
        let output = fluoro().args(["run", "--cpu", "max,-zama16b"]).arg(&guest).arg(check).output().unwrap();
        assert_eq!(text(&output.stdout), format!("ok {check}\n"), "{}", text(&output.stderr));
    }
}

/// What cannot be filtered is not executed; the same program without filters is.
#[test]
fn no_program_of_the_host_escapes_a_filter() {
    const GUEST: &str = r#"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int count, char **words) {
    struct sock_filter allow = BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { 1, &allow };
    if (count > 2 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)))
        return 99;
    execl(words[1], words[1], NULL);
    return errno;
}
"#;
    let scratch = Scratch::new("filtered-exec");
    let guest = compiled(&scratch, &scratch.file("guest.c", 0o644, GUEST.as_bytes()));
    let status = |words: &[&str]| fluoro().arg("run").arg(&guest).args(words).status().unwrap().code();
    assert_eq!(status(&["/bin/true"]), Some(0));
    assert_eq!(status(&["/bin/true", "filtered"]), Some(8), "ENOEXEC");
}
