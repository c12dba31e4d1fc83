//! Synchronous host signals (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP): who caused them and where to go on.
//!
//! Three kinds of code can raise them on purpose: generated code (the engine's hook knows), guarded copies (a fix-up
//! range knows), and nobody else. A signal that was *sent* rather than raised is the guest's and goes to the world's
//! hook, unless it is a tick of ours ([`crate::tick`]). What nobody wants is our own defect: the crash hook and the defect hook see it, and if they let it go on, the
//! default action is restored and the instruction runs again.

use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// The interrupted state of the host CPU, as far as hooks need it.
pub struct Context {
    /// Signal number.
    pub signal: i32,
    /// `si_code`.
    pub code: i32,
    /// `si_addr`.
    pub addr: u64,
    /// The page-fault error code of x86: bit 1 is set for writes.
    pub error: u64,
    /// The stack pointer.
    pub sp: u64,
    /// Where the host goes on when the hook returns true.
    pub pc: u64,
    /// rax and rbp, which generated code uses for its scratch and state.
    pub rax: u64,
    pub state: u64,
    /// MXCSR, with which the host goes on too.
    pub control: u32,
}

/// Looks at a fault; true: dealt with, go on at `pc` with `rax`.
pub type Hook = fn(&mut Context) -> bool;
/// Looks at a fault that nobody wanted, before the process ends by it; may end it otherwise. Async-signal-safe.
pub type CrashHook = fn(&Context);
/// Receives a signal of these numbers that some process sent; says whether the thread has to look at it, so that a
/// blocking call must end.
pub type SentHook = fn(signal: i32, info: *const libc::siginfo_t) -> bool;

const SIGNALS: [i32; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP];
const FIXUPS: usize = 4;

static HOOK: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static SENT: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static CRASH: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static DEFECT: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
static RANGES: [[AtomicUsize; 3]; FIXUPS] = [const { [const { AtomicUsize::new(0) }; 3] }; FIXUPS];

/// Installs the handlers. Later calls replace the hook.
pub fn install(hook: Hook) {
    HOOK.store(hook as *mut (), Ordering::SeqCst);
    for signal in SIGNALS {
        install_one(signal);
    }
}

/// Takes over one of the signals again, after somebody changed its action.
pub fn install_one(signal: i32) {
    // SAFETY: a zeroed sigaction is valid; the handler is async-signal-safe and has the SA_SIGINFO signature.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handle as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER | libc::SA_RESTART;
        // A note that is taken in here would be seen by nobody: everything else waits.
        (&raw mut action.sa_mask).cast::<u64>().write(!crate::signal::FAULTS);
        libc::sigaction(signal, &action, std::ptr::null_mut());
    }
}

/// Whether the handlers here serve this signal number.
pub fn serves(signal: i32) -> bool {
    SIGNALS.contains(&signal)
}

/// Where sent signals of these numbers go.
pub fn set_sent_hook(hook: SentHook) {
    SENT.store(hook as *mut (), Ordering::SeqCst);
}

/// Who looks at faults that nobody wanted.
pub fn set_crash_hook(hook: CrashHook) {
    CRASH.store(hook as *mut (), Ordering::SeqCst);
}

/// Who looks at what the crash hook has let go on: nobody's fault but ours.
pub fn on_defect(hook: CrashHook) {
    DEFECT.store(hook as *mut (), Ordering::SeqCst);
}

/// Faults with a host pc in `start..end` resume at `target`.
///
/// # Panics
/// If there are too many ranges.
pub fn add_fixup(start: usize, end: usize, target: usize) {
    let known = RANGES.iter().any(|r| r[0].load(Ordering::SeqCst) == start);
    if known {
        return;
    }
    let free = RANGES.iter().find(|r| r[0].load(Ordering::SeqCst) == 0).expect("too many fix-up ranges");
    free[1].store(end, Ordering::SeqCst);
    free[2].store(target, Ordering::SeqCst);
    free[0].store(start, Ordering::SeqCst);
}

fn fixup(pc: usize) -> Option<usize> {
    let inside = |r: &&[AtomicUsize; 3]| {
        let start = r[0].load(Ordering::Relaxed);
        start != 0 && (start..r[1].load(Ordering::Relaxed)).contains(&pc)
    };
    RANGES.iter().find(inside).map(|r| r[2].load(Ordering::Relaxed))
}

extern "C" fn handle(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel hands a siginfo and a ucontext that live as long as the handler; errno is ours to restore.
    unsafe {
        let saved_errno = *libc::__errno_location();
        let machine = &mut (*(context as *mut libc::ucontext_t)).uc_mcontext;
        let regs = &mut machine.gregs;
        let sent = (*info).si_code <= 0;
        if sent && crate::tick::is(&*info) {
            let [pc, rax] = [libc::REG_RIP, libc::REG_RAX].map(|i| regs[i as usize] as u64);
            regs[libc::REG_RAX as usize] = crate::tick::came(pc, rax) as i64;
            *libc::__errno_location() = saved_errno;
            return;
        }
        if !sent && recover(signal, info, regs, &mut (*machine.fpregs).mxcsr) {
            *libc::__errno_location() = saved_errno;
            return;
        }
        let hook = SENT.load(Ordering::SeqCst);
        if sent && !hook.is_null() {
            let hook: SentHook = std::mem::transmute(hook);
            if hook(signal, info) {
                let reg = |i: i32| regs[i as usize] as u64;
                let pc = crate::call::on_signal(reg(libc::REG_RIP), reg(libc::REG_RCX));
                regs[libc::REG_RIP as usize] = pc as i64;
            }
            *libc::__errno_location() = saved_errno;
            return;
        }
        libc::signal(signal, libc::SIG_DFL);
        if sent {
            libc::raise(signal);
        }
    }
}

/// Tries the fix-up ranges, then the hook; what is left is shown to the crash hook.
///
/// # Safety
/// `info` is valid.
unsafe fn recover(signal: i32, info: *mut libc::siginfo_t, regs: &mut [i64; 23], control: &mut u32) -> bool {
    let reg = |i: i32| regs[i as usize] as u64;
    if let Some(target) = fixup(reg(libc::REG_RIP) as usize) {
        regs[libc::REG_RIP as usize] = target as i64;
        return true;
    }
    let mut cx = Context {
        signal,
        // SAFETY: promised by the caller.
        code: unsafe { (*info).si_code },
        // SAFETY: promised by the caller; for other signals the field is some other value, which the hook ignores.
        addr: unsafe { (*info).si_addr() } as u64,
        error: reg(libc::REG_ERR),
        sp: reg(libc::REG_RSP),
        pc: reg(libc::REG_RIP),
        rax: reg(libc::REG_RAX),
        state: reg(libc::REG_RBP),
        control: *control,
    };
    if !want(&mut cx) {
        lost(&cx);
        return false;
    }
    regs[libc::REG_RIP as usize] = cx.pc as i64;
    regs[libc::REG_RAX as usize] = cx.rax as i64;
    *control = cx.control;
    true
}

/// Whether the hook has dealt with a fault.
fn want(cx: &mut Context) -> bool {
    let hook = HOOK.load(Ordering::SeqCst);
    if hook.is_null() {
        return false;
    }
    // SAFETY: only `install` stores here, and only a `Hook`.
    let hook: Hook = unsafe { std::mem::transmute(hook) };
    hook(cx)
}

/// Nobody has: shows it to the crash hook, then to the defect hook.
fn lost(cx: &Context) {
    for hook in [&CRASH, &DEFECT] {
        let hook = hook.load(Ordering::SeqCst);
        if !hook.is_null() {
            // SAFETY: only `set_crash_hook` and `on_defect` store here, and only a `CrashHook`.
            let hook: CrashHook = unsafe { std::mem::transmute(hook) };
            hook(cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_nobody_wants_comes_to_the_defect_hook() {
        // SAFETY: the child touches an address that nothing is at, and then ends at once.
        let status = unsafe {
            let child = libc::fork();
            if child == 0 {
                install(|_| false);
                set_crash_hook(|_| ());
                on_defect(|fault| crate::signal::exit_group(if fault.addr == 16 { 125 } else { 1 }));
                std::ptr::with_exposed_provenance::<u8>(16).read_volatile();
                libc::_exit(2);
            }
            let mut status = 0;
            libc::waitpid(child, &mut status, 0);
            status
        };
        assert_eq!(libc::WEXITSTATUS(status), 125);
    }
}
