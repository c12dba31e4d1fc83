//! The hinge to whoever watches the guest: [`Instrument`] is shown every block before it is translated and says where
//! probes go, and it is told what happens to vCPUs. The engine and the worlds call it; it calls nothing of theirs but
//! what [`crate::Engine`] and [`Vcpu`] offer.

use crate::{Engine, Vcpu};
use bits::Addr;
use ir::{Call, Callee, Cell, Code, Op};

/// An instruction of a block that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsnView {
    pub pc: Addr,
    /// Bytes.
    pub len: u8,
    /// The bytes, little-endian, zero-extended.
    pub raw: u32,
}

/// A block that is about to be translated.
#[derive(Clone, Copy, Debug)]
pub struct BlockView<'a> {
    pub pc: Addr,
    pub insns: &'a [InsnView],
}

/// Which accesses of an instruction a probe is for; a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accesses {
    pub reads: bool,
    pub writes: bool,
}

/// Where a probe sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// Before the block's first instruction.
    Block,
    /// Before instruction number n of the block.
    Insn(u32),
    /// Behind each such access of instruction number n.
    Access(u32, Accesses),
}

/// What a probe does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Adds, wrapping, to the executing vCPU's cell. A word of the observer's own (`Cell::at`) is aligned and stays there
    /// until translations are thrown away.
    Add(Cell, u64),
    /// Stores into it.
    Store(Cell, u64),
    /// Calls a function: `(vcpu index, data)` at `Block` and `Insn` sites, `(vcpu index, access, address, data)` at
    /// `Access` sites, where `access` is an [`AccessInfo`] in its raw form.
    Call(Call),
}

/// A probe. Probes of one site run in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    pub site: Site,
    pub action: Action,
}

/// What an access is, in the 32 bits that a callback gets: every field stands where the reference has it, for plugins
/// that print the word (plugin contract, section 1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessInfo(pub u32);

impl AccessInfo {
    const SIZE: u32 = 4;
    const SIGNED: u32 = 1 << 7;
    const ALIGNED: u32 = 7 << 9;
    const ATOMICITY: u32 = 12;
    const LOAD: u32 = 1 << 16;
    const STORE: u32 = 1 << 17;

    pub(crate) const fn new(size_log2: u32, signed: bool, store: bool, rules: Rules) -> AccessInfo {
        let signed = if signed { Self::SIGNED } else { 0 };
        let aligned = if rules.aligned { Self::ALIGNED } else { 0 };
        let kind = if store { Self::STORE } else { Self::LOAD };
        AccessInfo(size_log2 << Self::SIZE | signed | aligned | (rules.atomicity as u32) << Self::ATOMICITY | kind)
    }

    /// log2 of the size in bytes: 0 to 4.
    pub const fn size_log2(self) -> u32 {
        self.0 >> Self::SIZE & 7
    }

    /// Whether the instruction extends the sign of what it reads.
    pub const fn is_signed(self) -> bool {
        self.0 & Self::SIGNED != 0
    }

    pub const fn is_store(self) -> bool {
        self.0 & Self::STORE != 0
    }
}

/// What the reference demands of an access: the fields of the word that no accessor tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// A misaligned one faults.
    pub aligned: bool,
    pub atomicity: Atomicity,
}

/// What other threads see of an access that is not yet complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Atomicity {
    /// Nothing if it is aligned.
    IfAligned = 0,
    /// Nothing if it lies within 16 aligned bytes.
    Within16 = 2,
    /// There never was another thread.
    Nobody = 5,
}

impl Rules {
    /// Of an operation's accesses, in a process that has or had threads, or not; as observed of the reference.
    pub fn of(op: &Op, threads: bool) -> Rules {
        let (size, code) = (op.mem.bytes(), op.code);
        let exclusive = matches!(code, Code::LoadRes | Code::StoreCond | Code::Cas | Code::CasPair);
        let exclusive = exclusive || code == Code::Amo && size < 4;
        let atomicity = match threads {
            false => Atomicity::Nobody,
            true if exclusive || size == 2 && matches!(code, Code::LoadF | Code::StoreF) => Atomicity::IfAligned,
            true => Atomicity::Within16,
        };
        Rules { aligned: exclusive || size == 1, atomicity }
    }
}

impl Engine {
    /// What is known about a host function that probes are to call, from the first bytes of its machine code. To be
    /// asked once per function.
    pub fn inspect(&self, function: u64, code: &[u8]) -> Callee {
        self.host.inspect(function, code)
    }
}

/// What an observer decides about a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is executed.
    Execute,
    /// It is not, and this is its result.
    Result(i64),
    /// The vCPU's pc was set: the guest goes on there, and the call never was.
    Moved,
}

/// What an observer may see of a run; of what he may not, generated code is that of a plain run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Blocks are shown to him: they are those that the guest has.
    pub blocks: bool,
    /// System calls are: each is made.
    pub calls: bool,
}

impl Watched {
    pub const ALL: Watched = Watched { blocks: true, calls: true };
}

/// Somebody who watches; of what he has no method for he hears nothing. All methods are called on the thread of the vCPU concerned, if there is one.
pub trait Instrument: Send + Sync {
    /// What he may see, asked before each translation. When it becomes more, what was translated before is no good: he
    /// calls [`Engine::flush_quietly`].
    fn watched(&self) -> Watched {
        Watched::ALL
    }

    /// A block is about to be translated for this vCPU: appends probes. Called inside [`crate::Engine::run`].
    fn block(&self, vcpu: &mut Vcpu, block: &BlockView, probes: &mut Vec<Probe>);

    /// A vCPU is about to run its first instruction; its registers have their first values.
    fn vcpu_init(&self, _vcpu: &mut Vcpu) {}

    /// A vCPU ends while others go on.
    fn vcpu_exit(&self, _vcpu: &mut Vcpu) {}

    /// The first thread beside the main one is about to be made, by this vCPU.
    fn first_thread(&self, _vcpu: &mut Vcpu) {}

    /// A system call is about to be executed; pc is behind it.
    fn syscall(&self, _vcpu: &mut Vcpu, _number: i64, _args: [u64; 8]) -> Verdict {
        Verdict::Execute
    }

    /// It has been, or another result was decided on. `ret` is a result, a negative error number, or one of the
    /// kernel's internal ones: -512 for a call that will begin again, -513 for the return from a handler.
    fn syscall_ret(&self, _vcpu: &mut Vcpu, _number: i64, _ret: i64) {}

    /// All translations were thrown away. All vCPUs are outside.
    fn flushed(&self) {}

    /// The process is about to end, by this vCPU's doing. All vCPUs are outside and stay there.
    fn end(&self, _vcpu: &mut Vcpu) {}

    /// The process dies of a signal without [`Instrument::end`]: says in which function of the observer's this thread is,
    /// if it is in one. Called in a signal handler: takes no lock and allocates nothing.
    fn cut_short(&self) {}

    /// Whether there is something that [`Instrument::end`] would do. Called in a signal handler, as `cut_short`.
    fn wants_end(&self) -> bool {
        true
    }

    /// The calling thread is the only one of a new process, which has a copy of everything.
    fn forked(&self, _vcpu: &mut Vcpu) {}
}
