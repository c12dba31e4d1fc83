//! RISC-V, 64 bit: where Linux's calling convention finds its values.

mod frame;

pub use frame::{FRAME_BYTES, Saved, begin_handler, frame, restore, saved};

use engine::Vcpu;
use ir::Var;

/// `EM_RISCV`.
pub const MACHINE: u16 = 243;

/// `AUDIT_ARCH_RISCV64`: the machine, 64-bit, little-endian.
pub const AUDIT_ARCH: u32 = 0xc000_0000 | MACHINE as u32;

/// What `uname` says.
pub const UNAME_MACHINE: &str = "riscv64";

/// Integer register n is variable n.
pub const fn x(n: u16) -> Var {
    Var(n)
}

/// Floating-point register n is variable 32 + n.
pub const fn f(n: u16) -> Var {
    Var(32 + n)
}

pub const RA: Var = x(1);
pub const SP: Var = x(2);
pub const TP: Var = x(4);
pub const A0: Var = x(10);
pub const A1: Var = x(11);
pub const A2: Var = x(12);
pub const A7: Var = x(17);

/// Bytes of the system call instruction.
pub const SYSCALL_BYTES: u64 = 4;

/// The smallest signal stack (`MINSIGSTKSZ` of the architecture: without vector state).
pub const MIN_SIGNAL_STACK: u64 = 2048;

/// Number of the call that the thread asks for. (The kernel looks at the whole register.)
pub fn syscall_number(vcpu: &Vcpu) -> u64 {
    vcpu.get(A7)
}

/// Its arguments.
pub fn syscall_args(vcpu: &Vcpu) -> [u64; 6] {
    std::array::from_fn(|i| vcpu.get(x(10 + i as u16)))
}

/// Number of `rt_sigreturn`.
pub const SIGRETURN: u64 = 139;

/// Number of the call that observers do not see: `riscv_flush_icache` (plugin contract, section 2.6).
pub const UNSEEN: u64 = 259;

/// Stores a result.
pub fn set_result(vcpu: &mut Vcpu, value: u64) {
    vcpu.set(A0, value);
}

/// Stores a result and moves on behind the instruction.
pub fn finish_syscall(vcpu: &mut Vcpu, value: u64) {
    set_result(vcpu, value);
    let pc = vcpu.pc();
    vcpu.set_pc(pc + SYSCALL_BYTES);
}
