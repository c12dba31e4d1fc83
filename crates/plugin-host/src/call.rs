//! Calls into plugins, by the types that the interface gives their functions.

use crate::current::{Allowed, Current, Kind};
use crate::events::Slot;
use plugin_abi::{
    Install, QemuInfo, SimpleCb, SyscallCb, SyscallFilterCb, SyscallRetCb, Tb, TbTransCb, UdataCb, VcpuSimpleCb,
};
use std::ffi::c_void;

/// `function` as a function of this type.
macro_rules! typed {
    ($function:expr, $t:ty) => {
        // SAFETY: a plugin registered the address as such a function (rules of this fence).
        unsafe { std::mem::transmute::<usize, $t>($function) }
    };
}

impl Slot {
    fn during<R: Default>(&self, kind: Kind, allowed: Allowed, work: impl FnOnce() -> R) -> R {
        Current { plugin: self.plugin, kind, allowed, userdata: self.userdata }.during(work)
    }

    /// Of `SimpleCb`s.
    pub fn simple(&self, kind: Kind) {
        let f = typed!(self.function, SimpleCb);
        // SAFETY: the plugin's own code.
        self.during(kind, Allowed::Nothing, || unsafe { f(self.plugin.id) });
    }

    /// Of `UdataCb`s.
    pub fn with_userdata(&self, kind: Kind) {
        let f = typed!(self.function, UdataCb);
        // SAFETY: the plugin's own code.
        self.during(kind, Allowed::Nothing, || unsafe { f(self.plugin.id, self.userdata as *mut c_void) });
    }

    /// Of `VcpuSimpleCb`s.
    pub fn vcpu(&self, kind: Kind, allowed: Allowed, index: u32) {
        let f = typed!(self.function, VcpuSimpleCb);
        // SAFETY: the plugin's own code.
        self.during(kind, allowed, || unsafe { f(self.plugin.id, index) });
    }

    /// Of `TbTransCb`s.
    pub fn translation(&self, tb: *mut Tb) {
        let f = typed!(self.function, TbTransCb);
        // SAFETY: the plugin's own code.
        self.during(Kind::Translation, Allowed::Write, || unsafe { f(self.plugin.id, tb) });
    }

    /// Of `SyscallCb`s.
    pub fn syscall(&self, allowed: Allowed, index: u32, num: i64, a: &[u64; 8]) {
        let f = typed!(self.function, SyscallCb);
        let id = self.plugin.id;
        self.during(Kind::Syscall, allowed, || {
            // SAFETY: the plugin's own code.
            unsafe { f(id, index, num, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]) }
        });
    }

    /// Of `SyscallFilterCb`s: the result that was decided on.
    pub fn filter(&self, allowed: Allowed, index: u32, num: i64, a: &[u64; 8]) -> Option<i64> {
        let f = typed!(self.function, SyscallFilterCb);
        let id = self.plugin.id;
        let mut result = 0u64;
        let done = self.during(Kind::SyscallFilter, allowed, || {
            // SAFETY: the plugin's own code.
            unsafe { f(id, index, num, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], &mut result) }
        });
        done.then_some(result as i64)
    }

    /// Of `SyscallRetCb`s.
    pub fn syscall_ret(&self, allowed: Allowed, index: u32, num: i64, ret: i64) {
        let f = typed!(self.function, SyscallRetCb);
        // SAFETY: the plugin's own code.
        self.during(Kind::SyscallRet, allowed, || unsafe { f(self.plugin.id, index, num, ret) });
    }

    /// The install function: what it returned.
    pub fn install(&self, info: &QemuInfo) -> i32 {
        let f = typed!(self.function, Install);
        let (argc, argv) = self.plugin.arguments();
        // SAFETY: the plugin's own code; the strings live as long as the plugin.
        self.during(Kind::Install, Allowed::Nothing, || unsafe { f(self.plugin.id, info, argc, argv) })
    }
}
