//! Structures that cross the interface.

use std::ffi::{c_char, c_int, c_void};

/// Names a loaded plugin: `qemu_plugin_id_t`.
pub type Id = u64;

/// Describes one memory access: `qemu_plugin_meminfo_t`. Plugins take it apart with functions; its bits are the host's.
pub type MemInfo = u32;

/// A register's handle, opaque to plugins. In version 6 the first register's handle is null.
pub type Handle = *mut Register;

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Debug)]
        pub struct $name {
            _opaque: [u8; 0],
        }
    )*};
}

opaque! {
    /// `struct qemu_plugin_tb`: a block, valid inside its translation callback.
    Tb;
    /// `struct qemu_plugin_insn`: an instruction, valid inside its block's translation callback.
    Insn;
    /// `struct qemu_plugin_scoreboard`: an array with an element for each vCPU.
    Scoreboard;
    /// `struct qemu_plugin_register`: what a register handle points at.
    Register;
    /// `struct qemu_plugin_hwaddr`: where an access went, valid inside its callback.
    Hwaddr;
}

/// The versions that a host accepts, part of [`QemuInfo`].
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QemuInfoVersion {
    pub min: c_int,
    pub cur: c_int,
}

/// How many vCPUs a machine has; zero for a single program.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QemuInfoSystem {
    pub smp_vcpus: c_int,
    pub max_vcpus: c_int,
}

/// `qemu_info_t`: what install learns about the host. It lives for the length of that call only.
///
/// In C the last member is a union with this one member.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct QemuInfo {
    /// `riscv64`, `aarch64`, `x86_64`.
    pub target_name: *const c_char,
    pub version: QemuInfoVersion,
    pub system_emulation: bool,
    pub system: QemuInfoSystem,
}

/// `qemu_plugin_u64`: one counter of each element of a scoreboard. Passed by value in two words.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct U64 {
    pub score: *mut Scoreboard,
    /// Bytes from the element's start.
    pub offset: usize,
}

/// `qemu_plugin_mem_value`: the value of an access, returned through a hidden pointer.
///
/// In C the value is a union; on a little-endian host each of its members is the first bytes of `low`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemValue {
    /// A [`MemValueType`](crate::MemValueType).
    pub kind: u32,
    pub low: u64,
    pub high: u64,
}

/// `qemu_plugin_reg_descriptor` up to version 5: an element of the array of registers.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct RegDescriptor {
    pub handle: Handle,
    /// Lives for ever.
    pub name: *const c_char,
    /// The gdb feature that it is part of. Lives for ever.
    pub feature: *const c_char,
}

/// `qemu_plugin_reg_descriptor` from version 6 on.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct RegDescriptorV6 {
    pub handle: Handle,
    pub name: *const c_char,
    pub feature: *const c_char,
    pub is_readonly: bool,
}

/// The public head of glib's growing array. The object behind it is larger: only glib makes and grows one.
#[repr(C)]
#[derive(Debug)]
pub struct GArray {
    pub data: *mut c_char,
    /// Elements.
    pub len: u32,
}

/// The public head of glib's byte array; as for [`GArray`], only glib makes and grows one.
#[repr(C)]
#[derive(Debug)]
pub struct GByteArray {
    pub data: *mut u8,
    /// Bytes.
    pub len: u32,
}

impl QemuInfo {
    /// What a single program's plugins are told.
    pub fn user(target_name: *const c_char) -> QemuInfo {
        let version = QemuInfoVersion { min: crate::MIN_VERSION, cur: crate::CUR_VERSION };
        QemuInfo { target_name, version, system_emulation: false, system: QemuInfoSystem::default() }
    }
}

impl MemValue {
    /// A value of `1 << shift` bytes, cut to that size. `shift` is 0 to 4.
    pub fn new(shift: u32, low: u64, high: u64) -> MemValue {
        let kept = if shift < 3 { low & ((1 << (8 << shift)) - 1) } else { low };
        MemValue { kind: shift.min(4), low: kept, high: if shift >= 4 { high } else { 0 } }
    }
}

impl U64 {
    /// The counter at the start of each element.
    pub fn first(score: *mut Scoreboard) -> U64 {
        U64 { score, offset: 0 }
    }
}

/// What a callback's user data is: any word of the plugin's.
pub type Userdata = *mut c_void;
