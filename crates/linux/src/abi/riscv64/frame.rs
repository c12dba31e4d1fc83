//! The frame that a signal handler gets, as Linux lays it out on RISC-V (`arch/riscv/include/uapi/asm`: `ucontext.h`,
//! `sigcontext.h`, `ptrace.h`): `siginfo_t`, then `struct ucontext` with the registers.

use super::{A0, RA, SP, f, x};
use engine::Vcpu;
use ir::Var;

/// Bytes of a frame without vector state.
pub const FRAME_BYTES: usize = UCONTEXT + 960;

const UCONTEXT: usize = 128;
const STACK: usize = UCONTEXT + 16;
const MASK: usize = UCONTEXT + 40;
/// pc, then x1 to x31.
const REGS: usize = UCONTEXT + 176;
/// f0 to f31, then fcsr in 32 bits.
const FPREGS: usize = REGS + 256;
const FCSR: usize = FPREGS + 256;
/// Zero, and a zero header that ends the list of further state: there is none.
const RESERVED: usize = FPREGS + 516;

const FRM: Var = Var(64);

/// What a frame holds beside registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub mask: u64,
    /// Address, flags and size of the alternate stack, as in `stack_t`.
    pub stack: [u64; 3],
}

type Frame = [u8; FRAME_BYTES];

fn put(frame: &mut Frame, at: usize, value: u64) {
    frame[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

fn get(frame: &Frame, at: usize) -> u64 {
    u64::from_le_bytes(frame[at..at + 8].try_into().unwrap_or_default())
}

/// The frame for the state that the vCPU is in.
pub fn frame(vcpu: &Vcpu, info: &[u8; 128], saved: &Saved) -> Frame {
    let mut frame = [0; FRAME_BYTES];
    frame[..128].copy_from_slice(info);
    for (i, word) in saved.stack.into_iter().enumerate() {
        put(&mut frame, STACK + 8 * i, word);
    }
    put(&mut frame, MASK, saved.mask);
    put(&mut frame, REGS, vcpu.pc());
    for n in 1..32 {
        put(&mut frame, REGS + 8 * n, vcpu.get(x(n as u16)));
    }
    for n in 0..32 {
        put(&mut frame, FPREGS + 8 * n, vcpu.get(f(n as u16)));
    }
    let fcsr = (vcpu.get(FRM) & 7) << 5 | vcpu.fp_flags();
    frame[FCSR..FCSR + 4].copy_from_slice(&(fcsr as u32).to_le_bytes());
    frame
}

/// Makes the vCPU begin a handler whose frame is at `at`. Everything else stays: fcsr too.
pub fn begin_handler(vcpu: &mut Vcpu, at: u64, handler: u64, signal: i32, return_to: u64) {
    vcpu.set_pc(handler & !1);
    vcpu.set(RA, return_to);
    vcpu.set(SP, at);
    vcpu.set(A0, signal as u64);
    vcpu.set(x(11), at);
    vcpu.set(x(12), at + UCONTEXT as u64);
    vcpu.clear_reservation();
}

/// What a frame holds beside registers; `None` if it is no frame.
pub fn saved(frame: &Frame) -> Option<Saved> {
    let stack = [get(frame, STACK), get(frame, STACK + 8), get(frame, STACK + 16)];
    let valid = frame[RESERVED..RESERVED + 12].iter().all(|&b| b == 0);
    valid.then(|| Saved { mask: get(frame, MASK), stack })
}

/// Sets the registers from a frame.
pub fn restore(vcpu: &mut Vcpu, frame: &Frame) {
    vcpu.set_pc(get(frame, REGS) & !1);
    for n in 1..32 {
        vcpu.set(x(n as u16), get(frame, REGS + 8 * n));
    }
    for n in 0..32 {
        vcpu.set(f(n as u16), get(frame, FPREGS + 8 * n));
    }
    let fcsr = get(frame, FCSR) & 0xff;
    vcpu.set(FRM, fcsr >> 5);
    vcpu.set_fp_round(fcsr >> 5);
    vcpu.set_fp_flags(fcsr & 31);
    vcpu.clear_reservation();
}
