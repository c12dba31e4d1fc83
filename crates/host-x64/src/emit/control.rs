//! Polls, probes and the ends of blocks.

use super::Emitter;
use crate::asm::*;
use host::layout::*;
use host::{Link, RecordKind, Return};
use ir::allowance::draws_for_next;
use ir::{Cell, Code, Op, Stop, Var};

impl Emitter<'_> {
    /// A block that can be part of a loop reads the poll page first (section 4 step 8 of the architecture). Every loop
    /// holds a backward or an indirect jump, so it is enough that the blocks that end with one poll.
    pub fn poll(&mut self) {
        let Some(last) = self.block.ops.last() else { return };
        let backward = |target: u64| target <= self.pc_of_last_insn();
        let polls = match last.code {
            Code::Branch => backward(last.imm as u64),
            Code::Jump => backward(last.imm as u64),
            Code::JumpInd => true,
            _ => false,
        };
        if polls {
            self.record(RecordKind::Poll);
            self.a.mov(false, RAX, mem(RBP, POLL));
        }
    }

    fn pc_of_last_insn(&self) -> u64 {
        let mark = self.block.ops.iter().rev().find(|o| o.code == Code::Insn);
        mark.map_or(self.block.pc, |o| o.imm as u64)
    }

    pub fn score_add(&mut self, op: &Op) {
        if op.aux == 0 && op.a != Var::IMM && op.imm == 1 {
            self.count_zero(op.a, Cell::from_ext(op.ext));
        } else if op.aux == 0 {
            let around = self.guard(op);
            self.add_to_score(op);
            around.into_iter().for_each(|label| self.a.bind(label));
        }
    }

    /// Adds 1 to a cell if `v` is zero, without a branch that chance decides: zero is what borrows from 1.
    fn count_zero(&mut self, v: Var, cell: Cell) {
        let r = self.read(v);
        let m = self.cell(cell);
        self.a.alu_imm(Alu::Cmp, true, r, 1);
        self.a.alu_imm(Alu::Adc, true, m, 0);
    }

    fn add_to_score(&mut self, op: &Op) {
        self.change_score(op, Alu::Add);
    }

    fn change_score(&mut self, op: &Op, alu: Alu) {
        let m = self.cell(Cell::from_ext(op.ext));
        match i32::try_from(op.imm) {
            Ok(imm) => self.a.alu_imm(alu, true, m, imm),
            Err(_) => {
                let t = self.alloc();
                self.a.mov_imm(t, op.imm as u64);
                self.a.alu_to(alu, true, m, t);
            }
        }
    }

    /// Draws from an allowance. A callback behind it that is under a condition on it looks at the sign itself.
    pub fn score_draw(&mut self, op: &Op) {
        let around = self.guard(op);
        self.change_score(op, Alu::Sub);
        if !draws_for_next(self.block, self.at) {
            self.settle_if_overdrawn(Cell::from_ext(op.ext));
        }
        around.into_iter().for_each(|label| self.a.bind(label));
    }

    pub fn score_store(&mut self, op: &Op) {
        let around = self.guard(op);
        let m = self.cell(Cell::from_ext(op.ext));
        match i32::try_from(op.imm) {
            Ok(imm) => self.a.mov_store_imm(8, m, imm),
            Err(_) => {
                let t = self.alloc();
                self.a.mov_imm(t, op.imm as u64);
                self.a.mov_store(8, m, t);
            }
        }
        around.into_iter().for_each(|label| self.a.bind(label));
    }

    /// Jumps around a probe whose guard holds it back. Scratch registers hold nothing afterwards, so that both ways
    /// leave the same.
    fn guard(&mut self, op: &Op) -> Option<Label> {
        if op.a == Var::IMM {
            return None;
        }
        self.flush_ints();
        let r = self.read(op.a);
        self.a.test(true, r, r);
        self.flush_ints();
        Some(self.a.jcc_long(Cc::Ne))
    }

    /// What holds between blocks: every pin valid in all bits.
    fn settle(&mut self) {
        self.widen_all();
        self.settle_nans();
    }

    pub fn branch(&mut self, op: &Op) {
        self.settle();
        let not_taken =
            self.at.checked_sub(1).map(|i| self.block.ops[i]).filter(|p| p.code == Code::ScoreAdd && p.aux == 1);
        let cc = self.compare(op.cond, op.a, op.b, 0);
        self.restore_held();
        self.jump_to(Some(cc), op.imm as u64);
        if let Some(probe) = not_taken {
            self.add_to_score(&probe);
        }
        self.jump_to(None, op.ext);
    }

    pub fn jump(&mut self, op: &Op) {
        self.settle();
        self.restore_held();
        self.jump_to(None, op.imm as u64);
    }

    /// A direct jump, conditional or not, to a guest pc: a patchable displacement and, later, its stub.
    fn jump_to(&mut self, cc: Option<Cc>, target: u64) {
        let opcode = if cc.is_some() { 2 } else { 1 };
        let own = target == self.block.pc;
        // The displacement must not cross a cache line, so that it can be patched in one store.
        while !own && (self.place.at as usize + self.a.here() + opcode) % 64 > 60 {
            self.a.byte(0x90);
        }
        match cc {
            Some(cc) => self.a.code.extend_from_slice(&[0x0f, 0x80 | cc as u8]),
            None => self.a.byte(0xe9),
        }
        let field = self.a.here() as u32;
        if own {
            let back = self.loop_start as i32 - (field as i32 + 4);
            *self.round = Some((self.loop_start as u32, field + 4));
            return self.a.dword(back);
        }
        self.a.dword(0);
        self.links.push(Link { field, stub: 0, target });
    }

    /// The stubs of all unlinked jumps: each calls the engine, which knows it by the return address.
    pub fn emit_stubs(&mut self) {
        for i in 0..self.links.len() {
            let stub = self.a.here();
            let field = self.links[i].field as usize;
            self.links[i].stub = stub as u32;
            let d = stub as i32 - (field as i32 + 4);
            self.a.code[field..field + 4].copy_from_slice(&d.to_le_bytes());
            self.far(0xe8, self.place.link);
        }
    }

    /// `call` (e8) or `jmp` (e9) to a fixed piece.
    pub fn far(&mut self, opcode: u8, target: u64) {
        self.a.byte(opcode);
        let next = self.place.at + self.a.here() as u64 + 4;
        self.a.dword(target.wrapping_sub(next) as i32);
    }

    pub fn jump_ind(&mut self, op: &Op) {
        self.settle();
        let a = self.read(op.a);
        if a != RAX {
            self.claim(RAX);
            self.a.mov_rr(true, RAX, a);
        }
        self.claim(RCX);
        // Bit 0 need not be cleared here: no key in the cache is odd, so an odd target goes to Rust, which clears it.
        self.a.mov_rr(false, RCX, RAX);
        self.a.alu_imm(Alu::And, false, RCX, JUMP_CACHE_MASK);
        self.a.alu(Alu::Cmp, true, RAX, mem_index(RBP, RCX, 3, JUMP_CACHE));
        self.a.byte(0x0f);
        self.a.byte(0x80 | Cc::Ne as u8);
        let next = self.place.at + self.a.here() as u64 + 4;
        self.a.dword(self.place.lookup.wrapping_sub(next) as i32);
        self.a.jmp_rm(mem_index(RBP, RCX, 3, JUMP_CACHE + 8));
    }

    pub fn exit(&mut self, op: &Op) {
        self.stop(op.stop(), op.imm as u64);
    }

    fn stop(&mut self, stop: Stop, pc: u64) {
        self.settle();
        self.flush_ints();
        self.a.mov_imm(RAX, pc);
        self.a.mov_store(8, mem(RBP, PC), RAX);
        self.a.mov_imm(RAX, Return::Stop as u64 + stop as u64);
        self.far(0xe9, self.place.stop);
    }

    /// After the call no scratch register holds anything, so what `stop` emits leaves the state of emission as it is.
    pub fn syscall(&mut self, op: &Op) {
        let answered = (self.place.answer != 0).then(|| {
            self.call(self.place.answer, [op.a, op.b, op.c], 0);
            self.a.test(true, RDX, RDX);
            self.a.jcc_long(Cc::Ne)
        });
        self.stop(Stop::Syscall, op.imm as u64);
        if let Some(label) = answered {
            self.a.bind(label);
            self.commit(op.dst, RAX, ir::Width::W64);
            self.settle();
            self.jump_to(None, op.ext);
        }
    }

    pub fn read_counter(&mut self, op: &Op) {
        self.flush_ints();
        self.claim_all();
        self.a.rdtsc();
        self.a.shift_imm(Shift::Shl, true, RDX, 32);
        self.a.alu(Alu::Or, true, RAX, RDX);
        if op.dst != Var::IMM && op.dst != Var::ZERO {
            self.commit(op.dst, RAX, ir::Width::W64);
        }
    }
}
