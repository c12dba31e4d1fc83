//! A guest CPU: its registers and its arena.

use bits::Addr;
use ir::Var;

/// One guest CPU. Registers are IR variables.
pub struct Vcpu {
    index: u32,
}

impl Vcpu {
    /// The number under which plugins know it.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The raw value of a variable. Floating-point variables are raw bits.
    pub fn get(&self, _var: Var) -> u64 {
        todo!()
    }

    pub fn set(&mut self, _var: Var, _value: u64) {
        todo!()
    }

    pub fn pc(&self) -> Addr {
        todo!()
    }

    pub fn set_pc(&mut self, _pc: Addr) {
        todo!()
    }

    /// The sticky floating-point flags in the guest's order of bits, wherever they are now.
    pub fn fp_flags(&self) -> u64 {
        todo!()
    }

    pub fn set_fp_flags(&mut self, _flags: u64) {
        todo!()
    }

    /// Copies all registers, flags and pc of another vCPU (`clone`).
    pub fn copy_from(&mut self, _other: &Vcpu) {
        todo!()
    }
}
