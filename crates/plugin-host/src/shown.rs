//! The block that the plugins are shown now, on this thread, and the handles by which they name it.
//!
//! Handles are addresses in a buffer of the thread; nobody follows them. Since they are compared with the buffer, one
//! that is stale, of another thread, or made up is noticed.

use crate::fail::misuse;
use engine::instrument::{Action, BlockView, InsnView, Probe, Site};
use plugin_abi::{Insn, Tb};
use std::cell::RefCell;

#[derive(Default)]
struct Shown {
    active: bool,
    pc: u64,
    insns: Vec<InsnView>,
    probes: Vec<Probe>,
    /// What handles point at: the block's word, and one for each instruction.
    words: Vec<u64>,
}

thread_local! {
    static SHOWN: RefCell<Shown> = RefCell::default();
}

const WORD: usize = size_of::<u64>();

/// What an exported function is told when its handle is no good.
const STALE: &str = "the handle is not of the block that is being translated; \
                     handles are valid inside the translation callback that got them";

impl Shown {
    fn tb(&self) -> *mut Tb {
        self.words.as_ptr() as *mut Tb
    }

    fn insn(&self, n: usize) -> *mut Insn {
        self.words.as_ptr().wrapping_add(n + 1) as *mut Insn
    }

    /// The number of the instruction that a handle means.
    fn number(&self, insn: *const Insn) -> Option<usize> {
        let distance = (insn as usize).wrapping_sub(self.words.as_ptr() as usize);
        let n = (distance / WORD).wrapping_sub(1);
        (self.active && distance.is_multiple_of(WORD) && n < self.insns.len()).then_some(n)
    }
}

/// Begins to show a block; gives its handle.
pub fn begin(block: &BlockView) -> *mut Tb {
    SHOWN.with_borrow_mut(|s| {
        s.active = true;
        s.pc = block.pc;
        s.insns.clear();
        s.insns.extend_from_slice(block.insns);
        s.probes.clear();
        if s.words.len() <= s.insns.len() {
            s.words.resize(s.insns.len() + 1, 0);
        }
        s.tb()
    })
}

/// The block is no longer shown; appends what was registered on it.
pub fn end(probes: &mut Vec<Probe>) {
    SHOWN.with_borrow_mut(|s| {
        s.active = false;
        probes.append(&mut s.probes);
    });
}

/// The block that a handle means: its pc and number of instructions.
pub fn block(tb: *const Tb, function: &'static str) -> (u64, usize) {
    let found = look(|s| (s.active && tb == s.tb()).then_some((s.pc, s.insns.len())));
    found.unwrap_or_else(|| misuse(function, STALE))
}

/// Looks at what is shown. The C library's `exit` takes it apart before the plugins' last callbacks: then it is nothing.
fn look<R>(at: impl FnOnce(&Shown) -> Option<R>) -> Option<R> {
    SHOWN.try_with(|s| at(&s.borrow())).ok().flatten()
}

/// The handle of an instruction of a block.
pub fn nth(tb: *const Tb, n: usize, function: &'static str) -> Option<*mut Insn> {
    let (_, count) = block(tb, function);
    (n < count).then(|| SHOWN.with_borrow(|s| s.insn(n)))
}

/// The instruction that a handle means.
pub fn insn(insn: *const Insn, function: &'static str) -> (u32, InsnView) {
    let found = look(|s| s.number(insn).map(|n| (n as u32, s.insns[n])));
    found.unwrap_or_else(|| misuse(function, STALE))
}

/// Registers something on the block that is shown.
pub fn add(site: Site, action: Action) {
    SHOWN.with_borrow_mut(|s| s.probes.push(Probe { site, action }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_name_what_they_were_given_for() {
        let insns = [(0x10, 4, 0x13), (0x14, 2, 1)].map(|(pc, len, raw)| InsnView { pc, len, raw });
        let tb = begin(&BlockView { pc: 0x10, insns: &insns });
        assert_eq!(block(tb, "f"), (0x10, 2));
        assert!(nth(tb, 2, "f").is_none());
        let second = nth(tb, 1, "f").unwrap();
        assert_eq!(insn(second, "f"), (1, insns[1]));
        let number = |p: *const Insn| SHOWN.with_borrow(|s| s.number(p));
        assert_eq!(number(second), Some(1));
        for wrong in [std::ptr::null(), tb as *const Insn, second.wrapping_byte_add(1), second.wrapping_byte_add(8)] {
            assert_eq!(number(wrong), None);
        }
        add(
            Site::Block,
            Action::Call(ir::Call {
                function: 1,
                data: 2,
                registers: ir::Registers::None,
                when: None,
                callee: ir::Callee::default(),
                tag: 1,
            }),
        );
        let mut probes = Vec::new();
        end(&mut probes);
        assert_eq!(probes.len(), 1);
        assert_eq!(number(second), None);
    }
}
