//! Host threads whose end is told by the kernel: when it clears a word of our choice and wakes who waits for it, the
//! thread executes nothing any more, in this process or in the C library.
//!
//! The C library has the kernel tell the end of a thread to itself, to know when the stack is free. So these threads
//! have stacks of ours, and whether one is free is asked of the kernel by the thread's id.

use crate::call;
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard};

/// Bytes of a stack. Guest code does not use it.
const STACK: usize = 256 << 10;
const GUARD: usize = 4096;

/// How many stacks are kept for later threads.
const KEPT: usize = 64;

/// What a thread does. Returns the address of the word to clear, or 0.
pub type Work = Box<dyn FnOnce() -> u64 + Send>;

/// A stack, and the thread on it.
#[derive(Debug)]
struct Stack {
    at: usize,
    /// Process and thread; 0 until the thread has begun.
    owner: [i32; 2],
    /// The thread is on its way out.
    ending: bool,
}

static STACKS: Mutex<Vec<Stack>> = Mutex::new(Vec::new());

thread_local! {
    /// The calling thread's stack.
    static OWN: Cell<usize> = const { Cell::new(0) };
}

fn stacks() -> MutexGuard<'static, Vec<Stack>> {
    STACKS.lock().unwrap_or_else(|e| e.into_inner())
}

/// Keeps everybody from starting and ending threads while the result lives: taken around `fork`.
pub fn quiesce() -> impl Sized {
    stacks()
}

/// In the child of a fork: the calling thread is the only one.
pub fn forked() {
    let (pid, tid) = (std::process::id() as i32, call::raw(libc::SYS_gettid, [0; 6]) as i32);
    let own = OWN.get();
    for stack in stacks().iter_mut() {
        stack.ending = stack.at != own;
        stack.owner = [pid, if stack.ending { stack.owner[1] } else { tid }];
    }
}

impl Stack {
    fn is_free(&self) -> bool {
        let [pid, tid] = self.owner.map(|id| id as u64);
        self.ending && (tid == 0 || call::raw(libc::SYS_tgkill, [pid, tid, 0, 0, 0, 0]) == -i64::from(libc::ESRCH))
    }
}

/// A free stack, which nobody else gets. Of further ones some are kept.
fn take_stack() -> Option<usize> {
    let mut all = stacks();
    let mut free: Vec<usize> = all.extract_if(.., |stack| stack.is_free()).map(|stack| stack.at).collect();
    let at = match free.pop() {
        Some(at) => at,
        None => new_stack()?,
    };
    for surplus in free.drain(free.len().min(KEPT)..) {
        // SAFETY: mapped by `new_stack`, and its thread is gone.
        unsafe { libc::munmap(surplus as *mut _, STACK + GUARD) };
    }
    all.extend(free.into_iter().map(|at| Stack { at, owner: [0; 2], ending: true }));
    all.push(Stack { at, owner: [0; 2], ending: false });
    Some(at)
}

fn new_stack() -> Option<usize> {
    // SAFETY: a fresh mapping.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
        let at = libc::mmap(std::ptr::null_mut(), STACK + GUARD, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if at == libc::MAP_FAILED {
            return None;
        }
        libc::mprotect(at, GUARD, libc::PROT_NONE);
        Some(at as usize)
    }
}

/// Changes the entry of a stack.
fn note(at: usize, change: impl FnOnce(&mut Stack)) {
    if let Some(stack) = stacks().iter_mut().find(|stack| stack.at == at) {
        change(stack);
    }
}

/// Starts a thread.
///
/// # Errors
/// EAGAIN if there is none, or no memory for its stack.
pub fn spawn(work: Work) -> Result<(), i32> {
    let at = take_stack().ok_or(libc::EAGAIN)?;
    let birth = Box::into_raw(Box::new(Birth { at, work }));
    // SAFETY: the stack is the new thread's until it is gone; `run` takes the box over, unless there is no thread.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
        libc::pthread_attr_setstack(&mut attributes, (at + GUARD) as *mut _, STACK);
        let mut thread: libc::pthread_t = 0;
        let failed = libc::pthread_create(&mut thread, &attributes, run, birth.cast());
        libc::pthread_attr_destroy(&mut attributes);
        if failed != 0 {
            drop(Box::from_raw(birth));
            note(at, |stack| stack.ending = true);
            return Err(libc::EAGAIN);
        }
    }
    Ok(())
}

struct Birth {
    at: usize,
    work: Work,
}

extern "C" fn run(birth: *mut libc::c_void) -> *mut libc::c_void {
    // SAFETY: `spawn` gives it to this thread alone.
    let Birth { at, work } = *unsafe { Box::from_raw(birth.cast::<Birth>()) };
    let (pid, tid) = (std::process::id() as i32, call::raw(libc::SYS_gettid, [0; 6]) as i32);
    OWN.set(at);
    note(at, |stack| stack.owner = [pid, tid]);
    let word = work();
    note(at, |stack| stack.ending = true);
    if word != 0 {
        call::raw(libc::SYS_set_tid_address, [word, 0, 0, 0, 0, 0]);
    }
    std::ptr::null_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Waits for the kernel to clear the word.
    fn wait_for(word: &AtomicU32) {
        while word.load(SeqCst) != 0 {
            let args = [word.as_ptr() as u64, libc::FUTEX_WAIT as u64, 1, 0, 0, 0];
            call::raw(libc::SYS_futex, args);
        }
    }

    /// Does as told when the thread has come to its very end.
    struct AtTheEnd(Sender<()>, Receiver<()>);

    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
            self.1.recv().unwrap();
        }
    }

    thread_local! {
        static LAST: Cell<Option<AtTheEnd>> = const { Cell::new(None) };
    }

    #[test]
    fn the_end_is_told_when_nothing_of_the_thread_runs_any_more() {
        static WORD: AtomicU32 = AtomicU32::new(1);
        let ((here, is_here), (go, may_go)) = (channel(), channel());
        let work = move || {
            LAST.set(Some(AtTheEnd(here, may_go)));
            WORD.as_ptr() as u64
        };
        spawn(Box::new(work)).unwrap();
        is_here.recv().unwrap();
        assert_eq!(WORD.load(SeqCst), 1, "it still runs what the C library has to do");
        go.send(()).unwrap();
        wait_for(&WORD);
    }

    #[test]
    fn stacks_are_used_again() {
        static WORD: AtomicU32 = AtomicU32::new(0);
        static THREAD: AtomicU32 = AtomicU32::new(0);
        for _ in 0..500 {
            WORD.store(1, SeqCst);
            let work = || {
                THREAD.store(call::raw(libc::SYS_gettid, [0; 6]) as u32, SeqCst);
                WORD.as_ptr() as u64
            };
            spawn(Box::new(work)).unwrap();
            wait_for(&WORD);
            let args = [std::process::id().into(), THREAD.load(SeqCst).into(), 0, 0, 0, 0];
            while call::raw(libc::SYS_tgkill, args) == 0 {
                std::thread::yield_now();
            }
        }
        // This one's, and the other test's.
        assert!(stacks().len() <= 2, "{:?}", stacks());
    }
}
