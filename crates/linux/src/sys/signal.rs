//! Signals: actions, masks, sending, waiting.

use super::{pass, syscalls, wait};
use crate::abi;
use crate::errno::{ERESTARTNOINTR, Errno, SysResult, code, fault};
use crate::signal::action::{Action, KNOWN_FLAGS};
use crate::signal::{UNTOUCHABLE, force};
use crate::task::Thread;
use hostos::signal::{FAULTS, SigInfo, bit};
use memory::guarded;

syscalls! { ROWS;
    128 restart_syscall() Full { |_t| Err(code::EINTR) }
    129 kill(pid: Int, signal: Sig) Full { pass SYS_kill }
    130 tkill(tid: Int, signal: Sig) Full { pass SYS_tkill }
    131 tgkill(pid: Int, tid: Int, signal: Sig) Full { pass SYS_tgkill }
    132 sigaltstack(new: Ptr, old: Ptr) Full { |t| alternate_stack(t, new.0, old.0) }
    133 rt_sigsuspend(mask: Signals, size: Size) Full { |t| suspend(t, mask.0, size.0) }
    134 rt_sigaction(signal: Sig, new: Action, old: ActionOut, size: Size) Full { |t| action(t, signal.0, new.0, old.0, size.0) }
    135 rt_sigprocmask(how: MaskHow, new: Signals, old: SignalsOut, size: Size) Full { |t| mask(t, how.0, new.0, old.0, size.0) }
    136 rt_sigpending(set: SignalsOut, size: Size) Full { |t| pending(t, set.0, size.0) }
    137 rt_sigtimedwait(set: Signals, info: Ptr, timeout: Time, size: Size) Full {
        |t| timed_wait(t, [set.0, info.0, timeout.0, size.0, 0, 0])
    }
    138 rt_sigqueueinfo(pid: Int, signal: Sig, info: Ptr) Full { pass SYS_rt_sigqueueinfo }
    139 rt_sigreturn() Full { |t| sigreturn(t) }
    240 rt_tgsigqueueinfo(pid: Int, tid: Int, signal: Sig, info: Ptr) Full { pass SYS_rt_tgsigqueueinfo }
    424 pidfd_send_signal(process: Fd, signal: Sig, info: Ptr, flags: Hex) Full { pass SYS_pidfd_send_signal }
}

/// Bytes of a signal set.
const SET: u64 = 8;

fn check_size(size: u64) -> Result<(), Errno> {
    if size == SET { Ok(()) } else { Err(code::EINVAL) }
}

fn alternate_stack(t: &mut Thread, new: u64, old: u64) -> SysResult {
    let wanted = if new == 0 { None } else { Some(fault(guarded::load::<[u64; 3]>(new))?) };
    let sp = t.vcpu.get(abi::SP);
    let before = t.signals.stack.to_guest(sp);
    if let Some(wanted) = wanted {
        t.signals.stack.change(wanted, sp)?;
    }
    if old != 0 {
        fault(guarded::store(old, before))?;
    }
    Ok(0)
}

fn suspend(t: &mut Thread, set: u64, size: u64) -> SysResult {
    check_size(size)?;
    let mask = fault(guarded::load::<u64>(set))?;
    // Faults stay unblocked in the host.
    let host = mask & !FAULTS;
    let result = wait(t, libc::SYS_rt_sigsuspend, &[(&raw const host) as u64, SET, 0, 0, 0, 0]);
    t.wait_mask = (result != Err(ERESTARTNOINTR)).then_some(mask);
    result
}

fn action(t: &mut Thread, signal: i32, new: u64, old: u64, size: u64) -> SysResult {
    check_size(size)?;
    let wanted = if new == 0 { None } else { Some(fault(guarded::load::<[u64; 3]>(new))?) };
    let known = (1..=64).contains(&signal);
    if !known || (wanted.is_some() && UNTOUCHABLE & bit(signal) != 0) {
        return Err(code::EINVAL);
    }
    let actions = t.actions();
    let before = match wanted {
        None => actions.get(signal),
        Some([handler, flags, mask]) => {
            let flags = flags & KNOWN_FLAGS;
            actions.set(signal, Action { handler, flags, mask: mask & !UNTOUCHABLE })
        }
    };
    if old != 0 {
        fault(guarded::store(old, [before.handler, before.flags, before.mask]))?;
    }
    Ok(0)
}

fn mask(t: &mut Thread, how: i32, new: u64, old: u64, size: u64) -> SysResult {
    check_size(size)?;
    let before = t.signals.mask;
    if new != 0 {
        let set = fault(guarded::load::<u64>(new))? & !UNTOUCHABLE;
        let mask = match how {
            libc::SIG_BLOCK => before | set,
            libc::SIG_UNBLOCK => before & !set,
            libc::SIG_SETMASK => set,
            _ => return Err(code::EINVAL),
        };
        // A signal that is noted already comes before the change.
        if mask != before && !hostos::signal::change_mask(mask) {
            return Err(ERESTARTNOINTR);
        }
        t.signals.mask = mask;
    }
    if old != 0 {
        fault(guarded::store(old, before))?;
    }
    Ok(0)
}

fn pending(t: &mut Thread, set: u64, size: u64) -> SysResult {
    if size > SET {
        return Err(code::EINVAL);
    }
    let mut pending = 0u64;
    pass(libc::SYS_rt_sigpending, &[(&raw mut pending) as u64, SET, 0, 0, 0, 0])?;
    pending |= hostos::signal::held() & t.signals.mask;
    fault(guarded::write(set, &pending.to_le_bytes()[..size as usize]))?;
    Ok(0)
}

fn timed_wait(t: &mut Thread, raw: [u64; 6]) -> SysResult {
    check_size(raw[3])?;
    let set = fault(guarded::load::<u64>(raw[0]))?;
    if let Some(info) = hostos::signal::take_held(set) {
        return waited(&info, raw[1]);
    }
    let result = wait(t, libc::SYS_rt_sigtimedwait, &raw);
    match (result, hostos::signal::take_held(set)) {
        (Err(code::EINTR), Some(info)) => waited(&info, raw[1]),
        _ => result,
    }
}

fn waited(info: &SigInfo, to: u64) -> SysResult {
    if to != 0 {
        fault(guarded::write(to, &info.0))?;
    }
    Ok(info.signal() as u64)
}

/// The end of a handler: the frame's registers, mask and stack are the thread's again.
fn sigreturn(t: &mut Thread) -> SysResult {
    let at = t.vcpu.get(abi::SP);
    let mut frame = [0; abi::FRAME_BYTES];
    let read = at.is_multiple_of(16) && guarded::read(at, &mut frame).is_ok();
    let Some(saved) = read.then(|| abi::saved(&frame)).flatten() else {
        const SI_KERNEL: i32 = 128;
        force(t, &SigInfo::fault(libc::SIGSEGV, SI_KERNEL, 0));
        return Err(ERESTARTNOINTR);
    };
    // A signal that is noted already comes before the return.
    let mask = saved.mask & !UNTOUCHABLE;
    if hostos::signal::change_mask(mask) {
        t.signals.mask = mask;
        abi::restore(&mut t.vcpu, &frame);
        // A stack that is refused is no error here.
        let _ = t.signals.stack.change(saved.stack, t.vcpu.get(abi::SP));
    }
    Err(ERESTARTNOINTR)
}
