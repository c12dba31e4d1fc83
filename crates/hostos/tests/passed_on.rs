//! A signal for the process reaches a thread that runs guest code, whatever thread the kernel gives it to. In a program
//! of its own, because all other threads block everything afterwards.

use hostos::call;
use hostos::signal::{Disposition, bit, block_all, enter, host_mask, is_noted, set_action, set_mask, take};

const SIGNAL: i32 = 43;

#[test]
fn a_thread_without_guest_code_passes_signals_on() {
    set_action(SIGNAL, Disposition::Note, 0).unwrap();
    let [before, after] = std::thread::spawn(|| {
        let before = host_mask();
        let (pid, tid) = (u64::from(std::process::id()), call::raw(libc::SYS_gettid, [0; 6]) as u64);
        assert_eq!(call::raw(libc::SYS_tgkill, [pid, tid, SIGNAL as u64, 0, 0, 0]), 0);
        [before, host_mask()].map(|m| m & bit(SIGNAL))
    })
    .join()
    .unwrap();
    assert_eq!([before, after], [0, bit(SIGNAL)]);
    let noted = std::thread::spawn(|| {
        block_all();
        enter(0);
        set_mask(!bit(SIGNAL));
        let begin = std::time::Instant::now();
        while !is_noted() && begin.elapsed().as_secs() < 60 {
            std::thread::yield_now();
        }
        take().map(|info| info.signal())
    });
    assert_eq!(noted.join().unwrap(), Some(SIGNAL));
}
