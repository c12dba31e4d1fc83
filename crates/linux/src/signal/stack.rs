//! The alternate signal stack (sigaltstack(2); `do_sigaltstack` in Linux).

use crate::abi;
use crate::errno::{Errno, code};

const AUTODISARM: u32 = 1 << 31;
const ONSTACK: u32 = libc::SS_ONSTACK as u32;
const DISABLE: u32 = libc::SS_DISABLE as u32;

/// A thread's alternate stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AltStack {
    pub start: u64,
    pub size: u64,
    flags: u32,
}

impl Default for AltStack {
    fn default() -> Self {
        AltStack { start: 0, size: 0, flags: DISABLE }
    }
}

impl AltStack {
    /// Whether the address lies on it, whatever its flags.
    fn holds(&self, sp: u64) -> bool {
        sp > self.start && sp - self.start <= self.size
    }

    /// Whether a thread with this stack pointer runs on it.
    pub fn is_on(&self, sp: u64) -> bool {
        self.flags & AUTODISARM == 0 && self.holds(sp)
    }

    /// What `sigaltstack` tells.
    pub fn to_guest(self, sp: u64) -> [u64; 3] {
        let state = match self.size {
            0 => DISABLE,
            _ if self.is_on(sp) => ONSTACK,
            _ => 0,
        };
        [self.start, u64::from(state | self.flags & AUTODISARM), self.size]
    }

    /// What a signal frame keeps.
    pub fn saved(self) -> [u64; 3] {
        [self.start, u64::from(self.flags), self.size]
    }

    /// Another stack, as `stack_t` says.
    ///
    /// # Errors
    /// EPERM on the stack, EINVAL for unknown flags, ENOMEM if it is too small.
    pub fn change(&mut self, new: [u64; 3], sp: u64) -> Result<(), Errno> {
        let (start, flags, size) = (new[0], new[1] as u32, new[2]);
        if self.is_on(sp) {
            return Err(code::EPERM);
        }
        let mode = flags & !AUTODISARM;
        if ![0, ONSTACK, DISABLE].contains(&mode) {
            return Err(code::EINVAL);
        }
        let new = AltStack { start, size, flags };
        if new == *self {
            return Ok(());
        }
        if mode == DISABLE {
            *self = AltStack { start: 0, size: 0, flags };
        } else if size < abi::MIN_SIGNAL_STACK {
            return Err(code::ENOMEM);
        } else {
            *self = new;
        }
        Ok(())
    }

    /// Where a frame of `bytes` goes, given the interrupted stack pointer. `None`: it would overflow this stack.
    pub fn place(&self, sp: u64, on_alternate: bool, bytes: u64) -> Option<u64> {
        if self.is_on(sp) && !self.is_on(sp.wrapping_sub(bytes)) {
            return None;
        }
        let switch = on_alternate && self.size != 0 && !self.is_on(sp);
        let top = if switch { self.start.wrapping_add(self.size) } else { sp };
        let at = top.wrapping_sub(bytes) & !15;
        if switch && at < self.start { None } else { Some(at) }
    }

    /// A handler begins: with `SS_AUTODISARM` there is no alternate stack while it runs.
    pub fn begin_handler(&mut self) {
        if self.flags & AUTODISARM != 0 {
            *self = AltStack::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_go_where_the_flags_say() {
        let mut stack = AltStack::default();
        assert_eq!(stack.to_guest(0x9000), [0, u64::from(DISABLE), 0]);
        assert_eq!(stack.change([0x1000, 0, 2047], 0x9000), Err(code::ENOMEM));
        assert_eq!(stack.change([0x1000, 4, 4096], 0x9000), Err(code::EINVAL));
        stack.change([0x1000, 0, 4096], 0x9000).unwrap();
        assert_eq!(stack.place(0x9008, false, 1000), Some(0x8c20));
        assert_eq!(stack.place(0x9008, true, 1000), Some(0x1c10));
        // A frame larger than all of it.
        assert_eq!(stack.place(0x9008, true, 4090), Some(0x1000));
        assert_eq!(stack.place(0x9008, true, 4097), None);
        // Nested on the stack, until it is full.
        assert_eq!(stack.place(0x1c10, true, 1000), Some(0x1820));
        assert_eq!(stack.place(0x1100, true, 1000), None);
        assert_eq!(stack.change([0x5000, 0, 4096], 0x1c10), Err(code::EPERM));
        assert_eq!(stack.to_guest(0x1c10)[1], u64::from(ONSTACK));
    }

    #[test]
    fn its_ends_as_the_kernel_counts_them() {
        // Full, the stack pointer is at its start, which is outside; empty, it is at its end, which is inside.
        let mut stack = AltStack::default();
        stack.change([0x1000, 0, 4096], 0x9000).unwrap();
        let on = |sp| (stack.to_guest(sp)[1] == u64::from(ONSTACK), { stack }.change([0, 2, 0], sp).is_err());
        assert_eq!([0x1000, 0x1001, 0x2000, 0x2001].map(on), [false, true, true, false].map(|b| (b, b)));
    }

    #[test]
    fn disarming() {
        let mut stack = AltStack::default();
        stack.change([0x1000, u64::from(AUTODISARM), 4096], 0x9000).unwrap();
        let saved = stack.saved();
        stack.begin_handler();
        assert_eq!(stack, AltStack::default());
        stack.change(saved, 0x1c00).unwrap();
        assert_eq!(stack.to_guest(0x1c00), [0x1000, u64::from(AUTODISARM), 4096]);
    }
}
