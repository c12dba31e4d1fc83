//! Emits a block in one pass.
//!
//! Pinned variables live in their host register through the block and across blocks. Other guest variables live in
//! their slots: a write goes through to the slot at once (unless it is overwritten before anybody could see it, which a
//! look over the block says before, `plan`), reads are cached in the scratch registers. Temporaries live
//! in scratch registers and are spilled to their slots under pressure. So at every instruction that can fault, the
//! exact guest state is in pins and slots, and a side table record needs to say only what is *deferred*: sign
//! extensions of 32-bit results (`narrow`), and canonical NaNs (`nans`).

mod bits;
mod call;
mod callback;
mod control;
mod flags;
mod float;
mod fold;
mod int;
mod looped;
mod memory;
mod plan;
mod state;

use crate::asm::*;
use crate::features::Features;
use crate::pins::Pins;
use callback::Snapshot;
use host::{Emitted, Link, Place, Record, RecordKind};
use ir::{Block, Code, Op, Var};
use plan::Plan;
use state::{Floats, Ints};
use std::cell::OnceCell;

/// A piece of code that stands behind the block because it is rarely run.
enum Cold {
    /// `label` comes to a trap with this record.
    Trap { label: Label, record: Record },
    /// `label` comes to a call of an observer at operation `op`, then back to `back`.
    Call { label: Label, snapshot: Snapshot, call: ir::Call, pc: u64, op: usize, back: usize },
    /// `label` comes to the settlement of an allowance that operation `op` has overdrawn, then back.
    Settle { label: Label, snapshot: Snapshot, allowance: ir::Cell, op: usize, back: usize },
    /// `label` comes to the piece that fetches floats, then back.
    FetchFloats { label: Label, back: usize },
    /// `label` comes to a read of the flags in MXCSR into a register, then back.
    ReadFlags { label: Label, into: Reg, back: usize },
    /// `label` comes to a write of the flags in rcx to MXCSR, then back.
    WriteFlags { label: Label, back: usize },
    /// `label` comes to a load of the canonical NaN into `xmm`, then back to `back`.
    CanonicalNan { label: Label, xmm: Xmm, double: bool, back: usize },
    /// `label` comes to canonicalisation of every pending pin of `nans`, then back.
    FixNans { label: Label, nans: u32, singles: u32, back: usize },
}

/// The state of one emission.
pub struct Emitter<'a> {
    a: Asm,
    feat: Features,
    pins: &'a Pins,
    helpers: &'a [u64],
    block: &'a Block,
    place: &'a Place,
    links: &'a mut Vec<Link>,
    records: &'a mut Vec<Record>,
    round: &'a mut Option<(u32, u32)>,
    ints: Ints,
    floats: Floats,
    plan: Plan,
    /// Index of the operation that is being emitted.
    at: usize,
    /// Index of the first operation of the current guest instruction.
    insn_at: usize,
    /// Where the evaluator has to take over if the current operation faults.
    resume: usize,
    cold: Vec<Cold>,
    /// Where jumps to the block's own pc go: behind the loads of what its loop carries.
    loop_start: usize,
    /// Whether the block needs floating-point variables or control in registers, once somebody has asked.
    needs_floats: OnceCell<bool>,
}

/// Emits `block` for `place` into `out`.
pub fn emit(feat: Features, pins: &Pins, helpers: &[u64], block: &Block, place: &Place, out: &mut Emitted) {
    out.clear();
    let code = std::mem::take(&mut out.code);
    let mut e = Emitter {
        a: Asm { code },
        feat,
        pins,
        helpers,
        block,
        place,
        links: &mut out.links,
        records: &mut out.records,
        round: &mut out.round,
        ints: Ints::new(),
        floats: Floats::new(),
        plan: Plan::of(block),
        at: 0,
        insn_at: 0,
        resume: 0,
        cold: Vec::new(),
        loop_start: 0,
        needs_floats: OnceCell::new(),
    };
    e.fetch_floats();
    e.start_loop();
    e.poll();
    while e.at < block.ops.len() {
        e.op();
        e.at += 1;
    }
    e.emit_stubs();
    e.emit_cold();
    out.code = e.a.code;
}

impl Emitter<'_> {
    fn op(&mut self) {
        if self.block.ops[self.at].code == Code::Insn {
            // A third of all, so not through the table.
            return self.begin_insn();
        }
        if self.plan.skips(self.at) {
            return;
        }
        self.ints.unlock();
        self.floats.unlock();
        let instead = self.plan.instead(self.at);
        let op = instead.as_ref().unwrap_or(&self.block.ops[self.at]);
        self.resume = self.at;
        if self.try_fold(op) {
            return;
        }
        self.dispatch(op);
    }

    fn begin_insn(&mut self) {
        self.insn_at = self.at;
        self.ints.forget_temps();
        self.floats.forget_temps();
    }

    // table
    fn dispatch(&mut self, op: &Op) {
        match op.code {
            Code::Insn => self.begin_insn(),
            Code::ScoreAdd => self.score_add(op),
            Code::ScoreDraw => self.score_draw(op),
            Code::ScoreStore => self.score_store(op),
            Code::Callback | Code::MemCallback => self.callback(op),
            Code::ReadReserved => self.read_reserved(op),
            Code::Mov => self.mov(op),
            Code::Add => self.add(op),
            Code::Sub => self.sub(op),
            Code::And => self.logic_op(op, Alu::And),
            Code::Or => self.logic_op(op, Alu::Or),
            Code::Xor => self.logic_op(op, Alu::Xor),
            Code::AndNot | Code::OrNot | Code::Xnor => self.negated_logic(op),
            Code::Shl => self.shift(op, Shift::Shl),
            Code::Shr => self.shift(op, Shift::Shr),
            Code::Sar => self.shift(op, Shift::Sar),
            Code::Rotl => self.shift(op, Shift::Rol),
            Code::Rotr => self.shift(op, Shift::Ror),
            Code::Mul => self.mul(op),
            Code::MulHS | Code::MulHU | Code::MulHSU => self.mul_high(op),
            Code::DivS | Code::DivU | Code::RemS | Code::RemU => self.divide(op),
            Code::MinS | Code::MaxS | Code::MinU | Code::MaxU => self.min_max(op),
            Code::ShlAdd | Code::ShlAddU => self.shl_add(op),
            Code::Ext => self.ext(op),
            Code::Clz | Code::Ctz | Code::Popcnt => self.count(op),
            Code::Bswap => self.bswap(op),
            Code::OrcB => self.orc_b(op),
            Code::BitSet | Code::BitClr | Code::BitInv | Code::BitExt => self.single_bit(op),
            Code::Clmul | Code::ClmulH => self.clmul(op),
            Code::AesEncLast | Code::AesEnc | Code::AesDecLast | Code::AesDec => self.aes_round(op),
            Code::AesInvMix => self.aes_inv_mix(op),
            Code::Brev8 | Code::AesKey1 => self.soft_int(op),
            Code::SetCond => self.set_cond(op),
            Code::Select => self.select(op),
            Code::CallPure | Code::CallFlags => self.call_helper(op),
            Code::Load => self.load(op),
            Code::Store => self.store(op),
            Code::LoadF => self.load_f(op),
            Code::StoreF => self.store_f(op),
            Code::LoadRes => self.load_reserved(op),
            Code::StoreCond => self.store_conditional(op),
            Code::Amo => self.amo(op),
            Code::Cas => self.cas(op),
            Code::CasPair => self.cas_pair(op),
            Code::ZeroBlock => self.zero_block(op),
            Code::Fence => self.fence(op),
            Code::FAdd | Code::FSub | Code::FMul | Code::FDiv => self.f_arith(op),
            Code::FSqrt => self.f_sqrt(op),
            Code::FMulAdd => self.f_mul_add(op),
            Code::FMin | Code::FMax => self.f_min_max(op),
            Code::FEq | Code::FLt | Code::FLe => self.f_compare(op),
            Code::FSgn => self.f_sign(op),
            Code::FClass => self.f_class(op),
            Code::Unbox => self.unbox(op),
            Code::FCvtFF => self.f_cvt_ff(op),
            Code::FCvtFI => self.f_cvt_fi(op),
            Code::FCvtIF => self.f_cvt_if(op),
            Code::FBits => self.f_bits(op),
            Code::FFromBits => self.f_from_bits(op),
            Code::FMov => self.f_mov(op),
            Code::ReadFlags => self.read_flags(op),
            Code::WriteFlags => self.write_flags(op),
            Code::WriteRound => self.write_round(op),
            Code::ReadTime | Code::ReadCycles => self.read_counter(op),
            Code::Branch => self.branch(op),
            Code::Jump => self.jump(op),
            Code::JumpInd => self.jump_ind(op),
            Code::Exit => self.exit(op),
            Code::Syscall => self.syscall(op),
        }
    }

    /// A record for the next host instruction.
    fn record(&mut self, kind: RecordKind) {
        let r = self.new_record(kind);
        self.records.push(r);
    }

    fn new_record(&self, kind: RecordKind) -> Record {
        let (op, resume) = match kind {
            RecordKind::Poll => (0, 0),
            RecordKind::Bail => (self.at, self.insn_at.min(self.resume)),
            _ => (self.at, self.resume),
        };
        Record {
            host: self.a.here() as u32,
            op: op as u32,
            resume: resume as u32,
            narrow: self.ints.narrow,
            nans: self.floats.nans,
            singles: self.floats.singles,
            kind,
        }
    }

    /// On `cc`, traps and lets the evaluator execute the current guest instruction, or reports a misaligned access.
    fn trap_if(&mut self, cc: Cc, kind: RecordKind) {
        let record = self.new_record(kind);
        let label = self.a.jcc_long(cc);
        self.cold.push(Cold::Trap { label, record });
    }

    fn emit_cold(&mut self) {
        for cold in std::mem::take(&mut self.cold) {
            match cold {
                Cold::Trap { label, record } => {
                    self.a.bind(label);
                    self.records.push(Record { host: self.a.here() as u32, ..record });
                    self.a.ud2();
                }
                Cold::Call { label, snapshot, call, pc, op, back } => {
                    self.a.bind(label);
                    self.cold_call(&snapshot, &call, pc, op);
                    self.a.jmp_back(back);
                }
                Cold::Settle { label, snapshot, allowance, op, back } => {
                    self.a.bind(label);
                    self.cold_settle(&snapshot, allowance, op);
                    self.a.jmp_back(back);
                }
                Cold::FetchFloats { label, back } => {
                    self.a.bind(label);
                    self.far(0xe8, self.place.fetch_floats);
                    self.a.jmp_back(back);
                }
                Cold::ReadFlags { label, into, back } => {
                    self.a.bind(label);
                    self.read_control(into);
                    self.a.jmp_back(back);
                }
                Cold::WriteFlags { label, back } => {
                    self.a.bind(label);
                    self.write_control();
                    self.a.jmp_back(back);
                }
                Cold::CanonicalNan { label, xmm, double, back } => {
                    self.a.bind(label);
                    self.load_nan(xmm, double);
                    self.a.jmp_back(back);
                }
                Cold::FixNans { label, nans, singles, back } => {
                    self.a.bind(label);
                    self.fix_nans(nans, singles);
                    self.a.jmp_back(back);
                }
            }
        }
    }

    /// The home slot of a variable as a memory operand.
    fn slot(&self, v: Var) -> Mem {
        mem(RBP, host::layout::slot(v))
    }
}
