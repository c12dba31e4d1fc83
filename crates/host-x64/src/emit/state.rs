//! Where variables are at each point of the block, and the calls that bring them where an operation wants them: what both
//! kinds share, and integers. Floating-point variables are next door.

mod floats;

pub use floats::{Floats, XMM0, cached_xmm};

use super::Emitter;
use crate::asm::*;
use ir::{Var, Width};

/// A set of variables.
#[derive(Clone, Copy, Default)]
pub struct VarSet([u64; 4]);

impl VarSet {
    pub fn has(&self, v: Var) -> bool {
        self.0[v.0 as usize >> 6] >> (v.0 & 63) & 1 != 0
    }

    pub fn set(&mut self, v: Var, on: bool) {
        let bit = 1 << (v.0 & 63);
        let word = &mut self.0[v.0 as usize >> 6];
        *word = if on { *word | bit } else { *word & !bit };
    }
}

/// One caching register.
#[derive(Clone, Copy)]
struct Entry {
    var: Var,
    /// Holds a variable whose slot is out of date: a temporary, or a value that nobody sees before the next.
    dirty: bool,
    /// Only the low half is valid: the value is its sign extension. Of dirty ones only.
    narrow: bool,
    locked: bool,
    used: u32,
}

const EMPTY: Entry = Entry { var: Var::IMM, dirty: false, narrow: false, locked: false, used: 0 };

impl Entry {
    fn clear(&mut self) {
        (self.var, self.dirty, self.narrow) = (Var::IMM, false, false);
    }
}

/// `N` scratch registers that cache variables.
struct Cache<const N: usize> {
    entries: [Entry; N],
    clock: u32,
    /// Registers that a loop wants to find its variables in at its next round.
    held: [Var; N],
}

impl<const N: usize> Cache<N> {
    fn new() -> Self {
        Cache { entries: [EMPTY; N], clock: 0, held: [Var::IMM; N] }
    }

    fn find(&self, v: Var) -> Option<usize> {
        self.entries.iter().position(|e| e.var == v)
    }

    fn touch(&mut self, i: usize) {
        self.clock += 1;
        self.entries[i].used = self.clock;
        self.entries[i].locked = true;
    }

    /// The best register to reuse: an empty one, else a clean one, else the least recently used.
    fn victim(&self) -> usize {
        let free = |i: &usize| !self.entries[*i].locked;
        let cost = |i: &usize| {
            let e = &self.entries[*i];
            let holds = e.var != Var::IMM && self.held[*i] == e.var;
            (e.var != Var::IMM, holds, e.dirty, e.used)
        };
        (0..N).filter(free).min_by_key(cost).expect("an operation locks fewer registers than there are")
    }

    fn unlock(&mut self) {
        for e in &mut self.entries {
            e.locked = false;
        }
    }

    fn cached(&self) -> [Option<(Var, bool)>; N] {
        self.entries.map(|e| (e.var != Var::IMM).then_some((e.var, e.dirty)))
    }

    fn forget_temps(&mut self) {
        for e in &mut self.entries {
            if e.var.is_temp() {
                e.clear();
            }
        }
    }
}

/// Integer side.
pub struct Ints {
    cache: Cache<3>,
    /// Pins (by record bit) of which only the low half is valid.
    pub narrow: u16,
    /// Variables known to hold the sign extension of their low half.
    pub sext: VarSet,
    /// Variables known to hold a constant, which address arithmetic makes use of.
    constants: Constants,
}

/// A few variables and their values. When there is no room the oldest is forgotten.
struct Constants {
    known: [(Var, u64); Constants::MOST],
    len: usize,
}

impl Constants {
    const MOST: usize = 8;
    const NONE: Constants = Constants { known: [(Var::IMM, 0); Constants::MOST], len: 0 };

    fn get(&self, v: Var) -> Option<u64> {
        self.known[..self.len].iter().find(|(c, _)| *c == v).map(|(_, value)| *value)
    }

    fn push(&mut self, v: Var, value: u64) {
        if self.len == Constants::MOST {
            self.known.rotate_left(1);
            self.len -= 1;
        }
        self.known[self.len] = (v, value);
        self.len += 1;
    }

    fn retain(&mut self, keep: impl Fn(Var) -> bool) {
        let mut kept = 0;
        for i in 0..self.len {
            let known = self.known[i];
            if keep(known.0) {
                self.known[kept] = known;
                kept += 1;
            }
        }
        self.len = kept;
    }
}

impl Ints {
    pub fn new() -> Ints {
        let mut sext = VarSet::default();
        sext.set(Var::ZERO, true);
        Ints { cache: Cache::new(), narrow: 0, sext, constants: Constants::NONE }
    }

    pub fn unlock(&mut self) {
        self.cache.unlock();
    }

    /// The scratch register that caches `v`.
    pub fn cached_in(&self, v: Var) -> Option<Reg> {
        self.cache.find(v).map(|i| Reg(i as u8))
    }

    /// What each scratch register caches, and whether nothing else holds it.
    pub fn cached(&self) -> [Option<(Var, bool)>; 3] {
        self.cache.cached()
    }

    pub fn forget_temps(&mut self) {
        self.cache.forget_temps();
        if self.constants.len > 0 {
            self.constants.retain(|v| !v.is_temp());
        }
    }

    /// The constant that `v` holds, if that is known.
    pub fn constant(&self, v: Var) -> Option<u64> {
        self.constants.get(v)
    }

    /// `v` has just been set to this constant.
    pub fn set_constant(&mut self, v: Var, value: u64) {
        self.constants.push(v, value);
    }

    fn forget_constant(&mut self, v: Var) {
        if self.constants.len > 0 {
            self.constants.retain(|c| c != v);
        }
    }
}

impl Emitter<'_> {
    /// A free scratch register, locked until the end of the operation.
    pub fn alloc(&mut self) -> Reg {
        let i = self.ints.cache.victim();
        self.evict(i);
        self.ints.cache.touch(i);
        Reg(i as u8)
    }

    /// This scratch register, emptied and locked.
    pub fn claim(&mut self, r: Reg) {
        self.evict(r.0 as usize);
        self.ints.cache.touch(r.0 as usize);
    }

    /// Unlocks every scratch register but `r`: the operands read so far are done with.
    pub fn keep_only(&mut self, r: Reg) {
        self.ints.cache.unlock();
        if r.0 < 3 {
            self.ints.cache.touch(r.0 as usize);
        }
    }

    /// All three scratch registers, emptied and locked.
    pub fn claim_all(&mut self) {
        for r in [RAX, RCX, RDX] {
            self.claim(r);
        }
    }

    fn evict(&mut self, i: usize) {
        self.write_back(i);
        self.ints.cache.entries[i] = Entry { locked: self.ints.cache.entries[i].locked, ..EMPTY };
    }

    /// Brings the slot of a caching register's variable up to date. Changes no flags.
    fn write_back(&mut self, i: usize) {
        let e = self.ints.cache.entries[i];
        if e.dirty {
            self.widen_cached(i);
            self.a.mov_store(8, self.slot(e.var), Reg(i as u8));
        }
    }

    /// Makes a caching register valid in all bits.
    fn widen_cached(&mut self, i: usize) {
        if std::mem::take(&mut self.ints.cache.entries[i].narrow) {
            self.a.movsxd(Reg(i as u8), Reg(i as u8));
        }
    }

    /// Brings the slots of guest variables up to date whose values should have stayed unseen.
    pub fn show_lazy(&mut self) {
        for i in 0..3 {
            if self.ints.cache.entries[i].var.is_guest() {
                self.write_back(i);
                self.ints.cache.entries[i].dirty = false;
            }
        }
    }

    /// Makes the 64-bit value of a pinned variable valid.
    fn widen(&mut self, v: Var, r: Reg) {
        let bit = self.pins.bit(v);
        if self.ints.narrow & bit != 0 {
            self.a.movsxd(r, r);
            self.ints.narrow &= !bit;
        }
    }

    /// Makes all pins valid in all bits, as between blocks.
    pub fn widen_all(&mut self) {
        let mut narrow = std::mem::take(&mut self.ints.narrow);
        while narrow != 0 {
            let r = crate::pins::INT_REGS[narrow.trailing_zeros() as usize];
            self.a.movsxd(r, r);
            narrow &= narrow - 1;
        }
    }

    /// A register that holds `v`; only its low half if `low`. May emit flag-changing code.
    fn read_as(&mut self, v: Var, low: bool) -> Reg {
        if let Some(r) = self.pins.int(v) {
            if !low {
                self.widen(v, r);
            }
            return r;
        }
        if let Some(i) = self.ints.cache.find(v) {
            self.ints.cache.touch(i);
            if !low {
                self.widen_cached(i);
            }
            return Reg(i as u8);
        }
        let r = self.alloc();
        if v == Var::ZERO {
            self.a.zero(r);
        } else {
            self.a.mov(true, r, self.slot(v));
            self.ints.cache.entries[r.0 as usize].var = v;
        }
        r
    }

    /// A register that holds the 64-bit value of `v`.
    pub fn read(&mut self, v: Var) -> Reg {
        self.read_as(v, false)
    }

    /// A register of which the low half is that of `v`.
    pub fn read_low(&mut self, v: Var) -> Reg {
        self.read_as(v, true)
    }

    /// As `read` or `read_low` by the width of an operation.
    pub fn read_width(&mut self, v: Var, w: Width) -> Reg {
        self.read_as(v, w != Width::W64)
    }

    /// `v` as an operand: in a register, or in its slot where that saves a load. Never the zero variable.
    pub fn rm(&mut self, v: Var, w: Width) -> Rm {
        if self.pins.int(v).is_some() || v == Var::ZERO || self.ints.cache.find(v).is_some() {
            return self.read_width(v, w).into();
        }
        self.slot(v).into()
    }

    /// Copies `v` into `r` (all 64 bits unless `low`). `r` is claimed or about to become `v`'s register.
    pub fn copy(&mut self, r: Reg, v: Var, low: bool) {
        if v == Var::ZERO {
            return self.a.mov_imm(r, 0);
        }
        let w = if low { Width::W32Z } else { Width::W64 };
        let src = self.rm(v, w);
        if src != r.into() {
            self.a.mov(!low, r, src);
        }
    }

    /// The register in which to compute `dst`. It may be one of the sources' registers.
    pub fn dst(&mut self, dst: Var) -> Reg {
        if let Some(r) = self.pins.int(dst) {
            return r;
        }
        if let Some(i) = self.ints.cache.find(dst) {
            self.ints.cache.touch(i);
            return Reg(i as u8);
        }
        self.alloc()
    }

    /// As [`Self::dst`], but none of `avoid`.
    pub fn dst_except(&mut self, dst: Var, avoid: &[Rm]) -> Reg {
        let r = self.dst(dst);
        if avoid.contains(&r.into()) { self.alloc() } else { r }
    }

    /// `dst` has been computed into `r` at this width: a `W32S` or `W32Z` result leaves the upper half of `r` zero.
    pub fn commit(&mut self, dst: Var, r: Reg, w: Width) {
        let sext = match w {
            Width::W32S => true,
            Width::W64 | Width::W32Z => false,
        };
        self.ints.sext.set(dst, sext);
        self.ints.forget_constant(dst);
        if let Some(pin) = self.pins.int(dst) {
            let bit = self.pins.bit(dst);
            self.ints.narrow = if sext { self.ints.narrow | bit } else { self.ints.narrow & !bit };
            if pin != r {
                self.a.mov_rr(!sext, pin, r);
            }
            return;
        }
        self.bind(dst, r, sext);
    }

    /// As `commit` for a 64-bit value that is the sign extension of its low half.
    pub fn commit_sext(&mut self, dst: Var, r: Reg) {
        self.commit(dst, r, Width::W64);
        self.ints.sext.set(dst, true);
    }

    /// An unpinned variable now has the value of `r`, or of its low half, sign-extended, if that is `narrow`.
    fn bind(&mut self, dst: Var, r: Reg, narrow: bool) {
        if let Some(old) = self.ints.cache.find(dst) {
            self.ints.cache.entries[old].clear();
        }
        let cached = r.0 < 3;
        let lazy = cached && (self.plan.is_lazy(self.at) && self.block.ops[self.at].dst == dst);
        if narrow && !lazy {
            self.a.movsxd(r, r);
        }
        let dirty = lazy || (cached && dst.is_temp());
        if !dirty {
            self.a.mov_store(8, self.slot(dst), r);
        }
        if cached {
            let locked = self.ints.cache.entries[r.0 as usize].locked;
            self.evict(r.0 as usize);
            self.ints.cache.touch(r.0 as usize);
            let e = &mut self.ints.cache.entries[r.0 as usize];
            (e.var, e.dirty, e.narrow, e.locked) = (dst, dirty, narrow && lazy, locked);
        }
    }

    /// Whether `v`, which was read into `r`, leaves that register to its copy: its slot keeps it, and it is seldom read
    /// after that.
    pub fn gives_way(&mut self, v: Var, r: Reg) -> bool {
        let Some(e) = self.ints.cache.entries.get_mut(r.0 as usize) else { return false };
        let gives = v.is_guest() && e.var == v && !e.dirty && self.ints.cache.held[r.0 as usize] != v;
        if gives {
            e.clear();
        }
        gives
    }

    /// Loads unpinned variables that a loop carries into scratch registers before it, and keeps them there from round to
    /// round; their slots are written through all the same.
    pub fn hold(&mut self, carried: [Option<Var>; 2]) {
        for (r, v) in [RCX, RDX].into_iter().zip(carried) {
            let Some(v) = v else { continue };
            self.a.mov(true, r, self.slot(v));
            self.ints.cache.entries[r.0 as usize].var = v;
            self.ints.cache.held[r.0 as usize] = v;
        }
    }

    /// Brings held variables back to their registers for the next round. Changes no flags.
    pub fn restore_held(&mut self) {
        for i in 0..3 {
            let v = self.ints.cache.held[i];
            if v == Var::IMM || self.ints.cache.entries[i].var == v {
                continue;
            }
            self.evict(i);
            match self.ints.cache.find(v) {
                Some(other) => self.a.mov_rr(true, Reg(i as u8), Reg(other as u8)),
                None => self.a.mov(true, Reg(i as u8), self.slot(v)),
            }
        }
    }

    /// Makes `v` live in its slot or pin only, so that it takes no scratch register as an operand.
    pub fn uncache(&mut self, v: Var) {
        if let Some(i) = self.ints.cache.find(v) {
            self.evict(i);
        }
    }

    /// Whether this scratch register holds nothing that has a name.
    pub fn scratch_is_free(&self, r: Reg) -> bool {
        self.ints.cache.entries[r.0 as usize].var == Var::IMM
    }

    /// Forgets what scratch registers cache (their values are about to be lost), saving temporaries.
    pub fn flush_ints(&mut self) {
        for i in 0..3 {
            self.evict(i);
        }
    }

    /// As [`Self::flush_ints`], for those scratch registers that are in the set `lost`, by number.
    pub fn flush_lost(&mut self, lost: u32) {
        (0..3).filter(|i| lost >> i & 1 != 0).for_each(|i| self.evict(i));
    }

    /// `v` has another value now, in its slot, from where its pin is about to be loaded.
    pub fn forget(&mut self, v: Var) {
        self.uncache(v);
        self.ints.sext.set(v, false);
        self.ints.forget_constant(v);
    }

    /// Any variable may have another value now: nothing that was known of them holds.
    pub fn forget_facts(&mut self) {
        self.ints.constants.len = 0;
        self.ints.sext = VarSet::default();
        self.ints.sext.set(Var::ZERO, true);
        self.floats.boxed = VarSet::default();
    }
}

/// The numbers of the bits that are set.
pub fn bits(mut set: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let i = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (i < 32).then_some(i)
    })
}
