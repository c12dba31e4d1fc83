//! A callback that hangs does not keep users' signals from ending the process; and what is said of such an end.

use crate::common::plugin::{CLONE, assembled, plugin};
use crate::common::{Scratch, fluoro, text};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const NUMBERS: [(&str, i32); 4] = [("HUP", 1), ("INT", 2), ("QUIT", 3), ("TERM", 15)];
const USR1: i32 = 10;
const NO_REPORT: &str = "plugins print no final report then, as under QEMU; --plugin-atexit=always makes them\n";

/// Writes "before", makes a memory access and a call, and ends or (`waits`) waits.
fn guest(waits: bool) -> PathBuf {
    let end = if waits { "li a0, 0\nli a1, 0\nli a2, 0\nli a3, 0\nli a7, 73" } else { "li a0, 5\nli a7, 93" };
    let name = if waits { "stuck-waits" } else { "stuck" };
    let body = format!(
        "li a0, 1\nla a1, text\nli a2, 6\nli a7, 64\necall\nld t0, 0(a1)\n{end}\necall\n.data\ntext: .ascii \"before\"\n\
         .balign 8\n.dword 0"
    );
    assembled(name, &body)
}

/// A run that hangs.
struct Stuck {
    child: Child,
    dir: Scratch,
}

/// A run up to this output. Signals are at their default, whatever started the tests.
fn start(words: &[&str], guest: &Path, up_to: &str, unread: bool) -> Stuck {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let dir = Scratch::new(&format!("stuck-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let clean = fluoro();
    let mut command = Command::new("env");
    for (name, value) in clean.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["--default-signal=HUP,INT,QUIT,TERM,PIPE"]).args(words).arg(guest).stdout(Stdio::piped());
    let err = if unread { Stdio::piped() } else { File::create(dir.path("err")).unwrap().into() };
    let mut child = command.stderr(err).spawn().unwrap();
    let mut said = vec![0; up_to.len()];
    child.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
    assert_eq!(text(&said), up_to);
    Stuck { child, dir }
}

fn stuck(words: &[&str], misuse: &str, unread: bool) -> Stuck {
    let program = env!("CARGO_BIN_EXE_fluoro");
    let waits = misuse.contains("nothing");
    // The plugin tells that it is about to hang.
    let (tell, up_to) = if waits { ("", "before") } else { (",tell=1", "before!") };
    let named = format!("{},{misuse}{tell}", plugin("misuse").display());
    start(&[&[program, "run", "-p", &named], words].concat(), &guest(waits), up_to, unread)
}

/// Waits until this holds.
#[track_caller]
fn wait_until(holds: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(300);
    while !holds() {
        assert!(Instant::now() < limit, "it never came to that");
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Stuck {
    fn kill(&self, signals: &[&str]) {
        let kills: Vec<String> = signals.iter().map(|s| format!("kill -{s} {};", self.child.id())).collect();
        assert!(Command::new("sh").args(["-c", &kills.concat()]).status().unwrap().success());
    }

    /// Dies of this signal, soon; what it has said.
    #[track_caller]
    fn dies(&mut self, signal: i32) -> String {
        let limit = Instant::now() + Duration::from_secs(300);
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() > limit {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let said = text(&fs::read(self.dir.path("err")).unwrap_or_default());
        assert_eq!(self.child.wait().unwrap().signal(), Some(signal), "{said}");
        said
    }

    /// Whether a signal is noted: then all those are blocked that users do not end processes by.
    fn has_noted(&self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let mask = status.lines().find_map(|l| l.strip_prefix("SigBlk:\t")).unwrap();
        u64::from_str_radix(mask, 16).unwrap() >> (USR1 - 1) & 1 != 0
    }

    /// The processor time that it has used.
    fn computed(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

#[test]
fn stuck_in_an_atexit_callback() {
    for (name, signal) in NUMBERS {
        for (what, words) in [("spin", &[][..]), ("sleep", &["--plugin-atexit=always"])] {
            let mut run = stuck(words, &format!("do={what},in=atexit"), false);
            run.kill(&[name]);
            let said = run.dies(signal);
            assert!(said.contains("was in its atexit callback, guest pc 0x100"), "{name} {what}: {said}");
        }
    }
}

/// The first signal waits for the callback, to let those of the end run; the second one does not.
#[test]
fn stuck_after_a_first_signal() {
    let always = &["--plugin-atexit=always"][..];
    for (words, first, second) in [
        (always, "INT", NUMBERS[1]),
        (always, "TERM", NUMBERS[3]),
        (always, "QUIT", NUMBERS[2]),
        (&[], "QUIT", NUMBERS[1]),
        (&[], "QUIT", NUMBERS[3]),
        (&[], "QUIT", NUMBERS[2]),
    ] {
        let mut run = stuck(words, "do=spin,in=mem", false);
        run.kill(&[first]);
        wait_until(|| run.has_noted());
        // Not before it counts as another one.
        std::thread::sleep(Duration::from_millis(600));
        assert!(run.child.try_wait().unwrap().is_none(), "{first} is noted");
        run.kill(&[second.0]);
        let said = run.dies(second.1);
        let at = "on the instruction at 0x10014 of the block at 0x10014, guest pc 0x10014\n";
        assert!(said.ends_with(&format!(" was in its memory callback, userdata 0x55d0, registered {at}")), "{said}");
    }
}

/// `timeout` sends its signal to a process and to its group. Here two that differ come at the same moment, since the same
/// one would come once: when the process goes on after a stop. The kernel sends the lower number first.
#[test]
fn stuck_is_not_who_gets_a_signal_twice() {
    let mut run = stuck(&["--plugin-atexit=always"], "do=nothing", false);
    run.kill(&["STOP", "TERM", "INT", "CONT"]);
    assert_eq!(run.dies(2), "atexit\n");
}

#[test]
fn stuck_in_text_that_nobody_reads() {
    for (name, signal) in NUMBERS {
        for (words, place) in [(&[][..], "mem"), (&["--plugin-atexit=always"], "mem"), (&[], "atexit")] {
            let mut run = stuck(words, &format!("do=fill,in={place}"), true);
            run.kill(&[name]);
            run.dies(signal);
        }
    }
}

/// Who waits for a thread that hangs does not compute.
#[test]
fn stuck_threads_cost_nothing() {
    let guest = assembled(
        "stuck-thread",
        &format!(
            "
        {CLONE}
        beqz a0, other
        la a0, time
        li a1, 0
        li a7, 101
        ecall
        li a0, 0
        li a7, 94
        ecall
        other:
        la t0, stack
        sw t1, 0(t0)
        .data
        time: .dword 0, 100000000
        .balign 16
        .space 4096
        stack: .dword 0
        "
        ),
    );
    let named = format!("{},do=print,in=mem", plugin("misuse").display());
    let mut run = start(&[env!("CARGO_BIN_EXE_fluoro"), "run", "-p", &named], &guest, "before", false);
    // It may have something to do at first.
    wait_until(|| {
        let before = run.computed();
        std::thread::sleep(Duration::from_millis(1000));
        run.computed() - before < 20
    });
    run.kill(&["TERM"]);
    run.dies(15);
}

/// What is said of an end that plugins do not see, of a program that waits.
fn said_of(program: &str, words: &[&str], misuse: &str, signal: (&str, i32)) -> String {
    let dir = Scratch::new(&format!("stuck-said-{program}"));
    let link = dir.path(program);
    let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fluoro"), &link);
    let named = format!("{},{misuse}", plugin("misuse").display());
    let mut all = vec![link.to_str().unwrap()];
    all.extend(if program == "fluoro" { vec!["run", "-p"] } else { vec!["-plugin"] });
    all.push(&named);
    all.extend(words);
    let mut run = start(&all, &guest(true), "before", false);
    run.kill(&[signal.0]);
    run.dies(signal.1)
}

#[test]
fn stuck_or_not_a_missing_report_is_said_where_it_helps() {
    let term = ("TERM", 15);
    let line = format!("fluoro: killed by SIGTERM: {NO_REPORT}");
    for (program, words, misuse, expected) in [
        ("fluoro", &[][..], "do=nothing", &line[..]),
        ("fluoro", &["-q"], "do=nothing", ""),
        ("fluoro", &[], "do=no-end", ""),
        ("fluoro", &["--plugin-atexit=always"], "do=nothing", "atexit\n"),
        ("qemu-riscv64", &[], "do=nothing", ""),
        ("qemu-riscv64", &["-d", "plugin"], "do=nothing", &line),
    ] {
        assert_eq!(said_of(program, words, misuse, term), expected, "{program} {words:?} {misuse}");
    }
    assert_eq!(said_of("fluoro", &[], "do=nothing", ("PIPE", 13)), "");
}

#[test]
fn stuck_or_not_a_forked_child_says_nothing() {
    let guest = assembled(
        "stuck-fork",
        "
        li a0, 17
        li a1, 0
        li a2, 0
        li a3, 0
        li a4, 0
        li a7, 220
        ecall
        beqz a0, child
        li a1, 0
        li a2, 0
        li a3, 0
        li a7, 260
        ecall
        li a0, 3
        li a7, 93
        ecall
        child:
        li a7, 172
        ecall
        li a1, 15
        li a7, 129
        ecall
        ",
    );
    let named = format!("{},do=nothing", plugin("misuse").display());
    let output = fluoro().args(["run", "-p", &named]).arg(&guest).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(3), "atexit\n"));
}
