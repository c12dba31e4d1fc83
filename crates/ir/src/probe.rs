//! What probes refer to: score cells and the functions of observers.
//!
//! Operations carry two small immediates; whatever else a probe needs stands in the block's list of calls.

use crate::Cond;

/// Where a score cell is: of the running vCPU, or an observer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell(u64);

const THROUGH: u64 = 1 << 63;
const AT: u64 = 1 << 62;

impl Cell {
    /// At this byte offset of the vCPU's own scores.
    pub const fn own(offset: u32) -> Cell {
        Cell(offset as u64)
    }

    /// `offset` bytes behind the address that the own word at byte `pointer` holds.
    pub const fn through(pointer: u32, offset: u32) -> Cell {
        assert!(pointer < 1 << 31);
        Cell(THROUGH | (pointer as u64) << 32 | offset as u64)
    }

    /// The word at this host address, which is the same for all vCPUs.
    pub const fn at(address: u64) -> Cell {
        assert!(address < AT);
        Cell(AT | address)
    }

    /// From the `ext` field of an operation.
    pub const fn from_ext(ext: u64) -> Cell {
        Cell(ext)
    }

    /// For the `ext` field of an operation.
    pub const fn ext(self) -> u64 {
        self.0
    }

    /// The host address of one that is nobody's own.
    pub const fn address(self) -> Option<u64> {
        if self.0 & (THROUGH | AT) == AT { Some(self.0 & !AT) } else { None }
    }

    /// The byte offset of the own word that holds the address to start from, if the cell is not an own one.
    pub const fn pointer(self) -> Option<u32> {
        if self.0 & THROUGH != 0 { Some((self.0 >> 32) as u32 & 0x7fff_ffff) } else { None }
    }

    /// The byte offset: of the own scores, or from the pointer's address.
    pub const fn offset(self) -> u32 {
        self.0 as u32
    }
}

/// What a called function may do with guest registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Registers {
    /// Neither.
    #[default]
    None,
    Read,
    Write,
}

/// A condition on a cell: an unsigned comparison with a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct When {
    pub cell: Cell,
    pub compare: Compare,
    pub value: u64,
    /// While this [`allowance`](crate::allowance) is not negative, the condition does not hold.
    pub allowance: Option<Cell>,
}

impl When {
    /// The condition that `cell` compares so with `value`.
    pub const fn new(cell: Cell, compare: Compare, value: u64) -> When {
        When { cell, compare, value, allowance: None }
    }
}

/// How a cell is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Compare {
    /// Whether `a` compares so with `b`, both unsigned.
    pub fn holds(self, a: u64, b: u64) -> bool {
        match self {
            Compare::Eq => Cond::Eq.holds(a, b),
            Compare::Ne => Cond::Ne.holds(a, b),
            Compare::Lt => Cond::Ltu.holds(a, b),
            Compare::Ge => Cond::Geu.holds(a, b),
            Compare::Le => Cond::Geu.holds(b, a),
            Compare::Gt => Cond::Ltu.holds(b, a),
        }
    }
}

/// What is known about a function's machine code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Callee {
    /// It is straight or branching code that calls nothing and leaves vector and control registers alone, so it sees
    /// nothing but its arguments and memory.
    pub leaf: bool,
    /// Of a leaf: the host's integer registers that it changes, a bit each by the host's numbers.
    pub changes: u32,
    /// Of a leaf: the arguments that it reads, bit 0 the first.
    pub arguments: u8,
    /// Of a leaf: it does nothing at all.
    pub empty: bool,
    /// Of a leaf: all that it does is to count.
    pub counter: Option<Counter>,
}

/// What a function does that only adds to a word of 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// Of the word.
    pub address: u64,
    pub adds: u64,
}

/// A function of an observer. Its address and its argument are the host's business; nothing is called unless generated
/// code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Address of a C function: `(vcpu index, data)` or, of accesses, `(vcpu index, description, address, data)`.
    pub function: u64,
    /// Its last argument.
    pub data: u64,
    pub registers: Registers,
    /// Called only when this holds.
    pub when: Option<When>,
    pub callee: Callee,
    /// The observer's own note, which it finds in the vCPU while a callee that is no leaf runs; not 0.
    pub tag: u32,
}
