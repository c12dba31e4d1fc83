//! What the function of an observer may do with the vCPU on whose thread it runs.
//!
//! Functions that generated code calls find every register in its slot ([`ir::Callee`] says which need none of that),
//! so a seat reads and writes the arena alone and can be kept for as long as the process lives.

use crate::enter;
use crate::vcpu::{Vcpu, offset};
use bits::Addr;
use host::Host;
use host::layout::*;
use ir::Var;
use memory::arena::Arena;
use std::sync::Arc;

/// A vCPU as its observers see it.
#[derive(Clone)]
pub struct Seat {
    index: u32,
    arena: &'static Arena,
    host: Arc<dyn Host>,
}

/// The callback from generated code that runs now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// As its [`ir::Call`] says.
    pub tag: u32,
    pub function: u64,
    pub data: u64,
}

/// Where a variable or the pc is, for who reads it all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u16);

impl Word {
    pub const PC: Word = Word::at(PC);

    const MASK: u16 = 511;

    const fn at(displacement: i32) -> Word {
        let n = offset(displacement) / 8;
        assert!(n <= Word::MASK as usize);
        Word(n as u16)
    }
}

impl Vcpu {
    /// The seat of an observer of this vCPU.
    pub fn seat(&self) -> Seat {
        Seat { index: self.index, arena: self.arena, host: self.host.clone() }
    }
}

impl Seat {
    pub(crate) fn arena(&self) -> &'static Arena {
        self.arena
    }

    #[inline]
    pub(crate) fn word(&self, displacement: i32) -> u64 {
        self.arena.get(offset(displacement))
    }

    fn set_word(&self, displacement: i32, value: u64) {
        self.arena.set(offset(displacement), value);
    }

    /// The number under which plugins know the vCPU.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The raw value of a variable.
    #[inline]
    pub fn get(&self, var: Var) -> u64 {
        self.word(slot(var))
    }

    /// Where a variable is.
    pub fn word_of(var: Var) -> Word {
        Word::at(slot(var))
    }

    /// What [`Seat::get`] or [`Seat::pc`] finds there.
    #[inline]
    pub fn at(&self, word: Word) -> u64 {
        // All of them are among the first, so the mask changes nothing but that this needs no check.
        self.arena.get(usize::from(word.0 & Word::MASK) * 8)
    }

    /// Sets a variable; a write to the zero variable is ignored.
    pub fn set(&self, var: Var, value: u64) {
        if var != Var::ZERO {
            self.set_word(slot(var), value);
        }
    }

    /// The pc of the instruction before which, or of whose access, a callback runs; elsewhere where the guest goes on.
    #[inline]
    pub fn pc(&self) -> Addr {
        self.word(PC)
    }

    /// Where the guest goes on. Without effect inside a callback from generated code, which has to [`Seat::leave`].
    pub fn set_pc(&self, pc: Addr) {
        self.set_word(PC, pc);
    }

    /// The sticky floating-point flags in the guest's order of bits.
    pub fn fp_flags(&self) -> u64 {
        self.host.flags_of(self.word(GUEST_CONTROL) as u32) | self.word(SOFT_FLAGS) & 31
    }

    pub fn set_fp_flags(&self, flags: u64) {
        self.set_control(self.host.with_flags(self.word(GUEST_CONTROL) as u32, flags));
        self.set_word(SOFT_FLAGS, 0);
    }

    /// Brings the host's rounding mode in line with the guest's, after its variable was set.
    pub fn set_fp_round(&self, mode: u64) {
        self.set_control(self.host.with_round(self.word(GUEST_CONTROL) as u32, mode));
    }

    fn set_control(&self, control: u32) {
        let ours = self.word(GUEST_CONTROL) & !0xffff_ffff;
        self.set_word(GUEST_CONTROL, ours | control as u64);
        self.set_word(WATCHED_FLAGS, NOT_WATCHED as u64);
    }

    /// Low and high half of the value of the access that a callback is about; bytes beyond its size are chance.
    #[inline]
    pub fn access_value(&self) -> [u64; 2] {
        [self.word(ACCESS_VALUE), self.word(ACCESS_VALUE + 8)]
    }

    /// The tag of the callback from generated code that runs on this vCPU; 0: none, or a leaf.
    #[inline]
    pub fn running_tag(&self) -> u32 {
        self.word(CALL_TAG) as u32
    }

    /// The callback from generated code that runs on this vCPU, unless it is a leaf.
    #[inline]
    pub fn running(&self) -> Option<Running> {
        let tag = self.word(CALL_TAG) as u32;
        (tag != 0).then(|| Running { tag, function: self.word(CALL_FUNCTION), data: self.word(CALL_DATA) })
    }

    /// As [`Seat::running`], from any thread or a signal handler, and whether it was asked for this very call before. For that a bit of the
    /// note is set that no call has and each one clears.
    pub fn marked_running(&self) -> Option<(Running, bool)> {
        const MARK: u64 = 1 << 63;
        let note = self.arena.set_bits(offset(CALL_TAG), MARK);
        let running = Running { tag: note as u32, function: self.word(CALL_FUNCTION), data: self.word(CALL_DATA) };
        (running.tag != 0).then_some((running, note & MARK != 0))
    }

    /// Calls `work` such that [`Seat::leave`] inside it comes back here. Returns whether it left. What stands on the
    /// stack between the two is not dropped.
    pub fn catch(&self, work: &mut dyn FnMut()) -> bool {
        enter::catch(self.arena.addr(BIAS as usize), work)
    }

    /// Leaves the callback that runs: the guest goes on at `pc`, and nothing that it was about happens. Only inside a
    /// callback from generated code or [`Seat::catch`]; nothing on the stack above is dropped.
    pub fn leave(&self, pc: Addr) -> ! {
        self.set_pc(pc);
        self.set_word(CALL_TAG, 0);
        enter::leave(self.arena.addr(BIAS as usize))
    }
}
