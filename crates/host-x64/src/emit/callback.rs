//! Calls of observers' functions (architecture, section 6).
//!
//! A function about which nothing is known is called through a fixed piece that puts every pin into its slot and takes
//! it from there again, so it can read and write all registers; before it, everything deferred is made exact. A leaf
//! sees its arguments only, so it is called directly, and only those pins are saved that it changes.

use super::{Cold, Emitter};
use crate::asm::*;
use crate::pins::{INT_REGS, KEPT_BY_CALLS};
use host::RecordKind;
use host::layout::*;
use ir::allowance::draws_for_next;
use ir::{Block, Call, Cell, Class, Code, Compare, Effects, Op, Registers, Var, When};

/// What scratch registers cached at a condition, for the path on which it holds.
pub struct Snapshot {
    ints: [Option<(Var, bool)>; 3],
    floats: [Option<(Var, bool)>; 3],
    narrow: u16,
    nans: u32,
    singles: u32,
}

impl Emitter<'_> {
    pub fn callback(&mut self, op: &Op) {
        let call = self.block.calls[op.imm as usize];
        if call.callee.empty {
            return;
        }
        match call.when {
            Some(when) if op.a == Var::IMM && call.registers != Registers::Write => self.call_out_of_line(when, call),
            None if op.a == Var::IMM && call.callee.leaf => self.call_leaf(op, &call),
            when => self.call_in_line(op, when, &call),
        }
    }

    /// A condition that rarely holds: the call stands behind the block, and nothing is made exact before the condition.
    fn call_out_of_line(&mut self, when: When, call: Call) {
        let drawn = self.at > 0 && draws_for_next(self.block, self.at - 1);
        let cc = if drawn { Cc::S } else { self.compare_cell(&when) };
        let label = self.a.jcc_long(cc);
        let back = self.a.here();
        let snapshot = self.snapshot();
        self.cold.push(Cold::Call { label, snapshot, call, pc: self.pc_of_insn(), op: self.at, back });
    }

    /// Behind a draw: settles the allowance, behind the block, if it is negative.
    pub fn settle_if_overdrawn(&mut self, allowance: Cell) {
        let label = self.a.jcc_long(Cc::S);
        let (back, snapshot) = (self.a.here(), self.snapshot());
        self.cold.push(Cold::Settle { label, snapshot, allowance, op: self.at, back });
    }

    /// Sets the host's flags by a cell; the condition under which the call is made, or under which it has to be asked
    /// for.
    fn compare_cell(&mut self, when: &When) -> Cc {
        if let Some(allowance) = when.allowance {
            let m = self.cell(allowance);
            self.a.alu_imm(Alu::Cmp, true, m, 0);
            return Cc::L;
        }
        let m = self.cell(when.cell);
        match i32::try_from(when.value as i64) {
            Ok(imm) => self.a.alu_imm(Alu::Cmp, true, m, imm),
            Err(_) => {
                let t = self.alloc();
                self.a.mov_imm(t, when.value);
                self.a.alu_to(Alu::Cmp, true, m, t);
            }
        }
        match when.compare {
            Compare::Eq => Cc::E,
            Compare::Ne => Cc::Ne,
            Compare::Lt => Cc::B,
            Compare::Le => Cc::Be,
            Compare::Gt => Cc::A,
            Compare::Ge => Cc::Ae,
        }
    }

    /// The memory operand of a cell.
    pub fn cell(&mut self, cell: Cell) -> Mem {
        if let Some(address) = cell.address() {
            let t = self.alloc();
            self.a.mov_imm(t, address);
            return mem(t, 0);
        }
        match cell.pointer() {
            None => mem(RBP, SCORES + cell.offset() as i32),
            Some(pointer) => {
                let t = self.alloc();
                self.a.mov(true, t, mem(RBP, SCORES + pointer as i32));
                mem(t, cell.offset() as i32)
            }
        }
    }

    /// Emits the path on which a condition holds.
    pub fn cold_call(&mut self, s: &Snapshot, call: &Call, pc: u64, op: usize) {
        self.spill(s);
        let around = call.when.and_then(|w| w.allowance).map(|allowance| {
            self.settle_allowance(allowance, op);
            self.a.jcc_long(Cc::E)
        });
        self.call_full(call, pc, Code::Callback, op);
        around.into_iter().for_each(|label| self.a.bind(label));
        self.reload(s);
    }

    /// Emits the path on which a draw was too much.
    pub fn cold_settle(&mut self, s: &Snapshot, allowance: Cell, op: usize) {
        self.spill(s);
        self.settle_allowance(allowance, op);
        self.reload(s);
    }

    /// Has an allowance settled; the host's flags say whether the condition on its counter holds: not equal.
    fn settle_allowance(&mut self, allowance: Cell, op: usize) {
        self.a.mov_store_imm(8, mem(RBP, SETTLED), allowance.offset() as i32);
        self.a.mov_rr(true, RCX, RBP);
        self.a.mov_imm(RAX, self.place.settle);
        self.call_piece(Code::Callback, op);
        self.a.test(false, RAX, RAX);
    }

    /// Puts what is in scratch registers only into slots, and makes pins exact.
    fn spill(&mut self, s: &Snapshot) {
        for (i, (v, _)) in dirty(&s.ints) {
            self.a.mov_store(8, self.slot(v), Reg(i as u8));
        }
        for (i, (v, _)) in dirty(&s.floats) {
            self.a.store_scalar(self.feat.avx, true, self.slot(v), super::state::cached_xmm(i));
        }
        for i in (0..INT_REGS.len()).filter(|i| s.narrow >> i & 1 != 0) {
            self.a.movsxd(INT_REGS[i], INT_REGS[i]);
        }
        self.fix_nans(s.nans, s.singles);
    }

    fn reload(&mut self, s: &Snapshot) {
        for (i, v) in s.ints.iter().enumerate().filter_map(|(i, e)| e.map(|(v, _)| (i, v))) {
            match v {
                Var::ZERO => self.a.mov_imm(Reg(i as u8), 0),
                v => self.a.mov(true, Reg(i as u8), self.slot(v)),
            }
        }
        for (i, v) in s.floats.iter().enumerate().filter_map(|(i, e)| e.map(|(v, _)| (i, v))) {
            self.a.load_scalar(self.feat.avx, true, super::state::cached_xmm(i), self.slot(v));
        }
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            ints: self.ints.cached(),
            floats: self.floats.cached(),
            narrow: self.ints.narrow,
            nans: self.floats.nans,
            singles: self.floats.singles,
        }
    }

    /// Everything exact, then the guard, the condition and the call.
    fn call_in_line(&mut self, op: &Op, when: Option<When>, call: &Call) {
        self.flush_ints();
        self.flush_floats();
        self.settle_nans();
        self.widen_all();
        let mut around = Vec::new();
        if op.a != Var::IMM {
            let r = self.read(op.a);
            self.a.test(true, r, r);
            around.push(self.a.jcc_long(Cc::Ne));
        }
        if let Some(when) = when {
            let cc = self.compare_cell(&when);
            around.push(self.a.jcc_long(cc.negate()));
        }
        self.flush_ints();
        self.claim_all();
        if let Some(allowance) = when.and_then(|w| w.allowance) {
            self.settle_allowance(allowance, self.at);
            around.push(self.a.jcc_long(Cc::E));
        }
        if op.code == Code::MemCallback {
            self.publish_access(op);
        }
        self.call_full(call, self.pc_of_insn(), op.code, self.at);
        around.into_iter().for_each(|label| self.a.bind(label));
        if call.registers == Registers::Write {
            self.forget_facts();
        }
    }

    /// Value and description of an access for whoever asks, its address in rdx.
    fn publish_access(&mut self, op: &Op) {
        for (v, at) in [(op.c, ACCESS_VALUE), (op.d, ACCESS_VALUE + 8)] {
            if v == Var::IMM {
                continue;
            }
            match (v, self.pins.int(v)) {
                (Var::ZERO, _) => self.a.mov_store_imm(8, mem(RBP, at), 0),
                (_, Some(pin)) => self.a.mov_store(8, mem(RBP, at), pin),
                (v, None) => {
                    self.a.mov(true, RAX, self.slot(v));
                    self.a.mov_store(8, mem(RBP, at), RAX);
                }
            }
        }
        self.a.mov_store_imm(4, mem(RBP, ACCESS_INFO), op.ext as i32);
        self.copy_plain(RDX, op.b);
    }

    /// Copies a variable that is in its pin or slot.
    fn copy_plain(&mut self, r: Reg, v: Var) {
        match (v, self.pins.int(v)) {
            (Var::ZERO, _) => self.a.mov_imm(r, 0),
            (_, Some(pin)) => self.a.mov_rr(true, r, pin),
            (v, None) => self.a.mov(true, r, self.slot(v)),
        }
    }

    /// The call through the fixed piece. Of an access, its address is in rdx.
    fn call_full(&mut self, call: &Call, pc: u64, code: Code, op: usize) {
        match i32::try_from(pc as i64) {
            Ok(pc) => self.a.mov_store_imm(8, mem(RBP, PC), pc),
            Err(_) => {
                self.a.mov_imm(RAX, pc);
                self.a.mov_store(8, mem(RBP, PC), RAX);
            }
        }
        self.a.mov_store_imm(8, mem(RBP, CALL_TAG), call.tag as i32);
        self.a.mov_imm(RCX, call.data);
        self.a.mov_imm(RAX, call.function);
        self.call_piece(code, op);
        if call.registers == Registers::Write {
            self.pins.load_ints(&mut self.a, 0..KEPT_BY_CALLS);
        }
    }

    /// Calls the function in rax with rcx, and fetches what the block needs. Keeps the result in rax.
    fn call_piece(&mut self, code: Code, op: usize) {
        let piece = self.place.call[(code == Code::MemCallback) as usize];
        self.far(0xe8, piece);
        self.record_return(op);
        if self.needs_floats() {
            self.far(0xe8, self.place.fetch_floats);
        }
    }

    /// Where floats may be away, a block that needs them looks for them first.
    pub fn fetch_floats(&mut self) {
        if self.place.lazy_floats && self.needs_floats() {
            self.a.alu_imm(Alu::Cmp, false, mem(RBP, FLOATS_AWAY), 0);
            let label = self.a.jcc_long(Cc::Ne);
            self.cold.push(Cold::FetchFloats { label, back: self.a.here() });
        }
    }

    fn needs_floats(&self) -> bool {
        *self.needs_floats.get_or_init(|| needs_floats(self.block))
    }

    /// The record by which a callback is known by its return address.
    fn record_return(&mut self, op: usize) {
        let record = self.new_record(RecordKind::Callback);
        self.records.push(host::Record { op: op as u32, resume: op as u32, ..record });
    }

    fn call_leaf(&mut self, op: &Op, call: &Call) {
        let access = op.code == Code::MemCallback;
        let callee = call.callee;
        let wants = |n: u32| callee.arguments >> n & 1 != 0;
        let set = [(RDI, 0), (RSI, 1), (RDX, 2), (RCX, 3)];
        let count = if access { 4 } else { 2 };
        let arguments = set.into_iter().take(count).filter(|(_, n)| wants(*n)).fold(0, |m, (r, _)| m | 1 << r.0);
        let lost = callee.changes | arguments | 1 << RAX.0;
        self.flush_lost(lost);
        let saved: Vec<usize> =
            (KEPT_BY_CALLS..self.pins.ints.len()).filter(|i| lost >> INT_REGS[*i].0 & 1 != 0).collect();
        for i in &saved {
            self.a.mov_store(8, self.slot(self.pins.ints[*i]), INT_REGS[*i]);
        }
        if access && wants(2) {
            self.leaf_address(op);
        }
        if access && wants(1) {
            self.a.mov_imm(RSI, op.ext);
        }
        let (data, n) = if access { (RCX, 3) } else { (RSI, 1) };
        if wants(n) {
            self.a.mov_imm(data, call.data);
        }
        if wants(0) {
            self.a.mov(false, RDI, mem(RBP, INDEX));
        }
        self.call_address(call.function);
        self.record_return(self.at);
        for i in saved {
            self.a.mov(true, INT_REGS[i], self.slot(self.pins.ints[i]));
        }
    }

    /// The address of the access in rdx, whether scratch registers cache it or not.
    fn leaf_address(&mut self, op: &Op) {
        if let Some(pin) = self.pins.int(op.b) {
            let bit = self.pins.bit(op.b);
            if self.ints.narrow & bit != 0 {
                return self.a.movsxd(RDX, pin);
            }
        }
        match self.ints.cached_in(op.b) {
            Some(r) => self.a.mov_rr(true, RDX, r),
            None => self.copy_plain(RDX, op.b),
        }
    }

    /// Calls a host function, directly if it is near enough.
    fn call_address(&mut self, target: u64) {
        let next = self.place.at.wrapping_add(self.a.here() as u64 + 5);
        if i32::try_from(target.wrapping_sub(next) as i64).is_ok() {
            return self.far(0xe8, target);
        }
        self.a.mov_imm(RAX, target);
        self.a.call_reg(RAX);
    }

    /// Guest pc of the current instruction.
    fn pc_of_insn(&self) -> u64 {
        self.block.ops[self.insn_at].imm as u64
    }
}

type Cached = [Option<(Var, bool)>; 3];

fn dirty(cached: &Cached) -> impl Iterator<Item = (usize, (Var, bool))> + '_ {
    cached.iter().enumerate().filter_map(|(i, e)| e.filter(|(_, dirty)| *dirty).map(|e| (i, e)))
}

/// Whether a block needs floating-point variables or control in registers.
fn needs_floats(block: &Block) -> bool {
    block.ops.iter().any(|op| {
        let i = op.code.info();
        let float = [i.dst, i.a, i.b, i.c, i.d].contains(&Class::Float);
        // What is computed by a call saves all pins. (System calls are answered in place only where floats are never away.)
        let calls =
            i.effects.has(Effects::CALLS) && op.code != Code::Syscall || crate::soft::helper_of(op.code).is_some();
        let control = matches!(op.code, Code::ReadFlags | Code::WriteFlags | Code::WriteRound);
        float || calls || control || i.effects.has(Effects::FLAGS)
    })
}
