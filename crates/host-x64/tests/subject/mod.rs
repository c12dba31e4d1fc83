//! Executes a block both ways and compares.

pub mod watch;

use crate::number_guest::{self, Insns, NumberGuest, ROUND};
use engine::{Access, Engine, Exit, Fault, FaultKind, Options, Vcpu};
use guest::Guest;
use host_x64::{Features, X64};
use ir::eval::{self, Env, HelperFn, Outcome, State, Window};
use ir::random::{Config, Generator, Rng};
use ir::{Block, Code, Var};
use memory::{AddressSpace, MapRequest, Prot, Role, guarded};
use std::sync::{Arc, Mutex};

const CODE: u64 = 0x4123_4000;
const CODE_LEN: u64 = 1 << 20;
/// In the middle of nothing.
const WINDOW: u64 = 0x5000_0000;
const WINDOW_LEN: u64 = 0x4000;
const WRITABLE: u64 = 0x3000;
/// Numbers of instructions that fit into a word.
const NUMBERS: usize = 1 << 15;
/// States that each block is executed from.
const STATES: usize = 4;

pub struct Subject {
    features: Features,
    insns: Insns,
    engine: Arc<Engine>,
    vcpu: Vcpu,
    /// Where the next block goes.
    pc: u64,
    /// Who watches it.
    watch: Option<Arc<watch::Watch>>,
}

fn map(memory: &AddressSpace, addr: u64, len: u64, prot: u32, role: Role) {
    let flags = 0x22 | 0x10; // private, anonymous, fixed
    let request = MapRequest { addr, len, prot: Prot::from_bits(prot), flags, fd: -1, offset: 0, role };
    memory.map(&request).expect("memory for the test");
}

/// Answers half of all system calls.
extern "C" fn answer(a: u64, b: u64, c: u64) -> guest::Pair {
    guest::Pair(a.wrapping_mul(3) ^ b.wrapping_mul(5) ^ c, (a ^ b >> 1 ^ c >> 2) & 1)
}

fn engine(features: Features, insns: &Insns) -> Arc<Engine> {
    let guest: Arc<dyn Guest> = Arc::new(NumberGuest::new(insns.clone()));
    let helpers = guest.helpers().iter().map(|h| h.function as usize as u64).collect();
    let host = X64::new(features, guest.hot_ints(), guest.hot_floats(), helpers);
    let memory = Arc::new(AddressSpace::new());
    // System calls are answered in place there.
    map(&memory, CODE, CODE_LEN, 7, Role::Vdso);
    map(&memory, WINDOW, WINDOW_LEN, 3, Role::Plain);
    memory.protect(WINDOW + WRITABLE, WINDOW_LEN - WRITABLE, 1).expect("part of the window is read-only");
    let options = Options { code_len: 16 << 20, answer: Some(answer), ..Options::default() };
    Engine::new(guest, Arc::new(host), memory, options).expect("an engine")
}

/// Names the block if anything panics.
struct Note<'a>(u64, &'a Block);

impl Drop for Note<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("block seed {}\n{}", self.0, self.1);
        }
    }
}

/// What both ways must agree on.
#[derive(Debug, PartialEq)]
struct Result {
    end: End,
    vars: Vec<u64>,
    flags: u8,
    memory: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// Went on at this pc, or stopped there.
    At(u64),
    Fault {
        pc: u64,
        addr: u64,
        write: bool,
        misaligned: bool,
    },
}

impl Subject {
    pub fn new(features: Features) -> Subject {
        let insns: Insns = Arc::new(Mutex::new(vec![Vec::new()]));
        let engine = engine(features, &insns);
        let vcpu = engine.new_vcpu();
        Subject { features, insns, engine, vcpu, pc: CODE, watch: None }
    }

    /// With random probes in all blocks.
    pub fn watched(features: Features) -> Subject {
        let mut subject = Subject::new(features);
        subject.watch = Some(watch::Watch::new(&subject.engine, &subject.vcpu));
        subject
    }

    /// Generates a block from its seed and executes it; gives the number of operations executed.
    ///
    /// # Panics
    /// On a difference.
    pub fn block(&mut self, seed: u64) -> u64 {
        const ROOM: u64 = 512;
        if self.pc + ROOM > CODE + CODE_LEN {
            self.start_anew(CODE);
        }
        // Probes are for one block, and a page's end would make it two.
        if self.watch.is_some() && self.pc % bits::PAGE > bits::PAGE - ROOM {
            self.pc = bits::page_up(self.pc);
        }
        let mut generator = Generator::new(seed, config(&mut Rng::new(seed)));
        let block = generator.block(self.pc, 12);
        let _note = Note(seed, &block);
        self.put(&block);
        for n in 0..STATES {
            let mut state = generator.state();
            state.vars[ROUND.0 as usize] = state.round as u64;
            let memory: Vec<u8> = (0..WINDOW_LEN / 8).flat_map(|_| small(&mut generator.rng).to_le_bytes()).collect();
            self.watch.iter().for_each(|w| w.begin(seed, block.pc));
            let Some(expected) = evaluated(&block, state.clone(), &memory, self.watch.as_deref()) else { continue };
            // A jump into this or an earlier block goes on there, which the evaluator does not.
            let code = CODE..block.pc + block.bytes as u64;
            if matches!(expected.end, End::At(pc) if code.contains(&pc)) {
                continue;
            }
            let told = self.watch.as_ref().map(|w| w.expect());
            let got = self.executed(&block, &state, &memory);
            if expected != got {
                report(seed, n, &state, &expected, &got);
            }
            if let Some((watch, told)) = self.watch.as_ref().zip(told) {
                watch.compare(&told);
            }
        }
        // What follows the block stays a breakpoint: it may have been translated as one.
        self.pc += block.bytes as u64 + 2;
        (block.ops.len() * STATES) as u64
    }

    /// Forgets all blocks; the next one, which is position-dependent, comes to `pc`.
    fn start_anew(&mut self, pc: u64) {
        *self = if self.watch.is_some() { Self::watched(self.features) } else { Self::new(self.features) };
        self.pc = pc;
    }

    /// Puts a block's instructions into memory and their operations into the guest's list, which may be full.
    fn put(&mut self, block: &Block) {
        if self.insns.lock().unwrap().len() + block.insns as usize > NUMBERS {
            self.start_anew(block.pc);
        }
        let mut at = block.pc;
        let mut insns = self.insns.lock().unwrap();
        for ops in block.ops.chunk_by(|_, next| next.code != Code::Insn) {
            guarded::write(at, &number_guest::encode(insns.len(), ops[0].aux)).expect("code memory");
            insns.push(ops[1..].to_vec());
            at += ops[0].aux as u64;
        }
    }

    fn executed(&mut self, block: &Block, state: &State, memory: &[u8]) -> Result {
        guarded::write(WINDOW, &memory[..WRITABLE as usize]).expect("the window is writable");
        self.read_only_part(&memory[WRITABLE as usize..]);
        let v = &mut self.vcpu;
        (1..Var::GUEST_END).for_each(|n| v.set(Var(n), state.vars[n as usize]));
        v.set_fp_round(state.round as u64);
        v.set_fp_flags(state.flags as u64);
        if state.flags & 1 != 0 {
            v.watch_flags_soon();
        }
        v.clear_reservation();
        v.set_pc(block.pc);
        let exit = self.engine.run(v);
        let mut memory = vec![0; WINDOW_LEN as usize];
        guarded::read(WINDOW, &mut memory).expect("the window is readable");
        let vars = (0..Var::GUEST_END).map(|n| self.vcpu.get(Var(n))).collect();
        Result { end: end(exit, self.vcpu.pc()), vars, flags: self.vcpu.fp_flags() as u8, memory }
    }

    fn read_only_part(&self, bytes: &[u8]) {
        let (at, len) = (WINDOW + WRITABLE, WINDOW_LEN - WRITABLE);
        let memory = self.engine.memory();
        memory.protect(at, len, 3).expect("the window can be made writable");
        guarded::write(at, bytes).expect("the window is writable");
        memory.protect(at, len, 1).expect("the window can be made read-only");
    }
}

/// Rounds that a block which jumps to itself may take.
const ROUNDS: usize = 100;

/// Values that compare-and-swap may find.
fn small(rng: &mut Rng) -> u64 {
    if rng.chance(50) { ir::random::integer(rng) } else { rng.next() }
}

/// A few variables of those that have a home in a host register and of those that have none.
fn config(rng: &mut Rng) -> Config {
    let pick = |rng: &mut Rng, first: u16| -> Vec<Var> {
        let start = rng.below(24) as u16;
        let count = 2 + rng.below(7) as u16;
        (start..start + count).map(|n| Var(first + n)).collect()
    };
    Config {
        ints: pick(rng, 1),
        floats: pick(rng, 32),
        window: WINDOW..WINDOW + WINDOW_LEN,
        writable: WINDOW + WRITABLE,
        helpers: 2,
        scores: 0,
        faults: 3,
        clocks: false,
        round: Some(ROUND),
        codes: Code::ALL.to_vec(),
    }
}

fn end(exit: Exit, pc: u64) -> End {
    match exit {
        // A fetch that faults shows where the block went; so does the breakpoint that unused code memory holds.
        Exit::Fault(Fault { access: Access::Fetch, .. }) | Exit::Breakpoint | Exit::Syscall | Exit::Illegal => {
            End::At(pc)
        }
        Exit::Fault(f) => End::Fault {
            pc,
            addr: f.addr,
            write: f.access == Access::Write || f.kind == FaultKind::Misaligned,
            misaligned: f.kind == FaultKind::Misaligned,
        },
        Exit::Interrupted => panic!("nobody interrupts"),
    }
}

/// What the evaluator makes of the block; `None` if it is a loop that does not end soon.
fn evaluated(block: &Block, mut state: State, memory: &[u8], watch: Option<&watch::Watch>) -> Option<Result> {
    let mut window = Window { base: WINDOW, bytes: memory.to_vec(), writable: WRITABLE };
    let functions: Vec<_> = NumberGuest::new(Insns::default())
        .helpers()
        .iter()
        .map(|h| {
            move |a, b, c| {
                let r = (h.function)(a, b, c);
                (r.0, r.1)
            }
        })
        .collect();
    let helpers: Vec<HelperFn> = functions.iter().map(|f| f as HelperFn).collect();
    let answered = |a, b, c| {
        let r = answer(a, b, c);
        (r.0, r.1)
    };
    let answer: HelperFn = if watch.is_some() { &eval::no_answer } else { &answered };
    let mut env = Env { memory: &mut window, helpers: &helpers, answer, time: 0, cycles: 0 };
    let mut run = |state: &mut State| match watch {
        None => eval::run(block, state, &mut env),
        Some(watch) => watch.run(block, state, &mut env),
    };
    let mut outcome = run(&mut state);
    for _ in 0..ROUNDS {
        if !matches!(outcome, Outcome::Next(pc) if pc & !1 == block.pc) {
            break;
        }
        outcome = run(&mut state);
    }
    let end = match outcome {
        Outcome::Next(pc) if pc & !1 == block.pc => return None,
        Outcome::Next(pc) => End::At(pc & !1),
        Outcome::Stop { pc, .. } => End::At(pc),
        Outcome::Fault { pc, fault } => {
            // Nobody can tell a misaligned load from a misaligned store.
            End::Fault { pc, addr: fault.addr, write: fault.write || fault.misaligned, misaligned: fault.misaligned }
        }
    };
    state.vars.truncate(Var::GUEST_END as usize);
    Some(Result { end, vars: state.vars, flags: state.flags, memory: window.bytes })
}

fn report(seed: u64, n: usize, before: &State, expected: &Result, got: &Result) -> ! {
    let mut text = format!("block seed {seed}, state {n}\nflags {:#x} round {}\n", before.flags, before.round);
    for v in 1..Var::GUEST_END as usize {
        let (old, a, b) = (before.vars[v], expected.vars[v], got.vars[v]);
        let mark = if a == b { ' ' } else { '!' };
        if old != 0 || a != b {
            text += &format!("{mark} v{v}: before {old:#018x} expected {a:#018x} got {b:#018x}\n");
        }
    }
    for at in (0..expected.memory.len()).filter(|at| expected.memory[*at] != got.memory[*at]).take(16) {
        text +=
            &format!("! [{:#x}]: expected {:#x} got {:#x}\n", WINDOW + at as u64, expected.memory[at], got.memory[at]);
    }
    text += &format!("flags expected {:#x} got {:#x}\n", expected.flags, got.flags);
    text += &format!("end expected {:x?} got {:x?}\n", expected.end, got.end);
    panic!("{text}");
}
