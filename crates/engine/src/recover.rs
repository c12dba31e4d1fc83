//! Exact guest state after a host fault in generated code (decision D3).
//!
//! The side table names what was deferred; operations that the emitter had not carried out yet are run by the
//! evaluator on the block's own bytes, lifted again.

use crate::block::{Block, Facts};
use crate::exit::{Access, Exit, Fault, FaultKind};
use crate::tally::Adds;
use crate::vcpu::Vcpu;
use crate::weave::weave;
use crate::{Engine, Stat, enter, stat};
use guest::Helper;
use host::layout::*;
use host::{Record, RecordKind};
use ir::allowance::{draw, draw_ops};
use ir::eval::{self, Env, HelperFn, Memory, State};
use ir::merge::{defer, merge, miscount};
use ir::{Builder, Cell, Code, Op, Var};
use memory::guarded;

const SIGBUS: u64 = 7;

/// A block with its probes.
pub(crate) struct Woven {
    pub block: ir::Block,
    /// Its operations before counters were merged; empty if there are none of observers.
    plain: Vec<Op>,
    /// What the block's own count stands for.
    adds: Adds,
    /// The instructions behind each joined branch that is counted.
    joined: Box<[u32]>,
}

impl Woven {
    /// See [`miscount`]. Statistics' adds are not merged and corrected otherwise.
    fn miscount(&self, at: usize) -> Vec<(Cell, u64)> {
        if self.plain.is_empty() {
            return Vec::new();
        }
        let own = |o: &&Op| !stat::is_own(o);
        let merged: Vec<Op> = self.block.ops.iter().filter(own).copied().collect();
        let skipped = self.block.ops[..at].iter().filter(|o| stat::is_own(o)).count();
        miscount(&self.plain, &merged, &self.adds, at - skipped)
    }
}

impl Engine {
    /// Deals with the host fault that the handler has noted.
    pub(crate) fn recover(&self, vcpu: &mut Vcpu) -> Result<(), Exit> {
        let host_pc = vcpu.word(FAULT_HOST_PC);
        let found = self.code.offset_of(host_pc as usize).and_then(|offset| {
            let (_, block) = self.cache.lock().at_host(offset)?;
            let record = block.record_at(offset)?;
            Some((block, record))
        });
        let Some((block, record)) = found else {
            panic!("host fault {:#x} at {host_pc:#x} in generated code without a record", vcpu.word(FAULT_SIGNAL));
        };
        self.undo_deferral(vcpu, &record);
        if record.kind == RecordKind::Poll {
            vcpu.set_pc(block.pc);
            vcpu.arena.open_poll();
            return Ok(());
        }
        let woven = self.lift_again(&block);
        let ops = &woven.block.ops;
        let at = record.op as usize;
        let insn = insn_of(ops, at);
        // From the start of the instruction at the latest: its temporaries may have been in scratch registers only.
        let resume = (record.resume as usize).min(insn);
        let mut state = take_state(vcpu, self.guest().mode_var().0);
        if record.kind == RecordKind::Bail {
            self.evaluate(&ops[resume.min(insn)..insn], &mut state);
            return self.bail(vcpu, &woven, insn, at, state);
        }
        self.evaluate(&ops[resume..at], &mut state);
        let exit = self.fault(vcpu, &woven, at, &record, &state);
        put_state(vcpu, &state);
        Err(exit)
    }

    /// A block as it was emitted, probes included.
    pub(crate) fn lift_again(&self, block: &Block) -> Woven {
        let mut b = Builder::default();
        self.lift(&mut b, (block.pc, block.mode), block.source(), block.joined);
        let mut plain = Vec::new();
        if let Some(observed) = block.observed() {
            weave(&mut b.block, &observed.probes, self.tally.is_shared());
            plain.clone_from(&b.block.ops);
            draw_ops(&mut plain, &observed.draws);
            let adds = block.adds();
            if !adds.is_empty() {
                defer(&mut b.block, |cell| adds.iter().any(|(c, _)| *c == cell));
            }
            merge(&mut b.block);
            draw(&mut b.block, &observed.draws);
        }
        if let Some(counted) = &block.counted {
            stat::add_probes(&mut b.block, counted.cell, self.options.stat);
        }
        let joined = block.counted.as_ref().map(|c| c.joined.clone()).unwrap_or_default();
        Woven { block: b.block, plain, adds: block.adds().into(), joined }
    }

    /// Makes every variable's slot exact: narrow pins are extended, NaNs made canonical.
    fn undo_deferral(&self, vcpu: &mut Vcpu, record: &Record) {
        for (i, v) in self.host.int_pins().iter().enumerate() {
            if record.narrow >> i & 1 != 0 {
                vcpu.set(*v, vcpu.get(*v) as i32 as i64 as u64);
            }
        }
        for (i, v) in self.host.float_pins().iter().enumerate() {
            if record.nans >> i & 1 != 0 {
                let single = record.singles >> i & 1 != 0;
                vcpu.set(*v, canonical(vcpu.get(*v), single));
            }
        }
    }

    /// Runs operations that cannot fault or end.
    fn evaluate(&self, ops: &[Op], state: &mut State) {
        let ops = without_probes(ops);
        let outcome = self.with_env(|env| eval::run_ops(&ops, 0, state, env));
        assert!(outcome.is_none(), "deferred operations ended the block: {outcome:?}");
    }

    pub(crate) fn with_env<R>(&self, f: impl FnOnce(&mut Env) -> R) -> R {
        let table = self.guest().helpers();
        let calls: Vec<Boxed> = table.iter().map(boxed).collect();
        let helpers: Vec<HelperFn> = calls.iter().map(|c| &**c as HelperFn).collect();
        f(&mut Env {
            memory: &mut GuestMemory,
            helpers: &helpers,
            answer: &eval::no_answer,
            time: enter::cycles(),
            cycles: enter::cycles(),
        })
    }

    /// The exit for a faulting access; pc is set to its instruction.
    fn fault(&self, vcpu: &mut Vcpu, woven: &Woven, at: usize, record: &Record, state: &State) -> Exit {
        let ops = &woven.block.ops;
        let op = &ops[at];
        let insn = insn_of(ops, at);
        vcpu.set_pc(ops[insn].imm as u64);
        self.uncount(vcpu, woven, insn, at);
        let target = match op.code {
            Code::ZeroBlock => state.get(op.a) & (op.imm as u64).wrapping_neg(),
            _ => state.get(op.a).wrapping_add(op.imm as u64),
        };
        let noted = vcpu.word(FAULT_ADDR);
        let effects = op.code.info().effects;
        let write = match record.kind {
            // No page was looked up: the operation says what it wanted.
            RecordKind::Misaligned => effects.has(ir::Effects::WRITES),
            _ if noted == 0 => effects.has(ir::Effects::WRITES),
            _ => vcpu.word(FAULT_ERROR) & 2 != 0 || !effects.has(ir::Effects::READS),
        };
        let bus = vcpu.word(FAULT_SIGNAL) >> 32 == SIGBUS;
        let (addr, kind) = match record.kind {
            RecordKind::Misaligned => (target, FaultKind::Misaligned),
            _ if bus => (noted, FaultKind::Bus),
            _ => self.first_bad(target, noted, write),
        };
        Exit::Fault(Fault { addr, access: if write { Access::Write } else { Access::Read }, kind })
    }

    /// The first byte of a failed access to `target` that may not be accessed, and why. The host names none for an
    /// address that is not canonical, and of an access across two bad pages either.
    fn first_bad(&self, target: u64, noted: u64, write: bool) -> (u64, FaultKind) {
        let allowed = |p: memory::Prot| if write { p.write } else { p.read };
        let first_is_bad = !self.memory().prot(target).is_some_and(allowed);
        let addr = if noted == 0 || first_is_bad { target } else { noted };
        let mapped = self.memory().prot(addr).is_some();
        (addr, if mapped { FaultKind::Protected } else { FaultKind::Unmapped })
    }

    pub(crate) fn evaluated_fault(&self, fault: eval::Fault) -> Exit {
        let kind = match (fault.misaligned, self.memory().prot(fault.addr)) {
            (true, _) => FaultKind::Misaligned,
            (_, Some(_)) => FaultKind::Protected,
            (_, None) => FaultKind::Unmapped,
        };
        let access = if fault.write { Access::Write } else { Access::Read };
        Exit::Fault(Fault { addr: fault.addr, access, kind })
    }

    /// The probes at the block's head counted it whole: takes back all behind the instruction at `insn`, and its own
    /// accesses from operation `done` on. Merged counters of observers are brought to the truth.
    pub(crate) fn uncount(&self, vcpu: &mut Vcpu, woven: &Woven, insn: usize, done: usize) {
        let ops = &woven.block.ops;
        for (cell, n) in woven.miscount(done) {
            self.add_to_cell(vcpu.arena, cell, n);
        }
        let whole = Facts::of(ops);
        let begun = Facts::of(&ops[..=insn]);
        let carried_out = Facts::of(&ops[..done]);
        let kept = Facts { insns: begun.insns, ..carried_out };
        vcpu.correction.add(&Stat::of(&kept, 1));
        vcpu.correction.subtract(&Stat::of(&whole, 1));
        if ops.last().is_some_and(|o| o.code == Code::Branch) {
            // Taken branches are executions minus not-taken ones: this execution is neither.
            vcpu.correction.taken -= 1;
        }
        // So are joined ones that were not come to.
        for insns in &woven.joined[carried_out.joined as usize..] {
            vcpu.correction.subtract(&Stat::joined_taken(*insns, 1));
        }
    }
}

/// Whether it is an observer's or the statistics' operation.
pub(crate) fn is_probe(op: &Op) -> bool {
    matches!(op.code, Code::ScoreAdd | Code::ScoreDraw | Code::ScoreStore | Code::Callback | Code::MemCallback)
}

/// Generated code has already carried out the block's probes, or accounts for them by `uncount`.
pub(crate) fn without_probes(ops: &[Op]) -> Vec<Op> {
    ops.iter().copied().filter(|o| !is_probe(o)).collect()
}

/// A helper as the evaluator calls it.
type Boxed = Box<dyn Fn(u64, u64, u64) -> (u64, u64)>;

fn boxed(h: &Helper) -> Boxed {
    let f = h.function;
    Box::new(move |a, b, c| {
        let r = f(a, b, c);
        (r.0, r.1)
    })
}

fn canonical(raw: u64, single: bool) -> u64 {
    if single {
        if f32::from_bits(raw as u32).is_nan() { 0xffff_ffff_7fc0_0000 } else { raw }
    } else if f64::from_bits(raw).is_nan() {
        0x7ff8_0000_0000_0000
    } else {
        raw
    }
}

/// Index of the mark of the instruction to which operation `at` belongs.
pub(crate) fn insn_of(ops: &[Op], at: usize) -> usize {
    (0..=at).rev().find(|i| ops[*i].code == Code::Insn).expect("operations follow a mark")
}

pub(crate) fn take_state(vcpu: &Vcpu, mode_var: Var) -> State {
    let mut s = State::new(0);
    for n in 1..Var::COUNT {
        s.vars[n as usize] = vcpu.get(Var(n));
    }
    s.flags = vcpu.fp_flags() as u8;
    s.round = (vcpu.get(mode_var) & 7) as u8;
    let addr = vcpu.word(RESERVED_ADDR);
    s.reservation = (addr != NO_RESERVATION).then(|| eval::Reservation { addr, value: vcpu.word(RESERVED_VALUE) });
    s
}

/// What a callback may have changed: everything but temporaries.
pub(crate) fn retake_state(vcpu: &Vcpu, s: &mut State) {
    for n in 1..Var::GUEST_END {
        s.vars[n as usize] = vcpu.get(Var(n));
    }
    s.flags = vcpu.fp_flags() as u8;
}

pub(crate) fn put_state(vcpu: &mut Vcpu, s: &State) {
    for n in 1..Var::GUEST_END {
        vcpu.set(Var(n), s.vars[n as usize]);
    }
    vcpu.set_fp_flags(s.flags as u64);
    vcpu.set_fp_round(s.round as u64);
    let (addr, value) = s.reservation.map_or((NO_RESERVATION, 0), |r| (r.addr, r.value));
    vcpu.set_word(RESERVED_ADDR, addr);
    vcpu.set_word(RESERVED_VALUE, value);
}

/// Guest memory for the evaluator. Only rare instructions come here, so plain copies do; two halves of a pair are not
/// one access.
struct GuestMemory;

impl Memory for GuestMemory {
    fn load(&mut self, addr: u64, bytes: u32) -> Result<u64, eval::Fault> {
        let mut buf = [0; 8];
        match guarded::read(addr, &mut buf[..bytes as usize]) {
            Ok(()) => Ok(u64::from_le_bytes(buf)),
            Err(bad) => Err(eval::Fault { addr: addr + bad.done as u64, write: false, misaligned: false }),
        }
    }

    fn store(&mut self, addr: u64, bytes: u32, value: u64) -> Result<(), eval::Fault> {
        self.check_store(addr, bytes)?;
        let stored = guarded::write(addr, &value.to_le_bytes()[..bytes as usize]);
        stored.map_err(|bad| eval::Fault { addr: addr + bad.done as u64, write: true, misaligned: false })
    }

    fn check_store(&mut self, addr: u64, bytes: u32) -> Result<(), eval::Fault> {
        // Piece by piece, so that the first byte that cannot be written is named.
        let first = (bits::PAGE - addr % bits::PAGE).min(bytes as u64);
        for (at, len) in [(addr, first), (addr.wrapping_add(first), bytes as u64 - first)] {
            let mut piece = vec![0; len as usize];
            let fault = |done: usize| eval::Fault { addr: at + done as u64, write: true, misaligned: false };
            guarded::read(at, &mut piece).map_err(|bad| fault(bad.done))?;
            guarded::write(at, &piece).map_err(|bad| fault(bad.done))?;
        }
        Ok(())
    }
}
