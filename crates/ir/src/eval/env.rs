//! What a block is executed over: variables and flags, memory, and helpers.

use crate::Var;
use bits::Addr;

/// A value that a load-reserved remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    pub addr: Addr,
    /// As the load widened it.
    pub value: u64,
}

/// Everything that operations can change besides memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Every variable by its number; floats are raw bits. Entry 0 stays 0.
    pub vars: Vec<u64>,
    /// Sticky floating-point flags: NV 16, DZ 8, OF 4, UF 2, NX 1.
    pub flags: u8,
    /// Rounding mode in force: 0 nearest-even, 1 to zero, 2 down, 3 up.
    pub round: u8,
    pub reservation: Option<Reservation>,
    /// Score cells, 8 bytes each, by offset / 8.
    pub scores: Vec<u64>,
}

impl State {
    /// All zero, with `scores` cells.
    pub fn new(scores: usize) -> State {
        State { vars: vec![0; Var::COUNT as usize], flags: 0, round: 0, reservation: None, scores: vec![0; scores] }
    }

    /// The value of a variable.
    ///
    /// # Panics
    /// If it is `Var::IMM`.
    pub fn get(&self, var: Var) -> u64 {
        self.vars[var.0 as usize]
    }

    /// # Panics
    /// If `var` is `Var::ZERO` or `Var::IMM`.
    pub fn set(&mut self, var: Var, value: u64) {
        assert!(var != Var::ZERO, "the zero variable is never written");
        self.vars[var.0 as usize] = value;
    }
}

/// An access that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The first byte that could not be accessed; of a misaligned access, its address.
    pub addr: Addr,
    pub write: bool,
    /// The operation wants an aligned address and did not get one.
    pub misaligned: bool,
}

/// Guest memory as a block sees it. Sizes are 1, 2, 4 or 8 bytes, or a power of two for `check_store`.
pub trait Memory {
    /// Little-endian value of `bytes` bytes, zero-extended.
    fn load(&mut self, addr: Addr, bytes: u32) -> Result<u64, Fault>;

    /// Stores the low bytes of `value`. A store that fails has changed nothing.
    fn store(&mut self, addr: Addr, bytes: u32, value: u64) -> Result<(), Fault>;

    /// Whether a store would succeed.
    fn check_store(&mut self, addr: Addr, bytes: u32) -> Result<(), Fault>;
}

/// A function that `CallPure` and `CallFlags` may name: result and flags of three arguments.
pub type HelperFn<'a> = &'a dyn Fn(u64, u64, u64) -> (u64, u64);

/// The [`Env::answer`] of a world that answers nothing in place.
pub fn no_answer(_: u64, _: u64, _: u64) -> (u64, u64) {
    (0, 0)
}

/// What surrounds the state.
pub struct Env<'a> {
    pub memory: &'a mut dyn Memory,
    pub helpers: &'a [HelperFn<'a>],
    /// Answers of `Syscall` in place: the result, and whether there is one.
    pub answer: HelperFn<'a>,
    /// What `ReadTime` reads.
    pub time: u64,
    /// What `ReadCycles` reads.
    pub cycles: u64,
}

/// A piece of memory that may be read, of which a head may be written too; everything else faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub base: Addr,
    pub bytes: Vec<u8>,
    /// How many bytes from the base on may be written.
    pub writable: u64,
}

impl Window {
    /// `len` zero bytes at `base`, all writable.
    pub fn new(base: Addr, len: usize) -> Window {
        Window { base, bytes: vec![0; len], writable: len as u64 }
    }

    /// The offset of an access, or the fault of its first byte outside the first `limit` bytes.
    fn offset(&self, addr: Addr, bytes: u32, limit: u64, write: bool) -> Result<usize, Fault> {
        let outside = (0..bytes as u64).map(|i| addr.wrapping_add(i)).find(|a| a.wrapping_sub(self.base) >= limit);
        match outside {
            Some(addr) => Err(Fault { addr, write, misaligned: false }),
            None => Ok(addr.wrapping_sub(self.base) as usize),
        }
    }
}

impl Memory for Window {
    fn load(&mut self, addr: Addr, bytes: u32) -> Result<u64, Fault> {
        let at = self.offset(addr, bytes, self.bytes.len() as u64, false)?;
        let mut raw = [0; 8];
        raw[..bytes as usize].copy_from_slice(&self.bytes[at..at + bytes as usize]);
        Ok(u64::from_le_bytes(raw))
    }

    fn store(&mut self, addr: Addr, bytes: u32, value: u64) -> Result<(), Fault> {
        let at = self.offset(addr, bytes, self.writable, true)?;
        self.bytes[at..at + bytes as usize].copy_from_slice(&value.to_le_bytes()[..bytes as usize]);
        Ok(())
    }

    fn check_store(&mut self, addr: Addr, bytes: u32) -> Result<(), Fault> {
        self.offset(addr, bytes, self.writable, true).map(|_| ())
    }
}
