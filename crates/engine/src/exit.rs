//! Why generated code came back.

use bits::Addr;

/// What the world has to deal with. The vCPU's pc is that of the instruction concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A system call instruction at pc. The world moves pc behind it.
    Syscall,
    /// A breakpoint instruction at pc.
    Breakpoint,
    /// An instruction at pc that the CPU refuses.
    Illegal,
    /// A memory access or fetch of the instruction at pc failed.
    Fault(Fault),
    /// Somebody kicked this vCPU; pc is the next instruction.
    Interrupted,
}

/// A memory access that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The first byte that could not be accessed.
    pub addr: Addr,
    pub access: Access,
    pub kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    Fetch,
}

/// Why the access failed, as Linux distinguishes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing is mapped there (SEGV_MAPERR).
    Unmapped,
    /// The mapping forbids it (SEGV_ACCERR).
    Protected,
    /// The mapped object has no such page (BUS_ADRERR).
    Bus,
    /// The instruction wants an aligned address (BUS_ADRALN).
    Misaligned,
}
