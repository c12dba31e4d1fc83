//! The jump into generated code, and the handler of host faults that it raises. The only unsafe file of this crate.
//!
//! Rules of this fence: `enter` is only given the address of the host's entry piece and of code in the same buffer, and
//! a state pointer into a living arena with the layout of `host::layout`. Generated code keeps the C convention at its
//! edges and touches, besides guest memory, only that arena.

use crate::Engine;
use host::Return;
use host::layout::*;
use hostos::fault::Context;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const SIGFPE: i32 = 8;

const ENGINES: usize = 64;
/// Per engine: first address and length of its code memory, address of the stop piece.
static RANGES: [[AtomicUsize; 3]; ENGINES] = [const { [const { AtomicUsize::new(0) }; 3] }; ENGINES];

/// Runs generated code at `target` with the state register set to `state`; returns a [`Return`].
pub fn enter(piece: usize, state: usize, target: usize) -> u32 {
    // SAFETY: see the rules above; the piece has exactly this signature.
    unsafe {
        let f: extern "C" fn(usize, usize) -> u32 = std::mem::transmute(piece);
        f(state, target)
    }
}

std::arch::global_asm!(
    // catch(state, function, data): calls function(data); 1 if it left.
    ".global fluoro_engine_catch",
    ".hidden fluoro_engine_catch",
    ".type fluoro_engine_catch, @function",
    "fluoro_engine_catch:",
    "push rbp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "push [rdi + {sp}]",
    "push [rdi + {abandon}]",
    "push rdi",
    "mov [rdi + {sp}], rsp",
    "lea rax, [rip + 3f]",
    "mov [rdi + {abandon}], rax",
    "mov rdi, rdx",
    "call rsi",
    "xor eax, eax",
    "2:",
    "pop rdi",
    "pop [rdi + {abandon}]",
    "pop [rdi + {sp}]",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
    "3:",
    "mov eax, 1",
    "jmp 2b",
    // leave(state)
    ".global fluoro_engine_leave",
    ".hidden fluoro_engine_leave",
    ".type fluoro_engine_leave, @function",
    "fluoro_engine_leave:",
    "mov rbp, rdi",
    "mov rsp, [rdi + {sp}]",
    "jmp [rdi + {abandon}]",
    sp = const CALL_SP,
    abandon = const CALL_ABANDON,
);

unsafe extern "C" {
    fn fluoro_engine_catch(state: usize, function: extern "C" fn(usize), data: usize) -> u32;
    fn fluoro_engine_leave(state: usize) -> !;
}

extern "C" fn run_work(work: usize) {
    // SAFETY: `catch` passes the address of its own variable.
    unsafe { (*(work as *mut &mut dyn FnMut()))() }
}

/// Calls `work`; whether it came back by [`leave`].
pub fn catch(state: usize, work: &mut dyn FnMut()) -> bool {
    let mut work: &mut dyn FnMut() = work;
    // SAFETY: the state pointer is that of a living arena; the piece keeps the C convention.
    unsafe { fluoro_engine_catch(state, run_work, &raw mut work as usize) != 0 }
}

/// Goes back to the innermost `catch`, or to the generated code that called a callback, which then leaves its block.
pub fn leave(state: usize) -> ! {
    // SAFETY: callers are inside such a call, so stack pointer and target in the arena are valid.
    unsafe { fluoro_engine_leave(state) }
}

/// Where the piece that calls observers will return to, given the stack pointer that it noted.
pub fn return_address(sp: usize) -> usize {
    // SAFETY: the piece has pushed a word onto its return address, and its frame is there while the callback runs.
    unsafe { *((sp + 8) as *const usize) }
}

/// Settles the allowance that generated code has noted; 1 if the condition on its counter holds.
pub extern "C" fn settle(index: u32, state: usize) -> u32 {
    // SAFETY: generated code passes its state register; the vCPU's arena holds the address of its engine, which is
    // running this code.
    let engine = unsafe { &*(((state as i64 + ENGINE_AT as i64) as *const usize).read() as *const Engine) };
    engine.gate.arena(index).is_some_and(|arena| engine.settle(arena)).into()
}

/// A word of an observer's own that generated code adds to (`ir::Cell::at`).
pub fn word_of_observer(address: u64) -> &'static AtomicU64 {
    // SAFETY: observers promise that there is such a word, aligned, as long as code that adds to it can run.
    unsafe { AtomicU64::from_ptr(address as usize as *mut u64) }
}

/// The host's cycle counter, which generated code reads for the guest's.
pub fn cycles() -> u64 {
    // SAFETY: every x86-64 CPU has it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Calls a function of an observer with two arguments.
pub fn call_exec(function: u64, index: u32, data: u64) {
    // SAFETY: observers promise that `Call::function` is such a function.
    unsafe {
        let f: extern "C" fn(u32, u64) = std::mem::transmute(function as usize);
        f(index, data)
    }
}

/// Calls a function of an observer about an access.
pub fn call_access(function: u64, index: u32, info: u32, addr: u64, data: u64) {
    // SAFETY: observers promise that `Call::function` is such a function.
    unsafe {
        let f: extern "C" fn(u32, u32, u64, u64) = std::mem::transmute(function as usize);
        f(index, info, addr, data)
    }
}

/// Makes faults in this code memory come back from [`enter`] as [`Return::Fault`].
pub fn register(start: usize, len: usize, stop: usize) {
    for r in &RANGES {
        if r[0].compare_exchange(0, start, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            r[2].store(stop, Ordering::SeqCst);
            r[1].store(len, Ordering::SeqCst);
            hostos::fault::install(on_fault);
            return;
        }
    }
    panic!("more than {ENGINES} engines in one process");
}

/// Forgets code memory that is about to be unmapped.
pub fn unregister(start: usize) {
    for r in &RANGES {
        if r[0].load(Ordering::SeqCst) == start {
            r[1].store(0, Ordering::SeqCst);
            r[0].store(0, Ordering::SeqCst);
        }
    }
}

fn on_fault(cx: &mut Context) -> bool {
    let pc = cx.pc as usize;
    let inside = |r: &&[AtomicUsize; 3]| pc.wrapping_sub(r[0].load(Ordering::Relaxed)) < r[1].load(Ordering::Relaxed);
    let Some(range) = RANGES.iter().find(inside) else { return false };
    let word = |at: i32| (cx.state as i64 + at as i64) as *mut u32;
    // SAFETY: the fault happened in generated code, so the state register points into its arena.
    if cx.signal == SIGFPE && unsafe { end_watch(word, &mut cx.control) } {
        return true;
    }
    let put = |at: i32, value: u64| {
        // SAFETY: as above.
        unsafe { word(at).cast::<u64>().write(value) };
    };
    put(FAULT_ADDR, cx.addr);
    put(FAULT_SIGNAL, (cx.signal as u64) << 32 | cx.code as u32 as u64);
    put(FAULT_HOST_PC, cx.pc);
    put(FAULT_ERROR, cx.error);
    cx.pc = range[2].load(Ordering::Relaxed) as u64;
    cx.rax = Return::Fault as u64;
    true
}

/// An instruction would raise a flag that is not set while flags are watched (`layout::WATCHED_FLAGS`): masks everything,
/// so that it is executed again and raises what it raises. Returns whether flags were watched.
///
/// # Safety
/// `word` gives the addresses of words in the arena of the calling thread.
unsafe fn end_watch(word: impl Fn(i32) -> *mut u32, control: &mut u32) -> bool {
    let (_, factor, most) = WATCH_PERIODS;
    // SAFETY: promised by the caller.
    unsafe {
        if word(WATCHED_FLAGS).read() == NOT_WATCHED as u32 {
            return false;
        }
        // The host has noted in its control register what it trapped for.
        *control = word(MASKED_CONTROL).read();
        word(WATCHED_FLAGS).write(NOT_WATCHED as u32);
        let period = (u64::from(word(WATCH_PERIOD).read()) * factor).min(most);
        word(WATCH_PERIOD).write(period as u32);
        word(WATCH_LEFT).write(period as u32);
    }
    true
}
