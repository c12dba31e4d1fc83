//! What a lifter writes operations with: one method per shape, so that a lift body reads like the manual's text.

use crate::Call;
use crate::op::*;
use bits::Mem;

/// A translated block before emission.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Guest pc of the first instruction.
    pub pc: u64,
    /// Guest-defined bits that the block was translated for (RISC-V: bits 0-2 are frm).
    pub mode: u32,
    pub ops: Vec<Op>,
    /// Number of guest instructions.
    pub insns: u32,
    /// Guest bytes covered.
    pub bytes: u32,
    /// Functions that the block's probes call.
    pub calls: Vec<Call>,
}

/// Appends operations to a block. Reused from block to block so that translation does not allocate.
#[derive(Debug, Default)]
pub struct Builder {
    pub block: Block,
    temps: u16,
    /// Guest pc and length of the instruction that is being lifted.
    pub pc: u64,
    pub len: u32,
}

impl Builder {
    /// Starts a new block.
    pub fn start(&mut self, pc: u64, mode: u32) {
        self.block.pc = pc;
        self.block.mode = mode;
        self.block.ops.clear();
        self.block.insns = 0;
        self.block.bytes = 0;
        self.block.calls.clear();
    }

    /// Starts a guest instruction: emits its mark and forgets all temporaries.
    pub fn insn(&mut self, pc: u64, len: u32) {
        self.pc = pc;
        self.len = len;
        self.temps = 0;
        self.block.insns += 1;
        self.block.bytes += len;
        self.push(Op { imm: pc as i64, aux: len as u8, ..Op::new(Code::Insn) });
    }

    /// The pc behind the current instruction.
    pub fn next_pc(&self) -> u64 {
        self.pc.wrapping_add(self.len as u64)
    }

    /// A fresh temporary of the current instruction.
    pub fn temp(&mut self) -> Var {
        let v = Var::temp(self.temps);
        self.temps += 1;
        v
    }

    pub fn push(&mut self, op: Op) {
        self.block.ops.push(op);
    }

    /// `dst = code(a, b)`, 64-bit; does nothing when `dst` is zero.
    pub fn alu(&mut self, code: Code, width: Width, dst: Var, a: Var, b: Var) {
        if dst != Var::ZERO {
            self.push(Op { width, dst, a, b, ..Op::new(code) });
        }
    }

    /// `dst = code(a, imm)`; does nothing when `dst` is zero.
    pub fn alu_imm(&mut self, code: Code, width: Width, dst: Var, a: Var, imm: i64) {
        if dst != Var::ZERO {
            self.push(Op { width, dst, a, b: Var::IMM, imm, ..Op::new(code) });
        }
    }

    /// `dst = imm`.
    pub fn mov_imm(&mut self, dst: Var, imm: i64) {
        if dst != Var::ZERO {
            self.push(Op { dst, imm, ..Op::new(Code::Mov) });
        }
    }

    /// `dst = a`.
    pub fn mov(&mut self, dst: Var, a: Var) {
        if dst != Var::ZERO {
            self.push(Op { dst, a, ..Op::new(Code::Mov) });
        }
    }

    /// `dst = code(a)`: extensions, counts, byte and bit reversals.
    pub fn unary(&mut self, code: Code, width: Width, dst: Var, a: Var) {
        self.alu(code, width, dst, a, Var::IMM);
    }

    /// Extension of the low bits of `a`.
    pub fn ext(&mut self, mem: Mem, dst: Var, a: Var) {
        if dst != Var::ZERO {
            self.push(Op { mem, dst, a, ..Op::new(Code::Ext) });
        }
    }

    /// `dst = cond(a, b)`.
    pub fn set_cond(&mut self, cond: Cond, dst: Var, a: Var, b: Var) {
        if dst != Var::ZERO {
            self.push(Op { cond, dst, a, b, ..Op::new(Code::SetCond) });
        }
    }

    /// `dst = cond(a, imm)`.
    pub fn set_cond_imm(&mut self, cond: Cond, dst: Var, a: Var, imm: i64) {
        if dst != Var::ZERO {
            self.push(Op { cond, dst, a, b: Var::IMM, imm, ..Op::new(Code::SetCond) });
        }
    }

    /// `dst = cond(a, b) ? c : d`.
    pub fn select(&mut self, cond: Cond, dst: Var, a: Var, b: Var, c: Var, d: Var) {
        if dst != Var::ZERO {
            self.push(Op { cond, dst, a, b, c, d, ..Op::new(Code::Select) });
        }
    }

    /// `dst = mem[a + disp]`. A load to the zero register still accesses memory: it goes to a temporary.
    pub fn load(&mut self, mem: Mem, dst: Var, a: Var, disp: i64) {
        let dst = if dst == Var::ZERO { self.temp() } else { dst };
        self.push(Op { mem, dst, a, imm: disp, ..Op::new(Code::Load) });
    }

    /// `mem[a + disp] = b`.
    pub fn store(&mut self, mem: Mem, b: Var, a: Var, disp: i64) {
        self.push(Op { mem, a, b, imm: disp, ..Op::new(Code::Store) });
    }

    pub fn load_f(&mut self, mem: Mem, dst: Var, a: Var, disp: i64) {
        self.push(Op { mem, dst, a, imm: disp, ..Op::new(Code::LoadF) });
    }

    pub fn store_f(&mut self, mem: Mem, b: Var, a: Var, disp: i64) {
        self.push(Op { mem, a, b, imm: disp, ..Op::new(Code::StoreF) });
    }

    /// Atomic read-modify-write. A destination of zero becomes a temporary.
    pub fn amo(&mut self, rmw: Rmw, mem: Mem, dst: Var, a: Var, b: Var) {
        let dst = if dst == Var::ZERO { self.temp() } else { dst };
        self.push(Op { mem, dst, a, b, aux: rmw as u8, ..Op::new(Code::Amo) });
    }

    /// Compare-and-swap at `a`: `dst` is the old value; `new` is stored if it equals `old`, which is widened as `mem`
    /// says. A destination of zero becomes a temporary.
    pub fn cas(&mut self, mem: Mem, dst: Var, a: Var, old: Var, new: Var) {
        let dst = if dst == Var::ZERO { self.temp() } else { dst };
        self.push(Op { mem, dst, a, b: old, c: new, ..Op::new(Code::Cas) });
    }

    /// Compare-and-swap of the pairs that begin with these variables.
    pub fn cas_pair(&mut self, dst: Var, a: Var, old: Var, new: Var) {
        let dst = if dst == Var::ZERO { Var::IMM } else { dst };
        self.push(Op { dst, a, b: old, c: new, ..Op::new(Code::CasPair) });
    }

    /// Ends the block: to `taken` if `cond(a, b)`, else behind this instruction.
    pub fn branch(&mut self, cond: Cond, a: Var, b: Var, taken: u64) {
        let ext = self.next_pc();
        self.push(Op { cond, a, b, imm: taken as i64, ext, ..Op::new(Code::Branch) });
    }

    /// Ends the block with a direct jump.
    pub fn jump(&mut self, target: u64) {
        self.push(Op { imm: target as i64, ..Op::new(Code::Jump) });
    }

    /// Ends the block with an indirect jump.
    pub fn jump_ind(&mut self, kind: Jump, a: Var) {
        self.push(Op { a, aux: kind as u8, ..Op::new(Code::JumpInd) });
    }

    /// Ends the block and hands over to Rust, reporting `pc`.
    pub fn exit(&mut self, stop: Stop, pc: u64) {
        self.push(Op { aux: stop as u8, imm: pc as i64, ..Op::new(Code::Exit) });
    }

    /// Ends the block with a system call: number, first two arguments, and where its result comes if it is answered in
    /// place.
    pub fn syscall(&mut self, number: Var, args: [Var; 2], result: Var) {
        let (imm, ext) = (self.pc as i64, self.next_pc());
        self.push(Op { dst: result, a: number, b: args[0], c: args[1], imm, ext, ..Op::new(Code::Syscall) });
    }

    /// Floating-point operation with up to three operands (`Var::IMM` where there is none).
    #[allow(clippy::too_many_arguments)]
    pub fn fp(&mut self, code: Code, fmt: Fmt, round: Round, dst: Var, a: Var, b: Var, c: Var) {
        if dst != Var::ZERO {
            self.push(Op { fmt, round, dst, a, b, c, ..Op::new(code) });
        }
    }
}
