//! Floating point on the host's unit (decision D6).
//!
//! Sticky flags gather in MXCSR. x86 and IEEE agree on values, on tininess after rounding and on flags; what differs
//! is dealt with here: NaN results (canonical, checked lazily for pins), boxing of F32, saturating conversions. Where
//! the fast path does not apply, a trap hands the guest instruction to the evaluator, before any state has changed.

use super::Emitter;
use super::state::{VarSet, XMM0};
use crate::asm::*;
use bits::Mem as Access;
use host::RecordKind;
use host::layout::*;
use ir::{Code, Fmt, Op, Round, Var, Width};

fn double(op: &Op) -> bool {
    op.fmt == Fmt::F64
}

impl Emitter<'_> {
    /// A register for `dst`, or xmm0 if that would overwrite `b` before it is read in two-operand form.
    fn dst_beside(&mut self, dst: Var, a: Xmm, b: Xmm) -> Xmm {
        let d = self.dst_float(dst);
        if !self.feat.avx && d == b && d != a { XMM0 } else { d }
    }

    pub fn f_arith(&mut self, op: &Op) {
        let opcode = match op.code {
            Code::FAdd => 0x58,
            Code::FSub => 0x5c,
            Code::FMul => 0x59,
            _ => 0x5e,
        };
        let a = self.read_float(op.a);
        let b = self.read_float(op.b);
        let d = self.dst_beside(op.dst, a, b);
        let (avx, dbl) = (self.feat.avx, double(op));
        self.rounded(op, |e| e.a.scalar(avx, opcode, dbl, d, a, b));
        self.commit_nan(op.dst, d, dbl, [op.a, op.b, Var::IMM]);
    }

    pub fn f_sqrt(&mut self, op: &Op) {
        let a = self.read_float(op.a);
        let d = self.dst_float(op.dst);
        let (avx, dbl) = (self.feat.avx, double(op));
        self.rounded(op, |e| e.a.scalar(avx, 0x51, dbl, d, a, a));
        self.commit_nan(op.dst, d, dbl, [op.a, Var::IMM, Var::IMM]);
    }

    pub fn f_mul_add(&mut self, op: &Op) {
        if !self.feat.fma {
            self.record(RecordKind::Bail);
            return self.a.ud2();
        }
        // b9 a*b+c, bb a*b-c, bd -a*b+c, bf -a*b-c
        let opcode = match op.aux & 3 {
            0 => 0xb9,
            2 => 0xbb,
            1 => 0xbd,
            _ => 0xbf,
        };
        let (avx, dbl) = (self.feat.avx, double(op));
        let a = self.read_float(op.a);
        let b = self.read_float(op.b);
        let c = self.read_float(op.c);
        self.rounded(op, |e| {
            e.a.movaps(avx, XMM0, c);
            e.a.fma231(opcode, dbl, XMM0, a, b);
        });
        // RISC-V raises NV for inf x 0 + NaN, x86 does not: NaN results are left to the evaluator.
        self.a.compare(avx, 0x2e, dbl, XMM0, XMM0);
        self.trap_if(Cc::P, RecordKind::Bail);
        self.floats.nans &= !self.sources([op.a, op.b, op.c]);
        let d = self.dst_float_reusing(op.dst);
        self.a.movaps(avx, d, XMM0);
        self.commit_float(op.dst, d, None, !dbl);
    }

    /// A destination after all three caching registers have been read: xmm0 itself when there is no other.
    fn dst_float_reusing(&mut self, dst: Var) -> Xmm {
        self.floats.unlock();
        self.dst_float(dst)
    }

    pub fn f_min_max(&mut self, op: &Op) {
        let (avx, dbl, min) = (self.feat.avx, double(op), op.code == Code::FMin);
        let a = self.read_float(op.a);
        let b = self.read_float(op.b);
        self.a.compare(avx, 0x2e, dbl, a, b);
        self.trap_if(Cc::P, RecordKind::Bail);
        let equal = self.a.jcc_short(Cc::E);
        self.a.scalar(avx, if min { 0x5d } else { 0x5f }, dbl, XMM0, a, b);
        let done = self.a.jmp_short();
        self.a.bind(equal);
        // Equal operands differ at most in the sign of a zero: keep it for min, drop it for max.
        self.a.logic(avx, if min { 0x56 } else { 0x54 }, XMM0, a, b);
        self.a.bind(done);
        let d = self.dst_float(op.dst);
        self.a.movaps(avx, d, XMM0);
        self.commit_float(op.dst, d, None, !dbl);
    }

    pub fn f_compare(&mut self, op: &Op) {
        let (avx, dbl) = (self.feat.avx, double(op));
        let a = self.read_float(op.a);
        let b = self.read_float(op.b);
        let d = self.dst(op.dst);
        if op.code == Code::FEq {
            let t = self.alloc();
            self.a.compare(avx, 0x2e, dbl, a, b);
            self.a.setcc(Cc::Np, t);
            self.a.setcc(Cc::E, d);
            self.a.alu(Alu::And, false, d, t);
        } else {
            // Swapped, so that "unordered" reads as false: above and above-or-equal want the carry clear.
            self.a.compare(avx, 0x2f, dbl, b, a);
            self.a.setcc(if op.code == Code::FLt { Cc::A } else { Cc::Ae }, d);
        }
        self.a.extend(false, 1, d, d);
        self.commit_sext(op.dst, d);
    }

    pub fn f_sign(&mut self, op: &Op) {
        let (avx, dbl) = (self.feat.avx, double(op));
        let (sign, magnitude) = if dbl { (SIGN_F64, MAGNITUDE_F64) } else { (SIGN_F32, MAGNITUDE_F32) };
        let (sign, magnitude) = (mem(RBP, sign), mem(RBP, magnitude));
        let a = self.read_float_bits(op.a);
        if self.floats.resolve(op.a) == self.floats.resolve(op.b) {
            let d = self.dst_float(op.dst);
            match op.aux {
                0 if d == a => {}
                0 => self.a.movaps(avx, d, a),
                1 => self.a.logic(avx, 0x57, d, a, sign),
                _ => self.a.logic(avx, 0x54, d, a, magnitude),
            }
            return self.commit_float(op.dst, d, None, !dbl);
        }
        let b = self.read_float_bits(op.b);
        let t = self.alloc_float();
        match op.aux {
            2 => {
                self.a.logic(avx, 0x54, t, b, sign);
                self.a.logic(avx, 0x57, XMM0, a, t);
            }
            n => {
                self.a.logic(avx, 0x54, t, b, sign);
                if n == 1 {
                    self.a.logic(avx, 0x57, t, t, sign);
                }
                self.a.logic(avx, 0x54, XMM0, a, magnitude);
                self.a.logic(avx, 0x56, XMM0, XMM0, t);
            }
        }
        let d = self.dst_float_reusing(op.dst);
        self.a.movaps(avx, d, XMM0);
        self.commit_float(op.dst, d, None, !dbl);
    }

    /// Ten classes by comparing bits would take twenty instructions: call Rust.
    pub fn f_class(&mut self, op: &Op) {
        let target = crate::soft::float_class(double(op)) as usize as u64;
        self.call(target, [op.a, Var::IMM, Var::IMM], 0);
        self.commit(op.dst, RAX, Width::W64);
    }

    /// An F32 operand must have all upper bits set. What this block has made is known to.
    pub fn unbox(&mut self, op: &Op) {
        let v = self.floats.resolve(op.a);
        if !self.floats.boxed.has(v) {
            match self.pins.float(v) {
                Some(_) => self.test_boxes(v),
                None => {
                    self.save_float_temp(v);
                    let m = self.slot(v);
                    self.a.alu_imm(Alu::Cmp, false, Mem { disp: m.disp + 4, ..m }, -1);
                }
            }
            self.trap_if(Cc::Ne, RecordKind::Bail);
            self.floats.boxed.set(v, true);
        }
        if op.dst.is_temp() {
            self.floats.set_alias(op.dst, v);
        } else {
            self.f_mov(&Op { a: v, ..*op });
        }
    }

    /// Compares the upper bits of a pin, and with them those of pins that the block will want unboxed later: should one
    /// of those not be a boxed single, this instruction is executed by the evaluator for nothing.
    fn test_boxes(&mut self, v: Var) {
        let avx = self.feat.avx;
        // A double that is a NaN may still have the payload of a boxed single in it.
        let mut x = self.read_float_bits(v);
        for other in self.unboxed_later(v) {
            let y = self.read_float(other);
            self.a.logic(avx, 0x54, XMM0, x, y);
            self.floats.boxed.set(other, true);
            x = XMM0;
        }
        let t = self.alloc();
        self.a.extract_dword(avx, t, x, 1);
        self.a.alu_imm(Alu::Cmp, false, t, -1);
    }

    /// The other pins that this block unboxes before it has written them, if their bits are exact now.
    fn unboxed_later(&self, v: Var) -> Vec<Var> {
        let mut written = VarSet::default();
        let mut found = Vec::new();
        for op in &self.block.ops[self.at..] {
            let plain = |a: Var| a.is_guest() && self.pins.float(a).is_some_and(|_| !written.has(a));
            match op.code {
                Code::Callback | Code::MemCallback => break,
                Code::Unbox if op.a != v && plain(op.a) && !self.floats.boxed.has(op.a) => {
                    let exact = self.floats.nans & self.pins.float_bit(op.a) == 0;
                    if exact && !found.contains(&op.a) {
                        found.push(op.a);
                    }
                }
                _ => {}
            }
            if op.dst.is_guest() {
                written.set(op.dst, true);
            }
        }
        found
    }

    fn save_float_temp(&mut self, v: Var) {
        if v.is_temp() {
            self.flush_floats();
        }
    }

    pub fn f_mov(&mut self, op: &Op) {
        let v = self.floats.resolve(op.a);
        let boxed = self.floats.boxed.has(v);
        let a = self.read_float_bits(v);
        let d = self.dst_float(op.dst);
        if a != d {
            self.a.movaps(self.feat.avx, d, a);
        }
        self.commit_float(op.dst, d, None, boxed);
    }

    pub fn f_cvt_ff(&mut self, op: &Op) {
        let (avx, from_double) = (self.feat.avx, double(op));
        let a = self.read_float(op.a);
        self.rounded(op, |e| e.a.scalar(avx, 0x5a, from_double, XMM0, a, a));
        let d = self.dst_float(op.dst);
        if from_double {
            self.a.logic(avx, 0x56, d, XMM0, mem(RBP, BOX_F32));
        } else {
            self.a.movaps(avx, d, XMM0);
        }
        self.commit_nan(op.dst, d, !from_double, [op.a, Var::IMM, Var::IMM]);
    }

    /// Float to integer. x86 answers "indefinite" (the minimum) where RISC-V saturates.
    pub fn f_cvt_fi(&mut self, op: &Op) {
        let truncates = op.round == Round::ToZero;
        match (op.mem, op.aux) {
            (Access::I32, _) => self.cvt_signed(op, false),
            (Access::U64, 1) => self.cvt_signed(op, true),
            _ if truncates => self.cvt_unsigned(op),
            _ => {
                self.record(RecordKind::Bail);
                self.a.ud2();
            }
        }
    }

    fn cvt_signed(&mut self, op: &Op, w: bool) {
        let (avx, dbl) = (self.feat.avx, double(op));
        let x = self.read_float(op.a);
        let t = if op.round == Round::ToZero {
            let t = self.alloc();
            self.a.float_to_int(avx, 0x2c, dbl, w, t, x);
            t
        } else {
            self.claim(RCX);
            self.rounded(op, |e| e.a.float_to_int(avx, 0x2d, dbl, w, RCX, x));
            RCX
        };
        // Only the minimum overflows when 1 is subtracted.
        self.a.alu_imm(Alu::Cmp, w, t, 1);
        self.trap_if(Cc::O, RecordKind::Bail);
        self.commit(op.dst, t, if w { Width::W64 } else { Width::W32S });
    }

    /// Truncation to an unsigned integer: operands in (-1, 2^32) or (-1, 2^63); the rest is left to the evaluator. The
    /// range is compared first because the conversion would raise "inexact" where RISC-V raises only "invalid".
    fn cvt_unsigned(&mut self, op: &Op) {
        let (avx, dbl, narrow) = (self.feat.avx, double(op), op.mem == Access::U32);
        let x = self.read_float(op.a);
        let t = self.alloc();
        let (low, high) = match (dbl, narrow) {
            (true, true) => (0xbff0_0000_0000_0000, 0x41f0_0000_0000_0000),
            (true, false) => (0xbff0_0000_0000_0000, 0x43e0_0000_0000_0000),
            (false, true) => (0xbf80_0000, 0x4f80_0000),
            (false, false) => (0xbf80_0000, 0x5f00_0000_u64),
        };
        for (bound, below) in [(low, true), (high, false)] {
            self.a.mov_imm(t, bound);
            self.a.mov_to_xmm(avx, dbl, XMM0, t);
            // Unordered sets carry and zero, so NaN traps both ways.
            if below {
                self.a.compare(avx, 0x2e, dbl, x, XMM0);
            } else {
                self.a.compare(avx, 0x2e, dbl, XMM0, x);
            }
            self.trap_if(Cc::Be, RecordKind::Bail);
        }
        self.a.float_to_int(avx, 0x2c, dbl, true, t, x);
        self.commit(op.dst, t, if narrow { Width::W32S } else { Width::W64 });
    }

    /// Integer to float.
    pub fn f_cvt_if(&mut self, op: &Op) {
        let (avx, dbl) = (self.feat.avx, double(op));
        let unsigned64 = op.mem == Access::U64 && op.aux == 0;
        let operand = match op.mem {
            Access::U32 => {
                let a = self.read_low(op.a);
                let t = self.alloc();
                self.a.mov_rr(false, t, a);
                t
            }
            Access::I32 => self.read_low(op.a),
            _ => self.read(op.a),
        };
        let w = op.mem != Access::I32;
        // `rounded` takes rax.
        let operand = if op.round != Round::Dyn && operand.0 < 3 {
            self.a.mov_store(8, mem(RBP, SPILL + 8), operand);
            Rm::M(mem(RBP, SPILL + 8))
        } else {
            operand.into()
        };
        if unsigned64 {
            self.cvt_u64(op, operand);
        } else if avx {
            // The bits beside the result are those of the other source: it comes boxed.
            let d = self.dst_float(op.dst);
            self.rounded(op, |e| {
                match dbl {
                    true => e.a.logic(avx, 0x57, XMM0, XMM0, XMM0),
                    false => e.a.load_scalar(avx, true, XMM0, mem(RBP, BOX_F32)),
                }
                e.a.int_to_float(avx, dbl, w, d, XMM0, operand);
            });
            return self.commit_float(op.dst, d, None, !dbl);
        } else {
            self.rounded(op, |e| {
                e.a.logic(avx, 0x57, XMM0, XMM0, XMM0);
                e.a.int_to_float(avx, dbl, w, XMM0, XMM0, operand);
            });
        }
        let d = self.dst_float(op.dst);
        if dbl {
            self.a.movaps(avx, d, XMM0);
        } else {
            self.a.logic(avx, 0x56, d, XMM0, mem(RBP, BOX_F32));
        }
        self.commit_float(op.dst, d, None, !dbl);
    }

    /// Values of 2^63 and more are halved with the lost bit kept sticky, converted, and doubled: same rounding.
    fn cvt_u64(&mut self, op: &Op, operand: Rm) {
        let (avx, dbl) = (self.feat.avx, double(op));
        if op.round == Round::Dyn {
            self.flush_ints();
            self.claim(RAX);
        }
        self.claim(RCX);
        self.claim(RDX);
        let operand = match operand {
            Rm::R(r) if r < 3 => Rm::M(self.slot(op.a)),
            other => other,
        };
        self.a.mov(true, RDX, operand);
        self.rounded(op, |e| {
            e.a.logic(avx, 0x57, XMM0, XMM0, XMM0);
            e.a.test(true, RDX, RDX);
            let large = e.a.jcc_short(Cc::S);
            e.a.int_to_float(avx, dbl, true, XMM0, XMM0, RDX);
            let done = e.a.jmp_short();
            e.a.bind(large);
            e.a.mov_rr(false, RCX, RDX);
            e.a.alu_imm(Alu::And, false, RCX, 1);
            e.a.shift_imm(Shift::Shr, true, RDX, 1);
            e.a.alu(Alu::Or, true, RDX, RCX);
            e.a.int_to_float(avx, dbl, true, XMM0, XMM0, RDX);
            e.a.scalar(avx, 0x58, dbl, XMM0, XMM0, XMM0);
            e.a.bind(done);
        });
    }

    pub fn f_bits(&mut self, op: &Op) {
        let avx = self.feat.avx;
        let x = self.read_float_bits(op.a);
        let d = self.dst(op.dst);
        self.a.mov_from_xmm(avx, op.mem == Access::U64, d, x);
        match op.mem {
            Access::U64 => self.commit(op.dst, d, Width::W64),
            Access::I32 => self.commit(op.dst, d, Width::W32S),
            Access::U32 => self.commit(op.dst, d, Width::W32Z),
            small => {
                self.a.extend(small.signed(), small.bytes(), d, d);
                self.commit_sext(op.dst, d);
            }
        }
    }

    pub fn f_from_bits(&mut self, op: &Op) {
        let avx = self.feat.avx;
        let a = if op.a == Var::IMM {
            let t = self.alloc();
            self.a.mov_imm(t, op.imm as u64);
            t
        } else {
            self.read(op.a)
        };
        let d = self.dst_float(op.dst);
        match op.mem.bytes() {
            8 => self.a.mov_to_xmm(avx, true, d, a),
            4 => {
                self.a.mov_to_xmm(avx, false, XMM0, a);
                self.a.logic(avx, 0x56, d, XMM0, mem(RBP, BOX_F32));
            }
            _ => {
                let t = self.alloc();
                self.a.extend(false, 2, t, a);
                self.a.mov_to_xmm(avx, false, XMM0, t);
                self.a.logic(avx, 0x56, d, XMM0, mem(RBP, BOX_F16));
            }
        }
        self.commit_float(op.dst, d, None, op.mem.bytes() == 4);
    }
}
