//! Allowances: counters under a condition without a chain through memory (architecture, section 6).
//!
//! Where every block adds to one counter and then compares it, each waits for the store of the one before. If the
//! condition is that the counter has reached a limit, what is left up to the limit can be dealt out to several cells
//! instead. Blocks *draw* from different ones: subtract, and look at the sign. As long as no cell is negative the limit is
//! not reached; when one is, the host *settles*: it sums up what was drawn, deals out anew, and knows whether the
//! condition holds. The counter's value is, at any time, what it was when it was settled plus what was drawn since.

use crate::{Block, Call, Cell, Code, Op, Var};

/// Counters, each with the allowance that a block draws from for it.
pub type Draws = Box<[(Cell, Cell)]>;

/// Whether a block may draw so much at once.
pub fn fits(n: u64) -> bool {
    (1..=0x7fff_ffff).contains(&n)
}

/// Turns adds to these counters, and the conditions on them, to allowances. All adds to them have to fit.
pub fn draw(block: &mut Block, draws: &[(Cell, Cell)]) {
    if !draws.is_empty() {
        draw_ops(&mut block.ops, draws);
        block.calls.iter_mut().for_each(|call| condition(call, draws));
    }
}

/// The same for operations alone.
pub fn draw_ops(ops: &mut [Op], draws: &[(Cell, Cell)]) {
    for op in ops.iter_mut().filter(|op| op.code == Code::ScoreAdd && op.aux == 0) {
        if let Some(allowance) = of(Cell::from_ext(op.ext), draws) {
            *op = Op { code: Code::ScoreDraw, ext: allowance.ext(), ..*op };
        }
    }
}

fn condition(call: &mut Call, draws: &[(Cell, Cell)]) {
    if let Some(when) = &mut call.when {
        when.allowance = of(when.cell, draws);
    }
}

fn of(counter: Cell, draws: &[(Cell, Cell)]) -> Option<Cell> {
    draws.iter().find(|(cell, _)| *cell == counter).map(|(_, allowance)| *allowance)
}

/// Whether operation `at` draws from the allowance under which the callback behind it is: the sign is looked at once.
pub fn draws_for_next(block: &Block, at: usize) -> bool {
    let (draw, Some(next)) = (&block.ops[at], block.ops.get(at + 1)) else { return false };
    let plain = |op: &Op, code| op.code == code && op.a == Var::IMM;
    if !plain(draw, Code::ScoreDraw) || !plain(next, Code::Callback) {
        return false;
    }
    let call = &block.calls[next.imm as usize];
    let same = call.when.and_then(|w| w.allowance) == Some(Cell::from_ext(draw.ext));
    same && !call.callee.empty && call.registers != crate::Registers::Write
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compare, Registers, When};

    #[test]
    fn adds_and_conditions_turn_to_allowances() {
        let (counter, other, allowance) = (Cell::own(8), Cell::own(16), Cell::own(64));
        let add = |cell: Cell, n| Op { imm: n, ext: cell.ext(), ..Op::new(Code::ScoreAdd) };
        let when = |cell| When::new(cell, Compare::Ge, 1000);
        let call = |cell| Call {
            function: 1,
            data: 0,
            registers: Registers::None,
            when: Some(when(cell)),
            callee: Default::default(),
            tag: 1,
        };
        let mut b = Block { ops: vec![add(counter, 3), Op::new(Code::Callback), add(other, 1)], ..Block::default() };
        b.calls = vec![call(counter), call(other)];
        assert!(!draws_for_next(&b, 0));
        draw(&mut b, &[(counter, allowance)]);
        assert_eq!(b.ops[0], Op { code: Code::ScoreDraw, ..add(allowance, 3) });
        assert_eq!(b.ops[2], add(other, 1));
        assert_eq!(b.calls[0].when, Some(When { allowance: Some(allowance), ..when(counter) }));
        assert_eq!(b.calls[1].when, Some(when(other)));
        assert!(draws_for_next(&b, 0));
    }
}
