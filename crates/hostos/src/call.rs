//! Raw system calls, and a kind of them that a signal interrupts without a race.
//!
//! A signal handler of ours only takes a note (decision D11); the guest's handler runs when the thread gets back to its
//! run loop. A note that is taken after the last look at the notes and before the kernel goes to sleep would be seen
//! too late, perhaps never. So a blocking call is made by a stub that looks at the thread's flag right before the
//! `syscall` instruction, and the handler, which knows the stub's addresses, moves a pc that is between the look and
//! the instruction to the way out. When the kernel wants to restart an interrupted call it sets the pc back to the
//! instruction, so that case is caught as well; `rcx`, which `syscall` overwrites, tells the two apart.

use std::sync::atomic::{AtomicU32, Ordering, compiler_fence};

#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".pushsection .text.fluoro_call,\"ax\",@progbits",
    ".p2align 4",
    ".globl fluoro_call_raw",
    "fluoro_call_raw:", // rdi number, rsi arguments
    "mov rax, rdi",
    "mov rdi, [rsi]",
    "mov rdx, [rsi + 16]",
    "mov r10, [rsi + 24]",
    "mov r8, [rsi + 32]",
    "mov r9, [rsi + 40]",
    "mov rsi, [rsi + 8]",
    "syscall",
    ".globl fluoro_call_raw_done",
    "fluoro_call_raw_done:",
    "ret",
    ".globl fluoro_call_interruptible",
    "fluoro_call_interruptible:", // rdi flag, rsi number, rdx arguments
    "mov r11, rdi",
    "mov rax, rsi",
    "mov rdi, [rdx]",
    "mov rsi, [rdx + 8]",
    "mov r10, [rdx + 24]",
    "mov r8, [rdx + 32]",
    "mov r9, [rdx + 40]",
    "mov rdx, [rdx + 16]",
    "xor ecx, ecx",
    ".globl fluoro_call_look",
    "fluoro_call_look:",
    "cmp dword ptr [r11], 0",
    "jne fluoro_call_not_begun",
    ".globl fluoro_call_syscall",
    "fluoro_call_syscall:",
    "syscall",
    ".globl fluoro_call_done",
    "fluoro_call_done:",
    "ret",
    ".globl fluoro_call_not_begun",
    "fluoro_call_not_begun:",
    "mov rax, -513",
    "ret",
    ".globl fluoro_call_restart",
    "fluoro_call_restart:",
    "mov rax, -512",
    "ret",
    ".popsection",
);

unsafe extern "C" {
    fn fluoro_call_raw(number: i64, args: *const u64) -> i64;
    fn fluoro_call_interruptible(flag: *const AtomicU32, number: i64, args: *const u64) -> i64;
    static fluoro_call_raw_done: u8;
    static fluoro_call_look: u8;
    static fluoro_call_syscall: u8;
    static fluoro_call_done: u8;
    static fluoro_call_not_begun: u8;
    static fluoro_call_restart: u8;
}

/// What an interruptible call returns if a signal was noted before it began: as if it had come before the call.
pub const NOT_BEGUN: i64 = -513;

/// What an interruptible call returns if a signal ended it and the kernel would begin it again.
pub const RESTART: i64 = -512;

/// What the stubs return if a tick ([`crate::tick`]) ended the call, which the kernel does not begin again by itself.
const TICKED: i64 = i64::MIN;

thread_local! {
    static FLAG: AtomicU32 = const { AtomicU32::new(0) };
}

/// Makes a system call and returns what the kernel returns (errors as negative numbers).
pub fn raw(number: i64, args: [u64; 6]) -> i64 {
    loop {
        // SAFETY: by the crate's contract the arguments' pointers are the guest's or point to live objects.
        match unsafe { fluoro_call_raw(number, args.as_ptr()) } {
            // The descriptor is closed.
            TICKED if number == libc::SYS_close => return -i64::from(libc::EINTR),
            TICKED => {}
            other => return other,
        }
    }
}

/// Makes a system call unless the thread's flag is set; see [`NOT_BEGUN`] and [`RESTART`].
pub fn interruptible(number: i64, args: [u64; 6]) -> i64 {
    FLAG.with(|flag| {
        loop {
            // SAFETY: as in `raw`; the flag lives as long as the thread.
            match unsafe { fluoro_call_interruptible(flag, number, args.as_ptr()) } {
                TICKED if flag.load(Ordering::Relaxed) != 0 => return RESTART,
                TICKED => {}
                other => return other,
            }
        }
    })
}

/// Writes to a descriptor, in one call; what the kernel returns. Async-signal-safe.
pub fn write(fd: i32, text: &[u8]) -> i64 {
    raw(libc::SYS_write, [fd as u64, text.as_ptr() as u64, text.len() as u64, 0, 0, 0])
}

/// Writes a short text (at most a page) if there is room for it soon: nobody may be reading a pipe. Async-signal-safe.
/// Returns whether it was written.
pub fn write_soon(fd: i32, text: &[u8], milliseconds: u32) -> bool {
    has_room(fd, milliseconds) && write(fd, text) == text.len() as i64
}

/// Whether something can be written to a descriptor without waiting longer than that. Async-signal-safe.
pub fn has_room(fd: i32, milliseconds: u32) -> bool {
    let mut poll = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    let at = (&raw mut poll) as u64;
    raw(libc::SYS_poll, [at, 1, u64::from(milliseconds), 0, 0, 0]) == 1
}

/// Clears this thread's flag. To be done before looking at what the signal handlers have noted. (Only this thread and
/// handlers on it touch the flag, so the compiler alone has to keep the order.)
pub fn clear_flag() {
    FLAG.with(|flag| flag.store(0, Ordering::Relaxed));
    compiler_fence(Ordering::SeqCst);
}

/// Sets this thread's flag: its next interruptible call does not begin.
pub fn set_flag() {
    FLAG.with(|flag| flag.store(1, Ordering::SeqCst));
}

/// For signal handlers that took a note: sets the interrupted thread's flag and says where it has to go on, given the
/// interrupted pc and `rcx`. Async-signal-safe.
pub fn on_signal(pc: u64, rcx: u64) -> u64 {
    set_flag();
    let at = |label: *const u8| label.addr() as u64;
    let (look, syscall) = (at(&raw const fluoro_call_look), at(&raw const fluoro_call_syscall));
    if pc == syscall && rcx == at(&raw const fluoro_call_done) {
        return at(&raw const fluoro_call_restart);
    }
    if (look..=syscall).contains(&pc) { at(&raw const fluoro_call_not_begun) } else { pc }
}

/// For the handler of ticks, which nobody is to see: what `rax` is to be at the interrupted pc. A call that has not begun
/// goes on, one that the kernel begins again does so. Async-signal-safe.
pub(crate) fn on_tick(pc: u64, rax: u64) -> u64 {
    let done = [&raw const fluoro_call_raw_done, &raw const fluoro_call_done];
    let ended = done.iter().any(|label| label.addr() as u64 == pc) && rax as i64 == -i64::from(libc::EINTR);
    if ended { TICKED as u64 } else { rax }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn note(_: i32, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the kernel passes a ucontext_t.
        let regs = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
        let pc = on_signal(regs[libc::REG_RIP as usize] as u64, regs[libc::REG_RCX as usize] as u64);
        regs[libc::REG_RIP as usize] = pc as i64;
    }

    fn install(signal: i32, flags: i32) {
        // SAFETY: the handler touches only the interrupted context and a thread-local flag.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = note as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | flags;
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }

    fn pipe() -> [i32; 2] {
        let mut ends = [0; 2];
        assert_eq!(raw(libc::SYS_pipe2, [ends.as_mut_ptr() as u64, 0, 0, 0, 0, 0]), 0);
        ends
    }

    #[test]
    fn a_set_flag_stops_the_call() {
        set_flag();
        assert_eq!(interruptible(libc::SYS_getpid, [0; 6]), NOT_BEGUN);
        clear_flag();
        assert_eq!(interruptible(libc::SYS_getpid, [0; 6]), i64::from(std::process::id()));
        assert_eq!(raw(libc::SYS_close, [u64::MAX, 0, 0, 0, 0, 0]), -i64::from(libc::EBADF));
    }

    /// Signals at every distance from the call: none may be lost, or the read would sleep for ever.
    #[test]
    fn no_signal_is_lost() {
        install(libc::SIGUSR1, libc::SA_RESTART);
        let ends = pipe();
        // SAFETY: the calling thread's own id.
        let me = unsafe { libc::pthread_self() };
        let ready = AtomicU32::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=20_000u32 {
                    while ready.load(Ordering::SeqCst) != round {
                        std::hint::spin_loop();
                    }
                    (0..round % 97).for_each(|_| std::hint::spin_loop());
                    // SAFETY: the scope outlives this thread, and the receiver lives in the scope's thread.
                    unsafe { libc::pthread_kill(me, libc::SIGUSR1) };
                }
            });
            for round in 1..=20_000 {
                clear_flag();
                ready.store(round, Ordering::SeqCst);
                let mut byte = 0u8;
                let args = [ends[0] as u64, (&raw mut byte) as u64, 1, 0, 0, 0];
                let got = interruptible(libc::SYS_read, args);
                assert!(got == NOT_BEGUN || got == RESTART, "{got}");
            }
        });
    }
}
