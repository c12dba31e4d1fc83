//! Guest memory, and what an access was.

use crate::current;
use crate::exports::state;
use crate::fail::misuse;
use crate::glib;
use crate::host::host;
use engine::instrument::AccessInfo;
use plugin_abi::{GByteArray, Hwaddr, HwaddrResult, MemInfo, MemValue};
use std::ffi::{c_char, c_int, c_uint};

/// `qemu_plugin_read_memory_vaddr`: whatever the pages allow.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_read_memory_vaddr(addr: u64, data: *mut GByteArray, len: usize) -> bool {
    const NAME: &str = "qemu_plugin_read_memory_vaddr";
    if len == 0 {
        return false;
    }
    if data.is_null() {
        misuse(NAME, "the buffer is NULL; pass a GByteArray");
    }
    let Ok(len) = u32::try_from(len) else {
        misuse(NAME, &format!("{len} bytes do not fit into a GByteArray; read at most 4 GiB at a time"));
    };
    // SAFETY: by the interface, an array of glib's that the caller has.
    let to = unsafe { glib::resize(data, len) };
    host().engine.peek(addr, to)
}

/// `qemu_plugin_write_memory_vaddr`: whatever the pages allow; code is translated anew.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_write_memory_vaddr(addr: u64, data: *mut GByteArray) -> bool {
    const NAME: &str = "qemu_plugin_write_memory_vaddr";
    if data.is_null() {
        misuse(NAME, "the buffer is NULL; pass a GByteArray");
    }
    // SAFETY: as above.
    let bytes = unsafe { glib::bytes(data) };
    let engine = &host().engine;
    if bytes.is_empty() {
        return false;
    }
    let written = engine.poke(addr, bytes);
    engine.invalidate_from(current::seat(), addr, bytes.len() as u64);
    written
}

/// `qemu_plugin_read_memory_hwaddr`: a single program has no such addresses.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_read_memory_hwaddr(_addr: u64, _data: *mut GByteArray, _len: usize) -> c_int {
    HwaddrResult::Error as c_int
}

/// `qemu_plugin_write_memory_hwaddr`: as for reading.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_write_memory_hwaddr(_addr: u64, _data: *mut GByteArray) -> c_int {
    HwaddrResult::Error as c_int
}

/// `qemu_plugin_translate_vaddr`: as for reading.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_translate_vaddr(_vaddr: u64, _hwaddr: *mut u64) -> bool {
    false
}

/// `qemu_plugin_mem_size_shift`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_mem_size_shift(info: MemInfo) -> c_uint {
    AccessInfo(info).size_log2()
}

/// `qemu_plugin_mem_is_sign_extended`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_mem_is_sign_extended(info: MemInfo) -> bool {
    AccessInfo(info).is_signed()
}

/// `qemu_plugin_mem_is_big_endian`: RISC-V programs of Linux have no such accesses.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_mem_is_big_endian(_info: MemInfo) -> bool {
    false
}

/// `qemu_plugin_mem_is_store`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_mem_is_store(info: MemInfo) -> bool {
    AccessInfo(info).is_store()
}

/// `qemu_plugin_mem_get_value`: of the access that the calling callback is about.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_mem_get_value(info: MemInfo) -> MemValue {
    let [low, high] = state::seat("qemu_plugin_mem_get_value").access_value();
    MemValue::new(AccessInfo(info).size_log2(), low, high)
}

/// `qemu_plugin_get_hwaddr`: a single program has none.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_get_hwaddr(_info: MemInfo, _vaddr: u64) -> *mut Hwaddr {
    std::ptr::null_mut()
}

/// `qemu_plugin_hwaddr_is_io`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_hwaddr_is_io(_haddr: *const Hwaddr) -> bool {
    false
}

/// `qemu_plugin_hwaddr_phys_addr`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_hwaddr_phys_addr(_haddr: *const Hwaddr) -> u64 {
    0
}

/// `qemu_plugin_hwaddr_device_name`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_hwaddr_device_name(_haddr: *const Hwaddr) -> *const c_char {
    c"Invalid".as_ptr()
}
