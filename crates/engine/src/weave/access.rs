//! Probes of accesses (plugin contract, section 2.14): what is reported of each kind of memory operation.

use super::Weaver;
use crate::instrument::{AccessInfo, Action, Rules};
use ir::{Code, Cond, Effects, Op, Registers, Var};

/// How a memory operation is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A read, whose value is the destination.
    Read,
    /// A write of operand `b`.
    Write,
    /// A read, then a write.
    Rmw,
}

impl Access {
    /// `None` for operations that are not reported: `cbo.zero` is not.
    pub fn of(op: &Op) -> Option<Access> {
        let effects = op.code.info().effects;
        if op.code == Code::ZeroBlock {
            return None;
        }
        match (effects.has(Effects::READS), effects.has(Effects::WRITES)) {
            (true, true) => Some(Access::Rmw),
            (true, false) => Some(Access::Read),
            (false, true) => Some(Access::Write),
            (false, false) => None,
        }
    }
}

/// Variables with an access's value; the upper half of 16 bytes in the second.
type Value = (Var, Var);

impl Weaver<'_> {
    /// A memory operation with the probes behind it.
    pub fn access(&mut self, op: Op, access: Access) {
        let insn = self.insn;
        let wanted = |w: &crate::instrument::Accesses| match access {
            Access::Read => w.reads,
            Access::Write => w.writes,
            Access::Rmw => w.reads || w.writes,
        };
        let probes: Vec<_> =
            self.probes.of_accesses(insn).iter().filter(|(_, w, _)| wanted(w)).map(|(_, w, a)| (*w, **a)).collect();
        let called = probes.iter().any(|(_, a)| matches!(a, Action::Call(_)));
        if probes.is_empty() {
            return self.block.ops.push(op);
        }
        let seen = match access {
            _ if op.code == Code::StoreCond => self.store_conditional(op),
            _ if !called => self.uncalled(op),
            Access::Rmw if op.code == Code::CasPair => self.cas_pair(op),
            Access::Rmw => self.read_modify_write(op),
            Access::Read => self.read(op),
            Access::Write => self.write(op),
        };
        let changing = |a: &Action| matches!(a, Action::Call(c) if c.registers == Registers::Write);
        let seen = if probes.iter().any(|(_, a)| changing(a)) { self.keep_seen(seen) } else { seen };
        if access != Access::Write {
            // As recorded from the reference: a compare or a conditional store does not extend what it reads.
            let signed = op.mem.signed() && !matches!(op.code, Code::StoreCond | Code::Cas);
            probes.iter().filter(|(w, _)| w.reads).for_each(|(_, a)| self.report(a, &seen, seen.read, signed, false));
        }
        if access != Access::Read {
            probes.iter().filter(|(w, _)| w.writes).for_each(|(_, a)| self.report(a, &seen, seen.written, false, true));
        }
    }

    fn report(&mut self, action: &Action, seen: &Seen, (low, high): Value, signed: bool, store: bool) {
        let Action::Call(call) = action else { return self.act(action, seen.guard) };
        self.block.calls.push(*call);
        let info = AccessInfo::new(seen.size_log2, signed, store, Rules::of(&seen.op, self.threads));
        self.block.ops.push(Op {
            imm: self.block.calls.len() as i64 - 1,
            ext: info.0 as u64,
            a: seen.guard,
            b: seen.addr,
            c: low,
            d: high,
            ..Op::new(Code::MemCallback)
        });
    }

    /// Nobody asks for address or value.
    fn uncalled(&mut self, op: Op) -> Seen {
        self.block.ops.push(op);
        Seen::new(&op, Var::ZERO)
    }

    fn read(&mut self, op: Op) -> Seen {
        let (op, addr) = self.addressed(op);
        self.block.ops.push(op);
        let addr = self.address_behind(&op, addr);
        let value = self.raw(op.code == Code::LoadF, op.dst);
        Seen { read: (value, Var::IMM), ..Seen::new(&op, addr) }
    }

    fn write(&mut self, op: Op) -> Seen {
        self.block.ops.push(op);
        let addr = self.address_behind(&op, None);
        let value = self.raw(op.code == Code::StoreF, op.b);
        Seen { written: (value, Var::IMM), ..Seen::new(&op, addr) }
    }

    /// The bits of a variable of either class.
    fn raw(&mut self, float: bool, v: Var) -> Var {
        if !float {
            return v;
        }
        let dst = self.temp();
        self.block.ops.push(Op { dst, a: v, ..Op::new(Code::FBits) });
        dst
    }

    /// If the operation overwrites its own address, the address is computed before it, into a temporary.
    fn addressed(&mut self, op: Op) -> (Op, Option<Var>) {
        let overwritten = op.a != Var::ZERO && (op.dst == op.a || op.code == Code::CasPair && op.dst.0 + 1 == op.a.0);
        if !overwritten {
            return (op, None);
        }
        let addr = self.temp();
        self.add(addr, op.a, op.imm);
        (Op { a: addr, imm: 0, ..op }, Some(addr))
    }

    /// The address of an operation that stands there already.
    fn address_behind(&mut self, op: &Op, known: Option<Var>) -> Var {
        match known {
            Some(addr) => addr,
            None if op.imm == 0 => op.a,
            None => {
                let addr = self.temp();
                self.add(addr, op.a, op.imm);
                addr
            }
        }
    }

    fn add(&mut self, dst: Var, a: Var, imm: i64) {
        let op = if a == Var::ZERO {
            Op { dst, imm, ..Op::new(Code::Mov) }
        } else {
            Op { dst, a, imm, ..Op::new(Code::Add) }
        };
        self.block.ops.push(op);
    }

    /// Keeps a value that the operation may overwrite.
    fn keep(&mut self, a: Var) -> Var {
        let dst = self.temp();
        let op = if a == Var::ZERO { Op::new(Code::Mov) } else { Op { a, ..Op::new(Code::Mov) } };
        self.block.ops.push(Op { dst, ..op });
        dst
    }

    /// What later probes are told must not depend on what earlier ones do to registers.
    fn keep_seen(&mut self, seen: Seen) -> Seen {
        let mut keep = |v: Var| if v.is_guest() { self.keep(v) } else { v };
        let addr = keep(seen.addr);
        let [read, written] = [seen.read, seen.written].map(|(low, high)| (keep(low), keep(high)));
        Seen { addr, read, written, ..seen }
    }

    /// `Amo` and `Cas`: what memory held, and what it holds afterwards.
    fn read_modify_write(&mut self, op: Op) -> Seen {
        let (op, addr) = self.addressed(op);
        let b = self.keep(op.b);
        let c = if op.code == Code::Cas { self.keep(op.c) } else { Var::IMM };
        self.block.ops.push(op);
        let addr = self.address_behind(&op, addr);
        let written = self.temp();
        self.widen(op, b);
        if op.code == Code::Cas {
            self.select_equal(written, (op.dst, b), c, op.dst);
        } else {
            self.apply(op, written, b);
        }
        Seen { read: (op.dst, Var::IMM), written: (written, Var::IMM), ..Seen::new(&op, addr) }
    }

    /// Brings an operand into the form in which the operation's destination is.
    fn widen(&mut self, op: Op, v: Var) {
        if op.mem != bits::Mem::U64 {
            self.block.ops.push(Op { mem: op.mem, dst: v, a: v, ..Op::new(Code::Ext) });
        }
    }

    /// `dst = pair.0 == pair.1 ? c : d`
    fn select_equal(&mut self, dst: Var, pair: (Var, Var), c: Var, d: Var) {
        self.block.ops.push(Op { cond: Cond::Eq, dst, a: pair.0, b: pair.1, c, d, ..Op::new(Code::Select) });
    }

    /// The new value of an `Amo`, from the old one, which it has left in its destination, and the operand.
    fn apply(&mut self, op: Op, dst: Var, b: Var) {
        use ir::Rmw;
        let code = match op.rmw() {
            Rmw::Swap => return self.block.ops.push(Op { dst, a: b, ..Op::new(Code::Mov) }),
            Rmw::Add => Code::Add,
            Rmw::And => Code::And,
            Rmw::Or => Code::Or,
            Rmw::Xor => Code::Xor,
            Rmw::MinS => Code::MinS,
            Rmw::MaxS => Code::MaxS,
            Rmw::MinU => Code::MinU,
            Rmw::MaxU => Code::MaxU,
        };
        self.block.ops.push(Op { dst, a: op.dst, b, ..Op::new(code) });
    }

    /// Success is known afterwards only: nothing is reported of one that failed.
    fn store_conditional(&mut self, op: Op) -> Seen {
        let (addr, value) = (self.keep(op.a), self.keep(op.b));
        let old = self.temp();
        self.block.ops.push(Op { dst: old, ..Op::new(Code::ReadReserved) });
        let guard = self.temp();
        let dst = op.dst;
        self.block.ops.push(Op { dst: guard, a: addr, b: value, ..op });
        if dst != Var::IMM && dst != Var::ZERO {
            self.block.ops.push(Op { dst, a: guard, ..Op::new(Code::Mov) });
        }
        Seen { guard, read: (old, Var::IMM), written: (value, Var::IMM), ..Seen::new(&op, addr) }
    }

    /// The same as `Cas` in two halves.
    fn cas_pair(&mut self, op: Op) -> Seen {
        let addr = self.keep(op.a);
        let half = |v: Var, n: u16| if v == Var::ZERO { v } else { Var(v.0 + n) };
        let expected = [self.keep(half(op.b, 0)), self.keep(half(op.b, 1))];
        let new = [self.keep(half(op.c, 0)), self.keep(half(op.c, 1))];
        let old = (self.temp(), self.temp());
        self.block.ops.push(Op { dst: old.0, a: addr, imm: 0, ..op });
        for (n, from) in [(0, old.0), (1, old.1)] {
            if op.dst != Var::IMM && op.dst != Var::ZERO {
                self.block.ops.push(Op { dst: half(op.dst, n), a: from, ..Op::new(Code::Mov) });
            }
        }
        let (differs, other) = (self.temp(), self.temp());
        let xor = |dst, a, b| Op { dst, a, b, ..Op::new(Code::Xor) };
        self.block.ops.push(xor(differs, old.0, expected[0]));
        self.block.ops.push(xor(other, old.1, expected[1]));
        self.block.ops.push(Op { dst: differs, a: differs, b: other, ..Op::new(Code::Or) });
        let written = (self.temp(), self.temp());
        self.select_equal(written.0, (differs, Var::ZERO), new[0], old.0);
        self.select_equal(written.1, (differs, Var::ZERO), new[1], old.1);
        Seen { size_log2: 4, read: old, written, ..Seen::new(&op, addr) }
    }
}

/// What is known of an access once it has been made.
struct Seen {
    /// Zero if it was made, unless `Var::IMM`.
    guard: Var,
    addr: Var,
    size_log2: u32,
    op: Op,
    read: Value,
    written: Value,
}

impl Seen {
    fn new(op: &Op, addr: Var) -> Seen {
        let none = (Var::ZERO, Var::IMM);
        Seen { guard: Var::IMM, addr, size_log2: op.mem.bytes().ilog2(), op: *op, read: none, written: none }
    }
}
