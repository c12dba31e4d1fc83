//! `fork`, `vfork`, `clone`: which kind of child is asked for, and making it.

use crate::errno::{ERESTARTNOINTR, Errno, SysResult, code, fault, from_raw};
use crate::observe;
use crate::sys::args::pointer;
use crate::task::{End, Thread};
use crate::thread::{self, start};
use memory::guarded;
use std::sync::Arc;

/// What `clone` and `clone3` ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// The flags of `clone`, without the signal.
    pub flags: u64,
    pub exit_signal: u64,
    /// The child's stack pointer, or 0.
    pub stack: u64,
    pub tls: u64,
    pub parent_tid: u64,
    pub child_tid: u64,
    pub pidfd: u64,
    /// `set_tid`, its size, and the cgroup: for `clone3` only.
    pub more: [u64; 3],
}

/// `CLONE_CLEAR_SIGHAND`, `CLONE_INTO_CGROUP`: only `clone3` can say them.
const CLEAR_SIGHAND: u64 = 1 << 32;
const INTO_CGROUP: u64 = 1 << 33;
const DETACHED: i32 = 0x0040_0000;

impl Request {
    pub fn has(&self, flag: i32) -> bool {
        self.flags & u64::from(flag as u32) != 0
    }

    /// From the arguments of `clone`, in RISC-V's order.
    pub fn from_clone(flags: u64, stack: u64, parent_tid: u64, tls: u64, child_tid: u64) -> Request {
        let (exit_signal, flags) = (flags & 0xff, flags & 0xffff_ff00);
        Request { flags, exit_signal, stack, tls, parent_tid, child_tid, pidfd: pointer(parent_tid), more: [0; 3] }
    }

    /// From the structure of `clone3` (clone(2)).
    ///
    /// # Errors
    /// EINVAL, E2BIG, EFAULT as the kernel gives them.
    pub fn from_clone3(addr: u64, size: u64) -> Result<Request, Errno> {
        const SMALLEST: u64 = 64;
        const KNOWN: usize = 88;
        if size < SMALLEST {
            return Err(code::EINVAL);
        }
        if size > bits::PAGE {
            return Err(code::E2BIG);
        }
        let bytes = fault(guarded::load_vec::<u8>(addr, size as usize))?;
        if bytes.iter().skip(KNOWN).any(|&b| b != 0) {
            return Err(code::E2BIG);
        }
        let word =
            |i: usize| bytes.get(i * 8..i * 8 + 8).map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
        let (flags, exit_signal, stack, stack_size) = (word(0), word(4), word(5), word(6));
        let known = 0xffff_ff00 & !(DETACHED as u64) | CLEAR_SIGHAND | INTO_CGROUP | 0x80;
        let bad_signal =
            exit_signal > 64 || (exit_signal != 0 && flags & (libc::CLONE_THREAD | libc::CLONE_PARENT) as u64 != 0);
        if flags & !known != 0 || bad_signal || (stack == 0) != (stack_size == 0) || (word(8) == 0) != (word(9) == 0) {
            return Err(code::EINVAL);
        }
        let more = [pointer(word(8)), word(9), word(10)];
        let stack = stack.wrapping_add(stack_size);
        Ok(Request {
            flags,
            exit_signal,
            stack,
            tls: word(7),
            parent_tid: word(3),
            child_tid: word(2),
            pidfd: pointer(word(1)),
            more,
        })
    }

    /// The combinations that the kernel refuses (`copy_process`).
    fn check(&self) -> Result<(), Errno> {
        let both = |a: i32, b: i32| self.has(a) && self.has(b);
        let needs = |a: i32, b: i32| self.has(a) && !self.has(b);
        let bad = both(libc::CLONE_NEWNS, libc::CLONE_FS)
            || both(libc::CLONE_NEWUSER, libc::CLONE_FS)
            || needs(libc::CLONE_THREAD, libc::CLONE_SIGHAND)
            || needs(libc::CLONE_SIGHAND, libc::CLONE_VM)
            || both(libc::CLONE_THREAD, libc::CLONE_NEWUSER)
            || both(libc::CLONE_THREAD, libc::CLONE_NEWPID)
            || both(libc::CLONE_PIDFD, DETACHED)
            || both(libc::CLONE_PIDFD, libc::CLONE_THREAD)
            || (self.flags & CLEAR_SIGHAND != 0 && self.has(libc::CLONE_SIGHAND));
        if bad { Err(code::EINVAL) } else { Ok(()) }
    }

    /// What observers let happen: the children that they see have memory, and so observers, of their own (plugin
    /// contract, section 2.5).
    fn with_own_memory(&self) -> Result<Request, Errno> {
        let lent = (libc::CLONE_VM | libc::CLONE_VFORK) as u64;
        match (self.has(libc::CLONE_VM), self.has(libc::CLONE_VFORK)) {
            (true, false) => Err(code::EINVAL),
            (_, true) => Ok(Request { flags: self.flags & !lent, ..*self }),
            (false, false) => Ok(*self),
        }
    }

    /// Flags that the C library's `fork` cannot express.
    fn is_special(&self) -> bool {
        let usual = libc::CLONE_PARENT_SETTID
            | libc::CLONE_CHILD_SETTID
            | libc::CLONE_CHILD_CLEARTID
            | libc::CLONE_SETTLS
            | libc::CLONE_VM
            | libc::CLONE_SYSVSEM;
        self.flags & !(usual as u64) & !CLEAR_SIGHAND != 0
            || self.exit_signal != libc::SIGCHLD as u64
            || self.more != [0; 3]
    }
}

/// `clone` and `clone3`.
pub fn clone(t: &mut Thread, request: &Request) -> SysResult {
    request.check()?;
    if request.has(libc::CLONE_THREAD) {
        return start::thread(t, request);
    }
    let request = if t.process.observer().is_some() { &request.with_own_memory()? } else { request };
    if !hostos::signal::block_all() {
        return Err(ERESTARTNOINTR);
    }
    let result = match (request.has(libc::CLONE_VM), request.has(libc::CLONE_VFORK)) {
        (true, true) => vfork(t, request),
        (true, false) => parallel(t, request),
        (false, _) => fork(t, request),
    };
    hostos::signal::set_mask(t.signals.mask);
    result
}

/// A child with memory of its own.
fn fork(t: &mut Thread, request: &Request) -> SysResult {
    let process = t.process.clone();
    let engine = process.engine.clone();
    let pid = engine.exclusive(|| {
        let Ok(twin) = engine.before_fork() else { return -i64::from(code::ENOMEM.0) };
        let actions = t.actions();
        // In the order in which others nest them: memory's lock is always the innermost.
        let locks = (
            process.image.write(),
            actions.quiesce(),
            process.threads.quiesce(),
            process.limits.quiesce(),
            process.attached.quiesce(),
            hostos::thread::quiesce(),
            engine.hold_locks(),
            process.memory.quiesce(),
        );
        let pid = host_fork(request);
        drop(locks);
        if pid == 0 && engine.after_fork(&mut t.vcpu, twin).is_err() {
            // There is no memory for translated code: nothing can run here.
            hostos::signal::die(libc::SIGKILL);
        }
        pid
    });
    if pid != 0 {
        let pid = from_raw(pid)?;
        if request.has(libc::CLONE_PARENT_SETTID) {
            fault(guarded::store32(request.parent_tid, pid as u32))?;
        }
        return Ok(pid);
    }
    become_child(t, request);
    observe::forked(t);
    Ok(0)
}

fn host_fork(request: &Request) -> i64 {
    if !request.is_special() {
        return hostos::process::fork();
    }
    // What concerns memory and ids is done by us.
    let ours = libc::CLONE_VM
        | libc::CLONE_SETTLS
        | libc::CLONE_PARENT_SETTID
        | libc::CLONE_CHILD_SETTID
        | libc::CLONE_CHILD_CLEARTID
        | libc::CLONE_SIGHAND;
    let flags = request.flags & !(ours as u32 as u64) & !CLEAR_SIGHAND;
    if request.more == [0; 3] {
        return hostos::process::clone_process(flags | request.exit_signal, request.pidfd);
    }
    let [set_tid, set_tid_size, cgroup] = request.more;
    let args = [flags, request.pidfd, 0, 0, request.exit_signal, 0, 0, 0, set_tid, set_tid_size, cgroup];
    hostos::process::clone3_process(&args)
}

/// The calling thread is the only one of a new process.
fn become_child(t: &mut Thread, request: &Request) {
    t.tid = hostos::call::raw(libc::SYS_gettid, [0; 6]) as i32;
    t.process.threads.only(t.tid, t.own.is_main);
    hostos::thread::forked();
    for gone in t.process.memory.forked() {
        t.invalidate(gone.start, gone.end - gone.start);
    }
    hostos::signal::forget();
    start::forget_robust_list();
    t.own.robust_list = 0;
    t.own.clear_tid = if request.has(libc::CLONE_CHILD_CLEARTID) { request.child_tid } else { 0 };
    if request.has(libc::CLONE_CHILD_SETTID) {
        let _ = guarded::store32(request.child_tid, t.tid as u32);
    }
    set_child_registers(t, request);
    if request.flags & CLEAR_SIGHAND != 0 {
        t.actions().clear_handlers();
    }
}

/// The result and pc are set when the call is finished.
fn set_child_registers(t: &mut Thread, request: &Request) {
    let pc = t.vcpu.pc();
    request.set_registers(&mut t.vcpu);
    t.vcpu.set_pc(pc);
}

/// A child that shares our memory while we sleep: it runs on this thread's own state, with a vCPU and actions of its
/// own, until it ends or becomes another program.
fn vfork(t: &mut Thread, request: &Request) -> SysResult {
    let engine = t.process.engine.clone();
    engine.reserve_vcpu().map_err(|_| code::EAGAIN)?;
    let mut vcpu = engine.new_vcpu();
    vcpu.copy_from(&t.vcpu);
    request.set_registers(&mut vcpu);
    let (index, child_index) = (t.vcpu.index(), vcpu.index());
    let counted = engine.counted_by(child_index);
    let parent_vcpu = std::mem::replace(&mut t.vcpu, vcpu);
    let kept = (t.tid, t.signals.mask, t.signals.stack, t.own.clear_tid, t.own.robust_list, t.own.is_vfork_child);
    let kept_actions = t.signals.own_actions.clone();
    t.signals.own_actions = Some(Arc::new(t.actions().copy()));

    let pid =
        hostos::process::vfork(request.sharing_flags(), request.pidfd, &mut || live_as_child(t, request, child_index));

    let child_vcpu = std::mem::replace(&mut t.vcpu, parent_vcpu);
    engine.retire_other_vcpu(child_vcpu, counted);
    (t.tid, t.signals.mask, t.signals.stack, t.own.clear_tid, t.own.robust_list, t.own.is_vfork_child) = kept;
    t.signals.own_actions = kept_actions;
    if let Some(prepared) = t.own.exec.take() {
        prepared.free(request.has(libc::CLONE_FILES));
    }
    (t.end, t.restart, t.wait_mask) = (None, None, None);
    hostos::signal::enter(index);
    from_raw(pid)
}

impl Request {
    /// What is left to the host for a child that shares memory.
    fn sharing_flags(&self) -> i32 {
        let ours = libc::CLONE_VFORK
            | libc::CLONE_VM
            | libc::CLONE_SETTLS
            | libc::CLONE_SIGHAND
            | libc::CLONE_PARENT_SETTID
            | libc::CLONE_CHILD_SETTID
            | libc::CLONE_CHILD_CLEARTID;
        (self.flags & 0xffff_ffff & !(ours as u32 as u64) | self.exit_signal) as i32
    }
}

/// A child that shares our memory while we go on: a helper thread of ours, which sleeps, lends it its place. What the
/// child does after it has ended or become another program, nobody sees.
fn parallel(t: &mut Thread, request: &Request) -> SysResult {
    t.process.engine.reserve_vcpu().map_err(|_| code::EAGAIN)?;
    let mut vcpu = t.process.engine.new_vcpu();
    vcpu.copy_from(&t.vcpu);
    request.set_registers(&mut vcpu);
    let mut child = Thread::new(t.process.clone(), vcpu);
    child.signals.mask = t.signals.mask;
    child.filters = t.filters.clone();
    child.signals.own_actions =
        Some(if request.has(libc::CLONE_SIGHAND) { t.actions() } else { Arc::new(t.actions().copy()) });
    let request = *request;
    let counted = t.process.engine.counted_by(child.vcpu.index());
    let (born, told) = std::sync::mpsc::channel();
    let helper = move || {
        let failed = born.clone();
        let index = child.vcpu.index();
        let pid = hostos::process::vfork(request.sharing_flags(), request.pidfd, &mut || {
            let _ = born.send(hostos::call::raw(libc::SYS_getpid, [0; 6]));
            live_as_child(&mut child, &request, index);
        });
        let _ = failed.send(pid);
        if let Some(prepared) = child.own.exec.take() {
            prepared.free(request.has(libc::CLONE_FILES));
        }
        if child.own.clear_tid != 0 {
            thread::tell_end(child.own.clear_tid);
        }
        child.process.engine.clone().retire_other_vcpu(child.vcpu, counted);
        0
    };
    start::spawn(t, helper)?;
    told.recv().map_or(Err(code::EAGAIN), from_raw)
}

/// The child's life. Ends the process.
fn live_as_child(t: &mut Thread, request: &Request, index: u32) {
    hostos::signal::enter(index);
    t.tid = hostos::call::raw(libc::SYS_gettid, [0; 6]) as i32;
    t.own.is_vfork_child = true;
    t.own.robust_list = 0;
    t.own.clear_tid = if request.has(libc::CLONE_CHILD_CLEARTID) { request.child_tid } else { 0 };
    request.tell_tid(t.tid);
    if request.flags & CLEAR_SIGHAND != 0 {
        t.actions().clear_handlers();
    }
    (t.end, t.restart, t.wait_mask) = (None, None, None);
    hostos::signal::set_mask(t.signals.mask);
    let status = match t.run() {
        End::Process(status) => status,
        End::Thread(code) => crate::ExitStatus::Code(code),
    };
    thread::end_now(status)
}
