//! Registers with a name, as plugins and debuggers see them: from one row each derive lists, reading and writing.

use ir::Var;
use std::fmt;

/// Where registers are read from and written to: a vCPU that is not in the middle of an instruction.
pub trait Bank {
    /// The raw value of a variable.
    fn get(&self, var: Var) -> u64;

    /// Sets a variable; a write to the zero variable is ignored.
    fn set(&self, var: Var, value: u64);

    fn pc(&self) -> u64;

    fn set_pc(&self, pc: u64);

    /// The sticky floating-point flags in the guest's order of bits.
    fn fp_flags(&self) -> u64;

    fn set_fp_flags(&self, flags: u64);

    /// Brings the rounding in line with the guest's mode, after the variable that holds it was set.
    fn set_fp_round(&self, mode: u64);

    /// The counter that `ReadCycles` and `ReadTime` read.
    fn ticks(&self) -> u64;
}

/// How a register that is more than a variable is written.
pub type Write = fn(&dyn Bank, u64);

/// What holds a register's value.
#[derive(Clone, Copy)]
pub enum Place {
    /// A variable.
    Int(Var),
    /// A variable with a float in it. One that is narrower than the variable is boxed: all bits above it are ones.
    Float(Var),
    Pc,
    /// Whatever `read` finds. Without `write` it cannot be written.
    Computed {
        read: fn(&dyn Bank) -> u64,
        write: Option<Write>,
    },
}

/// A guest register as plugins and debuggers name it.
#[derive(Clone, Copy)]
pub struct Register {
    pub name: &'static str,
    /// The set of registers that debuggers know it in.
    pub feature: &'static str,
    /// The reference's number: what plugins of old hold minus one. Unique, and less than 2^31.
    pub number: u32,
    /// 4 or 8.
    pub bytes: u8,
    pub place: Place,
}

impl Register {
    /// The value, zero-extended.
    #[inline]
    pub fn read(&self, bank: &impl Bank) -> u64 {
        let value = match self.place {
            Place::Int(var) | Place::Float(var) => bank.get(var),
            Place::Pc => bank.pc(),
            Place::Computed { read, .. } => read(bank),
        };
        value & self.mask()
    }

    /// Writes the value. Returns whether the register can be written.
    pub fn write(&self, bank: &dyn Bank, value: u64) -> bool {
        match self.place {
            Place::Int(var) => bank.set(var, value & self.mask()),
            Place::Float(var) => bank.set(var, value | !self.mask()),
            Place::Pc => bank.set_pc(value),
            Place::Computed { write: Some(write), .. } => write(bank, value),
            Place::Computed { write: None, .. } => return false,
        }
        true
    }

    fn mask(&self) -> u64 {
        u64::MAX >> (64 - 8 * u32::from(self.bytes))
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, number {}, {} bytes)", self.name, self.feature, self.number, self.bytes)
    }
}
