//! Guest memory accesses. Guest addresses are host addresses (decision D5).
//!
//! No access changes a pin or a slot before the host instruction that may fault: destinations are written by the
//! access itself or after it.

use super::Emitter;
use super::plan::is_plain;
use super::state::XMM0;
use crate::asm::*;
use crate::pins::INT_REGS;
use bits::Mem as Access;
use host::RecordKind;
use host::layout::*;
use ir::{Code, Op, Rmw, Var, Width};

impl Emitter<'_> {
    /// The operand for `a + imm`.
    pub fn address(&mut self, op: &Op) -> Mem {
        let disp = i32::try_from(op.imm).expect("displacements of guest instructions are small");
        if op.a == Var::ZERO {
            return Mem { base: None, index: None, disp };
        }
        // A constant base makes an absolute address if it fits the displacement.
        let absolute = self.ints.constant(op.a).and_then(|a| i32::try_from(a.wrapping_add(op.imm as u64)).ok());
        if let Some(disp) = absolute {
            return Mem { base: None, index: None, disp };
        }
        mem(self.read(op.a), disp)
    }

    pub fn load(&mut self, op: &Op) {
        let m = self.address(op);
        self.load_from(op, m);
    }

    /// The load itself, from an operand that may be a folded address.
    pub fn load_from(&mut self, op: &Op, m: Mem) {
        let d = self.dst(op.dst);
        self.record(RecordKind::Access);
        self.load_int(op.mem, d, m);
        if op.mem == Access::U64 || op.mem == Access::U32 {
            self.commit(op.dst, d, Width::W64);
        } else {
            self.commit_sext(op.dst, d);
        }
    }

    fn load_int(&mut self, access: Access, d: Reg, m: Mem) {
        match access {
            Access::U64 => self.a.mov(true, d, m),
            Access::U32 => self.a.mov(false, d, m),
            Access::I32 => self.a.movsxd(d, m),
            small => self.a.extend(small.signed(), small.bytes(), d, m),
        }
    }

    /// The value that an operation stores, valid in as many bytes.
    fn stored(&mut self, op: &Op) -> Reg {
        let bytes = op.mem.bytes();
        if bytes == 8 { self.read(op.b) } else { self.read_low(op.b) }
    }

    pub fn store(&mut self, op: &Op) {
        let m = self.address(op);
        self.store_to(op, m);
    }

    pub fn store_to(&mut self, op: &Op, m: Mem) {
        let bytes = op.mem.bytes();
        if op.b == Var::ZERO {
            self.record(RecordKind::Access);
            return self.a.mov_store_imm(bytes, m, 0);
        }
        let b = self.stored(op);
        self.record(RecordKind::Access);
        self.a.mov_store(bytes, m, b);
    }

    pub fn load_f(&mut self, op: &Op) {
        let m = self.address(op);
        self.load_f_from(op, m);
    }

    pub fn load_f_from(&mut self, op: &Op, m: Mem) {
        let avx = self.feat.avx;
        if op.mem == Access::U64 {
            let d = self.dst_float(op.dst);
            self.record(RecordKind::Access);
            self.a.load_scalar(avx, true, d, m);
            return self.commit_float(op.dst, d, None, false);
        }
        let boxes = if op.mem == Access::U32 { BOX_F32 } else { BOX_F16 };
        if op.mem == Access::U32 {
            self.record(RecordKind::Access);
            self.a.load_scalar(avx, false, XMM0, m);
        } else {
            let t = self.alloc();
            self.record(RecordKind::Access);
            self.a.extend(false, 2, t, m);
            self.a.mov_to_xmm(avx, false, XMM0, t);
        }
        let d = self.dst_float(op.dst);
        self.a.logic(avx, 0x56, d, XMM0, mem(RBP, boxes));
        self.commit_float(op.dst, d, None, op.mem == Access::U32);
    }

    pub fn store_f(&mut self, op: &Op) {
        let m = self.address(op);
        self.store_f_to(op, m);
    }

    pub fn store_f_to(&mut self, op: &Op, m: Mem) {
        let avx = self.feat.avx;
        let x = self.read_float_bits(op.b);
        match op.mem.bytes() {
            2 => {
                let t = self.alloc();
                self.a.mov_from_xmm(avx, false, t, x);
                self.record(RecordKind::Access);
                self.a.mov_store(2, m, t);
            }
            n => {
                self.record(RecordKind::Access);
                self.a.store_scalar(avx, n == 8, m, x);
            }
        }
    }

    /// Traps unless the address in `r` is a multiple of the access size.
    fn check_aligned(&mut self, r: Reg, bytes: u32) {
        if bytes > 1 {
            self.a.test_byte(r, bytes as u8 - 1);
            self.trap_if(Cc::Ne, RecordKind::Misaligned);
        }
    }

    /// The same for an `Amo`, which may allow misaligned addresses: locked instructions take them.
    fn check_amo_aligned(&mut self, op: &Op, r: Reg) {
        if op.ext == 0 {
            self.check_aligned(r, op.mem.bytes());
        }
    }

    pub fn load_reserved(&mut self, op: &Op) {
        let base = self.read(op.a);
        let m = mem(base, op.imm as i32);
        self.check_aligned(base, op.mem.bytes());
        let t = self.alloc();
        self.record(RecordKind::Access);
        self.load_int(op.mem, t, m);
        self.a.mov_store(8, mem(RBP, RESERVED_ADDR), base);
        self.a.mov_store(8, mem(RBP, RESERVED_VALUE), t);
        self.commit(op.dst, t, Width::W64);
    }

    pub fn store_conditional(&mut self, op: &Op) {
        let bytes = op.mem.bytes();
        self.flush_ints();
        self.claim(RAX);
        let a = self.read(op.a);
        let b = self.read(op.b);
        self.check_aligned(a, bytes);
        self.a.mov(true, RAX, mem(RBP, RESERVED_VALUE));
        self.a.alu(Alu::Cmp, true, a, mem(RBP, RESERVED_ADDR));
        let mismatch = self.a.jcc_short(Cc::Ne);
        self.record(RecordKind::Access);
        self.a.lock_cmpxchg(bytes, mem(a, 0), b);
        let done = self.a.jmp_short();
        self.a.bind(mismatch);
        // The address must be writable all the same: a locked or with 0. It leaves the zero flag to chance, so set it.
        self.record(RecordKind::Access);
        self.a.byte(0xf0);
        self.a.alu_imm(Alu::Or, bytes == 8, mem(a, 0), 0);
        self.a.alu_imm(Alu::Or, false, RAX, 1); // zero flag clear: failed
        self.a.bind(done);
        self.a.setcc(Cc::Ne, RAX);
        self.a.extend(false, 1, RAX, RAX);
        self.a.mov_store_imm(8, mem(RBP, RESERVED_ADDR), NO_RESERVATION as i32);
        if op.dst != Var::IMM && op.dst != Var::ZERO {
            self.commit_sext(op.dst, RAX);
        }
    }

    /// The value that the last load-reserved read.
    pub fn read_reserved(&mut self, op: &Op) {
        let d = self.dst(op.dst);
        self.a.mov(true, d, mem(RBP, RESERVED_VALUE));
        self.commit(op.dst, d, Width::W64);
    }

    pub fn amo(&mut self, op: &Op) {
        let bytes = op.mem.bytes();
        let unseen = op.dst == Var::IMM || op.dst == Var::ZERO;
        match (op.rmw(), plain_form(op.rmw())) {
            (_, Some(alu)) if unseen && bytes >= 4 => return self.amo_unseen(op, alu),
            (Rmw::Add | Rmw::Swap, _) => {
                self.flush_ints();
                self.claim(RAX);
                let a = self.read(op.a);
                self.check_amo_aligned(op, a);
                self.copy(RAX, op.b, bytes < 8);
                self.record(RecordKind::Access);
                if op.rmw() == Rmw::Add {
                    self.a.lock_xadd(bytes, mem(a, 0), RAX);
                } else {
                    self.a.xchg(bytes, mem(a, 0), RAX);
                }
            }
            (rmw, _) => self.amo_loop(op, rmw),
        }
        self.finish_atomic(op, RAX);
    }

    /// Nobody wants the old value: one locked instruction.
    fn amo_unseen(&mut self, op: &Op, alu: Alu) {
        let bytes = op.mem.bytes();
        let a = self.read(op.a);
        self.check_amo_aligned(op, a);
        let b = self.stored(op);
        self.record(RecordKind::Access);
        self.a.byte(0xf0);
        self.a.alu_to(alu, bytes == 8, mem(a, 0), b);
    }

    /// Compare-exchange until it succeeds; the old value ends in rax.
    fn amo_loop(&mut self, op: &Op, rmw: Rmw) {
        let (bytes, access) = (op.mem.bytes(), op.mem);
        self.flush_ints();
        self.claim_all();
        self.copy(RDX, op.a, false);
        self.check_amo_aligned(op, RDX);
        self.record(RecordKind::Access);
        // The first access must already demand the right to write.
        self.a.byte(0xf0);
        self.a.op_or_zero(bytes, mem(RDX, 0));
        self.record(RecordKind::Access);
        self.load_int(access, RAX, mem(RDX, 0));
        let again = self.a.here();
        self.widen_low(access, RAX);
        self.copy(RCX, op.b, bytes < 8);
        self.widen_low(access, RCX);
        if let Some(alu) = plain_form(rmw) {
            self.a.alu(alu, true, RCX, RAX);
        } else {
            self.a.alu(Alu::Cmp, true, RAX, RCX);
            let take_old = match rmw {
                Rmw::MinS => Cc::L,
                Rmw::MaxS => Cc::G,
                Rmw::MinU => Cc::B,
                _ => Cc::A,
            };
            self.a.cmov(take_old, true, RCX, RAX);
        }
        self.record(RecordKind::Access);
        self.a.lock_cmpxchg(bytes, mem(RDX, 0), RCX);
        self.a.jcc_back(Cc::Ne, again);
    }

    /// Brings the low bytes of `r` into the form that `access` gives.
    fn widen_low(&mut self, access: Access, r: Reg) {
        match access {
            Access::U64 => {}
            Access::U32 => self.a.mov_rr(false, r, r),
            Access::I32 => self.a.movsxd(r, r),
            small => self.a.extend(small.signed(), small.bytes(), r, r),
        }
    }

    /// The old value of memory, in `r` as the instruction left it, becomes the destination.
    fn finish_atomic(&mut self, op: &Op, r: Reg) {
        if op.dst == Var::IMM || op.dst == Var::ZERO {
            return;
        }
        self.widen_low(op.mem, r);
        self.commit(op.dst, r, Width::W64);
        self.ints.sext.set(op.dst, op.mem.signed());
    }

    pub fn cas(&mut self, op: &Op) {
        let bytes = op.mem.bytes();
        self.flush_ints();
        self.claim(RAX);
        let a = self.read(op.a);
        let c = self.read(op.c);
        self.check_aligned(a, bytes);
        self.copy(RAX, op.b, bytes < 8);
        self.record(RecordKind::Access);
        self.a.lock_cmpxchg(bytes, mem(a, 0), c);
        self.finish_atomic(op, RAX);
    }

    /// `cmpxchg16b` wants rdx:rax and rcx:rbx, of which rbx is a pin: all pins go to their slots meanwhile. So that it
    /// cannot fault then, the right to write is asked for before.
    pub fn cas_pair(&mut self, op: &Op) {
        const ADDRESS: Reg = RSI;
        self.flush_ints();
        self.widen_all();
        self.claim_all();
        self.copy(RAX, op.a, false);
        self.check_aligned(RAX, 16);
        self.record(RecordKind::Access);
        self.a.byte(0xf0);
        self.a.op_or_zero(8, mem(RAX, 0));
        self.pins.save_ints(&mut self.a, 0);
        self.a.mov_rr(true, ADDRESS, RAX);
        for (r, v) in [(RAX, half(op.b, 0)), (RDX, half(op.b, 1)), (RBX, half(op.c, 0)), (RCX, half(op.c, 1))] {
            match v {
                Var::ZERO => self.a.mov_imm(r, 0),
                v => self.a.mov(true, r, self.slot(v)),
            }
        }
        self.a.lock_cmpxchg16b(mem(ADDRESS, 0));
        if op.dst != Var::IMM {
            for (r, v) in [(RAX, half(op.dst, 0)), (RDX, half(op.dst, 1))] {
                self.a.mov_store(8, self.slot(v), r);
                self.forget(v);
            }
        }
        self.pins.load_ints(&mut self.a, 0..INT_REGS.len());
    }

    pub fn zero_block(&mut self, op: &Op) {
        self.claim(RAX);
        self.copy(RAX, op.a, false);
        self.a.alu_imm(Alu::And, true, RAX, -(op.imm as i32));
        for i in 0..(op.imm / 8) as i32 {
            self.record(RecordKind::Access);
            self.a.mov_store_imm(8, mem(RAX, i * 8), 0);
        }
    }

    pub fn fence(&mut self, op: &Op) {
        if op.imm & 1 != 0 && self.stores_wait() {
            self.a.full_barrier();
        }
    }

    /// Whether a store may have been done since the last locked instruction or full barrier. Only loads and arithmetic
    /// since: nothing is left to be ordered before later loads, the one order that the host does not keep by itself.
    fn stores_wait(&self) -> bool {
        for op in self.block.ops[..self.at].iter().rev() {
            match op.code {
                Code::Amo | Code::Cas | Code::CasPair | Code::StoreCond => return false,
                Code::Fence if op.imm & 1 != 0 => return false,
                Code::Load | Code::LoadF | Code::LoadRes | Code::Fence => {}
                code if is_plain(code) => {}
                _ => return true,
            }
        }
        true
    }
}

/// The host's instruction that does the same, but tells nothing of the old value.
fn plain_form(rmw: Rmw) -> Option<Alu> {
    match rmw {
        Rmw::Add => Some(Alu::Add),
        Rmw::And => Some(Alu::And),
        Rmw::Or => Some(Alu::Or),
        Rmw::Xor => Some(Alu::Xor),
        _ => None,
    }
}

/// The `n`th variable of a pair.
fn half(v: Var, n: u16) -> Var {
    if v == Var::ZERO { v } else { Var(v.0 + n) }
}
