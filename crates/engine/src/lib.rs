//! Runs guest code: finds or translates blocks, enters generated code, and says why it came back.
//!
//! The engine knows neither a concrete guest nor a concrete host nor Linux. A world (`linux`, `machine`) owns a
//! [`Vcpu`] per guest thread and calls [`Engine::run`] in a loop; every [`Exit`] leaves exact guest state in the vCPU.
//!
//! `translate` makes blocks, `cache` and `map` keep them, `run` is the loop, `enter` the jump, `recover` what a host
//! fault means, `gate` stops the others, `invalidate` throws blocks away, `stat` counts.

mod block;
mod cache;
pub mod diagnose;
mod enter;
pub mod exit;
mod finish;
mod gate;
pub mod instrument;
mod invalidate;
mod jobs;
mod join;
mod map;
mod outside;
mod packed;
mod recover;
mod run;
mod scores;
mod seat;
mod shown;
pub mod stat;
mod tally;
mod translate;

pub mod vcpu;
mod weave;

pub use exit::{Access, Exit, Fault, FaultKind};
pub use instrument::Instrument;
pub use scores::{Board, Element, NoBoard, generation as boards_generation};
pub use seat::{Running, Seat, Word};
pub use stat::Stat;
pub use translate::lift;
pub use vcpu::Vcpu;

use cache::Cache;
use codebuf::{CodeBuf, Twin};
use gate::{Gate, Numbering};
use guest::Guest;
use host::{Host, Place};
use jobs::Jobs;
use memory::{AddressSpace, guarded};
use scores::Scores;
use shown::Shown;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tally::Tally;

/// What the user may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Instructions in a block at the most: 1 for `--one-insn-per-tb`.
    pub max_insns: u32,
    /// Count executions for [`Engine::stat`].
    pub stat: bool,
    /// Bytes of code memory.
    pub code_len: usize,
    /// Answers system calls in place, made from the vDSO while nobody watches or counts them: a leaf that takes number and
    /// two arguments and says the result, and whether there is one. The world's own way must come to the same.
    pub answer: Option<extern "C" fn(u64, u64, u64) -> guest::Pair>,
}

impl Default for Options {
    fn default() -> Options {
        Options { max_insns: translate::MAX_INSNS, stat: false, code_len: 128 << 20, answer: None }
    }
}

/// The translation cache and everything that vCPUs share.
pub struct Engine {
    instrument: OnceLock<Arc<dyn Instrument>>,
    scores: Scores,
    jobs: Jobs,
    tally: Tally,
    shown: Shown,
    /// Floats are away when blocks begin, because observers are called that may use the host's.
    lazy_floats: AtomicBool,
    /// Where a callback that leaves goes on.
    abandon: usize,
    guest: Arc<dyn Guest>,
    host: Arc<dyn Host>,
    memory: Arc<AddressSpace>,
    options: Options,
    code: CodeBuf,
    /// Offset behind the fixed pieces.
    code_start: usize,
    /// Address of the entry piece.
    enter_piece: usize,
    /// Addresses of the other pieces; `at` is filled in per block.
    fixed: Place,
    cache: Cache,
    gate: Gate,
    /// Counts flushes: code memory of an earlier epoch is somebody else's now.
    epoch: AtomicU64,
    distrust: AtomicBool,
    next_cell: AtomicU32,
    translations: AtomicU64,
    /// Spent on them, if anybody counts.
    translation_ns: AtomicU64,
    totals: Mutex<Vec<Stat>>,
}

/// Code memory that must be free before a translation begins: a chunk for each of a few threads that translate at once.
const RESERVE: usize = 1 << 20;

impl Engine {
    /// Sets up code memory and fault handling.
    ///
    /// # Errors
    /// If the system refuses code memory.
    pub fn new(
        guest: Arc<dyn Guest>,
        host: Arc<dyn Host>,
        memory: Arc<AddressSpace>,
        options: Options,
    ) -> io::Result<Arc<Engine>> {
        let code = CodeBuf::new(options.code_len.max(4 * RESERVE))?;
        let pieces = host.fixed();
        let at = code.alloc(pieces.code.len().next_multiple_of(64)).expect("an empty buffer has room");
        code.write(at, &pieces.code);
        let addr = |offset: u32| code.run_addr(at + offset);
        let fixed = Place {
            at: 0,
            link: addr(pieces.link) as u64,
            lookup: addr(pieces.lookup) as u64,
            stop: addr(pieces.stop) as u64,
            fetch_floats: addr(pieces.fetch_floats) as u64,
            settle: enter::settle as *const () as u64,
            lazy_floats: false,
            answer: 0,
            call: pieces.call.map(|offset| addr(offset) as u64),
        };
        let (start, len) = code.range();
        enter::register(start, len, fixed.stop as usize);
        let guarded = guarded::range();
        hostos::fault::add_fixup(guarded.start, guarded.end, guarded.fixup);
        Ok(Arc::new(Engine {
            instrument: OnceLock::new(),
            scores: Scores::new(),
            jobs: Jobs::default(),
            tally: Tally::default(),
            shown: Shown::default(),
            lazy_floats: AtomicBool::new(false),
            abandon: addr(pieces.abandon),
            enter_piece: addr(pieces.enter),
            code_start: code.used(),
            guest,
            host,
            memory,
            options,
            code,
            fixed,
            cache: Cache::new(),
            gate: Gate::new(),
            epoch: AtomicU64::new(1),
            distrust: AtomicBool::new(false),
            next_cell: AtomicU32::new(0),
            translations: AtomicU64::new(0),
            translation_ns: AtomicU64::new(0),
            totals: Mutex::default(),
        }))
    }

    /// Lets somebody watch. Once, before the first vCPU is made; a second call is ignored.
    pub fn set_instrument(&self, instrument: Arc<dyn Instrument>) {
        let _ = self.instrument.set(instrument);
    }

    /// Who watches.
    pub fn instrument(&self) -> Option<&Arc<dyn Instrument>> {
        self.instrument.get()
    }

    /// The guest architecture.
    pub fn guest(&self) -> &dyn Guest {
        &*self.guest
    }

    /// The guest's memory.
    pub fn memory(&self) -> &Arc<AddressSpace> {
        &self.memory
    }

    /// A vCPU with all registers zero. Its index is the lowest that no living vCPU has; while somebody watches, it is one
    /// more than the highest.
    pub fn new_vcpu(self: &Arc<Self>) -> Vcpu {
        let (index, arena) = self.gate.join(self.numbering());
        let mut vcpu = Vcpu::new(index, arena, self.host.clone());
        vcpu.reset(self.abandon);
        vcpu.set_word(host::layout::ENGINE_AT, Arc::as_ptr(self) as u64);
        vcpu.let_floats_be_away(self.lazy_floats.load(Ordering::SeqCst));
        self.point_at_arrays(index, arena);
        vcpu
    }

    /// Makes room for one more vCPU, so that [`Engine::new_vcpu`] cannot fail.
    ///
    /// # Errors
    /// The address space has none.
    pub fn reserve_vcpu(&self) -> io::Result<()> {
        self.gate.prepare(self.numbering())
    }

    fn numbering(&self) -> Numbering {
        if self.instrument().is_some() { Numbering::Highest } else { Numbering::Lowest }
    }

    /// Gives a vCPU's index back; its counts stay.
    pub fn retire_vcpu(&self, mut vcpu: Vcpu) {
        self.settle_counts(&mut vcpu);
        self.gate.leave(vcpu.index);
    }

    /// Makes the vCPU with this index leave generated code soon with [`Exit::Interrupted`], or return it at once when
    /// it next calls `run`. Async-signal-safe, callable from any thread.
    pub fn kick(&self, index: u32) {
        self.gate.kick(index);
    }

    /// Runs `work` while no vCPU is in [`Engine::run`] and none can go in. To be called from outside `run`; `fork` is
    /// called like this, so that no lock of the engine is held by a thread that the child does not have.
    pub fn exclusive<R>(&self, work: impl FnOnce() -> R) -> R {
        self.gate.exclusive(work)
    }

    /// What the child of a `fork` needs. To be called before it, inside [`Engine::exclusive`].
    ///
    /// # Errors
    /// If the child cannot have code memory of its own.
    pub fn before_fork(&self) -> io::Result<Twin> {
        self.code.twin()
    }

    /// To be called in the child after `fork`, by the only thread that is left, inside [`Engine::exclusive`].
    ///
    /// # Errors
    /// If the child cannot have code memory of its own.
    pub fn after_fork(&self, vcpu: &mut Vcpu, twin: Twin) -> io::Result<()> {
        self.gate.after_fork(vcpu.index);
        self.forget_counts(vcpu);
        self.code.after_fork(twin)
    }

    /// Whether a translation could run out of code memory.
    fn code_is_short(&self) -> bool {
        let (_, len) = self.code.range();
        self.code.used() + RESERVE > len
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        enter::unregister(self.code.range().0);
    }
}
