//! The binary interface of QEMU TCG plugins: types, values and functions that plugin and host agree on.
//!
//! Nothing here runs. The types are for `plugin-host`, which calls plugins and is called by them; the table of
//! [`functions`] is what `include/qemu-plugin.h` and `docs/plugin-api.md` are made from. Layouts are those of a 64-bit
//! little-endian host.
//!
//! Names follow C, without the prefix: `qemu_plugin_mem_value` is [`MemValue`]. Enumerations arrive from plugins as
//! plain integers, since C lets any value through; `from_raw` turns them into ours or says no.
#![forbid(unsafe_code)]

mod callbacks;
mod enums;
pub mod functions;
mod types;

pub use callbacks::{
    DisconCb, Install, MemCb, SimpleCb, SyscallCb, SyscallFilterCb, SyscallRetCb, TbTransCb, UdataCb, VcpuSimpleCb,
    VcpuUdataCb,
};
pub use enums::{CbFlags, Cond, Discon, HwaddrResult, InlineOp, MemRw, MemValueType, Value, enums};
pub use types::{
    GArray, GByteArray, Handle, Hwaddr, Id, Insn, MemInfo, MemValue, QemuInfo, QemuInfoSystem, QemuInfoVersion,
    RegDescriptor, RegDescriptorV6, Register, Scoreboard, Tb, U64, Userdata,
};

/// The oldest version of the interface that a plugin may be built for.
pub const MIN_VERSION: i32 = 2;

/// The newest version.
pub const CUR_VERSION: i32 = 6;

/// From this version on register descriptors are wider, and register reads and writes return a bool.
pub const V6: i32 = 6;

/// The data symbol in which a plugin says what version it was built for: an `int`.
pub const VERSION_SYMBOL: &str = "qemu_plugin_version";

/// The function that a plugin exports: an [`Install`].
pub const INSTALL_SYMBOL: &str = "qemu_plugin_install";
