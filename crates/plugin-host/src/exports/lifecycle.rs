//! Events: registering for them, reset and uninstall, and the vCPUs that there are.

use crate::current::{self, Allowed, Kind};
use crate::events::{Event, Slot};
use crate::fail::{fail, misuse};
use crate::host::host;
use crate::lifecycle;
use crate::plugin::{Pending, Plugin};
use plugin_abi::{
    DisconCb, Id, SimpleCb, SyscallCb, SyscallFilterCb, SyscallRetCb, TbTransCb, UdataCb, Userdata, VcpuSimpleCb,
};
use std::ffi::c_int;

/// The plugin with this id.
fn plugin_of(id: Id, function: &'static str) -> &'static Plugin {
    let found = host().registry().plugins.iter().copied().find(|p| p.id == id);
    found.unwrap_or_else(|| {
        misuse(function, &format!("{id:#x} is not the id of a plugin; pass the id that the install function got"))
    })
}

fn register(id: Id, function: &'static str, event: Event, callback: usize, userdata: u64) {
    let plugin = plugin_of(id, function);
    let see_more = !plugin.is_leaving() && host().registry().events.register(event, plugin, callback, userdata);
    if see_more {
        host().engine.flush_quietly(current::seat());
    }
}

/// Functions that register for an event without user data.
macro_rules! registrations {
    ($($name:ident: $callback:ty => $event:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(id: Id, cb: Option<$callback>) {
            register(id, stringify!($name), $event, cb.map_or(0, |f| f as usize), 0);
        }
    )*};
}

registrations! {
    qemu_plugin_register_vcpu_init_cb: VcpuSimpleCb => Event::VcpuInit;
    qemu_plugin_register_vcpu_exit_cb: VcpuSimpleCb => Event::VcpuExit;
    qemu_plugin_register_vcpu_idle_cb: VcpuSimpleCb => Event::VcpuIdle;
    qemu_plugin_register_vcpu_resume_cb: VcpuSimpleCb => Event::VcpuResume;
    qemu_plugin_register_flush_cb: SimpleCb => Event::Flush;
    qemu_plugin_register_vcpu_tb_trans_cb: TbTransCb => Event::Translation;
    qemu_plugin_register_vcpu_syscall_cb: SyscallCb => Event::Syscall;
    qemu_plugin_register_vcpu_syscall_ret_cb: SyscallRetCb => Event::SyscallRet;
    qemu_plugin_register_vcpu_syscall_filter_cb: SyscallFilterCb => Event::SyscallFilter;
}

/// `qemu_plugin_register_atexit_cb`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_atexit_cb(id: Id, cb: Option<UdataCb>, userdata: Userdata) {
    let callback = cb.map_or(0, |f| f as usize);
    register(id, "qemu_plugin_register_atexit_cb", Event::AtExit, callback, userdata as u64);
}

/// `qemu_plugin_register_vcpu_discon_cb`: `kinds` is a set; nothing of it happens to a single program.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_discon_cb(id: Id, kinds: c_int, cb: Option<DisconCb>) {
    for (bit, event) in [(1, Event::Interrupt), (2, Event::Exception), (4, Event::Hostcall)] {
        if kinds & bit != 0 {
            register(id, "qemu_plugin_register_vcpu_discon_cb", event, cb.map_or(0, |f| f as usize), 0);
        }
    }
}

/// `qemu_plugin_reset`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_reset(id: Id, cb: Option<SimpleCb>) {
    lifecycle::ask(plugin_of(id, "qemu_plugin_reset"), Pending::Reset, cb.map_or(0, |f| f as usize));
}

/// `qemu_plugin_uninstall`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_uninstall(id: Id, cb: Option<SimpleCb>) {
    let plugin = plugin_of(id, "qemu_plugin_uninstall");
    if current::noted().is_some_and(|c| c.kind == Kind::Install && std::ptr::eq(c.plugin, plugin)) {
        let what = "Calling qemu_plugin_uninstall from the install function is a bug. Instead, return !0 from the \
                    install function.";
        fail(format_args!("plugin {}", plugin.name), what);
    }
    lifecycle::ask(plugin, Pending::Uninstall, cb.map_or(0, |f| f as usize));
}

/// `qemu_plugin_vcpu_for_each`: visits the vCPUs that run, by rising index.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_vcpu_for_each(id: Id, cb: Option<VcpuSimpleCb>) {
    let plugin = plugin_of(id, "qemu_plugin_vcpu_for_each");
    let Some(cb) = cb else { return };
    let running = host().registry().running.clone();
    // Not the pc: a jump out of the walk would leave our own note of it behind.
    let allowed = current::current().map_or(Allowed::Nothing, |c| c.allowed.min(Allowed::Write));
    for index in running {
        Slot { plugin, function: cb as usize, userdata: 0 }.vcpu(Kind::ForEach, allowed, index);
    }
}

/// `qemu_plugin_num_vcpus`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_num_vcpus() -> c_int {
    host().num_vcpus() as c_int
}
