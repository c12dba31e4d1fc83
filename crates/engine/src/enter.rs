//! The jump into generated code, and the handler of host faults that it raises. The only unsafe file of this crate.
//!
//! Rules of this fence: `enter` is only given the address of the host's entry piece and of code in the same buffer, and
//! a state pointer into a living arena with the layout of `host::layout`. Generated code keeps the C convention at its
//! edges and touches, besides guest memory, only that arena.

use host::Return;
use host::layout::*;
use hostos::fault::Context;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let put = |at: i32, value: u64| {
        // SAFETY: the fault happened in generated code, so the state register points into its arena.
        unsafe { ((cx.state as i64 + at as i64) as *mut u64).write(value) };
    };
    put(FAULT_ADDR, cx.addr);
    put(FAULT_SIGNAL, (cx.signal as u64) << 32 | cx.code as u32 as u64);
    put(FAULT_HOST_PC, cx.pc);
    put(FAULT_ERROR, cx.error);
    cx.pc = range[2].load(Ordering::Relaxed) as u64;
    cx.rax = Return::Fault as u64;
    true
}
