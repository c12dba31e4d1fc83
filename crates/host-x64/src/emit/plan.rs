//! What of a block need not be done, found before it is emitted (block-local, linear).
//!
//! A value that is overwritten before anybody can see it need not reach its slot (*lazy*), and if nobody reads it
//! either, it need not be computed at all (*skipped*). Everything but plain integer arithmetic counts as somebody who
//! sees all guest variables, so exactness at faults and before observers costs no more records.
//!
//! Guests without rotates spell them as two shifts and an `or`; that `or` becomes the rotate, which leaves the shifts to
//! be skipped.

use ir::{Block, Class, Code, Op, Var, Width};

/// Operations that a plan has room for; larger blocks are emitted as they stand.
const ROOM: usize = 512;
/// Variables that are followed: bits of a word.
const FOLLOWED: u16 = 64;
/// How far apart the parts of a rotate may be.
const REACH: usize = 40;

/// A set of operations.
#[derive(Default)]
struct Marks([u64; ROOM / 64]);

impl Marks {
    #[inline]
    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 != 0)
    }

    fn set(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }
}

/// The plan for a block.
#[derive(Default)]
pub struct Plan {
    /// Operations that are not emitted.
    skipped: Marks,
    /// Operations whose results may stay in a scratch register.
    lazy: Marks,
    /// Operations that are emitted as others, by ascending index.
    instead: Vec<(usize, Op)>,
}

impl Plan {
    pub fn of(block: &Block) -> Plan {
        let mut plan = Plan::default();
        if block.ops.len() <= ROOM {
            if may_rotate(&block.ops) {
                plan.find_rotates(&block.ops);
            }
            plan.find_unseen(&block.ops);
        }
        plan
    }

    /// Whether operation `at` is not emitted.
    #[inline]
    pub fn skips(&self, at: usize) -> bool {
        self.skipped.has(at)
    }

    /// Whether the result of operation `at` may stay in a scratch register.
    #[inline]
    pub fn is_lazy(&self, at: usize) -> bool {
        self.lazy.has(at)
    }

    /// What to emit in place of operation `at`.
    #[inline]
    pub fn instead(&self, at: usize) -> Option<Op> {
        if self.instead.is_empty() {
            return None;
        }
        let i = self.instead.binary_search_by_key(&at, |(i, _)| *i).ok()?;
        Some(self.instead[i].1)
    }

    fn find_rotates(&mut self, ops: &[Op]) {
        let mut defs = Defs([0; FOLLOWED as usize]);
        for (i, op) in ops.iter().enumerate() {
            if let Some(rotate) = self.rotate(ops, &defs, i, op) {
                self.instead.push((i, rotate));
            }
            defs.note(i, op);
        }
    }

    /// The rotate that operation `k` completes. One of its shifts may overwrite the source; it is skipped then.
    fn rotate(&mut self, ops: &[Op], defs: &Defs, k: usize, op: &Op) -> Option<Op> {
        if !matches!(op.code, Code::Or | Code::Xor | Code::Add) || op.width == Width::W32Z || op.a == op.b {
            return None;
        }
        let (i, j) = (defs.of(op.a)?, defs.of(op.b)?);
        let (first, last) = (i.min(j), i.max(j));
        let (left, right) = if ops[i].code == Code::Shl { (&ops[i], &ops[j]) } else { (&ops[j], &ops[i]) };
        let shifts = left.code == Code::Shl && right.code == Code::Shr && left.b == Var::IMM && right.b == Var::IMM;
        let width = left.width;
        let fits = width == right.width && width != Width::W32Z && (width == op.width || width == Width::W32S);
        let bits = width.bits() as i64;
        let counts = (1..bits).contains(&left.imm) && right.imm == bits - left.imm;
        let source = left.a;
        if !shifts || !fits || !counts || source != right.a || source == Var::ZERO || k - first > REACH {
            return None;
        }
        let sets = |o: &Op| o.code.info().dst != Class::No && o.dst == source;
        if ops[first..last].iter().any(sets) {
            return None;
        }
        if sets(&ops[last]) {
            let between = &ops[last + 1..k];
            if op.dst != source || between.iter().any(|o| !is_plain(o.code) || reads(o) & bit(source) != 0) {
                return None;
            }
            self.skipped.set(last);
        } else if defs.of(source).is_some_and(|d| d > last) {
            return None;
        }
        Some(Op { code: Code::Rotr, width, dst: op.dst, a: source, imm: right.imm, ..Op::new(Code::Rotr) })
    }

    /// From the end to the start: which variables are read, and which seen, before they are overwritten.
    fn find_unseen(&mut self, ops: &[Op]) {
        let mut wanted = Wanted::ALL;
        let rotates = !self.instead.is_empty();
        for (i, op) in (0..ops.len()).rev().map(|i| (i, &ops[i])) {
            // Marks, which are many, neither read nor write.
            if op.code == Code::Insn || rotates && self.skipped.has(i) {
                continue;
            }
            match self.instead(i) {
                None => self.look_back(&mut wanted, i, op),
                Some(instead) => self.look_back(&mut wanted, i, &instead),
            }
        }
    }

    /// What is wanted before operation `i`, of what is wanted behind it.
    #[inline(always)]
    fn look_back(&mut self, wanted: &mut Wanted, i: usize, op: &Op) {
        let plain = is_plain(op.code);
        if plain || op.code == Code::Load {
            let dst = bit(op.dst);
            if plain && dst & !wanted.live != 0 && op.code.info().dst == Class::Int {
                return self.skipped.set(i);
            }
            if dst & !wanted.seen != 0 {
                self.lazy.set(i);
            }
            wanted.live &= !dst;
            wanted.seen &= !dst;
        }
        if plain {
            wanted.live |= reads(op);
        } else {
            *wanted = Wanted::ALL;
        }
    }
}

/// Variables that are read, and that can be seen, before they are overwritten.
struct Wanted {
    live: u64,
    seen: u64,
}

impl Wanted {
    const ALL: Wanted = Wanted { live: u64::MAX, seen: u64::MAX };
}

/// Whether there are shifts of both directions, as a rotate needs.
fn may_rotate(ops: &[Op]) -> bool {
    let (mut left, mut right) = (false, false);
    for op in ops {
        left |= op.code == Code::Shl;
        right |= op.code == Code::Shr;
    }
    left && right
}

/// Which operation set each variable last: its index and one.
struct Defs([u16; FOLLOWED as usize]);

impl Defs {
    fn of(&self, v: Var) -> Option<usize> {
        let def = *self.0.get(v.0 as usize)?;
        (def as usize).checked_sub(1)
    }

    fn note(&mut self, i: usize, op: &Op) {
        let known = is_plain(op.code) || matches!(op.code, Code::Load | Code::Store);
        if !known || i >= u16::MAX as usize {
            self.0 = [0; FOLLOWED as usize];
        } else if op.dst.0 < FOLLOWED {
            self.0[op.dst.0 as usize] = i as u16 + 1;
        }
    }
}

/// The bit of a variable that is followed, or none.
#[inline(always)]
fn bit(v: Var) -> u64 {
    u64::from(v.0 < FOLLOWED) << (v.0 % FOLLOWED)
}

#[inline(always)]
fn reads(op: &Op) -> u64 {
    bit(op.a) | bit(op.b) | bit(op.c) | bit(op.d)
}

/// Integer arithmetic that the host does inline, marks, and counters: nothing that could see a variable it does not
/// name, stop, or lead out of the block.
#[inline(always)]
pub fn is_plain(code: Code) -> bool {
    PLAIN >> code as u8 & 1 != 0
}

/// The codes of which [`is_plain`] holds, a bit each.
const PLAIN: u128 = {
    let arithmetic = (2 << Code::Select as u8) - (1 << Code::Mov as u8);
    let called = 1 << Code::Brev8 as u8 | 1 << Code::Clmul as u8 | 1 << Code::ClmulH as u8;
    arithmetic & !called | 1 << Code::Insn as u8 | 1 << Code::ScoreAdd as u8
};

#[cfg(test)]
mod tests {
    use super::*;
    use bits::Mem;
    use ir::Builder;

    const X: [Var; 5] = [Var(0), Var(5), Var(6), Var(7), Var(8)];

    fn plan(body: impl FnOnce(&mut Builder)) -> Plan {
        let mut b = Builder::default();
        b.start(0x1000, 0);
        b.insn(0x1000, 4);
        body(&mut b);
        b.jump(0x2000);
        Plan::of(&b.block)
    }

    fn shifts(b: &mut Builder, width: Width, left: (Var, i64), right: (Var, i64), source: Var) {
        b.alu_imm(Code::Shr, width, right.0, source, right.1);
        b.alu_imm(Code::Shl, width, left.0, source, left.1);
    }

    #[test]
    fn two_shifts_and_an_or_are_a_rotate() {
        let p = plan(|b| {
            shifts(b, Width::W32S, (X[3], 26), (X[2], 6), X[1]);
            b.alu(Code::Or, Width::W64, X[2], X[3], X[2]);
            b.mov_imm(X[3], 0);
        });
        let rotate = p.instead(3).unwrap();
        assert_eq!((rotate.code, rotate.width, rotate.a, rotate.imm), (Code::Rotr, Width::W32S, X[1], 6));
        assert!(p.skips(1) && p.skips(2) && !p.skips(3));
    }

    #[test]
    fn the_second_shift_may_overwrite_the_source() {
        let p = plan(|b| {
            shifts(b, Width::W64, (X[1], 60), (X[2], 4), X[1]);
            b.alu(Code::Add, Width::W64, X[1], X[2], X[1]);
        });
        assert_eq!(p.instead(3).unwrap().a, X[1]);
        assert!(p.skips(2) && !p.skips(1), "nobody overwrites the first");
    }

    #[test]
    fn what_only_looks_like_a_rotate_is_none() {
        let none = |body: &dyn Fn(&mut Builder)| assert!(plan(|b| body(b)).instead(3).is_none());
        none(&|b| {
            shifts(b, Width::W32S, (X[3], 25), (X[2], i64::MAX), X[1]);
            b.alu(Code::Or, Width::W64, X[2], X[3], X[2]);
        });
        none(&|b| {
            shifts(b, Width::W32S, (X[3], 25), (X[2], 6), X[1]);
            b.alu(Code::Or, Width::W64, X[2], X[3], X[2]);
        });
        none(&|b| {
            shifts(b, Width::W64, (X[3], 26), (X[2], 6), X[1]);
            b.alu(Code::Or, Width::W64, X[2], X[3], X[2]);
        });
        // The first overwrites the source.
        none(&|b| {
            shifts(b, Width::W32S, (X[3], 26), (X[1], 6), X[1]);
            b.alu(Code::Or, Width::W64, X[2], X[3], X[1]);
        });
        // The source is read between.
        let p = plan(|b| {
            shifts(b, Width::W64, (X[1], 60), (X[2], 4), X[1]);
            b.store(Mem::U64, X[4], X[1], 0);
            b.alu(Code::Or, Width::W64, X[1], X[2], X[1]);
        });
        assert!(p.instead(4).is_none());
        // The source changes after both.
        let p = plan(|b| {
            shifts(b, Width::W64, (X[3], 60), (X[2], 4), X[1]);
            b.mov_imm(X[1], 0);
            b.alu(Code::Or, Width::W64, X[2], X[2], X[3]);
        });
        assert!(p.instead(4).is_none());
    }

    #[test]
    fn what_a_fault_could_show_is_kept() {
        let p = plan(|b| {
            b.mov_imm(X[1], 1);
            b.load(Mem::U64, X[2], X[3], 0);
            b.alu_imm(Code::Add, Width::W64, X[1], X[2], 2);
            b.alu_imm(Code::Add, Width::W64, X[1], X[1], 3);
        });
        assert!(!p.skips(1) && !p.is_lazy(1), "the load shows it");
        assert!(p.is_lazy(3) && !p.skips(3), "only the next operation wants it");
        assert!(!p.is_lazy(4), "the end shows it");
        let p = plan(|b| {
            b.mov_imm(X[1], 1);
            b.mov_imm(X[1], 2);
        });
        assert!(p.skips(1) && !p.skips(2));
    }
}
