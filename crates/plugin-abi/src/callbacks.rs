//! Functions of a plugin that the host calls, and what they are given.
//!
//! All are unsafe to call: they are the plugin's machine code. As an argument of the interface each is optional, since
//! registering null takes a callback away; wrap it in `Option` there.

use crate::types::{Id, MemInfo, QemuInfo, Tb, Userdata};
use std::ffi::{c_char, c_int, c_uint};

/// `qemu_plugin_install`: called once a load; anything but 0 is a refusal.
pub type Install = unsafe extern "C" fn(id: Id, info: *const QemuInfo, argc: c_int, argv: *mut *mut c_char) -> c_int;

/// `qemu_plugin_simple_cb_t`
pub type SimpleCb = unsafe extern "C" fn(id: Id);

/// `qemu_plugin_udata_cb_t`
pub type UdataCb = unsafe extern "C" fn(id: Id, userdata: Userdata);

/// `qemu_plugin_vcpu_simple_cb_t`
pub type VcpuSimpleCb = unsafe extern "C" fn(id: Id, vcpu_index: c_uint);

/// `qemu_plugin_vcpu_udata_cb_t`: a block or an instruction is about to be executed.
pub type VcpuUdataCb = unsafe extern "C" fn(vcpu_index: c_uint, userdata: Userdata);

/// `qemu_plugin_vcpu_tb_trans_cb_t`: a block is about to be translated.
pub type TbTransCb = unsafe extern "C" fn(id: Id, tb: *mut Tb);

/// `qemu_plugin_vcpu_mem_cb_t`: an access has been made.
pub type MemCb = unsafe extern "C" fn(vcpu_index: c_uint, info: MemInfo, vaddr: u64, userdata: Userdata);

/// `qemu_plugin_vcpu_syscall_cb_t`: always eight argument words.
pub type SyscallCb = unsafe extern "C" fn(
    id: Id,
    vcpu_index: c_uint,
    num: i64,
    a1: u64,
    a2: u64,
    a3: u64,
    a4: u64,
    a5: u64,
    a6: u64,
    a7: u64,
    a8: u64,
);

/// `qemu_plugin_vcpu_syscall_ret_cb_t`
pub type SyscallRetCb = unsafe extern "C" fn(id: Id, vcpu_index: c_uint, num: i64, ret: i64);

/// `qemu_plugin_vcpu_discon_cb_t`; `kind` is a [`Discon`](crate::Discon).
pub type DisconCb = unsafe extern "C" fn(id: Id, vcpu_index: c_uint, kind: c_int, from_pc: u64, to_pc: u64);

/// `qemu_plugin_vcpu_syscall_filter_cb_t`: true means that the call is done and `*sysret` is its result.
pub type SyscallFilterCb = unsafe extern "C" fn(
    id: Id,
    vcpu_index: c_uint,
    num: i64,
    a1: u64,
    a2: u64,
    a3: u64,
    a4: u64,
    a5: u64,
    a6: u64,
    a7: u64,
    a8: u64,
    sysret: *mut u64,
) -> bool;
