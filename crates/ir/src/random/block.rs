//! The generator of blocks.

use super::{Rng, float, integer};
use crate::eval::State;
use crate::limits::{Imm, Limits, limits};
use crate::verify::{changes_state, may_restart};
use crate::{Block, Builder, Class, Code, Cond, Effects, Fmt, Op, Round, Stop, Var, Width};
use bits::Addr;
use std::ops::Range;

/// What blocks may use.
#[derive(Clone, Debug)]
pub struct Config {
    /// Guest variables that hold integers.
    pub ints: Vec<Var>,
    /// Guest variables that hold floats.
    pub floats: Vec<Var>,
    /// Memory that may be read: at least 12 KiB, page-aligned. The page on each side of it must fault.
    pub window: Range<Addr>,
    /// The window may be written up to here; there are at least 8 KiB in front of it.
    pub writable: Addr,
    /// Number of helpers.
    pub helpers: u64,
    /// Number of score cells.
    pub scores: u64,
    /// How many memory accesses of a hundred are meant to fault.
    pub faults: u64,
    /// A variable that always holds the rounding mode.
    pub round: Option<Var>,
    /// Whether to read clocks.
    pub clocks: bool,
    /// Codes to draw from. Enders are drawn for the end of a block only.
    pub codes: Vec<Code>,
}

/// Makes blocks and states.
pub struct Generator {
    pub rng: Rng,
    pub(super) config: Config,
    /// Codes of the middle of a block, and of its end.
    middle: Vec<Code>,
    ends: Vec<Code>,
    pub(super) builder: Builder,
    /// Temporaries of this instruction that are written, by class.
    temps: [Vec<Var>; 2],
    /// Whether this instruction has changed guest state.
    wrote: bool,
}

fn is(code: Code, effect: Effects) -> bool {
    code.info().effects.has(effect)
}

/// Floating-point operations that look at a format; the others move bits.
fn is_arithmetic(code: Code) -> bool {
    let i = code.info();
    let floats = i.dst == Class::Float || i.a == Class::Float;
    let moves = matches!(code, Code::LoadF | Code::StoreF | Code::FBits | Code::FFromBits | Code::FMov);
    floats && !moves
}

impl Generator {
    pub fn new(seed: u64, config: Config) -> Generator {
        let clock = |c: &Code| matches!(c, Code::ReadTime | Code::ReadCycles);
        let own = |c: &Code| {
            matches!(c, Code::Insn | Code::ScoreDraw | Code::Callback | Code::MemCallback | Code::ReadReserved)
        };
        let usable = |c: &Code| !own(c) && (config.clocks || !clock(c));
        let calls = |c: &Code| config.helpers > 0 || !is(*c, Effects::CALLS);
        let scores = |c: &Code| config.scores > 0 || !matches!(c, Code::ScoreAdd | Code::ScoreStore);
        let codes = config.codes.iter().copied().filter(|c| usable(c) && calls(c) && scores(c));
        let (ends, middle) = codes.partition(|c| is(*c, Effects::ENDS));
        let (rng, builder) = (Rng::new(seed), Builder::default());
        Generator { rng, config, middle, ends, builder, temps: Default::default(), wrote: false }
    }

    /// A state with biased values in all variables that blocks use.
    pub fn state(&mut self) -> State {
        let mut state = State::new(self.config.scores as usize);
        for n in 0..self.config.ints.len() {
            state.set(self.config.ints[n], integer(&mut self.rng));
        }
        for n in 0..self.config.floats.len() {
            state.set(self.config.floats[n], self.float_value());
        }
        state.flags = self.rng.below(32) as u8;
        state.round = self.rng.below(4) as u8;
        state
    }

    /// A double, a boxed single, or a single with a wrong box.
    fn float_value(&mut self) -> u64 {
        match self.rng.below(9) {
            0 => float(&mut self.rng, softfp::F32) | self.rng.next() << 32,
            1..=4 => softfp::F32.boxed(float(&mut self.rng, softfp::F32)),
            _ => float(&mut self.rng, softfp::F64),
        }
    }

    /// A block of at most `insns` guest instructions at `pc`.
    pub fn block(&mut self, pc: Addr, insns: u64) -> Block {
        self.builder.start(pc, 0);
        let mut pc = pc;
        for _ in 0..self.rng.below(insns) {
            if self.rng.chance(10) {
                pc = self.indexed(pc);
                continue;
            }
            if self.rng.chance(10) {
                pc = self.narrowed(pc);
                continue;
            }
            if self.rng.chance(10) {
                pc = self.rotated(pc);
                continue;
            }
            pc = self.begin_insn(pc);
            for _ in 0..self.rng.pick(&[1, 1, 1, 2, 3]) {
                self.middle_op();
            }
        }
        self.begin_insn(pc);
        self.end_op();
        self.builder.block.clone()
    }

    pub(super) fn begin_insn(&mut self, pc: Addr) -> Addr {
        let len = self.rng.pick(&[2, 4]);
        self.builder.insn(pc, len);
        self.temps = Default::default();
        self.wrote = false;
        self.builder.next_pc()
    }

    pub(super) fn middle_op(&mut self) {
        let code = self.rng.pick(&self.middle);
        if self.wrote && (may_restart(code) || is_arithmetic(code)) {
            return;
        }
        let mut op = self.fields(code);
        if is(code, Effects::FAULTS) {
            self.address(&mut op);
        }
        self.operands(&mut op);
        self.unbox(&mut op);
        self.destination(&mut op);
        // A later operation of the instruction that raises flags and restarts would let it read its own flags.
        self.wrote |= op.dst.is_guest() || changes_state(code) || code == Code::ReadFlags;
        if code == Code::WriteRound {
            self.three_bits(&mut op);
        }
        self.builder.push(op);
        if let (Code::WriteRound, Some(dst)) = (code, self.config.round) {
            self.builder.push(Op { dst, a: op.a, imm: op.imm, ..Op::new(Code::Mov) });
        }
    }

    /// Rounding modes have three bits.
    fn three_bits(&mut self, op: &mut Op) {
        op.imm &= 7;
        if op.a != Var::IMM {
            let mode = self.builder.temp();
            self.builder.alu_imm(Code::And, Width::W64, mode, op.a, 7);
            op.a = mode;
        }
    }

    fn end_op(&mut self) {
        let code = self.rng.pick(&self.ends);
        let mut op = self.fields(code);
        if limits(code).imm == Imm::Any {
            op.imm = (self.rng.next() >> 20) as i64 & !1;
        }
        if code == Code::Branch && self.rng.chance(20) {
            op.imm = self.builder.block.pc as i64;
        }
        let goes_on = matches!(code, Code::Branch | Code::Syscall);
        op.ext = if goes_on { self.builder.next_pc() } else { 0 };
        self.operands(&mut op);
        self.destination(&mut op);
        self.builder.push(op);
    }

    /// The fields that are not operands, drawn from the limits.
    fn fields(&mut self, code: Code) -> Op {
        let l = limits(code);
        let mut op = Op::new(code);
        if l.narrow {
            op.width = self.rng.pick(&Width::ALL);
        }
        op.mem = self.rng.pick(l.mems);
        op.aux = self.rng.below(l.aux as u64 + 1) as u8;
        if matches!(code, Code::Branch | Code::SetCond | Code::Select) {
            op.cond = self.rng.pick(&Cond::ALL);
        }
        if is_arithmetic(code) {
            op.fmt = self.rng.pick(&[Fmt::F32, Fmt::F64]);
            op.round = if self.rng.chance(60) { Round::Dyn } else { self.rng.pick(&Round::ALL) };
        }
        op.imm = self.immediate(&l);
        self.special(&mut op);
        op
    }

    /// Fields about which the limits say too little.
    fn special(&mut self, op: &mut Op) {
        match op.code {
            Code::CallPure | Code::CallFlags => op.imm = self.rng.below(self.config.helpers) as i64,
            Code::ScoreAdd | Code::ScoreStore => op.ext = self.rng.below(self.config.scores) * 8,
            Code::Exit => op.aux %= Stop::ALL.len() as u8,
            Code::Unbox => op.fmt = Fmt::F32,
            _ => {}
        }
    }

    fn immediate(&mut self, l: &Limits) -> i64 {
        match &l.imm {
            Imm::Any => integer(&mut self.rng) as i64,
            Imm::Disp => bits::sext(self.rng.next(), 12) as i64,
            Imm::In(range) => range.start() + self.rng.below((range.end() - range.start()) as u64 + 1) as i64,
            Imm::PowerOfTwo(range) => range.start() << self.rng.below((range.end() / range.start()).ilog2() as u64 + 1),
        }
    }

    /// F32 operands are boxed, as `Unbox` leaves them.
    fn unbox(&mut self, op: &mut Op) {
        if op.fmt != Fmt::F32 || !is_arithmetic(op.code) || op.code == Code::Unbox {
            return;
        }
        let i = op.code.info();
        for (class, var) in [(i.a, &mut op.a), (i.b, &mut op.b), (i.c, &mut op.c)] {
            if class == Class::Float {
                let dst = self.builder.temp();
                self.builder.push(Op { fmt: Fmt::F32, dst, a: *var, ..Op::new(Code::Unbox) });
                *var = dst;
            }
        }
    }

    /// Makes operand `a` a temporary that holds an address, usually one at which the access succeeds.
    fn address(&mut self, op: &mut Op) {
        let disp = if limits(op.code).imm == Imm::Disp { op.imm } else { 0 };
        op.a = self.builder.temp();
        if self.rng.chance(self.config.faults) {
            let wild = self.wild_address().wrapping_sub(disp as u64);
            self.builder.mov_imm(op.a, wild as i64);
        } else {
            let align = if limits(op.code).imm == Imm::Disp { 1 } else { op.mem.bytes() as i64 };
            let from = self.operand(Class::Int);
            self.builder.alu_imm(Code::And, Width::W64, op.a, from, 0xfff & -align);
            let base = self.config.window.start as i64 + 2048 - if align == 1 { 0 } else { 1024 };
            self.builder.alu_imm(Code::Add, Width::W64, op.a, op.a, base);
        }
        self.temps[0].push(op.a);
    }

    /// An address at an edge of the window or of the writable part, in a guard page, or nowhere.
    fn wild_address(&mut self) -> Addr {
        let edge = self.rng.below(16);
        let (start, end) = (self.config.window.start, self.config.window.end);
        match self.rng.below(6) {
            0 => start.wrapping_sub(edge),
            1 => end.wrapping_sub(edge),
            2 => self.config.writable.wrapping_sub(edge),
            3 => self.config.writable + self.rng.below(64),
            4 => end + self.rng.below(64),
            _ => 1 << 63 | self.rng.next() >> 2,
        }
    }

    /// Chooses the operands that are not chosen yet.
    fn operands(&mut self, op: &mut Op) {
        let i = op.code.info();
        for (class, n) in [(i.a, 0), (i.b, 1), (i.c, 2), (i.d, 3)] {
            let var = [op.a, op.b, op.c, op.d][n];
            if class == Class::No || var != Var::IMM {
                continue;
            }
            let chosen = if op.code == Code::CasPair { self.pair() } else { self.operand(class) };
            *[&mut op.a, &mut op.b, &mut op.c, &mut op.d][n] = chosen;
            if class == Class::IntImm {
                op.imm = if chosen == Var::IMM { integer(&mut self.rng) as i64 } else { 0 };
            }
        }
        if is(op.code, Effects::CALLS) && op.code != Code::Syscall && self.rng.chance(30) {
            op.c = Var::IMM;
            op.ext = self.rng.next();
        }
    }

    fn operand(&mut self, class: Class) -> Var {
        if matches!(class, Class::IntImm | Class::IntOpt) && self.rng.chance(40) {
            return Var::IMM;
        }
        let temps = &self.temps[(class == Class::Float) as usize];
        if !temps.is_empty() && self.rng.chance(60) {
            return self.rng.pick(temps);
        }
        match class {
            Class::Float => self.rng.pick(&self.config.floats),
            _ if self.rng.chance(5) => Var::ZERO,
            _ => self.rng.pick(&self.config.ints),
        }
    }

    /// The first of a pair of integer variables, or zero.
    fn pair(&mut self) -> Var {
        let ints = &self.config.ints;
        let paired = |v: &Var| *v == Var::ZERO || ints.contains(&Var(v.0 + 1));
        let pairs: Vec<Var> = ints.iter().copied().filter(paired).collect();
        self.rng.pick(&pairs)
    }

    fn destination(&mut self, op: &mut Op) {
        let class = op.code.info().dst;
        if class == Class::No {
            return;
        }
        if op.code == Code::CasPair {
            op.dst = if self.rng.chance(20) { Var::IMM } else { self.pair() };
            return;
        }
        let float = class == Class::Float;
        let temp = self.rng.chance(20);
        op.dst = match (temp, float) {
            (true, _) => self.builder.temp(),
            (_, true) => self.rng.pick(&self.config.floats),
            _ => self.rng.pick(&self.config.ints),
        };
        if temp {
            self.temps[float as usize].push(op.dst);
        }
    }
}
