//! Where variables are at each point of the block, and the calls that bring them where an operation wants them.

use super::{Cold, Emitter};
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
#[derive(Clone, Copy)]
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
        let all = *self;
        self.len = 0;
        for (v, value) in &all.known[..all.len] {
            if keep(*v) {
                self.push(*v, *value);
            }
        }
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

/// Floating-point side. xmm0 is free for every operation; xmm1 to xmm3 cache.
pub struct Floats {
    cache: Cache<3>,
    /// Pins that may hold a NaN with a payload, and which of them hold an F32.
    pub nans: u32,
    pub singles: u32,
    /// Per pin of `nans`: pins that went into its value, so that they hold no NaN if it holds none.
    implies: [u32; 32],
    /// Variables known to hold a boxed F32.
    pub boxed: VarSet,
    /// Temporaries that stand for another variable.
    alias: Vec<(Var, Var)>,
}

/// The first caching xmm register.
const FIRST_XMM: u8 = 1;
/// The `i`th caching register.
pub fn cached_xmm(i: usize) -> Xmm {
    Xmm(FIRST_XMM + i as u8)
}

/// Free for every floating-point operation.
pub const XMM0: Xmm = Xmm(0);

impl Floats {
    pub fn new() -> Floats {
        Floats {
            cache: Cache::new(),
            nans: 0,
            singles: 0,
            implies: [0; 32],
            boxed: VarSet::default(),
            alias: Vec::new(),
        }
    }

    pub fn unlock(&mut self) {
        self.cache.unlock();
    }

    /// As [`Ints::cached`].
    pub fn cached(&self) -> [Option<(Var, bool)>; 3] {
        self.cache.cached()
    }

    pub fn forget_temps(&mut self) {
        self.cache.forget_temps();
        self.alias.clear();
    }

    /// From now on until the end of the instruction `temp` is `v`.
    pub fn set_alias(&mut self, temp: Var, v: Var) {
        self.alias.push((temp, v));
    }

    /// The variable that `v` stands for.
    pub fn resolve(&self, v: Var) -> Var {
        self.alias.iter().rev().find(|(t, _)| *t == v).map_or(v, |(_, s)| *s)
    }
}

impl Emitter<'_> {
    // Integers -----------------------------------------------------------------------------------------------

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

    // Floats -------------------------------------------------------------------------------------------------

    fn evict_float(&mut self, i: usize) {
        let e = self.floats.cache.entries[i];
        if e.dirty {
            self.a.store_scalar(self.feat.avx, true, self.slot(e.var), Xmm(i as u8 + FIRST_XMM));
        }
        self.floats.cache.entries[i] = Entry { locked: e.locked, ..EMPTY };
    }

    /// A free caching xmm register, locked until the end of the operation.
    pub fn alloc_float(&mut self) -> Xmm {
        let i = self.floats.cache.victim();
        self.evict_float(i);
        self.floats.cache.touch(i);
        Xmm(i as u8 + FIRST_XMM)
    }

    /// A register that holds `v`, which may be a NaN with a payload.
    pub fn read_float(&mut self, v: Var) -> Xmm {
        let v = self.floats.resolve(v);
        if let Some(x) = self.pins.float(v) {
            return x;
        }
        if let Some(i) = self.floats.cache.find(v) {
            self.floats.cache.touch(i);
            return Xmm(i as u8 + FIRST_XMM);
        }
        let x = self.alloc_float();
        self.a.load_scalar(self.feat.avx, true, x, self.slot(v));
        self.floats.cache.entries[(x.0 - FIRST_XMM) as usize].var = v;
        x
    }

    /// As `read_float`, with the exact bits.
    pub fn read_float_bits(&mut self, v: Var) -> Xmm {
        let v = self.floats.resolve(v);
        if let Some(x) = self.pins.float(v) {
            let bit = self.pins.float_bit(v);
            if self.floats.nans & bit != 0 {
                self.settle_nan(x, bit);
            }
            return x;
        }
        self.read_float(v)
    }

    /// Before `dst` is overwritten: temporaries that stand for it and are read again get its value for their own.
    fn keep_aliases(&mut self, dst: Var) {
        let stands: Vec<Var> = self.floats.alias.iter().filter(|(_, v)| *v == dst).map(|(t, _)| *t).collect();
        for t in stands {
            if !self.read_later(t) {
                continue;
            }
            let x = self.read_float(dst);
            self.a.store_scalar(self.feat.avx, true, self.slot(t), x);
            self.floats.alias.retain(|(a, _)| *a != t);
            self.floats.boxed.set(t, self.floats.boxed.has(dst));
        }
    }

    /// Whether a later operation of this guest instruction reads `v`.
    fn read_later(&self, v: Var) -> bool {
        let rest = &self.block.ops[self.at + 1..];
        let insn = rest.iter().take_while(|o| o.code != ir::Code::Insn);
        insn.into_iter().any(|o| [o.a, o.b, o.c, o.d].contains(&v))
    }

    /// The register in which to compute `dst`.
    pub fn dst_float(&mut self, dst: Var) -> Xmm {
        if !self.floats.alias.is_empty() {
            self.keep_aliases(dst);
        }
        if let Some(x) = self.pins.float(dst) {
            return x;
        }
        if let Some(i) = self.floats.cache.find(dst) {
            self.floats.cache.touch(i);
            return Xmm(i as u8 + FIRST_XMM);
        }
        self.alloc_float()
    }

    /// The pins which hold no NaN if an operation that passes NaNs on makes none of these operands.
    pub fn sources(&self, operands: [Var; 3]) -> u32 {
        let mut all = 0;
        for v in operands.into_iter().filter(|v| *v != Var::IMM) {
            let v = self.floats.resolve(v);
            if self.pins.float(v).is_some() {
                let bit = self.pins.float_bit(v);
                if self.floats.nans & bit != 0 {
                    all |= bit | self.floats.implies[bit.trailing_zeros() as usize];
                }
            }
        }
        all
    }

    /// As [`Self::commit_float`] for the result of an operation that passes NaNs on, which may have a payload.
    pub fn commit_nan(&mut self, dst: Var, x: Xmm, double: bool, operands: [Var; 3]) {
        let sources = self.sources(operands);
        self.commit_float(dst, x, Some(double), !double);
        if self.pins.float(dst).is_some() {
            let bit = self.pins.float_bit(dst);
            self.floats.implies[bit.trailing_zeros() as usize] = sources & !bit;
        }
    }

    /// `dst` has been computed into `x`. `nan`: it may be a NaN with a payload; `Some(double)` names the format.
    pub fn commit_float(&mut self, dst: Var, x: Xmm, nan: Option<bool>, boxed: bool) {
        self.floats.boxed.set(dst, boxed);
        if let Some(pin) = self.pins.float(dst) {
            if pin != x {
                self.a.movaps(self.feat.avx, pin, x);
            }
            let bit = self.pins.float_bit(dst);
            self.floats.nans &= !bit;
            self.floats.singles &= !bit;
            self.floats.implies.iter_mut().for_each(|pins| *pins &= !bit);
            if let Some(double) = nan {
                self.floats.nans |= bit;
                self.floats.singles |= if double { 0 } else { bit };
            }
            return;
        }
        if let Some(double) = nan {
            self.canonical(x, double);
        }
        self.bind_float(dst, x);
    }

    fn bind_float(&mut self, dst: Var, x: Xmm) {
        if let Some(old) = self.floats.cache.find(dst) {
            self.floats.cache.entries[old].var = Var::IMM;
            self.floats.cache.entries[old].dirty = false;
        }
        let cached = (FIRST_XMM..FIRST_XMM + 3).contains(&x.0);
        if !dst.is_temp() || !cached {
            self.a.store_scalar(self.feat.avx, true, self.slot(dst), x);
        }
        if cached {
            let i = (x.0 - FIRST_XMM) as usize;
            self.evict_float(i);
            self.floats.cache.touch(i);
            let e = &mut self.floats.cache.entries[i];
            (e.var, e.dirty) = (dst, dst.is_temp());
        }
    }

    /// Forgets what caching xmm registers hold, saving temporaries.
    pub fn flush_floats(&mut self) {
        for i in 0..3 {
            self.evict_float(i);
        }
    }

    /// Replaces a NaN in `x` by the canonical one.
    pub fn canonical(&mut self, x: Xmm, double: bool) {
        self.a.compare(self.feat.avx, 0x2e, double, x, x);
        let label = self.a.jcc_long(Cc::P);
        let back = self.a.here();
        self.cold.push(Cold::CanonicalNan { label, xmm: x, double, back });
    }

    pub fn load_nan(&mut self, x: Xmm, double: bool) {
        let at = if double { host::layout::NAN_F64 } else { host::layout::NAN_F32 };
        self.a.load_scalar(self.feat.avx, true, x, mem(RBP, at));
    }

    /// Makes the bits of one pin exact, and with it those of pins that went into it.
    fn settle_nan(&mut self, x: Xmm, bit: u32) {
        let implied = self.floats.implies[bit.trailing_zeros() as usize] & self.floats.nans;
        let single = self.floats.singles & bit != 0;
        self.floats.nans &= !(bit | implied);
        if implied == 0 {
            return self.canonical(x, !single);
        }
        self.compare_nans(x, x, !single, bit | implied);
    }

    /// Tests two pins; if one of them is a NaN, all of `nans` are looked at.
    fn compare_nans(&mut self, a: Xmm, b: Xmm, double: bool, nans: u32) {
        self.a.compare(self.feat.avx, 0x2e, double, a, b);
        let label = self.a.jcc_long(Cc::P);
        let back = self.a.here();
        self.cold.push(Cold::FixNans { label, nans, singles: self.floats.singles, back });
    }

    /// Makes the bits of all pins exact, as between blocks: two registers a compare, and none for what went into others.
    pub fn settle_nans(&mut self) {
        let (nans, singles) = (std::mem::take(&mut self.floats.nans), self.floats.singles);
        let implied = |i: u32| self.floats.implies[i as usize] & nans;
        let roots = nans & !bits(nans).fold(0, |all, i| all | implied(i));
        for (set, double) in [(roots & !singles, true), (roots & singles, false)] {
            let mut left = bits(set);
            while let Some(first) = left.next() {
                let second = left.next().unwrap_or(first);
                let all = 1 << first | 1 << second | self.floats.implies[first as usize] & nans;
                let all = all | self.floats.implies[second as usize] & nans;
                self.compare_nans(pin_of(first), pin_of(second), double, all);
            }
        }
    }

    /// Cold: canonicalises every NaN among these pins.
    pub fn fix_nans(&mut self, nans: u32, singles: u32) {
        for i in bits(nans) {
            let (x, double) = (pin_of(i), singles >> i & 1 == 0);
            self.a.compare(self.feat.avx, 0x2e, double, x, x);
            let fine = self.a.jcc_short(Cc::Np);
            self.load_nan(x, double);
            self.a.bind(fine);
        }
    }
}

/// The `i`th floating-point pin.
fn pin_of(i: u32) -> Xmm {
    crate::pins::float_reg(i as usize)
}

/// The numbers of the bits that are set.
pub fn bits(mut set: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let i = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (i < 32).then_some(i)
    })
}
