//! Counting, permuting and carry-less arithmetic, AES.

use super::Emitter;
use super::int::wide;
use super::state::XMM0;
use crate::asm::*;
use ir::{Code, Op, Var, Width};

const XMM1: Xmm = Xmm(1);

impl Emitter<'_> {
    pub fn count(&mut self, op: &Op) {
        let w = wide(op);
        let a = self.read_width(op.a, op.width);
        let d = self.dst(op.dst);
        match op.code {
            Code::Popcnt => self.a.count(0xb8, w, d, a),
            Code::Clz if self.feat.lzcnt => self.a.count(0xbd, w, d, a),
            Code::Ctz if self.feat.bmi1 => self.a.count(0xbc, w, d, a),
            Code::Clz => self.scan(0xbd, w, d, a, true),
            _ => self.scan(0xbc, w, d, a, false),
        }
        self.commit_sext(op.dst, d);
    }

    /// `bsr`/`bsf` leave the result undefined for zero and count from the other end.
    fn scan(&mut self, opcode: u8, w: bool, d: Reg, a: Reg, leading: bool) {
        let bits = if w { 64 } else { 32 };
        let t = self.alloc();
        self.a.scan(opcode, w, t, a);
        let some = self.a.jcc_short(Cc::Ne);
        self.a.mov_imm(t, if leading { 2 * bits - 1 } else { bits });
        self.a.bind(some);
        if leading {
            self.a.alu_imm(Alu::Xor, false, t, bits as i32 - 1);
        }
        if t != d {
            self.a.mov_rr(true, d, t);
        }
    }

    pub fn bswap(&mut self, op: &Op) {
        let a = self.read(op.a);
        let d = self.dst(op.dst);
        if d != a {
            self.a.mov_rr(true, d, a);
        }
        self.a.bswap(d);
        self.commit(op.dst, d, Width::W64);
    }

    pub fn orc_b(&mut self, op: &Op) {
        // Bit 7 of each byte of t: the byte is not zero. Then (t << 1) - (t >> 7) is 0xff in those bytes.
        self.flush_ints();
        self.claim_all();
        self.copy(RDX, op.a, false);
        self.a.mov_rr(true, RAX, RDX);
        self.a.mov_imm(RCX, 0x7f7f_7f7f_7f7f_7f7f);
        self.a.alu(Alu::And, true, RAX, RCX);
        self.a.alu(Alu::Add, true, RAX, RCX);
        self.a.alu(Alu::Or, true, RAX, RDX);
        self.a.not(true, RCX);
        self.a.alu(Alu::And, true, RAX, RCX);
        self.a.lea(true, RCX, mem_index(RAX, RAX, 0, 0));
        self.a.shift_imm(Shift::Shr, true, RAX, 7);
        self.a.alu(Alu::Sub, true, RCX, RAX);
        self.commit(op.dst, RCX, Width::W64);
    }

    pub fn single_bit(&mut self, op: &Op) {
        let a = self.read(op.a);
        // bt 4, bts 5, btr 6, btc 7
        let digit = match op.code {
            Code::BitSet => 5,
            Code::BitClr => 6,
            Code::BitInv => 7,
            _ => 4,
        };
        let count = (op.b != Var::IMM).then(|| self.read_low(op.b));
        let avoid = count.map_or(a, |c| c);
        let d = if count.is_some() { self.dst_except(op.dst, &[avoid.into()]) } else { self.dst(op.dst) };
        let d = if count == Some(d) && d != a { self.alloc() } else { d };
        if digit == 4 {
            match count {
                Some(c) => self.a.bit_reg(4, a, c),
                None => self.a.bit_imm(4, a, op.imm as u8 & 63),
            }
            self.a.setcc(Cc::B, d);
            self.a.extend(false, 1, d, d);
            return self.commit_sext(op.dst, d);
        }
        if d != a {
            self.a.mov_rr(true, d, a);
        }
        match count {
            Some(c) => self.a.bit_reg(digit, d, c),
            None => self.a.bit_imm(digit, d, op.imm as u8 & 63),
        }
        self.commit(op.dst, d, Width::W64);
    }

    pub fn clmul(&mut self, op: &Op) {
        if !self.feat.clmul {
            return self.soft_int(op);
        }
        let avx = self.feat.avx;
        self.flush_floats();
        let a = self.read(op.a);
        let b = self.read(op.b);
        self.a.mov_to_xmm(avx, true, XMM0, a);
        self.a.mov_to_xmm(avx, true, XMM1, b);
        self.a.clmul(avx, XMM0, XMM1);
        let d = self.dst(op.dst);
        match op.code {
            Code::Clmul => self.a.mov_from_xmm(avx, true, d, XMM0),
            _ => self.a.extract_high(avx, d, XMM0),
        }
        self.commit(op.dst, d, Width::W64);
    }

    pub fn aes_round(&mut self, op: &Op) {
        if !self.feat.aes {
            return self.soft_int(op);
        }
        let avx = self.feat.avx;
        let opcode = match op.code {
            Code::AesEnc => 0xdc,
            Code::AesEncLast => 0xdd,
            Code::AesDec => 0xde,
            _ => 0xdf,
        };
        self.flush_floats();
        let a = self.read(op.a);
        let b = self.read(op.b);
        self.a.mov_to_xmm(avx, true, XMM0, a);
        self.a.insert_qword(avx, XMM0, b, 1);
        self.a.logic(avx, 0x57, XMM1, XMM1, XMM1);
        self.a.aes(avx, opcode, XMM0, XMM1);
        let d = self.dst(op.dst);
        self.a.mov_from_xmm(avx, true, d, XMM0);
        self.commit(op.dst, d, Width::W64);
    }

    pub fn aes_inv_mix(&mut self, op: &Op) {
        if !self.feat.aes {
            return self.soft_int(op);
        }
        let avx = self.feat.avx;
        let a = self.read(op.a);
        self.a.mov_to_xmm(avx, true, XMM0, a);
        self.a.aesimc(avx, XMM0, XMM0);
        let d = self.dst(op.dst);
        self.a.mov_from_xmm(avx, true, d, XMM0);
        self.commit(op.dst, d, Width::W64);
    }
}
