//! System call filters: the guest's, run over the guest's calls. The host's kernel would see ours instead.
//!
//! A filter is a classic BPF program over the call's number, architecture, pc and arguments ([`bpf`]). A thread's
//! filters form a chain that children inherit; all of them run, and the strongest verdict counts (seccomp(2)).

mod bpf;

use crate::abi;
use crate::errno::{Errno, SysResult, code, fault};
use crate::options::ExitStatus;
use crate::signal;
use crate::task::{End, Thread};
use bpf::Program;
use memory::guarded;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const MODE_STRICT: u64 = 1;
const MODE_FILTER: u64 = 2;
const TSYNC: u64 = 1;
const LOG: u64 = 2;
const SPEC_ALLOW: u64 = 4;
const TSYNC_ESRCH: u64 = 16;

const KILL_PROCESS: u32 = 0x8000_0000;
const KILL_THREAD: u32 = 0;
const TRAP: u32 = 0x0003_0000;
const ERRNO: u32 = 0x0005_0000;
const TRACE: u32 = 0x7ff0_0000;
const LOGGED: u32 = 0x7ffc_0000;
const ALLOW: u32 = 0x7fff_0000;
const ACTION: u32 = 0xffff_0000;
const DATA: u32 = 0xffff;

/// Numbers of the calls that the strict mode allows: read, write, exit, rt_sigreturn.
const STRICT_CALLS: [u64; 4] = [63, 64, 93, 139];

/// The filters of a thread, newest first.
#[derive(Debug)]
struct Chain {
    program: Program,
    older: Option<Arc<Chain>>,
}

/// What holds for a thread.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    strict: bool,
    chain: Option<Arc<Chain>>,
    /// The last change by `TSYNC` that this thread has taken over.
    seen: u64,
}

impl Filters {
    /// The programs, oldest first, as `struct sock_filter`s lie in memory: they hold for whatever the thread executes.
    pub fn to_raw(&self) -> Vec<Vec<u64>> {
        let newest = self.chain.as_deref();
        let chain = std::iter::successors(newest, |c| c.older.as_deref());
        let mut all: Vec<_> = chain.map(|c| c.program.raw()).collect();
        all.reverse();
        all
    }

    /// The filters with these programs. What cannot be read allows next to nothing.
    pub fn from_raw(programs: Vec<Vec<u64>>) -> Filters {
        let mut filters = Filters::default();
        for raw in programs {
            let Some(program) = Program::new(raw) else { return Filters { strict: true, ..filters } };
            filters.chain = Some(Arc::new(Chain { program, older: filters.chain.take() }));
        }
        filters
    }
}

/// Changes that concern all threads (`SECCOMP_FILTER_FLAG_TSYNC`).
#[derive(Debug, Default)]
pub struct Shared {
    changes: AtomicU64,
    chain: Mutex<Option<Arc<Chain>>>,
}

/// What the call's filters want.
enum Verdict {
    Go,
    Fail(Errno),
    End(End),
    Trap(u16),
}

/// Asks the filters about the call that the thread is about to make. `Some`: it is not made, and this is its result.
pub fn check(t: &mut Thread, number: u64, args: &[u64; 6]) -> Option<SysResult> {
    let shared = &t.process.seccomp;
    let changes = shared.changes.load(Ordering::Acquire);
    if changes != t.filters.seen {
        t.filters.chain = shared.chain.lock().unwrap_or_else(|e| e.into_inner()).clone();
        t.filters.seen = changes;
    }
    if !t.filters.strict && t.filters.chain.is_none() {
        return None;
    }
    match verdict(t, number, args) {
        Verdict::Go => None,
        Verdict::Fail(e) => Some(Err(e)),
        Verdict::End(end) => {
            t.end = Some(end);
            Some(Err(crate::errno::ERESTARTNOINTR))
        }
        Verdict::Trap(data) => {
            // The call counts as made, but its result is its first argument.
            abi::finish_syscall(&mut t.vcpu, args[0]);
            signal::on_filtered_call(t, number as i32, data);
            Some(Err(crate::errno::ERESTARTNOINTR))
        }
    }
}

fn verdict(t: &Thread, number: u64, args: &[u64; 6]) -> Verdict {
    if t.filters.strict {
        let allowed = STRICT_CALLS.contains(&number);
        return if allowed { Verdict::Go } else { Verdict::End(End::Process(ExitStatus::Signal(libc::SIGKILL))) };
    }
    let pc = t.vcpu.pc() + abi::SYSCALL_BYTES;
    let data = bpf::call_data(number as u32, abi::AUDIT_ARCH, pc, args);
    let mut strongest = ALLOW;
    let mut next = t.filters.chain.as_deref();
    while let Some(filter) = next {
        let value = filter.program.run(&data);
        if ((value & ACTION) as i32) < (strongest & ACTION) as i32 {
            strongest = value;
        }
        next = filter.older.as_deref();
    }
    let died = ExitStatus::Signal(libc::SIGSYS);
    match strongest & ACTION {
        ALLOW | LOGGED => Verdict::Go,
        ERRNO => Verdict::Fail(Errno((strongest & DATA).min(4095) as i32)),
        TRAP => Verdict::Trap((strongest & DATA) as u16),
        TRACE => Verdict::Fail(code::ENOSYS),
        _ => Verdict::End(End::Process(died)),
    }
}

/// `seccomp`.
pub fn seccomp(t: &mut Thread, operation: u32, flags: u64, args: u64) -> SysResult {
    const SET_STRICT: u32 = 0;
    const SET_FILTER: u32 = 1;
    const ACTION_AVAILABLE: u32 = 2;
    match operation {
        SET_STRICT if flags == 0 && args == 0 => set_strict(t),
        SET_FILTER => set_filter(t, flags, args),
        ACTION_AVAILABLE if flags == 0 => {
            let action = fault(guarded::load::<u32>(args))?;
            let known = [KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, TRACE, LOGGED, ALLOW].contains(&action);
            if known { Ok(0) } else { Err(code::EOPNOTSUPP) }
        }
        _ => Err(code::EINVAL),
    }
}

/// `prctl(PR_SET_SECCOMP, mode, program)`.
pub fn set_mode(t: &mut Thread, mode: u64, program: u64) -> SysResult {
    match mode {
        MODE_STRICT => set_strict(t),
        MODE_FILTER => set_filter(t, 0, program),
        _ => Err(code::EINVAL),
    }
}

/// `prctl(PR_GET_SECCOMP)`. (In strict mode the call itself kills.)
pub fn mode(t: &Thread) -> u64 {
    if t.filters.chain.is_some() { MODE_FILTER } else { 0 }
}

fn set_strict(t: &mut Thread) -> SysResult {
    if t.filters.chain.is_some() {
        return Err(code::EINVAL);
    }
    t.filters.strict = true;
    Ok(0)
}

fn set_filter(t: &mut Thread, flags: u64, at: u64) -> SysResult {
    if flags & !(TSYNC | LOG | SPEC_ALLOW | TSYNC_ESRCH) != 0 || t.filters.strict {
        return Err(code::EINVAL);
    }
    // `struct sock_fprog`: a count, and the address of the instructions.
    let [count, insns] = fault(guarded::load::<[u64; 2]>(at))?;
    let count = count as u16;
    if count == 0 || count > bpf::LONGEST {
        return Err(code::EINVAL);
    }
    let program = Program::new(fault(guarded::load_vec(insns, count.into()))?).ok_or(code::EINVAL)?;
    if !may_filter() {
        return Err(code::EACCES);
    }
    t.filters.chain = Some(Arc::new(Chain { program, older: t.filters.chain.take() }));
    if flags & TSYNC != 0 {
        let shared = &t.process.seccomp;
        *shared.chain.lock().unwrap_or_else(|e| e.into_inner()) = t.filters.chain.clone();
        t.filters.seen = shared.changes.fetch_add(1, Ordering::AcqRel) + 1;
    }
    Ok(0)
}

/// A process that could gain rights by exec must not filter, unless it is privileged.
fn may_filter() -> bool {
    const CAP_SYS_ADMIN: u32 = 21;
    let no_new_rights = hostos::call::raw(libc::SYS_prctl, [libc::PR_GET_NO_NEW_PRIVS as u64, 0, 0, 0, 0, 0]) == 1;
    no_new_rights || crate::sys::limits::has_capability(CAP_SYS_ADMIN)
}
