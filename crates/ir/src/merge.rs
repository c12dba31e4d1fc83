//! Merging of counters: adds to one cell become one add (architecture, section 6).
//!
//! Between two operations that let somebody look (a callback, a condition), only the sum counts, so it is added where
//! the first add stood. What a fault in the middle has counted too much or too little, [`miscount`] tells.

use crate::{Block, Cell, Code, Op, Var};

/// Whether an observer sees cells at this operation.
fn shows(op: &Op) -> bool {
    matches!(op.code, Code::Callback | Code::MemCallback)
}

fn is_add(op: &Op) -> bool {
    op.code == Code::ScoreAdd && op.a == Var::IMM && op.aux == 0
}

/// An add, or a draw, into which [`crate::allowance`] turns adds after they were merged: its cell and what it adds.
fn counts(op: &Op) -> Option<(u64, u64)> {
    match op.code {
        Code::ScoreDraw if op.a == Var::IMM => Some((op.ext, (op.imm as u64).wrapping_neg())),
        _ => is_add(op).then_some((op.ext, op.imm as u64)),
    }
}

/// Merges the adds of a block.
pub fn merge(block: &mut Block) {
    let mut out: Vec<Op> = Vec::with_capacity(block.ops.len());
    // Adds of this stretch: cell and where its add stands.
    let mut open: Vec<(u64, usize)> = Vec::new();
    for op in block.ops.drain(..) {
        if shows(&op) {
            open.clear();
        }
        if op.code == Code::ScoreStore || op.code == Code::ScoreAdd && !is_add(&op) {
            open.retain(|(cell, _)| *cell != op.ext);
        }
        if !is_add(&op) {
            out.push(op);
            continue;
        }
        match open.iter().find(|(cell, _)| *cell == op.ext) {
            Some((_, at)) => out[*at].imm = out[*at].imm.wrapping_add(op.imm),
            None => {
                open.push((op.ext, out.len()));
                out.push(op);
            }
        }
    }
    block.ops = out;
}

/// Takes the adds to those cells that may be kept by the block out of it: what one execution adds to each. Empty, and
/// the block is as it was, if it calls somebody who could look at cells in its middle.
pub fn defer(block: &mut Block, may: impl Fn(Cell) -> bool) -> Vec<(Cell, u64)> {
    if block.calls.iter().any(|c| !c.callee.leaf) {
        return Vec::new();
    }
    let mut adds: Vec<(Cell, u64)> = Vec::new();
    block.ops.retain(|op| {
        let cell = Cell::from_ext(op.ext);
        if !is_add(op) || !may(cell) {
            return true;
        }
        match adds.iter_mut().find(|(c, _)| *c == cell) {
            Some((_, sum)) => *sum = sum.wrapping_add(op.imm as u64),
            None => adds.push((cell, op.imm as u64)),
        }
        false
    });
    adds
}

/// How far the cells are from the truth when the merged operations before `at`, which is no add, have been carried out
/// and the guest is there: what has to be added to each. `plain` are the operations before the merge, `deferred` what the
/// block's own count stands for.
pub fn miscount(plain: &[Op], merged: &[Op], deferred: &[(Cell, u64)], at: usize) -> Vec<(Cell, u64)> {
    // Merging moves adds only, so the same number of other operations stands before the point in both.
    let others = merged[..at].iter().filter(|o| counts(o).is_none()).count();
    let mut seen = 0;
    let before = plain.iter().take_while(|o| {
        seen += usize::from(counts(o).is_none());
        seen <= others
    });
    let mut due: Vec<(u64, u64)> = Vec::new();
    let mut count = |cell: u64, n: u64| match due.iter_mut().find(|(c, _)| *c == cell) {
        Some((_, sum)) => *sum = sum.wrapping_add(n),
        None => due.push((cell, n)),
    };
    before.filter_map(counts).for_each(|(cell, n)| count(cell, n));
    merged[..at].iter().filter_map(counts).for_each(|(cell, n)| count(cell, n.wrapping_neg()));
    deferred.iter().for_each(|(cell, n)| count(cell.ext(), n.wrapping_neg()));
    due.into_iter().filter(|(_, n)| *n != 0).map(|(cell, n)| (Cell::from_ext(cell), n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(cell: u32, n: i64) -> Op {
        Op { imm: n, ext: Cell::own(cell).ext(), ..Op::new(Code::ScoreAdd) }
    }

    fn merged(ops: &[Op]) -> Vec<Op> {
        let mut b = Block { ops: ops.to_vec(), ..Block::default() };
        merge(&mut b);
        b.ops
    }

    #[test]
    fn adds_meet_at_the_first() {
        let load = Op::new(Code::Load);
        assert_eq!(merged(&[add(0, 1), load, add(8, 2), add(0, 3)]), [add(0, 4), load, add(8, 2)]);
    }

    #[test]
    fn callbacks_and_stores_part_them() {
        let (call, store) = (Op::new(Code::Callback), Op { ext: 0, ..Op::new(Code::ScoreStore) });
        assert_eq!(merged(&[add(0, 1), call, add(0, 1)]), [add(0, 1), call, add(0, 1)]);
        assert_eq!(merged(&[add(0, 1), store, add(0, 1)]), [add(0, 1), store, add(0, 1)]);
    }

    #[test]
    fn deferred_adds_are_counted_whole_and_corrected() {
        let load = Op::new(Code::Load);
        let plain = vec![add(0, 1), load, add(0, 1), add(8, 5), load];
        let mut b = Block { ops: plain.clone(), ..Block::default() };
        let adds = defer(&mut b, |c| c == Cell::own(0));
        assert_eq!(adds, [(Cell::own(0), 2)]);
        assert_eq!(b.ops, [load, add(8, 5), load]);
        assert_eq!(miscount(&plain, &b.ops, &adds, 0), [(Cell::own(0), 1u64.wrapping_neg())]);
        assert_eq!(miscount(&plain, &b.ops, &adds, 2), []);
    }

    #[test]
    fn a_fault_in_the_middle_is_known() {
        let load = Op::new(Code::Load);
        let plain = [add(0, 1), load, add(0, 1), load, add(0, 1), add(8, 1)];
        let m = merged(&plain);
        assert_eq!(m, [add(0, 3), load, load, add(8, 1)]);
        let minus = |n: u64| n.wrapping_neg();
        // At the first load, one add is due and three were made.
        assert_eq!(miscount(&plain, &m, &[], 1), [(Cell::own(0), minus(2))]);
        assert_eq!(miscount(&plain, &m, &[], 2), [(Cell::own(0), minus(1))]);
    }
}
