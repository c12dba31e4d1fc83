//! `--strace` prints structures as `strace` does.

mod common;

use common::*;
use std::process::Command;

const GUEST: &str = r#"
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static void handler(int n) { (void)n; }
int main(void) {
    struct sigaction a = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigaddset(&a.sa_mask, SIGTERM);
    sigaction(SIGUSR1, &a, 0);
    sigaction(SIGUSR1, 0, &a);
    raise(SIGUSR1);
    sigset_t set;
    sigemptyset(&set), sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &set);
    struct stat about;
    fstat(0, &about);
    struct timespec zero = { 0, 7 };
    clock_nanosleep(CLOCK_MONOTONIC, 0, &zero, 0);
    struct rlimit limit = { 8 << 20, RLIM_INFINITY };
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    getrlimit(RLIMIT_CORE, &limit);
    struct iovec parts[2] = { { "ab\n", 3 }, { "c", 1 } };
    writev(1, parts, 2);
    struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr = { htonl(0x7f000001) } };
    connect(-1, (void *)&there, sizeof there);
    struct sockaddr_un named = { .sun_family = AF_UNIX, .sun_path = "/nowhere" };
    bind(-1, (void *)&named, sizeof named);
    if (fork() == 0) _exit(3);
    wait(0);
    int status;
    if (fork() == 0) _exit(3);
    wait(&status);
    return 0;
}
"#;

#[test]
fn structures_are_shown() {
    let dir = Scratch::new("strace-structures");
    let (source, guest) = (dir.file("calls.c", 0o644, GUEST.as_bytes()), dir.path("calls"));
    let made = Command::new("riscv64-linux-gnu-gcc").args(["-O1", "-static", "-o"]).arg(&guest).arg(&source).status();
    assert!(made.is_ok_and(|s| s.success()), "gcc-riscv64-linux-gnu makes the guest");
    let output = fluoro().args(["run", "--strace"]).arg(&guest).stdin(std::process::Stdio::null()).output().unwrap();
    let shown = text(&output.stderr);
    for part in [
        "rt_sigaction(SIGUSR1, {sa_handler=0x",
        ", sa_mask=[TERM], sa_flags=SA_RESTART}, NULL, 8) = 0",
        "rt_sigaction(SIGUSR1, NULL, {sa_handler=0x",
        "rt_sigreturn({mask=[]}) = 0",
        "rt_sigprocmask(SIG_BLOCK, [USR2], [], 8) = 0",
        ", st_rdev=makedev(0x1, 0x3), ...}",
        "clock_nanosleep(CLOCK_MONOTONIC, 0x0, {tv_sec=0, tv_nsec=7}, NULL) = 0",
        "{rlim_cur=0, rlim_max=0}",
        r#"writev(1, [{iov_base="ab\n", iov_len=3}, {iov_base="c", iov_len=1}], 2) = 4"#,
        r#"connect(-1, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EBADF"#,
        r#"bind(-1, {sa_family=AF_UNIX, sun_path="/nowhere"}, 110) = -1 EBADF"#,
        "wait4(-1, NULL, 0, NULL) = ",
        "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = ",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}
