//! Runs guest code: finds or translates blocks, enters generated code, and says why it came back.
//!
//! The engine knows neither a concrete guest nor a concrete host nor Linux. A world (`linux`, `machine`) owns a
//! [`Vcpu`] per guest thread and calls [`Engine::run`] in a loop; every [`Exit`] leaves exact guest state in the vCPU.

pub mod exit;
pub mod vcpu;

pub use exit::{Access, Exit, Fault, FaultKind};
pub use vcpu::Vcpu;

use bits::Addr;
use guest::Guest;
use memory::AddressSpace;
use std::sync::Arc;

/// The translation cache and everything that vCPUs share.
pub struct Engine {
    guest: Arc<dyn Guest>,
    memory: Arc<AddressSpace>,
}

impl Engine {
    /// The guest architecture.
    pub fn guest(&self) -> &dyn Guest {
        &*self.guest
    }

    /// The guest's memory.
    pub fn memory(&self) -> &Arc<AddressSpace> {
        &self.memory
    }

    /// A vCPU with all registers zero. Its index is the lowest that no living vCPU has.
    pub fn new_vcpu(self: &Arc<Self>) -> Vcpu {
        todo!()
    }

    /// Runs until something happens that the world must see. Instruction fences, mode changes and yields are dealt
    /// with inside.
    pub fn run(&self, _vcpu: &mut Vcpu) -> Exit {
        todo!()
    }

    /// Code in `start..start + len` is gone, moved or differently protected: its blocks never run again.
    /// To be called after the mapping changed, before the guest goes on.
    pub fn invalidate(&self, _vcpu: &mut Vcpu, _start: Addr, _len: u64) {
        todo!()
    }

    /// The architecture or Linux promises that code written so far is seen from now on by all vCPUs.
    pub fn sync_code(&self, _vcpu: &mut Vcpu) {
        todo!()
    }

    /// Someone wrote to memory past the mappings' protections (`/proc/self/mem`, `process_vm_writev`): from now on
    /// [`Engine::sync_code`] compares all code.
    pub fn distrust_protections(&self) {
        todo!()
    }

    /// Makes the vCPU with this index leave generated code soon with [`Exit::Interrupted`], or return it at once when
    /// it next calls `run`. Async-signal-safe, callable from any thread.
    pub fn kick(&self, _index: u32) {
        todo!()
    }

    /// To be called in the child after `fork`, by the only thread that is left.
    pub fn after_fork(&self, _vcpu: &mut Vcpu) {
        todo!()
    }
}
