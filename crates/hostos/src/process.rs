//! Making host processes: fork, and the kind of child that shares its parent's memory while the parent sleeps.

use crate::call;

/// Forks as the C library does, whose locks are then free in the child. Returns 0 in the child; else the child's id, or
/// a negative error number.
pub fn fork() -> i64 {
    // SAFETY: the caller sees to it that the locks that the child needs are free or its own.
    match unsafe { libc::fork() } {
        -1 => -i64::from(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EAGAIN)),
        pid => i64::from(pid),
    }
}

/// Forks by the raw call, for flags that [`fork`] does not know. The child has memory of its own: `CLONE_VM` and what
/// needs it is refused. Results as of [`fork`].
pub fn clone_process(flags: u64, parent_tid: u64) -> i64 {
    let needs_memory = (libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD | libc::CLONE_SETTLS) as u64;
    if flags & needs_memory != 0 {
        return -i64::from(libc::EINVAL);
    }
    call::raw(libc::SYS_clone, [flags, 0, parent_tid, 0, 0, 0])
}

/// As [`clone_process`], for flags that only `clone3` can say. `args` is a `struct clone_args` without stack.
pub fn clone3_process(args: &[u64; 11]) -> i64 {
    let needs_memory = (libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD | libc::CLONE_SETTLS) as u64;
    if args[0] & needs_memory != 0 || args[5] != 0 {
        return -i64::from(libc::EINVAL);
    }
    call::raw(libc::SYS_clone3, [args.as_ptr() as u64, size_of_val(args) as u64, 0, 0, 0, 0])
}

/// Bytes of the stack of a child that shares memory.
const STACK: usize = 512 << 10;

type Work<'a> = &'a mut dyn FnMut();

extern "C" fn run(work: *mut libc::c_void) -> i32 {
    // SAFETY: `vfork` passes a pointer to its own argument, and sleeps while the child uses it.
    unsafe { (*work.cast::<Work>())() };
    127
}

/// Makes a child that shares all memory with us and runs `work` on a stack of its own, while the calling thread sleeps
/// until the child has ended or become another program. `flags` are further flags of `clone`. Returns the child's id or
/// a negative error number.
///
/// `work` must end in neither way but by ending its process: it must not return or unwind.
pub fn vfork(flags: i32, parent_tid: u64, mut work: Work) -> i64 {
    // SAFETY: the mapping is fresh and unmapped only when the child has left it; the child's use of our memory is that
    // of the calling thread, which sleeps.
    unsafe {
        let map_flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
        let prot = libc::PROT_READ | libc::PROT_WRITE;
        let stack = libc::mmap(std::ptr::null_mut(), STACK, prot, map_flags, -1, 0);
        if stack == libc::MAP_FAILED {
            return -i64::from(libc::ENOMEM);
        }
        libc::mprotect(stack, 4096, libc::PROT_NONE);
        let flags = flags | libc::CLONE_VM | libc::CLONE_VFORK;
        let work: *mut Work = &mut work;
        let got = libc::clone(run, stack.add(STACK), flags, work.cast(), parent_tid as *mut libc::pid_t);
        let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EAGAIN);
        libc::munmap(stack, STACK);
        if got < 0 { -i64::from(error) } else { i64::from(got) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::exit_group;

    fn status_of(pid: i64) -> i32 {
        let mut status = 0i32;
        let got = call::raw(libc::SYS_wait4, [pid as u64, (&raw mut status) as u64, libc::__WALL as u64, 0, 0, 0]);
        assert_eq!(got, pid);
        status
    }

    #[test]
    fn a_sharing_child_writes_to_our_memory() {
        let mut told = 0;
        let pid = vfork(libc::SIGCHLD, 0, &mut || {
            told = 7;
            exit_group(3)
        });
        assert!(pid > 0);
        assert_eq!((told, status_of(pid)), (7, 3 << 8));
    }

    #[test]
    fn other_children_do_not() {
        let told = std::sync::atomic::AtomicI32::new(0);
        let child = || {
            told.store(7, std::sync::atomic::Ordering::SeqCst);
            exit_group(4)
        };
        for make in [fork as fn() -> i64, || clone_process(libc::SIGCHLD as u64, 0)] {
            let pid = make();
            if pid == 0 {
                child();
            }
            assert_eq!((told.load(std::sync::atomic::Ordering::SeqCst), status_of(pid)), (0, 4 << 8));
        }
        assert_eq!(clone_process(libc::CLONE_VM as u64, 0), -i64::from(libc::EINVAL));
    }
}
