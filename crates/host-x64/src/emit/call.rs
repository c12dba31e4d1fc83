//! Calls of Rust functions from generated code.

use super::Emitter;
use crate::asm::*;
use crate::pins::{INT_REGS, KEPT_BY_CALLS};
use crate::soft;
use host::layout::*;
use ir::{Code, Op, Var, Width};

/// Argument registers of the System V convention.
const ARGS: [Reg; 3] = [RDI, RSI, RDX];

impl Emitter<'_> {
    pub fn call_helper(&mut self, op: &Op) {
        let target = self.helpers[op.imm as usize];
        self.call(target, [op.a, op.b, op.c], op.ext);
        if op.code == Code::CallFlags {
            self.a.alu_to(Alu::Or, true, mem(RBP, SOFT_FLAGS), RDX);
        }
        self.commit_raw(op.dst);
    }

    /// An integer operation that this host computes in Rust.
    pub fn soft_int(&mut self, op: &Op) {
        let (a, b) = (op.a, op.b);
        self.call(soft::int_helper(op.code) as usize as u64, [a, b, Var::IMM], op.imm as u64);
        self.commit(op.dst, RAX, Width::W64);
    }

    /// `rax:rdx = target(a, b, c)`, where an operand that is `Var::IMM` is 0 and the third one `third`. Scratch
    /// registers hold nothing afterwards but the results.
    pub fn call(&mut self, target: u64, operands: [Var; 3], third: u64) {
        self.flush_ints();
        self.flush_floats();
        self.settle_nans();
        self.widen_all();
        self.save_lost_pins();
        self.claim_all();
        for (i, v) in operands.into_iter().enumerate() {
            match v {
                Var::IMM => self.a.mov_imm(ARGS[i], if i == 2 { third } else { 0 }),
                v => self.load_argument(ARGS[i], v),
            }
        }
        self.a.mov_imm(RAX, target);
        self.a.call_reg(RAX);
        self.restore_lost_pins();
    }

    /// Argument registers may be pins that are overwritten already: their values are in the slots now.
    fn load_argument(&mut self, r: Reg, v: Var) {
        let v = self.floats.resolve(v);
        if v == Var::ZERO {
            self.a.mov_imm(r, 0);
        } else if let Some(pin) = self.pins.int(v).filter(|p| kept(*p)) {
            self.a.mov_rr(true, r, pin);
        } else {
            self.a.mov(true, r, self.slot(v));
        }
    }

    fn save_lost_pins(&mut self) {
        self.pins.save_ints(&mut self.a, KEPT_BY_CALLS);
        self.pins.save_floats(&mut self.a, self.feat.avx);
    }

    fn restore_lost_pins(&mut self) {
        self.pins.load_ints(&mut self.a, KEPT_BY_CALLS..INT_REGS.len());
        self.pins.load_floats(&mut self.a, self.feat.avx);
    }

    /// The raw result in rax becomes a variable of whichever class.
    fn commit_raw(&mut self, dst: Var) {
        if dst == Var::IMM || dst == Var::ZERO {
            return;
        }
        if let Some(x) = self.pins.float(dst) {
            self.a.mov_to_xmm(self.feat.avx, true, x, RAX);
            return self.commit_float(dst, x, None, false);
        }
        // A float without a pin lives in its slot just as an integer does.
        self.floats.boxed.set(dst, false);
        self.commit(dst, RAX, Width::W64);
        self.uncache(dst);
    }
}

fn kept(pin: Reg) -> bool {
    INT_REGS[..KEPT_BY_CALLS].contains(&pin)
}
