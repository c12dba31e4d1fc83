//! Integer arithmetic.

use super::Emitter;
use crate::asm::*;
use ir::{Code, Cond, Op, Var, Width};

/// Whether an operation works on 64 bits.
pub fn wide(op: &Op) -> bool {
    op.width == Width::W64
}

/// The condition code after `cmp a, b`.
pub fn cc_of(cond: Cond) -> Cc {
    match cond {
        Cond::Eq => Cc::E,
        Cond::Ne => Cc::Ne,
        Cond::Lt => Cc::L,
        Cond::Ge => Cc::Ge,
        Cond::Ltu => Cc::B,
        Cond::Geu => Cc::Ae,
    }
}

/// The condition that holds of `(b, a)` as `cc` holds of `(a, b)`.
fn swapped(cc: Cc) -> Cc {
    match cc {
        Cc::L => Cc::G,
        Cc::Ge => Cc::Le,
        Cc::B => Cc::A,
        Cc::Ae => Cc::Be,
        other => other,
    }
}

impl Emitter<'_> {
    pub fn mov(&mut self, op: &Op) {
        if op.a == Var::IMM || op.a == Var::ZERO {
            let imm = if op.a == Var::ZERO { 0 } else { op.imm };
            let d = self.dst(op.dst);
            self.a.mov_imm(d, imm as u64);
            self.commit(op.dst, d, Width::W64);
            self.ints.sext.set(op.dst, imm == imm as i32 as i64);
            self.ints.set_constant(op.dst, imm as u64);
            return;
        }
        let sext = self.ints.sext.has(op.a);
        let a = self.read(op.a);
        match self.pins.int(op.dst) {
            Some(d) => {
                if d != a {
                    self.a.mov_rr(true, d, a);
                }
                self.commit(op.dst, d, Width::W64);
            }
            None if self.gives_way(op.a, a) => self.commit(op.dst, a, Width::W64),
            None => {
                let d = self.dst_except(op.dst, &[a.into()]);
                self.a.mov_rr(true, d, a);
                self.commit(op.dst, d, Width::W64);
            }
        }
        self.ints.sext.set(op.dst, sext);
    }

    /// `op.imm` as an instruction's 32-bit immediate, if it is one at this width.
    fn imm32(&self, op: &Op) -> Option<i32> {
        match op.width {
            Width::W64 => i32::try_from(op.imm).ok(),
            _ => Some(op.imm as i32),
        }
    }

    /// Operand `b` in a register, immediates included.
    fn b_reg(&mut self, op: &Op) -> Reg {
        if op.b == Var::IMM {
            let r = self.alloc();
            self.a.mov_imm(r, op.imm as u64);
            r
        } else {
            self.read_width(op.b, op.width)
        }
    }

    pub fn add(&mut self, op: &Op) {
        let w = wide(op);
        if op.b == Var::IMM {
            if let Some(imm) = self.imm32(op) {
                return self.add_imm(op, imm);
            }
        } else if op.b == Var::ZERO || op.a == Var::ZERO {
            let a = if op.b == Var::ZERO { op.a } else { op.b };
            return self.add_imm(&Op { a, b: Var::IMM, ..*op }, 0);
        }
        let a = self.read_width(op.a, op.width);
        let b = if op.b == Var::IMM { self.b_reg(op).into() } else { self.rm(op.b, op.width) };
        let d = self.dst(op.dst);
        if b == d.into() {
            self.a.alu(Alu::Add, w, d, a);
        } else if a == d {
            self.a.alu(Alu::Add, w, d, b);
        } else if let Rm::R(b) = b {
            self.a.lea(w, d, mem_index(a, Reg(b), 0, 0));
        } else {
            self.a.mov(w, d, b);
            self.a.alu(Alu::Add, w, d, a);
        }
        self.commit(op.dst, d, op.width);
    }

    fn add_imm(&mut self, op: &Op, imm: i32) {
        let w = wide(op);
        let known = if op.a == Var::ZERO { Some(0) } else { self.ints.constant(op.a) };
        if let Some(a) = known {
            let sum = op.width.wrap(a.wrapping_add(imm as i64 as u64));
            return self.mov(&Op { a: Var::IMM, imm: sum as i64, ..*op });
        }
        // A copy keeps the source's extension; `addiw rd, rs, 0` of an extended value is a copy.
        if imm == 0 && (w || (op.width == Width::W32S && self.ints.sext.has(op.a))) {
            return self.mov(op);
        }
        let a = self.read_width(op.a, op.width);
        let d = self.dst(op.dst);
        if imm == 0 {
            self.a.mov_rr(w, d, a);
        } else if d == a {
            self.a.alu_imm(Alu::Add, w, d, imm);
        } else {
            self.a.lea(w, d, mem(a, imm));
        }
        self.commit(op.dst, d, op.width);
    }

    pub fn sub(&mut self, op: &Op) {
        let w = wide(op);
        if op.b == Var::IMM {
            return self.add(&Op { imm: op.imm.wrapping_neg(), ..*op });
        }
        if op.b == Var::ZERO {
            return self.add_imm(&Op { b: Var::IMM, ..*op }, 0);
        }
        if op.a == Var::ZERO {
            let b = self.read_width(op.b, op.width);
            let d = self.dst(op.dst);
            if d != b {
                self.a.mov_rr(w, d, b);
            }
            self.a.neg(w, d);
            return self.commit(op.dst, d, op.width);
        }
        self.two_operand(op, Alu::Sub, false);
    }

    pub fn logic_op(&mut self, op: &Op, alu: Alu) {
        if op.a == Var::ZERO || op.b == Var::ZERO {
            let other = if op.a == Var::ZERO { op.b } else { op.a };
            return match alu {
                Alu::And => self.mov(&Op { a: Var::ZERO, ..*op }),
                _ if other == Var::IMM => {
                    self.mov(&Op { a: Var::IMM, imm: op.width.wrap(op.imm as u64) as i64, ..*op })
                }
                _ => self.add_imm(&Op { a: other, b: Var::IMM, ..*op }, 0),
            };
        }
        // Bitwise operations on extended values give extended values: no need to widen first.
        let sext = self.ints.sext.has(op.a)
            && if op.b == Var::IMM { op.imm == op.imm as i32 as i64 } else { self.ints.sext.has(op.b) };
        if op.width == Width::W64 && sext && (self.is_narrow(op.a) || self.is_narrow(op.b)) {
            return self.two_operand(&Op { width: Width::W32S, ..*op }, alu, true);
        }
        self.two_operand(op, alu, true);
        if op.width == Width::W64 {
            let positive = alu == Alu::And && op.b == Var::IMM && (0..=i32::MAX as i64).contains(&op.imm);
            self.ints.sext.set(op.dst, sext || positive);
        }
    }

    fn is_narrow(&self, v: Var) -> bool {
        v != Var::IMM && self.pins.int(v).is_some() && self.ints.narrow & self.pins.bit(v) != 0
    }

    /// `dst = a alu b` with an x86 two-operand instruction.
    fn two_operand(&mut self, op: &Op, alu: Alu, commutes: bool) {
        let w = wide(op);
        // A mask without its upper half set can use the 32-bit form, which clears the rest.
        let low = alu == Alu::And && op.b == Var::IMM && (0..=i32::MAX as i64).contains(&op.imm);
        let a = if low { self.read_low(op.a) } else { self.read_width(op.a, op.width) };
        if let Some(imm) = self.imm32(op).filter(|_| op.b == Var::IMM) {
            let d = self.dst(op.dst);
            let w = w && !low;
            if low && (imm == 0xff || imm == 0xffff) {
                self.a.extend(false, if imm == 0xff { 1 } else { 2 }, d, a);
                return self.commit(op.dst, d, op.width);
            }
            if d != a {
                self.a.mov_rr(w, d, a);
            }
            self.a.alu_imm(alu, w, d, imm);
            return self.commit(op.dst, d, op.width);
        }
        let b = if op.b == Var::IMM { self.b_reg(op).into() } else { self.rm(op.b, op.width) };
        let mut d = self.dst(op.dst);
        if b == d.into() && d != a {
            if commutes {
                self.a.alu(alu, w, d, a);
                return self.commit(op.dst, d, op.width);
            }
            d = self.alloc();
        }
        if d != a {
            self.a.mov_rr(w, d, a);
        }
        self.a.alu(alu, w, d, b);
        self.commit(op.dst, d, op.width);
    }

    /// `a & !b`, `a | !b`, `!(a ^ b)`
    pub fn negated_logic(&mut self, op: &Op) {
        let w = wide(op);
        let a = self.read_width(op.a, op.width);
        let b = self.b_reg(op);
        if op.code == Code::AndNot && self.feat.bmi1 {
            let d = self.dst(op.dst);
            self.a.andn(w, d, b, a);
            return self.commit(op.dst, d, op.width);
        }
        let d = self.dst_except(op.dst, &[a.into(), b.into()]);
        self.a.mov_rr(w, d, b);
        match op.code {
            Code::Xnor => self.a.alu(Alu::Xor, w, d, a),
            _ => self.a.not(w, d),
        }
        match op.code {
            Code::AndNot => self.a.alu(Alu::And, w, d, a),
            Code::OrNot => self.a.alu(Alu::Or, w, d, a),
            _ => self.a.not(w, d),
        }
        self.commit(op.dst, d, op.width);
    }

    pub fn shift(&mut self, op: &Op, kind: Shift) {
        if op.b == Var::IMM {
            return self.shift_imm(op, kind, (op.imm as u8) & (op.width.bits() as u8 - 1));
        }
        let rotate = matches!(kind, Shift::Rol | Shift::Ror);
        if self.feat.bmi2 && !rotate {
            let count = self.read_low(op.b);
            let a = self.rm_or_zero(op.a, op.width);
            let d = self.dst(op.dst);
            self.a.shiftx(kind, wide(op), d, a, count);
            return self.commit(op.dst, d, op.width);
        }
        self.claim(RCX);
        self.copy(RCX, op.b, true);
        // The register that `b` was in is not needed any more, and may be wanted.
        self.ints.unlock();
        self.claim(RCX);
        let a = self.read_width(op.a, op.width);
        let d = self.dst_except(op.dst, &[RCX.into()]);
        let d = if self.rm_is(op.b, d) && d != a { self.alloc() } else { d };
        if d != a {
            self.a.mov_rr(wide(op), d, a);
        }
        self.a.shift_cl(kind, wide(op), d);
        self.commit(op.dst, d, op.width);
    }

    fn rm_or_zero(&mut self, v: Var, w: Width) -> Rm {
        if v == Var::ZERO { self.read(v).into() } else { self.rm(v, w) }
    }

    fn rm_is(&self, v: Var, r: Reg) -> bool {
        v != Var::IMM && self.pins.int(v) == Some(r)
    }

    fn shift_imm(&mut self, op: &Op, kind: Shift, n: u8) {
        let w = wide(op);
        if n == 0 {
            return self.add_imm(&Op { b: Var::IMM, ..*op }, 0);
        }
        let a = self.read_width(op.a, op.width);
        let d = self.dst(op.dst);
        match kind {
            Shift::Shl if d != a && n <= 3 => {
                self.a.lea(w, d, Mem { base: None, index: Some((a, n)), disp: 0 });
            }
            Shift::Ror if d != a && self.feat.bmi2 => self.a.rorx(w, d, a, n),
            Shift::Rol if d != a && self.feat.bmi2 => self.a.rorx(w, d, a, op.width.bits() as u8 - n),
            _ => {
                if d != a {
                    self.a.mov_rr(w, d, a);
                }
                self.a.shift_imm(kind, w, d, n);
            }
        }
        let positive = kind == Shift::Shr && (op.width == Width::W32S || n > 32);
        let sext = positive || w && kind == Shift::Sar && (n >= 32 || self.ints.sext.has(op.a));
        // A positive 32-bit result is its own extension.
        self.commit(op.dst, d, if positive { Width::W64 } else { op.width });
        if sext {
            self.ints.sext.set(op.dst, true);
        }
    }

    pub fn mul(&mut self, op: &Op) {
        let w = wide(op);
        let a = self.rm_or_zero(op.a, op.width);
        let small = if op.b == Var::IMM { self.imm32(op) } else { None };
        if let Some(imm) = small {
            let d = self.dst(op.dst);
            self.a.imul_imm(w, d, a, imm);
            return self.commit(op.dst, d, op.width);
        }
        let b = if op.b == Var::IMM { self.b_reg(op).into() } else { self.rm_or_zero(op.b, op.width) };
        let d = self.dst(op.dst);
        if b == d.into() {
            self.a.imul(w, d, a);
        } else {
            if a != d.into() {
                self.a.mov(w, d, a);
            }
            self.a.imul(w, d, b);
        }
        self.commit(op.dst, d, op.width);
    }

    pub fn mul_high(&mut self, op: &Op) {
        if op.code == Code::MulHU && self.feat.bmi2 {
            self.claim(RDX);
            self.copy(RDX, op.a, false);
            self.keep_only(RDX);
            let b = self.rm_or_zero(op.b, Width::W64);
            let d = self.dst(op.dst);
            self.a.mulx_high(d, b);
            return self.commit(op.dst, d, Width::W64);
        }
        self.flush_ints();
        self.claim_all();
        self.copy(RAX, op.a, false);
        self.copy(RCX, op.b, false);
        if op.code == Code::MulHSU {
            // High half of signed a x unsigned b = unsigned product - (a < 0 ? b : 0).
            self.a.mov_store(8, mem(RBP, host::layout::SPILL), RAX);
            self.a.mul_wide(false, RCX);
            self.a.mov(true, RAX, mem(RBP, host::layout::SPILL));
            self.a.shift_imm(Shift::Sar, true, RAX, 63);
            self.a.alu(Alu::And, true, RAX, RCX);
            self.a.alu(Alu::Sub, true, RDX, RAX);
        } else {
            self.a.mul_wide(op.code == Code::MulHS, RCX);
        }
        self.commit(op.dst, RDX, Width::W64);
    }

    pub fn divide(&mut self, op: &Op) {
        let w = wide(op);
        let signed = matches!(op.code, Code::DivS | Code::RemS);
        let quotient = matches!(op.code, Code::DivS | Code::DivU);
        self.flush_ints();
        self.claim_all();
        self.copy(RCX, op.b, !w);
        self.copy(RAX, op.a, !w);
        self.a.test(w, RCX, RCX);
        let zero = self.a.jcc_short(Cc::E);
        let minus = signed.then(|| {
            self.a.alu_imm(Alu::Cmp, w, RCX, -1);
            self.a.jcc_short(Cc::E)
        });
        if signed {
            self.a.sign_to_rdx(w);
        } else {
            self.a.zero(RDX);
        }
        self.a.div(signed, w, RCX);
        let done = self.a.jmp_short();
        let mut minus_done = None;
        if let Some(minus) = minus {
            self.a.bind(minus);
            self.a.neg(w, RAX);
            self.a.zero(RDX);
            minus_done = Some(self.a.jmp_short());
        }
        self.a.bind(zero);
        self.a.mov_rr(w, RDX, RAX);
        self.a.alu_imm(Alu::Or, w, RAX, -1);
        if let Some(l) = minus_done {
            self.a.bind(l);
        }
        self.a.bind(done);
        self.commit(op.dst, if quotient { RAX } else { RDX }, op.width);
    }

    pub fn min_max(&mut self, op: &Op) {
        // After `cmp a, b`: take b if this holds.
        let cc = match op.code {
            Code::MinS => Cc::G,
            Code::MaxS => Cc::L,
            Code::MinU => Cc::A,
            _ => Cc::B,
        };
        let a = self.read(op.a);
        let b = self.read(op.b);
        let d = self.dst_except(op.dst, &[b.into()]);
        let d = if d == b && a != b { self.alloc() } else { d };
        let sext = self.ints.sext.has(op.a) && self.ints.sext.has(op.b);
        self.a.alu(Alu::Cmp, true, a, b);
        if d != a {
            self.a.mov_rr(true, d, a);
        }
        self.a.cmov(cc, true, d, b);
        self.commit(op.dst, d, Width::W64);
        self.ints.sext.set(op.dst, sext);
    }

    pub fn shl_add(&mut self, op: &Op) {
        let n = op.imm as u8;
        let b = self.read(op.b);
        let (mut a, unsigned) = (self.read_as_index(op), op.code == Code::ShlAddU);
        if unsigned {
            let t = self.alloc();
            self.a.mov_rr(false, t, a);
            a = t;
        }
        let d = self.dst_or_alloc(op.dst, a, b);
        self.a.lea(true, d, mem_index(b, a, n, 0));
        self.commit(op.dst, d, Width::W64);
    }

    fn read_as_index(&mut self, op: &Op) -> Reg {
        if op.code == Code::ShlAddU { self.read_low(op.a) } else { self.read(op.a) }
    }

    /// A destination that may be one of two sources even when all scratch registers are locked.
    fn dst_or_alloc(&mut self, dst: Var, a: Reg, _b: Reg) -> Reg {
        if self.pins.int(dst).is_none() && a.0 < 3 && self.scratch_is_free(a) { a } else { self.dst(dst) }
    }

    pub fn ext(&mut self, op: &Op) {
        use bits::Mem as M;
        let (a, d);
        match op.mem {
            M::I32 if self.ints.sext.has(op.a) => self.mov(op),
            M::I32 => {
                let a = self.rm_or_zero(op.a, Width::W32S);
                d = self.dst(op.dst);
                if a != d.into() && !self.plan.is_lazy(self.at) {
                    self.a.movsxd(d, a);
                    return self.commit_sext(op.dst, d);
                }
                if a != d.into() {
                    self.a.mov(false, d, a);
                }
                self.commit(op.dst, d, Width::W32S);
            }
            M::U32 => {
                a = self.read_low(op.a);
                d = self.dst(op.dst);
                self.a.mov_rr(false, d, a);
                self.commit(op.dst, d, Width::W32Z);
            }
            M::U64 => self.mov(op),
            small => {
                a = self.read_low(op.a);
                d = self.dst(op.dst);
                self.a.extend(small.signed(), small.bytes(), d, a);
                self.commit_sext(op.dst, d);
            }
        }
    }

    /// Compares `a` and `b` (or `imm`) and says which condition code means `cond`. Nothing that changes flags may
    /// come between this and its use: operands of the use are to be read before.
    pub fn compare(&mut self, cond: Cond, a: Var, b: Var, imm: i64) -> Cc {
        let cc = cc_of(cond);
        let b_sext = if b == Var::IMM { imm == imm as i32 as i64 } else { self.ints.sext.has(b) };
        // Extended values compare as their low halves do, signed or unsigned.
        let w = !(self.ints.sext.has(a) && b_sext);
        let width = if w { Width::W64 } else { Width::W32Z };
        if a == Var::ZERO && b != Var::IMM && b != Var::ZERO {
            let r = self.read_width(b, width);
            return self.compare_zero(cond, r, w, true);
        }
        if b == Var::ZERO || (b == Var::IMM && imm == 0) {
            let r = self.read_width(a, width);
            return self.compare_zero(cond, r, w, false);
        }
        if b == Var::IMM {
            let ra = self.read_width(a, width);
            if let Ok(imm) = i32::try_from(imm) {
                self.a.alu_imm(Alu::Cmp, w, ra, imm);
            } else {
                let t = self.alloc();
                self.a.mov_imm(t, imm as u64);
                self.a.alu(Alu::Cmp, w, ra, t);
            }
            return cc;
        }
        let ra = self.read_width(a, width);
        let rb = self.rm(b, width);
        self.a.alu(Alu::Cmp, w, ra, rb);
        cc
    }

    /// `r` against zero (or zero against `r`).
    fn compare_zero(&mut self, cond: Cond, r: Reg, w: bool, zero_first: bool) -> Cc {
        let cc = cc_of(cond);
        match cond {
            Cond::Eq | Cond::Ne => {
                self.a.test(w, r, r);
                cc
            }
            _ if !zero_first => {
                // `test` clears carry and overflow, as `cmp r, 0` would.
                self.a.test(w, r, r);
                cc
            }
            _ => {
                self.a.alu_imm(Alu::Cmp, w, r, 0);
                swapped(cc)
            }
        }
    }

    pub fn set_cond(&mut self, op: &Op) {
        let cc = self.compare(op.cond, op.a, op.b, op.imm);
        let d = self.dst(op.dst);
        self.a.setcc(cc, d);
        self.a.extend(false, 1, d, d);
        self.commit_sext(op.dst, d);
    }

    /// `dst = cond(a, b) ? c : dst`
    fn select_in_place(&mut self, op: &Op) {
        let sext = self.ints.sext.has(op.c) && self.ints.sext.has(op.dst);
        let low = sext && (self.is_narrow(op.c) || self.is_narrow(op.dst));
        let width = if low { Width::W32S } else { Width::W64 };
        // Everything that may widen or load comes before the comparison.
        let d = self.read_width(op.dst, width);
        let c = self.rm_or_zero(op.c, width);
        let cc = self.compare(op.cond, op.a, op.b, op.imm);
        self.a.cmov(cc, !low, d, c);
        self.commit(op.dst, d, width);
        self.ints.sext.set(op.dst, sext);
    }

    pub fn select(&mut self, op: &Op) {
        if op.c == op.d {
            return self.mov(&Op { a: op.c, ..*op });
        }
        if op.c == Var::ZERO {
            return self.select(&Op { cond: op.cond.negate(), c: op.d, d: op.c, ..*op });
        }
        let few = op.b != Var::IMM || i32::try_from(op.imm).is_ok();
        if op.c == op.dst && few {
            return self.select_in_place(&Op { cond: op.cond.negate(), c: op.d, d: op.c, ..*op });
        }
        if op.d == op.dst && few {
            return self.select_in_place(op);
        }
        let sext = self.ints.sext.has(op.c) && self.ints.sext.has(op.d);
        self.uncache(op.c);
        self.uncache(op.d);
        // Everything that may widen or load comes before the comparison.
        let c = self.rm_or_zero(op.c, Width::W64);
        for v in [op.a, op.b] {
            if v != Var::IMM && v != Var::ZERO {
                let _ = self.rm(v, Width::W64);
            }
        }
        let d_value = if op.d == Var::ZERO { None } else { Some(self.rm(op.d, Width::W64)) };
        let cc = self.compare(op.cond, op.a, op.b, op.imm);
        let avoid_c = [c];
        let mut d = self.dst(op.dst);
        if avoid_c.contains(&d.into()) && d_value != Some(d.into()) {
            d = self.alloc(); // stores at most: the flags stay
        }
        match d_value {
            None => self.a.mov_imm(d, 0),
            Some(v) if v == d.into() => {}
            Some(v) => self.a.mov(true, d, v),
        }
        self.a.cmov(cc, true, d, c);
        self.commit(op.dst, d, Width::W64);
        self.ints.sext.set(op.dst, sext);
    }
}
