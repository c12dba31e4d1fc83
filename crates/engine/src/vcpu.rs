//! A guest CPU: its registers and its arena.

use crate::Stat;
use crate::cache::CHUNK_BITS;
use crate::instrument::{InsnView, Watched};
use crate::translate::Window;
use bits::Addr;
use host::layout::*;
use host::{Emitted, Host};
use ir::{Builder, Var};
use memory::arena::Arena;
use std::sync::Arc;

/// Offset in the arena of a displacement from the state register.
pub(crate) const fn offset(displacement: i32) -> usize {
    (displacement + BIAS) as usize
}

/// One guest CPU. Registers are IR variables.
pub struct Vcpu {
    pub(crate) index: u32,
    pub(crate) arena: &'static Arena,
    pub(crate) host: Arc<dyn Host>,
    /// The mode that the jump cache holds blocks of.
    pub(crate) mode: u32,
    pub(crate) translator: Translator,
    /// What mid-block exits took back from, or added to, the counts of the probes.
    pub(crate) correction: Stat,
}

/// Buffers and code memory of one vCPU's translations.
#[derive(Default)]
pub(crate) struct Translator {
    pub builder: Builder,
    /// What may be seen of the block that is being translated.
    pub watched: Watched,
    /// Where guest code is fetched to.
    pub window: Option<Box<Window>>,
    pub insns: Vec<InsnView>,
    pub emitted: Emitted,
    /// Where that was placed in code memory. Valid in `epoch` only.
    pub placed: u32,
    /// Where what a block carries is packed.
    pub packing: Vec<u8>,
    /// Free code memory: next offset and end. Valid in `epoch` of the engine only.
    pub next: u32,
    pub end: u32,
    pub epoch: u64,
}

impl Translator {
    /// Bytes of a chunk.
    pub const CHUNK: usize = 1 << CHUNK_BITS;
}

impl Vcpu {
    pub(crate) fn new(index: u32, arena: &'static Arena, host: Arc<dyn Host>) -> Vcpu {
        let correction = Stat::default();
        Vcpu { index, arena, host, mode: 0, translator: Translator::default(), correction }
    }

    /// The number under which plugins know it.
    pub fn index(&self) -> u32 {
        self.index
    }

    pub(crate) fn word(&self, displacement: i32) -> u64 {
        self.arena.get(offset(displacement))
    }

    pub(crate) fn set_word(&mut self, displacement: i32, value: u64) {
        self.arena.set(offset(displacement), value);
    }

    /// The raw value of a variable. Floating-point variables are raw bits.
    pub fn get(&self, var: Var) -> u64 {
        self.word(slot(var))
    }

    /// Sets a variable; a write to the zero variable is ignored.
    pub fn set(&mut self, var: Var, value: u64) {
        if var != Var::ZERO {
            self.set_word(slot(var), value);
        }
    }

    pub fn pc(&self) -> Addr {
        self.word(PC)
    }

    pub fn set_pc(&mut self, pc: Addr) {
        self.set_word(PC, pc);
    }

    /// The guest's and our control registers share a word: the guest's is the lower half.
    pub(crate) fn control(&self) -> u32 {
        self.word(GUEST_CONTROL) as u32
    }

    pub(crate) fn set_control(&mut self, control: u32) {
        let ours = self.word(GUEST_CONTROL) & !0xffff_ffff;
        self.set_word(GUEST_CONTROL, ours | control as u64);
        self.set_word(WATCHED_FLAGS, NOT_WATCHED as u64);
    }

    /// The next read of the sticky flags begins to watch them, which otherwise only many do. For tests.
    pub fn watch_flags_soon(&mut self) {
        self.set_word(WATCH_LEFT, 1 << 32 | 1);
    }

    /// The sticky floating-point flags in the guest's order of bits, wherever they are now.
    pub fn fp_flags(&self) -> u64 {
        self.host.flags_of(self.control()) | self.word(SOFT_FLAGS) & 31
    }

    pub fn set_fp_flags(&mut self, flags: u64) {
        if self.fp_flags() == flags & 31 {
            return;
        }
        let control = self.host.with_flags(self.control(), flags);
        self.set_control(control);
        self.set_word(SOFT_FLAGS, 0);
    }

    /// Brings the host's rounding mode in line with the guest's, after its variable was set from outside.
    pub fn set_fp_round(&mut self, mode: u64) {
        let control = self.host.with_round(self.control(), mode);
        if control != self.host.masked(self.control()) {
            self.set_control(control);
        }
    }

    /// Drops the reservation of a load-reserved, as traps and context switches do.
    pub fn clear_reservation(&mut self) {
        self.set_word(RESERVED_ADDR, NO_RESERVATION);
    }

    /// Copies all registers, flags and pc of another vCPU (`clone`).
    pub fn copy_from(&mut self, other: &Vcpu) {
        for n in 1..Var::GUEST_END {
            self.set(Var(n), other.get(Var(n)));
        }
        self.set_pc(other.pc());
        self.set_control(self.host.masked(other.control()));
        self.set_word(SOFT_FLAGS, other.word(SOFT_FLAGS));
        self.clear_reservation();
    }

    /// Puts a fresh CPU into the arena.
    pub(crate) fn reset(&mut self, abandon: usize) {
        self.arena.discard(offset(JUMP_CACHE), JUMP_CACHE_LEN * 16);
        self.arena.prepare(offset(SCORES));
        for n in 0..Var::COUNT {
            self.arena.set(offset(slot(Var(n))), 0);
        }
        for (at, low, high) in CONSTANTS {
            self.arena.set(offset(at), low);
            self.arena.set(offset(at) + 8, high);
        }
        for (at, word) in self.host.tables() {
            self.arena.set(offset(at), word);
        }
        const ALL_MASKED: u64 = 0x1f80; // MXCSR after reset: every exception masked, nearest-even
        self.set_word(GUEST_CONTROL, ALL_MASKED << 32 | ALL_MASKED);
        self.set_word(SOFT_FLAGS, 0);
        self.set_word(WATCHED_FLAGS, NOT_WATCHED as u64);
        self.set_word(WATCH_LEFT, WATCH_PERIODS.0 << 32 | WATCH_PERIODS.0);
        self.set_word(INDEX, self.index as u64);
        self.set_word(CALL_TAG, 0);
        self.set_word(CALL_ABANDON, abandon as u64);
        self.set_word(KICK, 0);
        self.set_word(INSIDE, 0);
        self.set_pc(0);
        self.clear_reservation();
        self.arena.set(offset(JUMP_CACHE), no_pc(0));
        self.arena.open_poll();
    }

    /// Says how generated code finds floating-point variables when it is entered.
    pub(crate) fn let_floats_be_away(&mut self, away: bool) {
        self.set_word(FLOATS_AT_ENTRY, away.into());
    }

    /// Empties the jump cache.
    pub(crate) fn forget_targets(&mut self) {
        clear_jump_cache(self.arena);
    }

    /// The cached host address of a guest pc.
    pub(crate) fn cached(&self, pc: Addr) -> Option<usize> {
        let at = jump_entry(pc);
        (self.arena.get(at) == pc).then(|| self.arena.get(at + 8) as usize)
    }

    pub(crate) fn remember(&mut self, pc: Addr, host: usize) {
        let at = jump_entry(pc);
        self.arena.set(at, pc);
        self.arena.set(at + 8, host as u64);
    }
}

fn jump_entry(pc: Addr) -> usize {
    offset(JUMP_CACHE) + ((pc as usize & JUMP_CACHE_MASK as usize) << 3)
}

/// Empties the jump cache of any arena whose vCPU is not running.
pub(crate) fn clear_jump_cache(arena: &Arena) {
    for i in 0..JUMP_CACHE_LEN {
        let at = offset(JUMP_CACHE) + i * 16;
        if arena.get(at) != no_pc(i) {
            arena.set(at, no_pc(i));
        }
    }
}
