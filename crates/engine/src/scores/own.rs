//! Room for boards in the arenas: the same offset in each.

use host::layout::BOARDS_LEN;
use memory::arena::Arena;

/// Bytes behind the boards proper that hold pointers to arrays.
pub const POINTERS: u32 = 1 << 20;

/// Free room.
#[derive(Debug, Default)]
pub struct Own {
    next: u32,
    /// Ended boards: rounded size and offset.
    free: Vec<(u32, u32)>,
}

/// Elements are aligned like words, those of a cache line and more like lines.
fn rounded(element: usize) -> (u32, u32) {
    let align = if element >= 64 { 64 } else { 8 };
    (element.next_multiple_of(8) as u32, align)
}

impl Own {
    /// Room for an element; `None` if there is none.
    pub fn take(&mut self, element: usize) -> Option<u32> {
        let (size, align) = rounded(element);
        if let Some(i) = self.free.iter().position(|(s, _)| *s == size) {
            return Some(self.free.swap_remove(i).1);
        }
        let at = self.next.next_multiple_of(align);
        if at + size > BOARDS_LEN as u32 - POINTERS {
            return None;
        }
        self.next = at + size;
        Some(at)
    }

    /// Gives room back. Its bytes are zero.
    pub fn give(&mut self, at: u32, element: usize) {
        self.free.push((rounded(element).0, at));
    }
}

/// Makes an element zero.
pub fn clear(arena: &Arena, at: usize, element: usize) {
    (at..at + element.next_multiple_of(8)).step_by(8).for_each(|at| {
        if arena.get(at) != 0 {
            arena.set(at, 0);
        }
    });
}
