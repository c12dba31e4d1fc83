//! Asynchronous host signals: noted per thread, at most one at a time (decision D11).
//!
//! The host's signal mask of a guest thread is the guest's own, so the kernel itself keeps what is blocked, chooses
//! threads, and orders what is pending. The handler notes one signal and leaves everything blocked; once the world has
//! dealt with the note and set the mask that then holds, the kernel sends the next one. So a note needs one slot, and
//! order, merging and queueing are the kernel's. Only the signals that faults raise ([`crate::fault`]) are never
//! blocked in the host; one of them that was *sent* is held here while the guest blocks it.
//!
//! All state is thread-local and constant-initialised, so that the handlers may touch it. What a thread has not called
//! [`enter`] for, it has blocked.

use crate::{call, fault};
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// A `siginfo_t`, whose layout 64-bit architectures share.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct SigInfo(pub [u8; 128]);

impl SigInfo {
    /// A signal that the kernel raises for a fault at `addr`.
    pub fn fault(signal: i32, code: i32, addr: u64) -> SigInfo {
        let mut info = SigInfo([0; 128]);
        info.0[..4].copy_from_slice(&signal.to_le_bytes());
        info.0[8..12].copy_from_slice(&code.to_le_bytes());
        info.0[16..24].copy_from_slice(&addr.to_le_bytes());
        info
    }

    fn word(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.0[at..at + 4].try_into().unwrap_or_default())
    }

    pub fn signal(&self) -> i32 {
        self.word(0)
    }

    pub fn code(&self) -> i32 {
        self.word(8)
    }
}

/// What the host does with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Default,
    Ignore,
    /// Our handler takes a note.
    Note,
    /// The same, of a signal that the guest dies of: another one need not wait until the note is taken ([`ending`]).
    NoteDeath,
    /// Something is said ([`set_farewell`]), and then the host does its default thing.
    Farewell,
}

/// A set of signals; bit `n - 1` stands for signal `n`.
pub const fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// The signals that faults raise: never blocked in the host while guest code may run.
pub const FAULTS: u64 =
    bit(libc::SIGSEGV) | bit(libc::SIGBUS) | bit(libc::SIGILL) | bit(libc::SIGFPE) | bit(libc::SIGTRAP);

/// Everything that can be blocked without losing faults.
const ALL: u64 = !FAULTS;

/// Bytes of a set in the kernel's interface.
const SET_BYTES: u64 = 8;

#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".pushsection .text.fluoro_restorer,\"ax\",@progbits",
    ".globl fluoro_restorer",
    "fluoro_restorer:",
    "mov eax, 15", // rt_sigreturn
    "syscall",
    ".popsection",
);

unsafe extern "C" {
    fn fluoro_restorer();
}

/// The kernel's `struct sigaction` on x86-64.
#[repr(C)]
#[derive(Default)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}

const SA_RESTORER: u64 = 0x0400_0000;

/// Marks a signal of ours ([`wake`]); no kernel and no library uses this code.
const WAKE_CODE: i32 = -0x464c;

/// Sent signals that were held because the guest blocks them: one slot per number of [`FAULTS`].
const HELD: usize = 5;

/// A signal is noted.
const NOTED: u64 = 1;
/// One is noted that the guest dies of.
const DEATH_NOTED: u64 = 2;

struct Own {
    /// The noted signal; valid while `noted` is not 0.
    slot: UnsafeCell<SigInfo>,
    /// [`NOTED`], [`DEATH_NOTED`] or 0.
    noted: AtomicU64,
    held: UnsafeCell<[SigInfo; HELD]>,
    /// Which of [`FAULTS`] are held.
    held_set: AtomicU64,
    /// The guest's mask.
    mask: AtomicU64,
    /// Whom to kick; `u64::MAX` for nobody.
    index: AtomicU64,
    stack: Cell<usize>,
}

thread_local! {
    static OWN: Own = const { Own {
        slot: UnsafeCell::new(SigInfo([0; 128])),
        noted: AtomicU64::new(0),
        held: UnsafeCell::new([SigInfo([0; 128]); HELD]),
        held_set: AtomicU64::new(0),
        mask: AtomicU64::new(0),
        index: AtomicU64::new(u64::MAX),
        stack: Cell::new(0),
    } };
}

/// Makes the vCPU with this index leave generated code. Must be async-signal-safe.
pub type Kick = fn(index: u32);

static KICK: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Says how a vCPU is kicked, and takes over sent signals of the kinds that faults raise.
pub fn install(kick: Kick) {
    KICK.store(kick as *mut (), Ordering::SeqCst);
    fault::set_sent_hook(on_sent);
}

/// Says that the process dies of a signal. Must be async-signal-safe.
pub type Farewell = fn(signal: i32);

static FAREWELL: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// What is said where the disposition is [`Disposition::Farewell`].
pub fn set_farewell(farewell: Farewell) {
    FAREWELL.store(farewell as *mut (), Ordering::SeqCst);
}

/// The process dies at once, wherever its threads are: one that hangs cannot prevent it.
extern "C" fn say_farewell(signal: i32, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    if (is_death_noted() || is_ending()) && ending::is_double() {
        return;
    }
    let farewell = FAREWELL.load(Ordering::Relaxed);
    if !farewell.is_null() {
        // SAFETY: only `set_farewell` stores here, and only a `Farewell`.
        let farewell: Farewell = unsafe { std::mem::transmute::<*mut (), Farewell>(farewell) };
        farewell(signal);
    }
    // SAFETY: the kernel hands a siginfo of 128 bytes.
    default_action(signal, &unsafe { info.cast::<SigInfo>().read() });
}

/// A signal came to a thread that runs no guest code (a plugin's own, one that has ended), which blocks everything from
/// now on: another one is to have it. What the kernel itself has said of it is lost if the kernel lets only itself say that.
fn pass_on(info: &SigInfo) {
    let (pid, signal, at) = (u64::from(std::process::id()), info.signal() as u64, info.0.as_ptr() as u64);
    if call::raw(libc::SYS_rt_sigqueueinfo, [pid, signal, at, 0, 0, 0]) < 0 {
        call::raw(libc::SYS_kill, [pid, signal, 0, 0, 0, 0]);
    }
}

fn kick_own(own: &Own) {
    let index = own.index.load(Ordering::Relaxed);
    let kick = KICK.load(Ordering::Relaxed);
    if index != u64::MAX && !kick.is_null() {
        // SAFETY: only `install` stores here, and only a `Kick`.
        let kick: Kick = unsafe { std::mem::transmute::<*mut (), Kick>(kick) };
        kick(index as u32);
    }
}

extern "C" fn handle(_: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel hands a siginfo and a ucontext that live as long as the handler. The handler runs with all
    // signals of its kind blocked and leaves them blocked until the note is taken, so the slot is free.
    unsafe {
        let context = &mut *context.cast::<libc::ucontext_t>();
        (&raw mut context.uc_sigmask).cast::<u64>().write(ALL);
        let info = info.cast::<SigInfo>().read();
        if OWN.with(|own| own.index.load(Ordering::Relaxed)) == u64::MAX {
            return pass_on(&info);
        }
        OWN.with(|own| {
            own.slot.get().write(info);
            own.noted.store(NOTED, Ordering::SeqCst);
        });
        let regs = &mut context.uc_mcontext.gregs;
        let pc = call::on_signal(regs[libc::REG_RIP as usize] as u64, regs[libc::REG_RCX as usize] as u64);
        regs[libc::REG_RIP as usize] = pc as i64;
    }
    OWN.with(kick_own);
}

/// For [`Disposition::NoteDeath`].
extern "C" fn handle_death(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if is_death_noted() {
        return say_farewell(signal, info, context);
    }
    handle(signal, info, context);
    OWN.with(|own| {
        if own.noted.load(Ordering::SeqCst) == 0 {
            return;
        }
        own.noted.store(DEATH_NOTED, Ordering::SeqCst);
        ending::begins_by_signal();
        let mask = ALL & !(ending::deadly() & !own.mask.load(Ordering::Relaxed));
        // SAFETY: as in `handle`.
        unsafe { (&raw mut (*context.cast::<libc::ucontext_t>()).uc_sigmask).cast::<u64>().write(mask) };
    });
}

/// The slot of one of [`FAULTS`].
fn held_slot(signal: i32) -> usize {
    (FAULTS & (bit(signal) - 1)).count_ones() as usize
}

/// A signal of a kind that faults raise was sent to this thread. Says whether the thread has to look at it.
fn on_sent(signal: i32, info: *const libc::siginfo_t) -> bool {
    OWN.with(|own| {
        // SAFETY: the kernel's siginfo, of 128 bytes.
        let info = unsafe { info.cast::<SigInfo>().read() };
        if info.code() == WAKE_CODE {
            kick_own(own);
            return true;
        }
        // Of signals that are not real-time ones the first is kept.
        if own.held_set.load(Ordering::Relaxed) & bit(signal) == 0 {
            // SAFETY: the slot is free while its bit is not set; only this thread touches it, and it takes the bit
            // away only after it has copied the slot.
            unsafe { (*own.held.get())[held_slot(signal)] = info };
            own.held_set.fetch_or(bit(signal), Ordering::SeqCst);
        }
        let wanted = own.mask.load(Ordering::Relaxed) & bit(signal) == 0;
        if wanted {
            kick_own(own);
        }
        wanted
    })
}

/// Bytes of the stack that handlers run on: the frame with the largest vector state, and room for us.
const STACK: usize = 64 << 10;

/// Makes the calling thread one that notes signals: gives it a stack for handlers, and names the vCPU to kick.
/// All signals are still blocked if they were.
pub fn enter(index: u32) {
    OWN.with(|own| {
        own.index.store(u64::from(index), Ordering::SeqCst);
        own.noted.store(0, Ordering::SeqCst);
        own.held_set.store(0, Ordering::SeqCst);
    });
    own_stack();
}

/// Gives the calling thread a stack for handlers, unless it has one: without it, nothing can be said of a stack that has
/// run over.
pub fn own_stack() {
    OWN.with(|own| {
        if own.stack.get() == 0 {
            own.stack.set(handler_stack());
        }
    });
}

/// Maps a stack with a guard page and makes it the thread's. Returns its address, or 0 if there was no memory (then
/// the handlers run on the thread's ordinary stack).
fn handler_stack() -> usize {
    const GUARD: usize = 4096;
    // SAFETY: a fresh mapping; it is the thread's until `leave` takes it back.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let prot = libc::PROT_READ | libc::PROT_WRITE;
        let at = libc::mmap(std::ptr::null_mut(), STACK + GUARD, prot, flags, -1, 0);
        if at == libc::MAP_FAILED {
            return 0;
        }
        libc::mprotect(at, GUARD, libc::PROT_NONE);
        let stack = libc::stack_t { ss_sp: at.add(GUARD), ss_flags: 0, ss_size: STACK };
        libc::sigaltstack(&stack, std::ptr::null_mut());
        at as usize
    }
}

/// The calling thread runs no guest code any more: blocks everything and gives the handlers' stack back.
pub fn leave() {
    set_host_mask(u64::MAX);
    OWN.with(|own| {
        own.index.store(u64::MAX, Ordering::SeqCst);
        let at = own.stack.replace(0);
        if at != 0 {
            // SAFETY: mapped by `handler_stack`; every signal is blocked, so nothing runs on it.
            unsafe {
                let none = libc::stack_t { ss_sp: std::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
                libc::sigaltstack(&none, std::ptr::null_mut());
                libc::munmap(at as *mut _, STACK + 4096);
            }
        }
    });
}

/// After [`leave`], while others run on: what has come and was not delivered is theirs, as it is where the kernel still has
/// it, unless it was sent to this very thread.
pub fn hand_on() {
    while let Some(info) = take_held(u64::MAX).or_else(take_noted) {
        if info.code() != libc::SI_TKILL {
            pass_on(&info);
        }
    }
}

/// Sets what the host does with a signal that is none of [`FAULTS`], with these `SA_NOCLDSTOP`, `SA_NOCLDWAIT` flags.
/// Signals of the C library's own are no exception: its guest uses them.
///
/// # Errors
/// The kernel's number if it refuses.
pub fn set_action(signal: i32, disposition: Disposition, flags: u64) -> Result<(), i32> {
    let noted = libc::SA_SIGINFO as u64 | libc::SA_ONSTACK as u64 | libc::SA_RESTART as u64;
    let (handler, ours) = match disposition {
        Disposition::Default => (libc::SIG_DFL, 0),
        Disposition::Ignore => (libc::SIG_IGN, 0),
        Disposition::Note => (handle as *const () as usize, noted),
        Disposition::NoteDeath => (handle_death as *const () as usize, noted),
        Disposition::Farewell => (say_farewell as *const () as usize, noted),
    };
    let restorer = fluoro_restorer as *const () as usize;
    let action = KernelAction { handler, flags: flags | ours | SA_RESTORER, restorer, mask: u64::MAX };
    let at = (&raw const action) as u64;
    match call::raw(libc::SYS_rt_sigaction, [signal as u64, at, 0, SET_BYTES, 0, 0]) {
        0 => Ok(()),
        e => Err(-e as i32),
    }
}

/// What the host does with a signal now, as far as a new program inherits it.
pub fn is_ignored(signal: i32) -> bool {
    handler_of(signal) == Some(libc::SIG_IGN)
}

/// The handler that the host knows of a signal.
fn handler_of(signal: i32) -> Option<usize> {
    let mut action = KernelAction::default();
    let at = (&raw mut action) as u64;
    let got = call::raw(libc::SYS_rt_sigaction, [signal as u64, 0, at, SET_BYTES, 0, 0]);
    (got == 0).then_some(action.handler)
}

fn set_host_mask(mask: u64) {
    let at = (&raw const mask) as u64;
    call::raw(libc::SYS_rt_sigprocmask, [libc::SIG_SETMASK as u64, at, 0, SET_BYTES, 0, 0]);
}

/// The calling thread's mask in the host.
pub fn host_mask() -> u64 {
    let mut mask = 0u64;
    let at = (&raw mut mask) as u64;
    call::raw(libc::SYS_rt_sigprocmask, [libc::SIG_SETMASK as u64, 0, at, SET_BYTES, 0, 0]);
    mask
}

/// Makes `mask` the guest's mask. What it lets through may be noted before this returns. While a signal is noted the host
/// goes on blocking: another one would take its place. Whoever takes it calls this again.
pub fn set_mask(mask: u64) {
    OWN.with(|own| own.mask.store(mask, Ordering::SeqCst));
    let mut cleared = false;
    while OWN.with(|own| own.noted.load(Ordering::SeqCst)) == 0 && !try_host_mask(mask & ALL) {
        // The flag is set for another reason, of which the next call is still to hear.
        call::clear_flag();
        cleared = true;
    }
    if cleared {
        call::set_flag();
    }
    look_at_held();
}

/// Sets the calling thread's mask in the host, unless its flag is set.
fn try_host_mask(mask: u64) -> bool {
    let at = (&raw const mask) as u64;
    call::interruptible(libc::SYS_rt_sigprocmask, [libc::SIG_SETMASK as u64, at, 0, SET_BYTES, 0, 0]) == 0
}

/// As [`set_mask`], unless a signal is noted: then nothing changes, and the result is false.
pub fn change_mask(mask: u64) -> bool {
    let before = OWN.with(|own| own.mask.swap(mask, Ordering::SeqCst));
    if !try_host_mask(mask & ALL) {
        OWN.with(|own| own.mask.store(before, Ordering::SeqCst));
        return false;
    }
    look_at_held();
    true
}

/// Blocks everything in the host and leaves the guest's mask as it is, unless a signal is noted: then nothing changes,
/// and the result is false. [`set_mask`] undoes it.
pub fn block_all() -> bool {
    try_host_mask(ALL)
}

/// Blocks in the host exactly what the guest blocks, faults too: a new program inherits it. No guest code may run.
pub fn set_mask_for_exec(mask: u64) {
    set_host_mask(mask);
}

fn look_at_held() {
    let due = OWN.with(|own| own.held_set.load(Ordering::SeqCst) & !own.mask.load(Ordering::Relaxed)) != 0;
    if due {
        call::set_flag();
    }
}

/// Whether a signal is noted that has to be delivered.
pub fn is_noted() -> bool {
    OWN.with(|own| {
        let held = own.held_set.load(Ordering::Relaxed) & !own.mask.load(Ordering::Relaxed);
        own.noted.load(Ordering::SeqCst) != 0 || held != 0
    })
}

/// Whether this thread has noted a signal that the guest dies of, and that was not taken. Async-signal-safe.
pub fn is_death_noted() -> bool {
    OWN.with(|own| own.noted.load(Ordering::SeqCst) == DEATH_NOTED)
}

/// Takes the next signal that has to be delivered. While there are none, [`set_mask`] lets new ones come.
pub fn take() -> Option<SigInfo> {
    let unblocked = OWN.with(|own| !own.mask.load(Ordering::Relaxed));
    take_held(unblocked).or_else(take_noted)
}

fn take_noted() -> Option<SigInfo> {
    OWN.with(|own| {
        if own.noted.load(Ordering::SeqCst) == 0 {
            return None;
        }
        // SAFETY: the handler does not run while a note is there.
        let info = unsafe { own.slot.get().read() };
        own.noted.store(0, Ordering::SeqCst);
        Some(info)
    })
}

/// Takes a held signal that is in `wanted`.
pub fn take_held(wanted: u64) -> Option<SigInfo> {
    OWN.with(|own| {
        let due = own.held_set.load(Ordering::SeqCst) & wanted;
        if due == 0 {
            return None;
        }
        let signal = due.trailing_zeros() as i32 + 1;
        // SAFETY: the handler does not write to the slot while its bit is set.
        let info = unsafe { (*own.held.get())[held_slot(signal)] };
        own.held_set.fetch_and(!bit(signal), Ordering::SeqCst);
        Some(info)
    })
}

/// The signals that are held.
pub fn held() -> u64 {
    OWN.with(|own| own.held_set.load(Ordering::SeqCst))
}

/// Forgets what was noted and held: in the child of a fork, which inherits no pending signals.
pub fn forget() {
    OWN.with(|own| {
        own.noted.store(0, Ordering::SeqCst);
        own.held_set.store(0, Ordering::SeqCst);
    });
}

/// Makes a thread of this process look around: it leaves generated code or an interruptible call.
pub fn wake(tid: i32) {
    let info = SigInfo::fault(libc::SIGTRAP, WAKE_CODE, 0);
    let (pid, at) = (std::process::id(), info.0.as_ptr() as u64);
    call::raw(libc::SYS_rt_tgsigqueueinfo, [u64::from(pid), tid as u64, libc::SIGTRAP as u64, at, 0, 0]);
}

/// Makes the host do its default thing with a signal that was noted: sends it again with the default action, and lets
/// it through. Returns if that did not end the process.
pub fn default_action(signal: i32, info: &SigInfo) {
    let action = KernelAction {
        handler: libc::SIG_DFL,
        flags: SA_RESTORER,
        restorer: fluoro_restorer as *const () as usize,
        mask: 0,
    };
    let at = (&raw const action) as u64;
    call::raw(libc::SYS_rt_sigaction, [signal as u64, at, 0, SET_BYTES, 0, 0]);
    let (pid, tid) = (u64::from(std::process::id()), call::raw(libc::SYS_gettid, [0; 6]) as u64);
    let sent = call::raw(libc::SYS_rt_tgsigqueueinfo, [pid, tid, signal as u64, info.0.as_ptr() as u64, 0, 0]);
    if sent < 0 {
        call::raw(libc::SYS_tgkill, [pid, tid, signal as u64, 0, 0, 0]);
    }
    let mask = host_mask();
    set_host_mask(mask & !bit(signal));
    set_host_mask(mask);
    if fault::serves(signal) {
        fault::install_one(signal);
    }
}

/// Ends this process by a signal, with whatever the host's default action is; by status `128 + signal` if it does not
/// end it.
pub fn die(signal: i32) -> ! {
    set_host_mask(u64::MAX);
    default_action(signal, &SigInfo::fault(signal, 0, 0));
    exit_group(128 + signal)
}

/// Ends this process at once.
pub fn exit_group(status: i32) -> ! {
    loop {
        call::raw(libc::SYS_exit_group, [status as u64, 0, 0, 0, 0, 0]);
    }
}

mod ending;
pub use ending::{end_begins, is_ending};

#[cfg(test)]
mod tests;
