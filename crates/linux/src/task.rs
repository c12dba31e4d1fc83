//! The two central types: a guest process and a guest thread.

use crate::load::Image;
use crate::options::{ExitStatus, Options};
use crate::path::Paths;
use crate::strace::Tracer;
use crate::{process, seccomp, signal, sys, thread};
use engine::{Engine, Vcpu};
use memory::AddressSpace;
use std::sync::{Arc, RwLock};

/// What the threads of a guest process share.
pub struct Process {
    pub engine: Arc<Engine>,
    pub memory: Arc<AddressSpace>,
    pub options: Options,
    /// Where the guest's paths lead.
    pub paths: Paths,
    /// The program that runs: its file, arguments and auxiliary vector.
    pub image: RwLock<Image>,
    pub tracer: Option<Tracer>,
    pub limits: sys::limits::Limits,
    pub attached: sys::ipc::Attached,
    pub seccomp: seccomp::Shared,
    pub signals: signal::ProcessSignals,
    pub threads: thread::Threads,
    pub state: process::ProcessState,
}

/// A guest thread: runs on a host thread of its own, which owns this value.
pub struct Thread {
    pub process: Arc<Process>,
    pub vcpu: Vcpu,
    /// The host's thread id, which is the guest's too.
    pub tid: i32,
    pub signals: signal::ThreadSignals,
    pub own: thread::OwnThread,
    /// Set when the thread is to leave its run loop.
    pub end: Option<End>,
    /// The call at pc was interrupted and how it wants to go on: one of the `ERESTART…` numbers. Cleared when the
    /// thread goes on.
    pub restart: Option<crate::Errno>,
    /// The number of that call while the observer waits for its result.
    pub unanswered: Option<u64>,
    /// The signal mask that held during the call that was just made, if it was not the thread's own. Signals noted
    /// meanwhile were let through by it. Cleared when the thread goes on.
    pub wait_mask: Option<u64>,
    /// Filters of its system calls; a new thread has those of its parent.
    pub filters: seccomp::Filters,
}

/// Why a thread leaves its run loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Only this thread ends.
    Thread(i32),
    /// The whole process ends.
    Process(ExitStatus),
}

impl Thread {
    /// A thread of `process` on the calling host thread.
    pub fn new(process: Arc<Process>, vcpu: Vcpu) -> Thread {
        let tid = hostos::call::raw(libc::SYS_gettid, [0; 6]) as i32;
        Thread {
            process,
            vcpu,
            tid,
            signals: signal::ThreadSignals::default(),
            own: thread::OwnThread::default(),
            end: None,
            restart: None,
            unanswered: None,
            wait_mask: None,
            filters: seccomp::Filters::default(),
        }
    }

    /// Tells the engine that code in the range may be another now.
    pub fn invalidate(&mut self, start: u64, len: u64) {
        let engine = self.process.engine.clone();
        engine.invalidate(&mut self.vcpu, start, len);
    }
}
