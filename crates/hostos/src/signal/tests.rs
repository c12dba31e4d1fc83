use super::*;

fn send(signal: i32) {
    let (pid, tid) = (u64::from(std::process::id()), call::raw(libc::SYS_gettid, [0; 6]) as u64);
    assert_eq!(call::raw(libc::SYS_tgkill, [pid, tid, signal as u64, 0, 0, 0]), 0);
}

/// On a thread of its own, because masks and notes are the thread's.
fn on_a_thread(work: impl FnOnce() + Send) {
    std::thread::scope(|s| {
        s.spawn(|| {
            set_host_mask(ALL);
            enter(0);
            call::clear_flag();
            work();
            leave();
        });
    });
}

fn signals() -> Vec<i32> {
    let mut all = Vec::new();
    while let Some(info) = take() {
        all.push(info.signal());
        set_mask(0);
    }
    all
}

#[test]
fn one_note_at_a_time_in_the_kernels_order() {
    for signal in [libc::SIGPWR, libc::SIGIO, 40, 41] {
        set_action(signal, Disposition::Note, 0).unwrap();
    }
    on_a_thread(|| {
        [41, 40, libc::SIGIO, 40, libc::SIGPWR, libc::SIGPWR].into_iter().for_each(send);
        assert!(!is_noted());
        set_mask(0);
        assert!(is_noted());
        assert_eq!(signals(), [libc::SIGIO, libc::SIGPWR, 40, 40, 41]);
        assert!(!is_noted() && take().is_none());
    });
}

#[test]
fn the_mask_does_not_change_behind_a_note() {
    set_action(42, Disposition::Note, 0).unwrap();
    on_a_thread(|| {
        set_mask(0);
        send(42);
        assert!(!change_mask(bit(42)) && !block_all());
        assert_eq!(signals(), [42]);
        call::clear_flag();
        assert!(change_mask(bit(42)));
        send(42);
        assert!(!is_noted());
    });
}

#[test]
fn a_note_is_not_overwritten() {
    set_action(44, Disposition::Note, 0).unwrap();
    set_action(45, Disposition::Note, 0).unwrap();
    on_a_thread(|| {
        set_mask(0);
        send(45);
        send(44);
        set_mask(0);
        assert_eq!(signals(), [45, 44]);
        // A flag that stands for something else stops nothing, and stays.
        set_mask(bit(45));
        call::set_flag();
        set_mask(0);
        assert_eq!(host_mask() & bit(45), 0);
        assert!(!block_all());
    });
}

#[test]
fn what_a_thread_leaves_is_handed_on() {
    set_action(43, Disposition::Note, 0).unwrap();
    fault::install(|_| false);
    install(|_| ());
    // In a process of its own, where no other test's thread can get the signals.
    // SAFETY: the child makes system calls only, and ends by one.
    let child = unsafe { libc::fork() };
    if child == 0 {
        set_host_mask(ALL);
        enter(0);
        call::clear_flag();
        send(libc::SIGBUS);
        let process = u64::from(std::process::id());
        for signal in [libc::SIGFPE, 43] {
            call::raw(libc::SYS_kill, [process, signal as u64, 0, 0, 0, 0]);
        }
        set_host_mask(0);
        leave();
        hand_on();
        let mut pending = 0u64;
        call::raw(libc::SYS_rt_sigpending, [(&raw mut pending) as u64, SET_BYTES, 0, 0, 0, 0]);
        let status = i32::from(pending != bit(libc::SIGFPE) | bit(43));
        exit_group(status);
    }
    let mut status = -1;
    // SAFETY: a live word for the result.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0);
}

#[test]
fn sent_faults_are_held_while_blocked() {
    fault::install(|_| false);
    install(|_| ());
    on_a_thread(|| {
        set_mask(bit(libc::SIGBUS));
        send(libc::SIGBUS);
        send(libc::SIGBUS);
        send(libc::SIGFPE);
        assert_eq!(held(), bit(libc::SIGBUS) | bit(libc::SIGFPE));
        assert_eq!(take().map(|i| (i.signal(), i.code())), Some((libc::SIGFPE, libc::SI_TKILL)));
        assert!(take().is_none() && !is_noted());
        set_mask(0);
        assert_eq!(signals(), [libc::SIGBUS]);
    });
}

#[test]
fn a_wake_is_no_signal() {
    fault::install(|_| false);
    install(|_| ());
    on_a_thread(|| {
        set_mask(0);
        wake(call::raw(libc::SYS_gettid, [0; 6]) as i32);
        assert!(!is_noted());
        assert_eq!(call::interruptible(libc::SYS_getpid, [0; 6]), call::NOT_BEGUN);
    });
}

static SAID: AtomicU64 = AtomicU64::new(0);

#[test]
fn farewell_and_death() {
    set_farewell(|signal| SAID.store(signal as u64, Ordering::SeqCst));
    let pid = crate::process::vfork(libc::SIGCHLD, 0, &mut || {
        set_action(libc::SIGXCPU, Disposition::Farewell, 0).unwrap();
        set_host_mask(0);
        send(libc::SIGXCPU);
        exit_group(1)
    });
    let mut status = 0i32;
    call::raw(libc::SYS_wait4, [pid as u64, (&raw mut status) as u64, 0, 0, 0, 0]);
    // It was said in memory that the two share.
    assert_eq!((status & 0x7f, SAID.load(Ordering::SeqCst)), (libc::SIGXCPU, libc::SIGXCPU as u64));
}
