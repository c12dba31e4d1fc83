//! Side table records: what a host address that can fault means for the guest (decision D3).

/// Why a host instruction has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RecordKind {
    /// A guest memory access.
    Access,
    /// The poll at the block's head: the guest state is that of the block's start.
    Poll,
    /// A trap taken when an atomic access is not aligned.
    Misaligned,
    /// A trap taken when the fast path does not apply: the evaluator executes the guest instruction instead.
    Bail,
    /// The return address of a call of an observer's function.
    Callback,
}

/// One host instruction that can fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Offset of its first byte in the block's code.
    pub host: u32,
    /// The operation, by its index in the block.
    pub op: u32,
    /// Index of the operation from which pure operations have not been carried out yet although the guest has passed
    /// them; equals `op` when nothing is deferred. The engine rolls forward from here with the evaluator.
    pub resume: u32,
    /// Pinned integer variables of which only the low half is valid: the value is its sign extension.
    pub narrow: u16,
    /// Pinned floating-point variables that may hold a NaN with a payload: the value is the canonical NaN.
    pub nans: u32,
    /// For each bit of `nans`: the format is F32.
    pub singles: u32,
    pub kind: RecordKind,
}
