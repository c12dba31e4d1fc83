//! Blocks that jump to themselves: the tightest loops there are.
//!
//! A variable without a pin that such a loop carries from round to round would go through memory once a round, and the
//! store-to-load latency would bound the loop. So up to two of them are loaded into scratch registers before the loop
//! and found there at every round. Slots are still written at once, so exact state costs nothing new.

use super::Emitter;
use ir::{Class, Code, Op, Var};

impl Emitter<'_> {
    /// Emits what stands before the loop, if the block is one.
    pub fn start_loop(&mut self) {
        let own = |o: &Op| matches!(o.code, Code::Branch | Code::Jump) && o.imm as u64 == self.block.pc;
        if self.block.ops.last().is_some_and(own) {
            self.hold(self.carried());
        }
        self.loop_start = self.a.here();
    }

    /// The unpinned integer variables that are read most before the block has written them.
    fn carried(&self) -> [Option<Var>; 2] {
        let mut reads: Vec<(Var, u32)> = Vec::new();
        let mut written: Vec<Var> = Vec::new();
        for op in &self.block.ops {
            let i = op.code.info();
            for (class, v) in [(i.a, op.a), (i.b, op.b), (i.c, op.c), (i.d, op.d)] {
                let int = matches!(class, Class::Int | Class::IntImm);
                if !int || !v.is_guest() || self.pins.int(v).is_some() {
                    continue;
                }
                match reads.iter_mut().find(|(r, _)| *r == v) {
                    Some((_, n)) => *n += 1,
                    None if written.contains(&v) => {}
                    None => reads.push((v, 1)),
                }
            }
            if i.dst == Class::Int {
                written.push(op.dst);
            }
        }
        // A variable that the loop changes bounds it more than one that it only reads.
        reads.sort_by_key(|(v, n)| (!written.contains(v), std::cmp::Reverse(*n)));
        [reads.first().map(|(v, _)| *v), reads.get(1).map(|(v, _)| *v)]
    }
}
