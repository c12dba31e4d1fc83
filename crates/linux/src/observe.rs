//! What an observer of the guest ([`engine::Instrument`]) is told: threads, system calls, the end (plugin contract,
//! sections 2.2 to 2.6). Without one nothing here does anything.

use crate::abi;
use crate::errno::{ERESTARTNOINTR, SysResult};
use crate::options::ExitStatus;
use crate::sys::flags::SIGNALS;
use crate::task::{Process, Thread};
use engine::Instrument;
use engine::instrument::Verdict;
use hostos::fds::HiddenFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// What an observer sees as the result of a call that will begin again.
const AGAIN: i64 = -512;

/// And as that of `rt_sigreturn`, which sets all registers itself.
const RETURNED: i64 = -513;

/// The signals that end a process with a core dump, as far as the contract lets observers see the end by them.
const WITH_END: [i32; 7] =
    [libc::SIGABRT, libc::SIGFPE, libc::SIGILL, libc::SIGQUIT, libc::SIGSEGV, libc::SIGTRAP, libc::SIGBUS];

impl Process {
    /// Who watches, if anybody.
    pub fn observer(&self) -> Option<Arc<dyn Instrument>> {
        self.engine.instrument().cloned()
    }
}

/// The thread has its first registers and has not run.
pub fn begins(t: &mut Thread) {
    if let Some(observer) = t.process.observer() {
        t.process.engine.reserve_elements(t.vcpu.index());
        observer.vcpu_init(&mut t.vcpu);
    }
}

/// The thread is about to make another one.
pub fn makes_thread(t: &mut Thread) {
    if let Some(observer) = t.process.observer()
        && t.process.threads.become_parallel()
    {
        observer.first_thread(&mut t.vcpu);
    }
}

/// The thread ends and others go on.
pub fn exits(t: &mut Thread) {
    if let Some(observer) = t.process.observer() {
        observer.vcpu_exit(&mut t.vcpu);
    }
}

/// The thread is the only one of a new process.
pub fn forked(t: &mut Thread) {
    if let Some(observer) = t.process.observer() {
        observer.forked(&mut t.vcpu);
    }
}

/// The thread ends the process. To be called while all others are kept out.
pub fn ends(t: &mut Thread, status: ExitStatus) {
    let Some(observer) = t.process.observer() else { return };
    end_begins(t, status);
    match status {
        ExitStatus::Signal(libc::SIGKILL) => {}
        ExitStatus::Signal(signal) if !sees_end(signal) && !t.process.options.atexit_always => say_no_end(signal),
        _ => observer.end(&mut t.vcpu),
    }
}

/// The thread is about to end the process: an observer whose function hangs cannot keep users' signals from ending it.
pub fn end_begins(t: &Thread, status: ExitStatus) {
    if !t.own.is_vfork_child {
        hostos::signal::end_begins(matches!(status, ExitStatus::Signal(_)));
    }
}

/// Whether observers see the end of a process that dies of this signal.
pub fn sees_end(signal: i32) -> bool {
    WITH_END.contains(&signal)
}

/// The standard error stream of the start, which the guest cannot close.
static STDERR: OnceLock<HiddenFd> = OnceLock::new();

/// Whom a signal cuts short.
static OBSERVER: OnceLock<Arc<dyn Instrument>> = OnceLock::new();

/// The process whose end without the observer's is worth a word; 0: none's is.
static WORTH: AtomicU32 = AtomicU32::new(0);

/// How long to wait for room to say something.
const PATIENCE_MS: u32 = 200;

/// Makes [`farewell`] heard.
pub fn keep_stderr(process: &Process, observer: &Arc<dyn Instrument>) {
    let _ = OBSERVER.set(observer.clone());
    if let Ok(fd) = HiddenFd::copy_of(libc::STDERR_FILENO) {
        let _ = STDERR.set(fd);
    }
    if !process.options.quiet_end && !process.options.atexit_always {
        WORTH.store(std::process::id(), Ordering::Relaxed);
    }
}

/// The process dies of this signal at once, and observers see no end, or not all of it. Async-signal-safe: allocates
/// nothing, takes no lock.
pub fn farewell(signal: i32) {
    if !hostos::signal::is_ending() {
        say_no_end(signal);
    }
    if let Some(observer) = OBSERVER.get() {
        observer.cut_short();
    }
}

/// Says that observers see no end, if it is worth it. Async-signal-safe.
fn say_no_end(signal: i32) {
    let here = WORTH.load(Ordering::Relaxed) == hostos::call::raw(libc::SYS_getpid, [0; 6]) as u32;
    if !here || signal == libc::SIGPIPE || !OBSERVER.get().is_some_and(|o| o.wants_end()) {
        return;
    }
    const REST: &[u8] = b": plugins print no final report then, as under QEMU; --plugin-atexit=always makes them\n";
    let digits = [b'0' + (signal / 10) as u8, b'0' + (signal % 10) as u8];
    let name = SIGNALS.iter().find(|s| s.0 == signal).map_or(&digits[..], |s| s.1.as_bytes());
    let mut line = [0u8; 160];
    let mut len = 0;
    for part in [&b"fluoro: killed by "[..], if name.len() == 2 { b"signal " } else { b"" }, name, REST] {
        line[len..len + part.len()].copy_from_slice(part);
        len += part.len();
    }
    if let Some(fd) = STDERR.get() {
        hostos::call::write_soon(fd.number(), &line[..len], PATIENCE_MS);
    }
}

/// Carries out the call at which the thread stands, before the observer's eyes: it sees the pc behind the call, and the
/// result before it is in its register.
pub fn syscall(t: &mut Thread, observer: &dyn Instrument, number: u64, raw: &[u64; 6]) {
    let call = t.vcpu.pc();
    let mut args = [0; 8];
    args[..6].copy_from_slice(raw);
    t.vcpu.set_pc(call + abi::SYSCALL_BYTES);
    match observer.syscall(&mut t.vcpu, number as i64, args) {
        Verdict::Moved => {}
        Verdict::Result(value) => returns(t, observer, number, value),
        Verdict::Execute => {
            t.vcpu.set_pc(call);
            let result = t.carry_out(number, raw);
            done(t, observer, call, number, result);
        }
    }
}

fn done(t: &mut Thread, observer: &dyn Instrument, call: u64, number: u64, result: SysResult) {
    let value = match result {
        Ok(value) => value as i64,
        Err(ERESTARTNOINTR) if number == abi::SIGRETURN => {
            return observer.syscall_ret(&mut t.vcpu, number as i64, RETURNED);
        }
        // A filter has made a signal of the call.
        Err(ERESTARTNOINTR) if t.vcpu.pc() != call => return,
        Err(_) if t.end.is_some() => return,
        Err(e) if crate::run::is_restart(e) => {
            (t.restart, t.unanswered) = (Some(e), Some(number));
            return;
        }
        Err(e) => -i64::from(e.0),
    };
    t.vcpu.set_pc(call + abi::SYSCALL_BYTES);
    returns(t, observer, number, value);
}

/// The thread is behind the call.
fn returns(t: &mut Thread, observer: &dyn Instrument, number: u64, value: i64) {
    observer.syscall_ret(&mut t.vcpu, number as i64, value);
    abi::set_result(&mut t.vcpu, value as u64);
}

/// An interrupted call, before which the thread stands, has failed with this error, or will begin again (`None`).
/// Returns whether the observer has sent the thread elsewhere.
pub fn interrupted(t: &mut Thread, error: Option<i32>) -> bool {
    let (Some(number), Some(observer)) = (t.unanswered.take(), t.process.observer()) else { return false };
    let call = t.vcpu.pc();
    let next = call + abi::SYSCALL_BYTES;
    t.vcpu.set_pc(next);
    observer.syscall_ret(&mut t.vcpu, number as i64, error.map_or(AGAIN, |e| -i64::from(e)));
    let moved = t.vcpu.pc() != next;
    if !moved {
        t.vcpu.set_pc(call);
    }
    moved
}
