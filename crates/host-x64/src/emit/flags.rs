//! The floating-point control register: sticky flags and rounding modes.
//!
//! Reading and loading MXCSR is slow, most of all behind arithmetic, for which they wait. Compilers put both around quiet
//! comparisons, so a guest that often reads its flags has them watched (`layout::WATCHED_FLAGS`): then a word in memory says
//! what they are, and a write of what is there already is none.

use super::{Cold, Emitter};
use crate::asm::*;
use crate::flags::{ALL_MASKED, DENORMAL_MASK, GUEST_FLAGS, TO_MASK};
use host::layout::*;
use ir::{Op, Round, Var};

/// RC field of MXCSR (Intel SDM volume 1, 10.2.3.1).
fn rounding_field(round: Round) -> i32 {
    match round {
        Round::Dyn | Round::NearestEven => 0,
        Round::Down => 1,
        Round::Up => 2,
        Round::ToZero => 3,
    }
}

impl Emitter<'_> {
    /// Runs `body` under the rounding mode of the operation, keeping the flags that it raises. Ends the watch.
    pub fn rounded(&mut self, op: &Op, body: impl FnOnce(&mut Self)) {
        if op.round == Round::Dyn {
            return body(self);
        }
        let (old, new) = (mem(RBP, SPILL), mem(RBP, SPILL + 4));
        self.flush_ints();
        self.claim(RAX);
        self.end_watch();
        self.a.store_control(old);
        self.a.mov(false, RAX, old);
        self.a.alu_imm(Alu::Or, false, RAX, ALL_MASKED as i32);
        self.a.mov_store(4, old, RAX);
        self.a.alu_imm(Alu::And, false, RAX, !0x6000);
        self.a.alu_imm(Alu::Or, false, RAX, rounding_field(op.round) << 13);
        self.a.mov_store(4, new, RAX);
        self.a.load_control(new);
        body(self);
        self.claim(RAX);
        self.a.store_control(new);
        self.a.mov(false, RAX, new);
        self.a.alu_imm(Alu::And, false, RAX, 0x3f);
        self.a.alu_to(Alu::Or, false, old, RAX);
        self.a.load_control(old);
    }

    /// Whoever loads MXCSR with everything masked notes that nothing is watched.
    fn end_watch(&mut self) {
        self.a.mov_store_imm(4, mem(RBP, WATCHED_FLAGS), NOT_WATCHED);
    }

    pub fn read_flags(&mut self, op: &Op) {
        let d = self.dst(op.dst);
        self.a.mov(false, d, mem(RBP, WATCHED_FLAGS));
        self.a.test(false, d, d);
        let label = self.a.jcc_long(Cc::S);
        self.cold.push(Cold::ReadFlags { label, into: d, back: self.a.here() });
        self.a.alu(Alu::Or, false, d, mem(RBP, SOFT_FLAGS));
        self.commit_sext(op.dst, d);
    }

    /// Cold: `d` becomes the guest's flags in MXCSR, and after many such reads they are watched from now on.
    pub fn read_control(&mut self, d: Reg) {
        self.a.store_control(mem(RBP, SPILL));
        self.a.mov(false, d, mem(RBP, SPILL));
        self.a.alu_imm(Alu::Sub, false, mem(RBP, WATCH_LEFT), 1);
        let read = self.a.jcc_long(Cc::Ne);
        self.a.mov_store(4, mem(RBP, MASKED_CONTROL), d);
        // Of the flags that are not set, and so can be raised, the masks are taken away.
        self.a.alu_imm(Alu::And, false, d, GUEST_FLAGS as i32);
        self.a.shift_imm(Shift::Shl, false, d, TO_MASK);
        self.a.alu_imm(Alu::Or, false, d, !(ALL_MASKED & !DENORMAL_MASK) as i32);
        self.a.alu_to(Alu::And, false, mem(RBP, SPILL), d);
        self.a.load_control(mem(RBP, SPILL));
        self.a.mov(false, d, mem(RBP, WATCH_PERIOD));
        self.a.mov_store(4, mem(RBP, WATCH_LEFT), d);
        self.a.mov(false, d, mem(RBP, MASKED_CONTROL));
        self.flags_to_guest(d);
        self.a.mov_store(4, mem(RBP, WATCHED_FLAGS), d);
        let done = self.a.jmp_short();
        self.a.bind(read);
        self.flags_to_guest(d);
        self.a.bind(done);
    }

    /// The guest's flags of the MXCSR in `d`.
    fn flags_to_guest(&mut self, d: Reg) {
        self.a.alu_imm(Alu::And, false, d, 0x3f);
        self.a.extend(false, 1, d, mem_index(RBP, d, 0, FLAGS_TO_GUEST));
    }

    pub fn write_flags(&mut self, op: &Op) {
        self.flush_ints();
        self.claim_all();
        match op.a {
            Var::IMM => self.a.mov_imm(RCX, op.imm as u64 & 31),
            v => {
                self.copy(RCX, v, true);
                self.a.alu_imm(Alu::And, false, RCX, 31);
            }
        }
        self.a.alu(Alu::Cmp, false, RCX, mem(RBP, WATCHED_FLAGS));
        let label = self.a.jcc_long(Cc::Ne);
        self.cold.push(Cold::WriteFlags { label, back: self.a.here() });
        self.a.mov_store_imm(8, mem(RBP, SOFT_FLAGS), 0);
    }

    /// Cold: the flags in MXCSR become those in rcx. Loading it is slow, and many writes restore what was there: loads
    /// only what differs, be it that flags were watched.
    pub fn write_control(&mut self) {
        self.a.extend(false, 1, RCX, mem_index(RBP, RCX, 0, FLAGS_TO_HOST));
        self.a.store_control(mem(RBP, SPILL));
        self.a.mov(false, RAX, mem(RBP, SPILL));
        self.a.mov_rr(false, RDX, RAX);
        self.a.alu_imm(Alu::And, false, RDX, !GUEST_FLAGS as i32);
        self.a.alu(Alu::Or, false, RDX, RCX);
        self.a.alu_imm(Alu::Or, false, RDX, ALL_MASKED as i32);
        self.a.alu(Alu::Cmp, false, RDX, RAX);
        let same = self.a.jcc_short(Cc::E);
        self.a.mov_store(4, mem(RBP, SPILL), RDX);
        self.a.load_control(mem(RBP, SPILL));
        self.end_watch();
        self.a.bind(same);
    }

    pub fn write_round(&mut self, op: &Op) {
        self.flush_ints();
        self.claim_all();
        match op.a {
            Var::IMM => self.a.mov_imm(RCX, op.imm as u64),
            v => self.copy(RCX, v, true),
        }
        // Two bits a mode: 0 nearest, 1 to zero (3), 2 down (1), 3 up (2); modes above shift everything out.
        self.a.alu_imm(Alu::And, false, RCX, 7);
        self.a.alu(Alu::Add, false, RCX, RCX);
        self.a.mov_imm(RDX, 0b10_01_11_00);
        self.a.shift_cl(Shift::Shr, false, RDX);
        self.a.alu_imm(Alu::And, false, RDX, 3);
        self.a.shift_imm(Shift::Shl, false, RDX, 13);
        self.a.store_control(mem(RBP, SPILL));
        self.a.mov(false, RAX, mem(RBP, SPILL));
        self.a.alu_imm(Alu::And, false, RAX, !0x6000);
        self.a.alu(Alu::Or, false, RAX, RDX);
        self.a.alu_imm(Alu::Or, false, RAX, ALL_MASKED as i32);
        self.a.mov_store(4, mem(RBP, SPILL), RAX);
        self.a.load_control(mem(RBP, SPILL));
        self.end_watch();
    }
}
