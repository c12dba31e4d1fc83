//! The guest as its observers and debuggers reach it: registers through their rows, memory past its protections.

use crate::{Engine, Seat};
use bits::{Addr, PAGE, page_of};
use guest::Bank;
use hostos::own_memory;
use ir::Var;
use memory::guarded;

impl Bank for Seat {
    #[inline]
    fn get(&self, var: Var) -> u64 {
        Seat::get(self, var)
    }

    fn set(&self, var: Var, value: u64) {
        Seat::set(self, var, value);
    }

    fn pc(&self) -> u64 {
        Seat::pc(self)
    }

    fn set_pc(&self, pc: u64) {
        Seat::set_pc(self, pc);
    }

    fn fp_flags(&self) -> u64 {
        Seat::fp_flags(self)
    }

    fn set_fp_flags(&self, flags: u64) {
        Seat::set_fp_flags(self, flags);
    }

    fn set_fp_round(&self, mode: u64) {
        Seat::set_fp_round(self, mode);
    }

    fn ticks(&self) -> u64 {
        hostos::clock::ticks()
    }
}

impl Engine {
    /// Copies guest memory at `addr` into `to`, whatever the pages allow. Returns whether all of it is there; if it is
    /// not, `to` may have been filled in part.
    pub fn peek(&self, addr: Addr, to: &mut [u8]) -> bool {
        match guarded::read(addr, to) {
            Ok(()) => true,
            Err(bad) => {
                let rest = &mut to[bad.done..];
                let addr = addr.wrapping_add(bad.done as u64);
                self.is_mapped(addr, rest.len()) && own_memory::read(addr, rest)
            }
        }
    }

    /// Copies `from` into guest memory at `addr`, whatever the pages allow. Returns whether all of it was written; if it
    /// was not, a part may have been. Blocks made from these bytes have to be invalidated by the caller.
    pub fn poke(&self, addr: Addr, from: &[u8]) -> bool {
        if !self.is_mapped(addr, from.len()) {
            return false;
        }
        match guarded::write(addr, from) {
            Ok(()) => true,
            Err(bad) => own_memory::write(addr + bad.done as u64, &from[bad.done..]),
        }
    }

    /// Whether every page of a range is the guest's.
    fn is_mapped(&self, addr: Addr, len: usize) -> bool {
        let Some(end) = addr.checked_add(len as u64) else { return false };
        let mut page = page_of(addr);
        while page < end {
            let Some(mapping) = self.memory.mapping(page) else { return false };
            page = mapping.end.max(page + PAGE);
        }
        true
    }
}
