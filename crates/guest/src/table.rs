//! From the bits of a word to its row: a table over a few telling bits leads to a short list of candidates.
//!
//! Which bits tell is the guest's choice (`key`); rows that leave some of them open stand in several lists. Rows
//! come in order of precedence: the first that fits wins. Building takes a few microseconds, a look-up a few
//! nanoseconds.

use crate::Shape;

/// A decoder.
pub struct Table {
    key: fn(u32) -> usize,
    /// Where the list of a key begins; it ends where the next one begins.
    starts: Box<[u16]>,
    /// Candidates, as indices of `rows`: many rows are on many lists, and a small table is built and brought in quickly.
    lists: Box<[u16]>,
    rows: Box<[(Shape, u16)]>,
}

impl Table {
    /// A table of `rows` (shape and number). `key` picks `bits` bits of a word; it must be a mere selection, as it is
    /// applied to masks too.
    pub fn new(key: fn(u32) -> usize, bits: u32, rows: impl Iterator<Item = (Shape, u16)>) -> Table {
        let rows: Box<[_]> = rows.collect();
        let mut starts = vec![0u16; (1 << bits) + 1].into_boxed_slice();
        for (shape, _) in &rows {
            keys(key, bits, *shape, |k| starts[k] += 1);
        }
        // From here on each one is where its list ends, and falls to where it begins.
        for k in 1..starts.len() {
            starts[k] += starts[k - 1];
        }
        let mut lists = vec![0u16; starts[1 << bits] as usize].into_boxed_slice();
        for (n, (shape, _)) in rows.iter().enumerate().rev() {
            keys(key, bits, *shape, |k| {
                starts[k] -= 1;
                lists[starts[k] as usize] = n as u16;
            });
        }
        Table { key, starts, lists, rows }
    }

    /// The number of the first row that fits `word`.
    #[inline]
    pub fn find(&self, word: u32) -> Option<u16> {
        let k = (self.key)(word);
        let list = &self.lists[self.starts[k] as usize..self.starts[k + 1] as usize];
        list.iter().map(|n| &self.rows[*n as usize]).find(|(shape, _)| shape.fits(word)).map(|&(_, row)| row)
    }
}

/// Calls `each` for every key that words of `shape` can have.
fn keys(key: fn(u32) -> usize, bits: u32, shape: Shape, mut each: impl FnMut(usize)) {
    let open = !key(shape.mask) & ((1 << bits) - 1);
    let fixed = key(shape.value);
    // All subsets of the open bits, from the full one down.
    let mut subset = open;
    loop {
        each(fixed | subset);
        if subset == 0 {
            return;
        }
        subset = (subset - 1) & open;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(word: u32) -> usize {
        (word & 3 | word >> 6 & 4) as usize
    }

    #[test]
    fn the_first_row_that_fits() {
        let shape = |mask, value| Shape { mask, value, same: (0, 0, 0) };
        let rows = [shape(0x1ff, 0x101), shape(0x101, 0x001), shape(0x3, 0x1)];
        let t = Table::new(key, 3, rows.iter().zip(0..).map(|(&s, n)| (s, n)));
        assert_eq!(t.find(0x101), Some(0));
        assert_eq!(t.find(0x105), Some(2));
        assert_eq!(t.find(0x003), Some(1));
        assert_eq!(t.find(0x002), None);
    }
}
