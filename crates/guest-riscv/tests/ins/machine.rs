//! Lifts the words of a line into a block, evaluates it, and compares the states.

use super::parse::{Line, Place};
use guest::{Flow, Guest};
use guest_riscv::{Exts, Riscv, helpers, vars};
use ir::eval::{self, Env, HelperFn, Outcome, State, Window};
use ir::{Block, Builder};

const PC: u64 = 0x10000;
const MEMORY: u64 = 0x4000_0000;
const MEMORY_BYTES: usize = 4096;
const WRITABLE: u64 = 3072;

/// Registers, memory and how a block ended.
struct World {
    state: State,
    memory: Window,
    pc: u64,
}

pub struct Machine {
    cpu: Riscv,
}

impl Machine {
    pub fn new() -> Machine {
        Machine { cpu: Riscv::new(Exts::MAX) }
    }

    /// Whether the line is true; else what is not.
    pub fn check(&self, line: &Line) -> Result<(), String> {
        let before = World::before(line);
        let block = self.lift(line, &before)?;
        let mut after = World { state: before.state.clone(), memory: before.memory.clone(), pc: before.pc };
        let outcome = evaluate(&block, &mut after);
        let mut expected = before;
        expected.pc = end(line, expected.pc);
        line.after.iter().for_each(|&(place, value)| expected.put(place, value));
        how_it_ended(line, outcome, expected.pc)?;
        expected.compare(&after)
    }

    fn lift(&self, line: &Line, before: &World) -> Result<Block, String> {
        let mut b = Builder::default();
        b.start(before.pc, before.state.get(vars::FRM) as u32);
        let mut flow = Flow::Next;
        let mut pc = before.pc;
        for &(raw, len) in &line.words {
            let insn = self.cpu.decode(raw).ok_or("is no instruction")?;
            if insn.len as u32 != len || flow == Flow::Ends {
                return Err("wrong length, or behind the end of the block".into());
            }
            b.insn(pc, len);
            flow = self.cpu.lift(&insn, &mut b);
            pc += len as u64;
        }
        if flow == Flow::Next {
            b.jump(pc);
        }
        ir::verify::verify(&b.block).map_err(|e| e.to_string())?;
        Ok(b.block)
    }
}

/// The pc behind the words.
fn end(line: &Line, pc: u64) -> u64 {
    line.words.iter().fold(pc, |pc, &(_, len)| pc + len as u64)
}

fn evaluate(block: &Block, world: &mut World) -> Outcome {
    let call = |h: &'static guest::Helper| {
        move |a, b, c| {
            let guest::Pair(value, flags) = (h.function)(a, b, c);
            (value, flags)
        }
    };
    let functions: Vec<_> = helpers::HELPERS.iter().map(call).collect();
    let functions: Vec<HelperFn> = functions.iter().map(|f| f as HelperFn).collect();
    let mut env =
        Env { memory: &mut world.memory, helpers: &functions, answer: &eval::no_answer, time: 0x7133, cycles: 0xc1c1 };
    eval::run(block, &mut world.state, &mut env)
}

fn how_it_ended(line: &Line, outcome: Outcome, pc: u64) -> Result<(), String> {
    let fault = line.after.iter().find(|(place, _)| *place == Place::Fault).map(|&(_, addr)| addr);
    let (ended, at) = match outcome {
        Outcome::Next(at) => (None, at),
        Outcome::Stop { stop, pc } => (Some(format!("{stop:?}").to_lowercase()), pc),
        Outcome::Fault { pc: _, fault: f } if fault == Some(f.addr) => return Ok(()),
        Outcome::Fault { pc, fault } => return Err(format!("{fault:x?} at {pc:#x}")),
    };
    if fault.is_some() || ended != line.stop || at != pc {
        return Err(format!("ended with {ended:?} at {at:#x}, not {:?} at {pc:#x}, fault {fault:x?}", line.stop));
    }
    Ok(())
}

impl World {
    /// Registers hold something that no line expects by accident; then come the line's values.
    fn before(line: &Line) -> World {
        let mut state = State::new(0);
        for n in 1..64 {
            state.vars[n] = 0x7a5a_0000_0000_0000 | (n as u64 * 0x0101_0101);
        }
        let mut memory = Window::new(MEMORY, MEMORY_BYTES);
        memory.writable = WRITABLE;
        let mut world = World { state, memory, pc: PC };
        line.before.iter().for_each(|&(place, value)| world.put(place, value));
        world.state.round = (world.state.get(vars::FRM) & 7).min(4) as u8 % 4;
        world
    }

    fn put(&mut self, place: Place, value: u64) {
        match place {
            Place::X(n) => self.state.vars[n as usize] = if n == 0 { 0 } else { value },
            Place::F(n) => self.state.vars[32 + n as usize] = value,
            Place::Frm => self.state.set(vars::FRM, value),
            Place::Fflags => self.state.flags = value as u8,
            Place::Pc => self.pc = value,
            Place::Mem(addr, bytes) => {
                let at = (addr - MEMORY) as usize;
                self.memory.bytes[at..at + bytes as usize].copy_from_slice(&value.to_le_bytes()[..bytes as usize]);
            }
            Place::Fault => {}
        }
    }

    /// `self` is what is expected. Temporaries, the reservation and the host's rounding mode do not count.
    fn compare(&self, is: &World) -> Result<(), String> {
        for n in 0..=vars::FRM.0 as usize {
            let (want, is) = (self.state.vars[n], is.state.vars[n]);
            if want != is {
                let name = if n < 32 { format!("x{n}") } else { format!("f{}", n - 32) };
                return Err(format!("{name} (variable {n}) is {is:#x}, not {want:#x}"));
            }
        }
        if self.state.flags != is.state.flags {
            return Err(format!("fflags are {:#x}, not {:#x}", is.state.flags, self.state.flags));
        }
        match self.memory.bytes.iter().zip(&is.memory.bytes).position(|(a, b)| a != b) {
            Some(at) => Err(format!("memory differs at {:#x}", MEMORY + at as u64)),
            None => Ok(()),
        }
    }
}
