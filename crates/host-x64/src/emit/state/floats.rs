//! The same for floating-point variables: xmm0 is free for every operation, xmm1 to xmm3 cache.

use super::{Cache, EMPTY, Entry, VarSet, bits};
use crate::asm::*;
use crate::emit::{Cold, Emitter};
use ir::Var;

/// Floating-point side.
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
