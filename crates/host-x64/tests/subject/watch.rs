//! Random probes, and what they should tell: worked out instruction by instruction, without weaving, merging or
//! generated code.

use engine::instrument::{Accesses, Action, BlockView, Probe, Site};
use engine::{Board, Engine, Instrument, Seat, Vcpu};
use ir::eval::{self, Env, Outcome, State, Step};
use ir::random::Rng;
use ir::{Block, Call, Cell, Code, Compare, Op, Registers, Var, When};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A cell, as the probes name it and by number.
#[derive(Clone, Copy)]
struct Place {
    board: Board,
    offset: usize,
    cell: Cell,
}

/// What one callback was told: its data, pc, the registers and, of an access, all about that.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    data: u64,
    pc: u64,
    vars: u64,
    access: Option<[u64; 4]>,
}

/// All that callbacks and cells tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    events: Vec<Event>,
    cells: Vec<u64>,
    leaf: u64,
    own: u64,
}

pub struct Watch {
    engine: Arc<Engine>,
    places: Vec<Place>,
    seed: AtomicU64,
    /// The block that has probes.
    pc: AtomicU64,
    /// What the evaluation says.
    expected: Mutex<Told>,
}

static SEAT: Mutex<Option<Seat>> = Mutex::new(None);
static EVENTS: Mutex<Vec<Event>> = Mutex::new(Vec::new());
static LEAF: AtomicU64 = AtomicU64::new(0);
/// A counter that is no vCPU's.
static OWN: AtomicU64 = AtomicU64::new(0);

fn own_cell() -> Cell {
    Cell::at(&raw const OWN as u64)
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}

/// The variable that a writing callback changes, and its new value.
fn change(data: u64) -> (Var, u64) {
    (Var(1 + (data >> 8 & 31) as u16), data.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

const WRITES: u64 = 1;
/// Bytes of the board whose cell is only added to, and of that whose cells have allowances.
const FREE: usize = 8;
const LIMITED: usize = 40;
/// The limit of those.
const LIMIT: u64 = 300_000;

fn hash(vars: impl Iterator<Item = u64>) -> u64 {
    vars.fold(0xcbf2_9ce4_8422_2325, |h, v| (h ^ v).wrapping_mul(0x100_0000_01b3).rotate_left(17))
}

fn tell(data: u64, access: Option<[u64; 4]>) {
    let seat = lock(&SEAT);
    let seat = seat.as_ref().expect("a seat");
    let vars = hash((1..Var::GUEST_END).map(|n| seat.get(Var(n))).chain([seat.fp_flags()]));
    lock(&EVENTS).push(Event { data, pc: seat.pc(), vars, access });
    if data & WRITES != 0 {
        let (var, value) = change(data);
        seat.set(var, value);
    }
}

extern "C" fn on_exec(_: u32, data: u64) {
    tell(data, None);
}

/// The size, sign and kind of an access: what the interface tells of its description.
const TOLD: u32 = !(0x3f << 9);

extern "C" fn on_access(_: u32, info: u32, addr: u64, data: u64) {
    let value = lock(&SEAT).as_ref().expect("a seat").access_value();
    let masked = mask(value, info >> 4 & 7);
    tell(data, Some([(info & TOLD).into(), addr, masked[0], masked[1]]));
}

fn mask([low, high]: [u64; 2], size_log2: u32) -> [u64; 2] {
    match size_log2 {
        4 => [low, high],
        3 => [low, 0],
        n => [low & ((1 << (8 << n)) - 1), 0],
    }
}

extern "C" fn leaf_exec(_: u32, data: u64) {
    LEAF.fetch_add(data, Ordering::Relaxed);
}

extern "C" fn leaf_access(_: u32, info: u32, addr: u64, data: u64) {
    LEAF.fetch_add(leaf_sum(info & TOLD, addr, data), Ordering::Relaxed);
}

fn leaf_sum(info: u32, addr: u64, data: u64) -> u64 {
    addr.wrapping_mul(3).wrapping_add(data).wrapping_add(info as u64)
}

impl Watch {
    pub fn new(engine: &Arc<Engine>, vcpu: &Vcpu) -> Arc<Watch> {
        let mut places = Vec::new();
        for (size, array) in [(8, false), (24, false), (16, true), (5000, false), (32, false), (LIMITED, false)] {
            let board = engine.new_board(size);
            if array {
                engine.element(board, 0, None);
            }
            // Blocks may keep the cells of the first board; the others have their values in place.
            if size != FREE && size != LIMITED {
                engine.exact_cell(board, 0, None);
            }
            for offset in (0..size).step_by((size - 8).max(8)) {
                if size == LIMITED {
                    engine.condition_cell(board, offset, (Compare::Ge, LIMIT), None);
                }
                places.push(Place { board, offset, cell: engine.cell(board, offset) });
            }
        }
        *lock(&SEAT) = Some(vcpu.seat());
        let watch = Watch {
            engine: engine.clone(),
            places,
            seed: AtomicU64::new(0),
            pc: AtomicU64::new(0),
            expected: Mutex::default(),
        };
        let watch = Arc::new(watch);
        engine.set_instrument(watch.clone());
        watch
    }

    /// Notes what holds before a block with this seed runs.
    pub fn begin(&self, seed: u64, pc: u64) {
        self.pc.store(pc, Ordering::SeqCst);
        self.seed.store(seed, Ordering::SeqCst);
        lock(&EVENTS).clear();
        if seed.is_multiple_of(4) {
            self.limited().iter().for_each(|p| self.set(p, seed % LIMIT));
        }
        *lock(&self.expected) = self.now();
    }

    fn limited(&self) -> &[Place] {
        &self.places[self.places.len() - 2..]
    }

    /// Sets a cell as an observer does.
    fn set(&self, p: &Place, value: u64) {
        let seat = lock(&SEAT);
        let word = value.wrapping_sub(self.engine.due(p.board, p.offset, 0, seat.as_ref()));
        let memory = std::fs::File::options().write(true).open("/proc/self/mem").expect("our own memory");
        let at = self.engine.peek_element(p.board, 0).expect("bound boards") + p.offset;
        memory.write_all_at(&word.to_le_bytes(), at as u64).expect("the cell is mapped");
        self.engine.written(p.board, p.offset, 0, seat.as_ref());
    }

    fn now(&self) -> Told {
        let memory = std::fs::File::open("/proc/self/mem").expect("our own memory");
        let read = |p: &Place| {
            let mut word = [0; 8];
            let at = self.engine.peek_element(p.board, 0).expect("bound boards") + p.offset;
            memory.read_exact_at(&mut word, at as u64).expect("the cell is mapped");
            u64::from_le_bytes(word).wrapping_add(self.engine.due(p.board, p.offset, 0, None))
        };
        Told {
            events: lock(&EVENTS).clone(),
            cells: self.places.iter().map(read).collect(),
            leaf: LEAF.load(Ordering::Relaxed),
            own: OWN.load(Ordering::Relaxed),
        }
    }

    /// What the evaluation since `begin` says.
    pub fn expect(&self) -> Told {
        lock(&EVENTS).clear();
        lock(&self.expected).clone()
    }

    pub fn compare(&self, told: &Told) {
        let now = self.now();
        for (n, (e, g)) in told.events.iter().zip(&now.events).enumerate() {
            assert_eq!(e, g, "event {n}");
        }
        assert_eq!(told.events.len(), now.events.len(), "number of events");
        assert_eq!(told.cells, now.cells, "cells");
        assert_eq!(told.leaf, now.leaf, "leaves");
        assert_eq!(told.own, now.own, "a counter of the observer's own");
    }

    /// The probes of a block with this seed.
    fn probes(&self, insns: u32) -> Vec<Probe> {
        let mut rng = Rng::new(self.seed.load(Ordering::SeqCst) ^ 0x5eed);
        let mut probes = Vec::new();
        for _ in 0..rng.below(3 + 3 * insns as u64) {
            let n = rng.below(insns as u64) as u32;
            let site = match rng.below(5) {
                0 => Site::Block,
                1 | 2 => Site::Insn(n),
                w => Site::Access(n, Accesses { reads: w == 3 || rng.chance(50), writes: w == 4 || rng.chance(50) }),
            };
            probes.push(Probe { site, action: self.action(&mut rng, matches!(site, Site::Access(..))) });
        }
        probes
    }

    fn action(&self, rng: &mut Rng, access: bool) -> Action {
        let kind = rng.below(7);
        let cell =
            if kind < 3 { self.places[rng.below(self.places.len() as u64) as usize].cell } else { self.exact(rng) };
        let value = if rng.chance(70) { rng.below(4) } else { rng.next() };
        match kind {
            0..3 if self.limited().iter().any(|p| p.cell == cell) => Action::Add(cell, 1 + value % LIMIT),
            0..3 => Action::Add(cell, value),
            3 => Action::Store(cell, value),
            6 => Action::Add(own_cell(), value),
            kind => Action::Call(self.call(rng, access, kind == 4)),
        }
    }

    /// A cell that has its value in place.
    fn exact(&self, rng: &mut Rng) -> Cell {
        let places = &self.places[1..self.places.len() - 2];
        places[rng.below(places.len() as u64) as usize].cell
    }

    fn call(&self, rng: &mut Rng, access: bool, leaf: bool) -> Call {
        let function = match (access, leaf) {
            (false, false) => on_exec as *const () as u64,
            (true, false) => on_access as *const () as u64,
            (false, true) => leaf_exec as *const () as u64,
            (true, true) => leaf_access as *const () as u64,
        };
        let registers = [Registers::None, Registers::Read, Registers::Write][rng.below(3) as usize];
        let writes = !leaf && registers == Registers::Write && rng.chance(50);
        let data = rng.next() & !WRITES | if writes { WRITES } else { 0 };
        let compare = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];
        let when = (!access && rng.chance(40)).then(|| {
            let value = if rng.chance(80) { rng.below(6) } else { rng.next() };
            if rng.chance(30) {
                When::new(self.limited()[rng.below(2) as usize].cell, Compare::Ge, LIMIT)
            } else {
                When::new(self.exact(rng), compare[rng.below(6) as usize], value)
            }
        });
        // What is known of these functions is found out as of any plugin's.
        let callee = if leaf { self.inspect(function) } else { Default::default() };
        Call { function, data, registers, when, callee, tag: 1 }
    }

    fn inspect(&self, function: u64) -> ir::Callee {
        let mut code = [0; 256];
        let memory = std::fs::File::open("/proc/self/mem").expect("our own memory");
        memory.read_exact_at(&mut code, function).expect("code of our own");
        self.engine.inspect(function, &code)
    }

    /// Evaluates a block with its probes.
    pub fn run(&self, block: &Block, state: &mut State, env: &mut Env) -> Outcome {
        let probes = self.probes(block.insns);
        let insns: Vec<&[Op]> = block.ops.chunk_by(|_, next| next.code != Code::Insn).collect();
        for (n, ops) in insns.into_iter().enumerate() {
            let pc = ops[0].imm as u64;
            let here = |s: &Site| matches!(s, Site::Insn(i) if *i as usize == n);
            if n == 0 {
                self.all(&probes, |s| *s == Site::Block, pc, None, state);
            }
            self.all(&probes, here, pc, None, state);
            for op in &ops[1..] {
                let seen = Seen::before(op, state, env);
                match eval::step(op, state, env) {
                    Ok(Step::On) => {}
                    Ok(Step::End(outcome)) => return outcome,
                    Err(fault) => return Outcome::Fault { pc, fault },
                }
                let made = seen.map_or_else(Vec::new, |s| s.accesses(op, state, env));
                for (write, access) in made {
                    let wanted = |s: &Site| match s {
                        Site::Access(i, which) => *i as usize == n && if write { which.writes } else { which.reads },
                        _ => false,
                    };
                    self.all(&probes, wanted, pc, Some(access), state);
                }
            }
        }
        unreachable!("a block has an end")
    }

    fn all(
        &self,
        probes: &[Probe],
        wanted: impl Fn(&Site) -> bool,
        pc: u64,
        access: Option<[u64; 4]>,
        state: &mut State,
    ) {
        probes.iter().filter(|p| wanted(&p.site)).for_each(|p| self.one(&p.action, pc, access, state));
    }

    fn one(&self, action: &Action, pc: u64, access: Option<[u64; 4]>, state: &mut State) {
        let mut told = lock(&self.expected);
        let at = |cell: Cell| self.places.iter().position(|p| p.cell == cell).expect("a cell of ours");
        match *action {
            Action::Add(cell, n) if cell == own_cell() => told.own = told.own.wrapping_add(n),
            Action::Add(cell, n) => told.cells[at(cell)] = told.cells[at(cell)].wrapping_add(n),
            Action::Store(cell, n) => told.cells[at(cell)] = n,
            Action::Call(call) => {
                if call.when.is_some_and(|w| !w.compare.holds(told.cells[at(w.cell)], w.value)) {
                    return;
                }
                if call.callee.leaf {
                    let sum = match access {
                        None => call.data,
                        Some([info, addr, ..]) => leaf_sum(info as u32, addr, call.data),
                    };
                    told.leaf = told.leaf.wrapping_add(sum);
                    return;
                }
                let vars = hash((1..Var::GUEST_END).map(|n| state.get(Var(n))).chain([state.flags as u64]));
                told.events.push(Event { data: call.data, pc, vars, access });
                if call.data & WRITES != 0 {
                    let (var, value) = change(call.data);
                    state.set(var, value);
                }
            }
        }
    }
}

/// What memory and registers held before a memory operation.
struct Seen {
    addr: u64,
    old: [u64; 2],
    reserved: u64,
}

fn memory_at(addr: u64, bytes: u32, env: &mut Env) -> [u64; 2] {
    let mut load = |at: u64, n| env.memory.load(at, n).unwrap_or(0);
    if bytes == 16 { [load(addr, 8), load(addr + 8, 8)] } else { [load(addr, bytes), 0] }
}

fn bytes(op: &Op) -> u32 {
    if op.code == Code::CasPair { 16 } else { op.mem.bytes() }
}

impl Seen {
    fn before(op: &Op, state: &State, env: &mut Env) -> Option<Seen> {
        use Code::*;
        if !matches!(op.code, Load | Store | LoadF | StoreF | LoadRes | StoreCond | Amo | Cas | CasPair) {
            return None;
        }
        let addr = state.get(op.a).wrapping_add(op.imm as u64);
        let reserved = state.reservation.map_or(0, |r| r.value);
        Some(Seen { addr, old: memory_at(addr, bytes(op), env), reserved })
    }

    /// The accesses that were made: whether one wrote, and its description, address and value.
    fn accesses(self, op: &Op, state: &State, env: &mut Env) -> Vec<(bool, [u64; 4])> {
        use Code::*;
        let log2 = bytes(op).ilog2() as u64;
        let signed = if op.mem.signed() && !matches!(op.code, StoreCond | Cas) { 1 << 7 } else { 0 };
        let new = memory_at(self.addr, bytes(op), env);
        let masked = |v| mask(v, log2 as u32);
        let one = |write: bool, v: [u64; 2]| {
            let [low, high] = masked(v);
            let kind = if write { 1 << 17 } else { 1 << 16 | signed };
            (write, [log2 << 4 | kind, self.addr, low, high])
        };
        match op.code {
            Load | LoadF | LoadRes => vec![one(false, self.old)],
            Store | StoreF => vec![one(true, new)],
            StoreCond if state.get(op.dst) != 0 => Vec::new(),
            StoreCond => vec![one(false, [self.reserved, 0]), one(true, new)],
            _ => vec![one(false, self.old), one(true, new)],
        }
    }
}

impl Instrument for Watch {
    fn block(&self, _: &mut Vcpu, block: &BlockView, probes: &mut Vec<Probe>) {
        if block.pc == self.pc.load(Ordering::SeqCst) {
            probes.extend(self.probes(block.insns.len() as u32));
        }
    }
}
