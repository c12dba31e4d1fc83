//! Which block an observer's function was called for: found when something has to be said about it, from the return
//! address and the block's side table, so that calls pay nothing for it.

use crate::{Engine, Seat};
use bits::Addr;
use host::layout::CALL_BLOCK;
use ir::{Call, Code};

/// A call that generated code makes.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The block, and the instruction before which, or of whose access, it calls.
    pub block: Addr,
    pub pc: Addr,
    pub call: Call,
}

impl Engine {
    /// The guest address of the block whose callback runs on this vCPU. Async-signal-safe: if the tables stay locked, it
    /// may be this very thread that holds them, and nothing is known.
    pub fn block_of_callback(&self, seat: &Seat) -> Option<Addr> {
        let Some(from) = self.return_address(seat.arena()) else { return Some(seat.word(CALL_BLOCK)) };
        let call = self.code.offset_of(from)?.checked_sub(1)?;
        let tables = self.cache.lock_soon()?;
        tables.block_at(call).map(|(_, block)| block.pc)
    }

    /// What generated code calls at this return address.
    pub fn callback_at(&self, return_address: usize) -> Option<Caller> {
        let at = self.code.offset_of(return_address)?;
        let (_, block) = self.cache.lock().at_host(at.checked_sub(1)?)?;
        let record = block.callback_at(at)?;
        let woven = self.lift_again(&block);
        let op = woven.block.ops[record.op as usize];
        let pc = woven.block.ops[..record.op as usize].iter().rev().find(|o| o.code == Code::Insn)?.imm as u64;
        Some(Caller { block: block.pc, pc, call: woven.block.calls[op.imm as usize] })
    }
}
