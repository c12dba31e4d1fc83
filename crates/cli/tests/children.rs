//! Programs that a guest starts: they run under Fluoro with the same options, and nothing is applied twice.

mod common;

use common::*;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Prints its arguments, a few variables and the kernel's release; `fork FILE args` starts another program and waits,
/// `exec FILE args` becomes it.
const SOURCE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "fork")) {
        if (!fork()) {
            execvp(argv[2], argv + 2);
            _exit(99);
        }
        int status;
        wait(&status);
        return WEXITSTATUS(status);
    }
    if (argc > 1 && !strcmp(argv[1], "alone")) {
        volatile long n = 0;
        for (long i = 0; i < 1000000; i++)
            n += i;
        if (fork())
            wait(NULL);
        return 0;
    }
    if (argc > 2 && !strcmp(argv[1], "exec")) {
        execvp(argv[2], argv + 2);
        return 98;
    }
    struct utsname u;
    uname(&u);
    const char *added = getenv("ADDED");
    printf("%s release=%s ADDED=%s", argv[0], u.release, added ? added : "-");
    for (int i = 1; i < argc; i++)
        printf(" %s", argv[i]);
    puts("");
    return 7;
}
"#;

fn guest(dir: &Scratch) -> PathBuf {
    compiled(dir, "guest.c", SOURCE)
}

fn compiled(dir: &Scratch, name: &str, source: &str) -> PathBuf {
    let source = dir.file(name, 0o644, source.as_bytes());
    let to = source.with_extension("");
    let compiler = "riscv64-linux-gnu-gcc";
    let status = Command::new(compiler).args(["-O1", "-static", "-pthread", "-o"]).arg(&to).arg(source).status();
    assert!(status.expect("the cross compiler; 'fluoro doctor' says how to install it").success());
    to
}

#[test]
fn options_reach_the_children() {
    let dir = Scratch::new("children");
    let guest = guest(&dir);
    let program = guest.to_str().unwrap();
    let run = |args: &[&str]| fluoro().args(args).current_dir(dir.path("")).output().unwrap();
    for way in ["fork", "exec"] {
        let output = run(&["run", "-r", "5.0-mine", "-E", "ADDED=yes", program, way, "./guest", "a b"]);
        assert_eq!(text(&output.stdout), "./guest release=5.0-mine ADDED=yes a b\n", "{way}: {}", text(&output.stderr));
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(7), String::new()), "{way}");
        let output = run(&["run", program, way, program, "fork", "./guest", "--", "-v"]);
        assert_eq!(text(&output.stdout).split_once(" ADDED").unwrap().1, "=- -- -v\n", "{way}");
        let output = fluoro().env("FLUORO_UNAME", "4.0").args(["run", program, way, program]).output().unwrap();
        assert!(text(&output.stdout).contains("release=4.0 "), "{way}: {output:?}");
        let output =
            fluoro().env("ADDED", "before").args(["run", "-U", "ADDED", program, way, program]).output().unwrap();
        assert!(text(&output.stdout).contains(" ADDED=-\n"), "{way}: {output:?}");
    }
}

#[test]
fn children_of_a_drop_in_name() {
    let dir = Scratch::new("children-drop-in");
    let guest = guest(&dir);
    let qemu = |args: &[&str]| named(&dir, "qemu-riscv64").args(args).arg(&guest).args(["fork"]).arg(&guest).output();
    let output = qemu(&["-B", "0", "-r", "3.0"]).unwrap();
    assert!(text(&output.stdout).contains("release=3.0 "), "{output:?}");
    assert_eq!(text(&output.stderr).lines().count(), 1, "one warning, not one a process: {output:?}");
}

#[test]
fn each_process_has_its_own_statistics() {
    let dir = Scratch::new("children-stat");
    let guest = guest(&dir);
    let output = fluoro().arg("stat").arg(&guest).arg("fork").arg(&guest).output().unwrap();
    assert_eq!(text(&output.stderr).matches("instructions  ").count(), 1, "{output:?}");
    let file = dir.path("stat.json");
    let output = fluoro().args(["stat", "--json", "-o"]).arg(&file).arg(&guest).arg("fork").arg(&guest).output();
    assert_eq!(output.unwrap().status.code(), Some(7));
    let mut names: Vec<String> =
        fs::read_dir(dir.path("")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|n| n.starts_with("stat.json"));
    names.sort();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[0], "stat.json");
    for name in names {
        let json = fs::read_to_string(dir.path(&name)).unwrap();
        assert!(json.starts_with('{') && json.contains("\"system_calls\":"), "{name}: {json}");
    }
}

#[test]
fn a_forked_child_counts_from_its_start() {
    let dir = Scratch::new("fork-stat");
    let file = dir.path("stat");
    let output = fluoro().args(["stat", "--json", "-o"]).arg(&file).arg(guest(&dir)).arg("alone").output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    let files = fs::read_dir(dir.path("")).unwrap().map(|e| e.unwrap());
    let mut counts: Vec<(String, u64)> = files
        .map(|e| (e.file_name().into_string().unwrap(), e.path()))
        .filter(|(name, _)| name.starts_with("stat"))
        .map(|(name, path)| {
            let json = fs::read_to_string(path).unwrap();
            let number = json.split_once("\"instructions\":").unwrap().1.split_once(',').unwrap().0;
            (name, number.parse().unwrap())
        })
        .collect();
    counts.sort();
    assert_eq!(counts.len(), 2, "{counts:?}");
    assert!(counts[0].1 > 3_000_000 && counts[1].1 < 100_000, "{counts:?}");
}

#[test]
fn a_vfork_child_is_not_counted() {
    let dir = Scratch::new("vfork-stat");
    let source = "#include <unistd.h>\n#include <stdlib.h>\n#include <sys/wait.h>\n\
                  int main(int n, char **w) { if (vfork() == 0) { for (volatile long i = 0; i < atol(w[1]); i++); _exit(0); } \
                  return wait(NULL) < 0; }\n";
    let guest = compiled(&dir, "vfork.c", source);
    let count = |turns: &str| {
        let output = fluoro().args(["stat", "--json"]).arg(&guest).arg(turns).output().unwrap();
        let json = text(&output.stderr);
        let number = |name: &str| {
            json.split_once(&format!("\"{name}\":")).unwrap().1.split_once(',').unwrap().0.parse::<u64>().unwrap()
        };
        assert_eq!(number("thread_count"), 1, "{json}");
        number("instructions")
    };
    // The words differ in length.
    assert!(count("1000000").abs_diff(count("1")) < 1000);
}

#[test]
fn threads_are_counted_each() {
    let dir = Scratch::new("threads-stat");
    let source = "#include <pthread.h>\nstatic void *work(void *p) { for (volatile long i = 0; i < 100000; i++); return \
                  p; }\nint main(void) { pthread_t t[2]; for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, work, 0); \
                  for (int i = 0; i < 2; i++) pthread_join(t[i], 0); return 0; }\n";
    let program = compiled(&dir, "threads.c", source);
    let output = fluoro().args(["stat", "--per-thread"]).arg(&program).output().unwrap();
    let table = text(&output.stderr);
    assert!(table.contains(" thread 0\n") && table.contains(" thread 1\n") && table.contains(" total\n"), "{table}");
    let counts: Vec<u64> = table
        .lines()
        .filter_map(|l| l.split_once("  instructions"))
        .map(|(n, _)| n.trim().replace(',', "").parse().unwrap())
        .collect();
    let (total, threads) = counts.split_last().unwrap();
    assert_eq!(threads.iter().sum::<u64>(), *total, "{table}");
    assert!(*total > 600_000, "{table}");
}
