//! Runs a random program with the reference evaluator: decode, lift, evaluate, one instruction at a time.

use super::elf::Image;
use guest::Guest;
use guest_riscv::{Riscv, ext::Exts, vars};
use ir::eval::{Env, Fault, HelperFn, Memory, Outcome, State, no_answer, run_ops};
use ir::{Builder, Stop};

/// The program's memory.
struct Segments {
    parts: [(u64, Vec<u8>, bool); 2],
}

impl Segments {
    fn bytes(&mut self, addr: u64, len: u32, write: bool) -> Result<&mut [u8], Fault> {
        let fault = Fault { addr, write, misaligned: false };
        for (base, bytes, writable) in &mut self.parts {
            let at = addr.wrapping_sub(*base) as usize;
            if at < bytes.len() && (*writable || !write) {
                return bytes.get_mut(at..at + len as usize).ok_or(fault);
            }
        }
        Err(fault)
    }
}

impl Memory for Segments {
    fn load(&mut self, addr: u64, len: u32) -> Result<u64, Fault> {
        let bytes = self.bytes(addr, len, false)?;
        Ok(bytes.iter().rev().fold(0, |v, b| v << 8 | *b as u64))
    }

    fn store(&mut self, addr: u64, len: u32, value: u64) -> Result<(), Fault> {
        self.bytes(addr, len, true)?.copy_from_slice(&value.to_le_bytes()[..len as usize]);
        Ok(())
    }

    fn check_store(&mut self, addr: u64, len: u32) -> Result<(), Fault> {
        self.bytes(addr, len, true).map(|_| ())
    }
}

/// What the program writes, or why it could not go on.
pub fn output(image: &Image) -> Result<Vec<u8>, String> {
    let cpu = Riscv::new(Exts::MAX);
    let helpers = cpu.helpers();
    let functions: Vec<_> = helpers
        .iter()
        .map(|h| {
            move |a, b, c| {
                let pair = (h.function)(a, b, c);
                (pair.0, pair.1)
            }
        })
        .collect();
    let functions: Vec<HelperFn> = functions.iter().map(|f| f as HelperFn).collect();
    let text = (image.text.addr, image.text.bytes.clone(), false);
    let mut memory = Segments { parts: [text, (image.data.addr, image.data.bytes.clone(), true)] };
    let mut run = Run {
        cpu: &cpu,
        functions: &functions,
        state: State::new(0),
        builder: Builder::default(),
        written: Vec::new(),
    };
    let mut pc = image.text.addr;
    while let Some(next) = run.insn(pc, &mut memory)? {
        pc = next;
    }
    Ok(run.written)
}

struct Run<'a> {
    cpu: &'a Riscv,
    functions: &'a [HelperFn<'a>],
    state: State,
    builder: Builder,
    written: Vec<u8>,
}

impl Run<'_> {
    /// Executes the instruction at `pc`; gives the next pc unless the program is done.
    fn insn(&mut self, pc: u64, memory: &mut Segments) -> Result<Option<u64>, String> {
        let raw = memory.load(pc, 4).or_else(|_| memory.load(pc, 2)).map_err(|_| format!("fetch at {pc:#x}"))? as u32;
        let insn = self.cpu.decode(raw).ok_or_else(|| format!("{raw:#x} at {pc:#x} is no instruction"))?;
        let mode = self.state.get(vars::FRM) as u32;
        self.builder.start(pc, mode);
        self.builder.insn(pc, insn.len as u32);
        self.cpu.lift(&insn, &mut self.builder);
        let mut env = Env { memory, helpers: self.functions, answer: &no_answer, time: 0, cycles: 0 };
        match run_ops(&self.builder.block.ops, pc, &mut self.state, &mut env) {
            None => Ok(Some(self.builder.next_pc())),
            Some(Outcome::Next(pc)) => Ok(Some(pc)),
            Some(Outcome::Stop { stop: Stop::Syscall, .. }) => self.syscall(memory).map(|go| go.then(|| pc + 4)),
            Some(Outcome::Stop { stop: Stop::Mode | Stop::FenceCode | Stop::Yield, pc }) => Ok(Some(pc)),
            Some(other) => Err(format!("{other:x?} at {pc:#x}: {:?}", self.builder.block.ops)),
        }
    }

    /// `write` or `exit`; false after the latter.
    fn syscall(&mut self, memory: &mut Segments) -> Result<bool, String> {
        let [a1, a2, a7] = [11, 12, 17].map(|n| self.state.get(vars::x(n)));
        if a7 == 64 {
            let bytes = memory.bytes(a1, a2 as u32, false).map_err(|f| format!("{f:x?}"))?;
            self.written.extend_from_slice(bytes);
        }
        Ok(a7 == 64)
    }
}
