//! Loads, stores and atomics.

use super::{Env, Fault, Reservation, State, Step};
use crate::{Code, Op, Var};
use bits::{Addr, Mem};

/// Boxes a float of fewer than 64 bits: all upper bits set.
pub fn boxed(mem: Mem, raw: u64) -> u64 {
    match mem.bytes() {
        8 => raw,
        n => raw | u64::MAX << (n * 8),
    }
}

fn aligned(addr: Addr, bytes: u32, write: bool) -> Result<(), Fault> {
    if addr.is_multiple_of(bytes as u64) { Ok(()) } else { Err(Fault { addr, write, misaligned: true }) }
}

/// The second variable of a pair.
fn second(var: Var) -> Var {
    Var(var.0 + 1)
}

/// The address and operand of a memory operation.
struct Access<'s, 'e, 'm> {
    op: &'s Op,
    addr: Addr,
    state: &'s mut State,
    env: &'e mut Env<'m>,
}

impl Access<'_, '_, '_> {
    fn bytes(&self) -> u32 {
        self.op.mem.bytes()
    }

    fn read(&mut self) -> Result<u64, Fault> {
        self.env.memory.load(self.addr, self.bytes())
    }

    fn write(&mut self, value: u64) -> Result<(), Fault> {
        self.env.memory.store(self.addr, self.bytes(), value)
    }

    fn load(&mut self) -> Result<(), Fault> {
        let raw = self.read()?;
        self.state.set(self.op.dst, self.op.mem.extend(raw));
        Ok(())
    }

    fn load_float(&mut self) -> Result<(), Fault> {
        let raw = self.read()?;
        self.state.set(self.op.dst, boxed(self.op.mem, raw));
        Ok(())
    }

    fn store(&mut self) -> Result<(), Fault> {
        self.write(self.state.get(self.op.b))
    }

    fn load_reserved(&mut self) -> Result<(), Fault> {
        aligned(self.addr, self.bytes(), false)?;
        self.load()?;
        self.state.reservation = Some(Reservation { addr: self.addr, value: self.state.get(self.op.dst) });
        Ok(())
    }

    fn store_conditional(&mut self) -> Result<(), Fault> {
        aligned(self.addr, self.bytes(), true)?;
        self.env.memory.check_store(self.addr, self.bytes())?;
        let old = self.op.mem.extend(self.read()?);
        let reserved = self.state.reservation.take();
        let stores = reserved.is_some_and(|r| r.addr == self.addr && self.op.mem.extend(r.value) == old);
        if stores {
            self.store()?;
        }
        self.state.set(self.op.dst, !stores as u64);
        Ok(())
    }

    fn modify(&mut self) -> Result<(), Fault> {
        if self.op.ext == 0 {
            aligned(self.addr, self.bytes(), true)?;
        }
        self.env.memory.check_store(self.addr, self.bytes())?;
        let mem = self.op.mem;
        let old = mem.extend(self.read()?);
        let operand = mem.extend(self.state.get(self.op.b));
        self.write(self.op.rmw().apply(old, operand))?;
        self.state.set(self.op.dst, old);
        Ok(())
    }

    /// Needs write permission even where it does not store, like every read-modify-write.
    fn compare_and_swap(&mut self) -> Result<(), Fault> {
        aligned(self.addr, self.bytes(), true)?;
        self.env.memory.check_store(self.addr, self.bytes())?;
        let mem = self.op.mem;
        let old = mem.extend(self.read()?);
        if old == mem.extend(self.state.get(self.op.b)) {
            self.write(self.state.get(self.op.c))?;
        }
        self.state.set(self.op.dst, old);
        Ok(())
    }

    /// The values of the pair of variables that begins with `var`.
    fn pair(&self, var: Var) -> [u64; 2] {
        if var == Var::ZERO { [0, 0] } else { [self.state.get(var), self.state.get(second(var))] }
    }

    fn compare_and_swap_pair(&mut self) -> Result<(), Fault> {
        let halves = [self.addr, self.addr.wrapping_add(8)];
        aligned(self.addr, 16, true)?;
        self.env.memory.check_store(self.addr, 16)?;
        let old = [self.env.memory.load(halves[0], 8)?, self.env.memory.load(halves[1], 8)?];
        if old == self.pair(self.op.b) {
            let new = self.pair(self.op.c);
            self.env.memory.store(halves[0], 8, new[0])?;
            self.env.memory.store(halves[1], 8, new[1])?;
        }
        if self.op.dst != Var::IMM {
            self.state.set(self.op.dst, old[0]);
            self.state.set(second(self.op.dst), old[1]);
        }
        Ok(())
    }

    fn zero_block(&mut self) -> Result<(), Fault> {
        let size = self.op.imm as u64;
        let start = self.state.get(self.op.a) & !(size - 1);
        self.env.memory.check_store(start, size as u32)?;
        (0..size).try_for_each(|i| self.env.memory.store(start + i, 1, 0))
    }
}

pub fn step(op: &Op, state: &mut State, env: &mut Env) -> Option<Result<Step, Fault>> {
    if !op.code.info().effects.has(crate::Effects::FAULTS) {
        return None;
    }
    let addr = state.get(op.a).wrapping_add(op.imm as u64);
    let mut access = Access { op, addr, state, env };
    let done = match op.code {
        Code::Load => access.load(),
        Code::LoadF => access.load_float(),
        Code::Store | Code::StoreF => access.store(),
        Code::LoadRes => access.load_reserved(),
        Code::StoreCond => access.store_conditional(),
        Code::Amo => access.modify(),
        Code::Cas => access.compare_and_swap(),
        Code::CasPair => access.compare_and_swap_pair(),
        Code::ZeroBlock => access.zero_block(),
        _ => return None,
    };
    Some(done.map(|()| Step::On))
}
