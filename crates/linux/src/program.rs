//! A run from beginning to end.

use crate::load::{self, Facts, LoadError};
use crate::options::{ExitStatus, Options};
use crate::path::Paths;
use crate::seccomp::Filters;
use crate::strace::Tracer;
use crate::task::{Process, Thread};
use crate::{abi, observe, process, signal, thread};
use engine::Engine;
use std::sync::{Arc, RwLock};

/// A loaded program, ready to run.
pub struct Program {
    process: Arc<Process>,
    entry: u64,
    stack: u64,
    facts: Facts,
    filters: Filters,
}

impl Program {
    /// Loads the program into the engine's memory.
    ///
    /// # Errors
    /// What is wrong with the file, in a form that says what to do.
    pub fn load(engine: Arc<Engine>, mut options: Options) -> Result<Program, LoadError> {
        let mut taken = process::handover::complete(&mut options);
        let memory = engine.memory().clone();
        let loaded = load::program(&memory, &options)?;
        taken.limits.apply(&memory);
        taken.limits.loaded();
        let process = Process {
            engine,
            memory,
            paths: Paths::new(loaded.sysroot),
            image: RwLock::new(loaded.image),
            tracer: options.strace.then(|| Tracer::new(options.log.as_deref())),
            limits: taken.limits,
            attached: Default::default(),
            seccomp: Default::default(),
            signals: signal::ProcessSignals::default(),
            threads: thread::Threads::default(),
            state: process::ProcessState { own_file: taken.own_file, ..Default::default() },
            options,
        };
        Ok(Program {
            process: Arc::new(process),
            entry: loaded.entry,
            stack: loaded.stack,
            facts: loaded.facts,
            filters: taken.filters,
        })
    }

    /// What observers may ask about it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Runs it on the calling thread until its process ends.
    pub fn run(self) -> ExitStatus {
        let mut vcpu = self.process.engine.new_vcpu();
        vcpu.set_pc(self.entry);
        vcpu.set(abi::SP, self.stack);
        let mask = signal::install(&self.process);
        let mut main = Thread::new(self.process.clone(), vcpu);
        main.own.is_main = true;
        main.filters = self.filters;
        main.signals.mask = mask;
        self.process.threads.add(main.tid);
        thread::start::forget_robust_list();
        hostos::signal::enter(main.vcpu.index());
        observe::begins(&mut main);
        hostos::signal::set_mask(mask);
        let end = main.run();
        thread::finish_main(main, end)
    }
}
