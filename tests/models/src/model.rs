//! The engine around gate and jobs, as small as it can be.

use crate::arena::Arena;
use crate::gate::{Gate, Numbering};
use crate::jobs::Jobs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// What the world knows without taking part: no schedule depends on it.
#[derive(Default)]
pub struct Truth {
    /// vCPUs in generated code.
    running: AtomicUsize,
    /// Somebody works while all should stand still.
    alone: AtomicBool,
    pub done: AtomicUsize,
    /// Somebody has begun to spin, or need not any more.
    pub spinning: AtomicBool,
}

pub struct Engine {
    pub gate: Gate,
    jobs: Jobs,
    pub truth: Truth,
}

/// What a vCPU does next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A block.
    Block,
    /// A block in whose callback a plugin asks for work.
    Ask,
    /// A system call, which ends the stay in generated code.
    Call,
    /// The same; a plugin asks for work in the callback about it, when this vCPU is outside.
    AskInCall,
    /// Blocks without end: until somebody kicks.
    Spin,
}

pub struct Vcpu {
    arena: &'static Arena,
    pub index: u32,
    /// Work that it asked for and that must be done before its next block.
    asked: Option<Arc<AtomicBool>>,
}

#[derive(Debug, PartialEq)]
pub enum Exit {
    Syscall(Step),
    Interrupted,
    /// The script is over.
    End,
}

impl Engine {
    pub fn new() -> Arc<Engine> {
        Arc::new(Engine { gate: Gate::new(), jobs: Jobs::default(), truth: Truth::default() })
    }

    pub fn join(&self) -> Vcpu {
        let (index, arena) = self.gate.join(Numbering::Lowest);
        Vcpu { arena, index, asked: None }
    }

    /// Work that needs all vCPUs outside.
    pub fn work(&self) {
        assert!(!self.truth.alone.swap(true, SeqCst), "two work alone");
        assert_eq!(self.truth.running.load(SeqCst), 0, "a vCPU runs meanwhile");
        shuttle::thread::yield_now();
        assert_eq!(self.truth.running.load(SeqCst), 0, "a vCPU has begun meanwhile");
        self.truth.done.fetch_add(1, SeqCst);
        self.truth.alone.store(false, SeqCst);
    }

    /// `when_stopped` of `jobs.rs`, asked by a vCPU.
    fn ask(&self, vcpu: &mut Vcpu) {
        let done = Arc::new(AtomicBool::new(false));
        vcpu.asked = Some(done.clone());
        self.jobs.ask(Box::new(move |engine: &Engine| {
            engine.work();
            done.store(true, SeqCst);
        }));
        self.gate.kick_arena(vcpu.arena);
    }

    fn do_jobs(&self) {
        self.gate.exclusive(|| self.jobs.do_all(self));
    }

    /// `Engine::run`.
    fn run(&self, vcpu: &mut Vcpu, script: &mut std::slice::Iter<Step>) -> Exit {
        self.gate.enter(vcpu.arena);
        let exit = loop {
            if self.jobs.any() {
                self.step_aside(vcpu, || self.do_jobs());
            }
            if self.gate.kicked(vcpu.arena) {
                break Exit::Interrupted;
            }
            if self.gate.closing() {
                self.step_aside(vcpu, || ());
            }
            if let Some(exit) = self.turn(vcpu, script) {
                break exit;
            }
        };
        self.gate.exit(vcpu.arena);
        if self.jobs.any() {
            self.do_jobs();
        }
        exit
    }

    fn step_aside(&self, vcpu: &Vcpu, work: impl FnOnce()) {
        self.gate.exit(vcpu.arena);
        work();
        self.gate.enter(vcpu.arena);
    }

    /// One stay in generated code; `None` if the run loop goes on.
    fn turn(&self, vcpu: &mut Vcpu, script: &mut std::slice::Iter<Step>) -> Option<Exit> {
        self.truth.running.fetch_add(1, SeqCst);
        let exit = self.generated_code(vcpu, script);
        self.truth.running.fetch_sub(1, SeqCst);
        exit
    }

    fn generated_code(&self, vcpu: &mut Vcpu, script: &mut std::slice::Iter<Step>) -> Option<Exit> {
        loop {
            assert!(!self.truth.alone.load(SeqCst), "a block runs while somebody works alone");
            if let Some(done) = vcpu.asked.take() {
                assert!(done.load(SeqCst), "a block runs before the work that its vCPU asked for");
            }
            let step = *script.as_slice().first().unwrap_or(&Step::Call);
            if step == Step::Spin {
                self.truth.spinning.store(true, SeqCst);
            } else {
                script.next();
            }
            match step {
                Step::Block | Step::Spin => shuttle::thread::yield_now(),
                Step::Ask => {
                    self.ask(vcpu);
                    // Its block's exits lead back to the run loop.
                    return None;
                }
                Step::Call if script.as_slice().is_empty() => return Some(Exit::End),
                Step::Call | Step::AskInCall => return Some(Exit::Syscall(step)),
            }
            if vcpu.arena.poll_faults() {
                vcpu.arena.open_poll();
                return None;
            }
        }
    }

    /// The life of a vCPU: its script; how often it was interrupted. A kick ends spinning.
    pub fn live(&self, mut vcpu: Vcpu, script: &[Step]) -> usize {
        let mut rest = script.iter();
        let mut interrupted = 0;
        loop {
            match self.run(&mut vcpu, &mut rest) {
                Exit::End => break,
                Exit::Interrupted => {
                    interrupted += 1;
                    if rest.as_slice().first() == Some(&Step::Spin) {
                        self.truth.spinning.store(true, SeqCst);
                        rest.next();
                    }
                }
                Exit::Syscall(Step::AskInCall) => self.ask(&mut vcpu),
                Exit::Syscall(_) => {}
            }
        }
        self.gate.leave(vcpu.index);
        interrupted
    }
}
