//! What the machine code of a plugin's function tells about it.

use crate::host::host;
use crate::library;
use ir::Callee;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a function that are looked at.
const LOOK: usize = 1024;

/// Raised when a plugin goes: its addresses may be another's from then on.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// What this thread has found out, and in which generation.
type Known = (u64, HashMap<usize, Callee>);

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Looks at a function that generated code is to call.
pub fn inspect(function: usize) -> Callee {
    KNOWN.with_borrow_mut(|(generation, known)| {
        let now = GENERATION.load(Ordering::Acquire);
        if *generation != now {
            known.clear();
            *generation = now;
        }
        *known.entry(function).or_insert_with(|| look(function))
    })
}

/// A plugin's code is about to go.
pub fn forget() {
    GENERATION.fetch_add(1, Ordering::AcqRel);
}

fn look(function: usize) -> Callee {
    let mut code = [0u8; LOOK];
    let to = libc::iovec { iov_base: code.as_mut_ptr().cast(), iov_len: LOOK };
    let page = 4096 - function % 4096;
    // The function may end just before the end of what is mapped: two pieces, of which the second may fail.
    let from = [(function, page.min(LOOK)), (function + page.min(LOOK), LOOK - page.min(LOOK))]
        .map(|(at, len)| libc::iovec { iov_base: at as *mut _, iov_len: len });
    // SAFETY: the kernel copies into the buffer described by `to`, and refuses what is not mapped.
    let got = unsafe { libc::process_vm_readv(libc::getpid(), &to, 1, from.as_ptr(), 2, 0) };
    let mut callee = host().engine.inspect(function as u64, &code[..got.max(0) as usize]);
    callee.counter = callee.counter.filter(|c| library::is_variable_of(function, c.address as usize));
    callee
}
