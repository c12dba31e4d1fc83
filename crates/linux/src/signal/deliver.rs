//! Delivery: from a noted signal, or a fault, to the guest's handler.

use super::action::{self, Action, ByDefault, by_default};
use crate::abi;
use crate::errno::{self, code};
use crate::observe;
use crate::options::ExitStatus;
use crate::task::{End, Thread};
use engine::{Fault, FaultKind};
use hostos::signal::{SigInfo, bit};
use memory::guarded;

const SEGV_MAPERR: i32 = 1;
const SEGV_ACCERR: i32 = 2;
const BUS_ADRALN: i32 = 1;
const BUS_ADRERR: i32 = 2;
const ILL_ILLOPC: i32 = 1;
const TRAP_BRKPT: i32 = 1;

/// Delivers what is due; called before every entry into guest code. May change registers, or end the thread.
pub fn deliver(t: &mut Thread) {
    if let Some(status) = t.process.threads.ending() {
        t.end.get_or_insert(End::Process(status));
    }
    while t.end.is_none() {
        let Some(info) = hostos::signal::take() else { return };
        one(t, &info);
        if t.end.is_none() {
            hostos::signal::set_mask(t.signals.mask);
        }
    }
}

fn one(t: &mut Thread, info: &SigInfo) {
    let signal = info.signal();
    // A call with a mask of its own was interrupted: that mask holds until the handler is entered.
    let mask = t.wait_mask.take().map_or(t.signals.mask, |m| m & !super::UNTOUCHABLE);
    let action = t.actions().begin(signal);
    match action.handler {
        action::IGNORE => {}
        action::DEFAULT => match by_default(signal) {
            ByDefault::Ignore => {}
            ByDefault::Stop => hostos::signal::default_action(signal, info),
            ByDefault::End => t.end = Some(End::Process(ExitStatus::Signal(signal))),
        },
        _ => enter(t, &action, info, mask),
    }
}

/// Makes the thread begin a handler. `mask` is the one on top of which the handler's own is put.
fn enter(t: &mut Thread, action: &Action, info: &SigInfo, mask: u64) {
    end_call(t, action);
    let signal = info.signal();
    let saved = abi::Saved { mask: t.signals.mask, stack: t.signals.stack.saved() };
    let frame = abi::frame(&t.vcpu, &info.0, &saved);
    let place = t.signals.stack.place(t.vcpu.get(abi::SP), action.has(libc::SA_ONSTACK), frame.len() as u64);
    let written = place.filter(|&at| guarded::write(at, &frame).is_ok());
    let Some(at) = written else { return no_frame(t, signal) };
    let return_to = t.process.image.read().unwrap_or_else(|e| e.into_inner()).sigreturn;
    abi::begin_handler(&mut t.vcpu, at, action.handler, signal, return_to);
    let own = if action.has(libc::SA_NODEFER) { 0 } else { bit(signal) };
    t.signals.mask = (mask | action.mask | own) & !super::UNTOUCHABLE;
    t.signals.stack.begin_handler();
}

/// The handler interrupts a call: it begins again afterwards, or has failed with EINTR.
fn end_call(t: &mut Thread, action: &Action) {
    let fails = match t.restart.take() {
        Some(errno::ERESTARTSYS) => !action.has(libc::SA_RESTART),
        Some(errno::ERESTARTNOHAND) => true,
        _ => false,
    };
    let moved = observe::interrupted(t, fails.then_some(code::EINTR.0));
    if fails && !moved {
        abi::finish_syscall(&mut t.vcpu, -i64::from(code::EINTR.0) as u64);
    }
}

/// There is no stack for the frame: SIGSEGV, which kills if it is that one's frame.
fn no_frame(t: &mut Thread, signal: i32) {
    const SI_KERNEL: i32 = 128;
    if signal == libc::SIGSEGV {
        t.end = Some(End::Process(ExitStatus::Signal(signal)));
    } else {
        force(t, &SigInfo::fault(libc::SIGSEGV, SI_KERNEL, 0));
    }
}

/// A signal that the guest cannot evade: blocked, ignored or unhandled it kills.
pub fn force(t: &mut Thread, info: &SigInfo) {
    let signal = info.signal();
    let blocked = t.signals.mask & bit(signal) != 0;
    let action = t.actions().begin(signal);
    if blocked || !action.is_handler() {
        t.end = Some(End::Process(ExitStatus::Signal(signal)));
        return;
    }
    enter(t, &action, info, t.signals.mask);
    if t.end.is_none() {
        hostos::signal::set_mask(t.signals.mask);
    }
}

/// Forces a signal because of the instruction at pc, unless another one comes first: then the instruction runs, and
/// fails, again after that one's handler.
fn by_instruction(t: &mut Thread, signal: i32, code: i32, addr: u64) {
    if !hostos::signal::is_noted() {
        force(t, &SigInfo::fault(signal, code, addr));
    }
}

/// The guest's memory access failed.
pub fn on_fault(t: &mut Thread, fault: Fault) {
    let (signal, code) = match fault.kind {
        FaultKind::Unmapped => (libc::SIGSEGV, SEGV_MAPERR),
        FaultKind::Protected => (libc::SIGSEGV, SEGV_ACCERR),
        FaultKind::Bus => (libc::SIGBUS, BUS_ADRERR),
        FaultKind::Misaligned => (libc::SIGBUS, BUS_ADRALN),
    };
    by_instruction(t, signal, code, fault.addr);
}

/// The guest's instruction is illegal.
pub fn on_illegal(t: &mut Thread) {
    let pc = t.vcpu.pc();
    by_instruction(t, libc::SIGILL, ILL_ILLOPC, pc);
}

/// The guest ran into a breakpoint.
pub fn on_breakpoint(t: &mut Thread) {
    let pc = t.vcpu.pc();
    by_instruction(t, libc::SIGTRAP, TRAP_BRKPT, pc);
}

/// A filter refuses the call `number` with a signal (`SECCOMP_RET_TRAP`): SIGSYS with `si_code` 1 (SYS_SECCOMP),
/// `si_errno` = `data`, the pc behind the call, its number, and the guest's `AUDIT_ARCH`.
pub fn on_filtered_call(t: &mut Thread, number: i32, data: u16) {
    const SYS_SECCOMP: i32 = 1;
    let mut info = SigInfo::fault(libc::SIGSYS, SYS_SECCOMP, t.vcpu.pc());
    info.0[4..8].copy_from_slice(&i32::from(data).to_le_bytes());
    info.0[24..28].copy_from_slice(&number.to_le_bytes());
    info.0[28..32].copy_from_slice(&abi::AUDIT_ARCH.to_le_bytes());
    force(t, &info);
}
