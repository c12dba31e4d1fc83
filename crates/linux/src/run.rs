//! A thread's life: run guest code, deal with what made it come back, deliver signals.

use crate::errno::{self, Errno};
use crate::sys::{self, args::sanitize};
use crate::task::{End, Thread};
use crate::{abi, errno::SysResult, observe, seccomp, signal, strace};
use engine::Exit;

impl Thread {
    /// Runs until the thread or the process ends.
    pub fn run(&mut self) -> End {
        let engine = self.process.engine.clone();
        loop {
            // The flag first: a signal that is noted after this sets it again and kicks the vCPU.
            hostos::call::clear_flag();
            signal::deliver(self);
            if self.end.is_none() {
                observe::interrupted(self, None);
            }
            self.restart = None;
            self.wait_mask = None;
            if let Some(end) = self.end.take() {
                return end;
            }
            match engine.run(&mut self.vcpu) {
                Exit::Syscall => self.syscall(),
                Exit::Fault(fault) => signal::on_fault(self, fault),
                Exit::Illegal => signal::on_illegal(self),
                Exit::Breakpoint => signal::on_breakpoint(self),
                Exit::Interrupted => {}
            }
        }
    }

    /// The thread stands at a system call instruction.
    fn syscall(&mut self) {
        let number = abi::syscall_number(&self.vcpu);
        let raw = abi::syscall_args(&self.vcpu);
        match self.process.observer() {
            Some(observer) if number != abi::UNSEEN => observe::syscall(self, &*observer, number, &raw),
            _ => {
                let result = self.carry_out(number, &raw);
                self.finish(result);
            }
        }
    }

    /// Makes the call, if the thread's filters have nothing against it.
    pub(crate) fn carry_out(&mut self, number: u64, raw: &[u64; 6]) -> SysResult {
        let row = sys::row(number);
        let traced = self.process.tracer.is_some().then(|| strace::begin(self, number, row, raw));
        let result = match (seccomp::check(self, number, raw), row) {
            (Some(refused), _) => refused,
            (None, Some(row)) => (row.run)(self, &sanitize(row.kinds, raw)),
            (None, None) => Err(errno::code::ENOSYS),
        };
        if let Some(begun) = traced {
            strace::end(self, begun, row, raw, result);
        }
        result
    }

    /// Hands a result to the guest, or leaves it before the call.
    fn finish(&mut self, result: SysResult) {
        match result {
            Ok(value) => abi::finish_syscall(&mut self.vcpu, value),
            Err(e) if is_restart(e) => self.restart = Some(e),
            Err(e) => abi::finish_syscall(&mut self.vcpu, -i64::from(e.0) as u64),
        }
    }
}

pub(crate) fn is_restart(e: Errno) -> bool {
    [errno::ERESTARTSYS, errno::ERESTARTNOINTR, errno::ERESTARTNOHAND].contains(&e)
}
