//! An observer that writes down what it is told, one line an event.

use emu::{End, Instrument, Setup};
use engine::Vcpu;
use engine::instrument::{BlockView, Probe, Verdict};
use hostos::fds::HiddenFd;
use ir::Var;
use std::path::Path;

/// RISC-V's registers as variables.
const SP: Var = Var(2);
const TP: Var = Var(4);
const A0: Var = Var(10);

/// What it decides about a call: its number, and a result or a distance that pc goes on by.
#[derive(Clone, Copy)]
enum Decision {
    Result(i64, i64),
    Move(i64, u64),
}

struct Recorder {
    to: HiddenFd,
    first: u32,
    decision: Option<Decision>,
}

impl Recorder {
    fn say(&self, text: String) {
        let who = if std::process::id() == self.first { "" } else { "child " };
        let line = format!("{who}{text}\n");
        let args = [self.to.number() as u64, line.as_ptr() as u64, line.len() as u64, 0, 0, 0];
        assert_eq!(hostos::call::raw(libc::SYS_write, args), line.len() as i64);
    }
}

impl Instrument for Recorder {
    fn block(&self, _: &mut Vcpu, _: &BlockView, _: &mut Vec<Probe>) {}

    fn vcpu_init(&self, vcpu: &mut Vcpu) {
        let registers = [vcpu.pc(), vcpu.get(SP), vcpu.get(TP), vcpu.get(A0)];
        let [pc, sp, tp, a0] = registers;
        let sp = if vcpu.index() == 0 { u64::from(sp != 0) } else { sp };
        self.say(format!("init {} pc {pc:x} sp {sp:x} tp {tp:x} a0 {a0:x}", vcpu.index()));
    }

    fn vcpu_exit(&self, vcpu: &mut Vcpu) {
        self.say(format!("exit {}", vcpu.index()));
    }

    fn first_thread(&self, vcpu: &mut Vcpu) {
        self.say(format!("parallel {}", vcpu.index()));
    }

    fn syscall(&self, vcpu: &mut Vcpu, number: i64, args: [u64; 8]) -> Verdict {
        assert_eq!((args[0], &args[6..]), (vcpu.get(A0), &[0, 0][..]));
        self.say(format!("call {} {number} pc {:x}", vcpu.index(), vcpu.pc()));
        match self.decision {
            Some(Decision::Result(n, value)) if n == number => Verdict::Result(value),
            Some(Decision::Move(n, by)) if n == number => {
                vcpu.set_pc(vcpu.pc() + by);
                Verdict::Moved
            }
            _ => Verdict::Execute,
        }
    }

    fn syscall_ret(&self, vcpu: &mut Vcpu, number: i64, ret: i64) {
        self.say(format!("ret {} {number} {ret}", vcpu.index()));
    }

    fn flushed(&self) {
        self.say("flush".into());
    }

    fn end(&self, vcpu: &mut Vcpu) {
        self.say(format!("end {}", vcpu.index()));
    }

    fn forked(&self, vcpu: &mut Vcpu) {
        self.say(format!("forked {}", vcpu.index()));
    }
}

fn decision(text: &str) -> Option<Decision> {
    let words: Vec<&str> = text.split(' ').collect();
    match *words.as_slice() {
        ["result", n, value] => Some(Decision::Result(n.parse().ok()?, value.parse().ok()?)),
        ["move", n, by] => Some(Decision::Move(n.parse().ok()?, by.parse().ok()?)),
        _ => None,
    }
}

/// Runs a guest, writes its events to a file, and ends as the guest does.
pub fn run(guest: &str, record: &str, how: &str) -> ! {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(Path::new(record)).expect("a record");
    let to = HiddenFd::new(file.into()).expect("a descriptor");
    let recorder = Recorder { to, first: std::process::id(), decision: decision(how) };
    let mut setup = Setup { program: guest.into(), count: how == "count", ..Setup::default() };
    setup.plugins.atexit_always = how == "always";
    let outcome = emu::run_observed(setup, Some(std::sync::Arc::new(recorder)));
    match outcome.expect("a guest that can be run").end {
        End::Exited(status) => End::Exited(status).follow(),
        killed => killed.follow(),
    }
}
