//! Registers and the pc.

use crate::current::{self, Allowed, ENFORCED};
use crate::fail::misuse;
use crate::glib;
use crate::host::host;
use crate::registers::{self, Registers, Row};
use engine::Seat;
use guest::Register;
use plugin_abi::{GArray, GByteArray, Handle, V6};
use std::ffi::c_int;

/// The vCPU that the caller runs on.
pub fn seat(function: &'static str) -> &'static Seat {
    let Some(seat) = current::seat() else {
        misuse(function, "there is no vCPU here; call it in vcpu_init or later, on the thread of a vCPU");
    };
    seat
}

/// The version that the caller was built for, and what it may do now.
fn caller() -> (i32, Allowed) {
    match current::current() {
        Some(c) => (c.plugin.version, c.allowed),
        // A vCPU's thread in no callback: code of the plugin's that runs on its own account (a signal handler).
        None => (current::plugin().map_or(V6, |p| p.version), Allowed::Nothing),
    }
}

fn register(function: &'static str, handle: Handle, version: i32) -> (&'static Register, bool) {
    Registers::get().find(handle, version).unwrap_or_else(|| {
        misuse(function, &format!("{handle:p} is not a register's handle; take it from qemu_plugin_get_registers"))
    })
}

/// What a function returns that may not do it, or has nothing to do it with.
fn refused(version: i32) -> c_int {
    if version >= V6 { 0 } else { -1 }
}

/// What both functions return that have read or written so many bytes: version 6 knows yes and no, earlier ones the size.
fn answer(version: i32, bytes: u8) -> c_int {
    if version >= V6 { (bytes != 0).into() } else { bytes.into() }
}

/// `qemu_plugin_get_registers`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_get_registers() -> *mut GArray {
    seat("qemu_plugin_get_registers");
    let rows = &Registers::get().rows;
    if caller().0 >= V6 {
        glib::array(&rows.iter().map(Row::descriptor_v6).collect::<Vec<_>>())
    } else {
        glib::array(&rows.iter().map(Row::descriptor).collect::<Vec<_>>())
    }
}

/// `qemu_plugin_read_register`: appends the bytes. (A bool is an int whose lowest byte is 0 or 1.)
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_read_register(handle: Handle, buf: *mut GByteArray) -> c_int {
    // Callbacks do little else, so what most of them read is found with a few looks.
    if let Some(seat) = current::seat()
        && let Some(version) = current::reading_version(seat)
        && let Some(plain) = registers::plain(version, handle)
        && !buf.is_null()
    {
        // SAFETY: by the interface, an array of glib's that the caller has.
        unsafe { glib::append_word(buf, seat.at(plain.word), plain.bytes.into()) };
        return plain.answer.into();
    }
    read_any_register(handle, buf)
}

/// The same for whatever register and caller, with all messages.
#[inline(never)]
fn read_any_register(handle: Handle, buf: *mut GByteArray) -> c_int {
    const NAME: &str = "qemu_plugin_read_register";
    let seat = seat(NAME);
    let (version, allowed) = caller();
    if version >= ENFORCED && allowed < Allowed::Read {
        return refused(version);
    }
    let (register, _) = register(NAME, handle, version);
    if buf.is_null() {
        misuse(NAME, "the buffer is NULL; pass a GByteArray");
    }
    // SAFETY: as above.
    unsafe { glib::append_word(buf, register.read(seat), register.bytes.into()) };
    answer(version, register.bytes)
}

/// `qemu_plugin_write_register`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_write_register(handle: Handle, buf: *mut GByteArray) -> c_int {
    const NAME: &str = "qemu_plugin_write_register";
    let seat = seat(NAME);
    let (version, allowed) = caller();
    if buf.is_null() {
        misuse(NAME, "the buffer is NULL; pass a GByteArray");
    }
    // SAFETY: as in `qemu_plugin_read_register`.
    let bytes = unsafe { glib::bytes(buf) };
    if bytes.is_empty() || allowed < Allowed::Write {
        return refused(version);
    }
    let (register, read_only) = register(NAME, handle, version);
    if read_only {
        misuse(NAME, &format!("register {} is read-only; use qemu_plugin_set_pc", register.name));
    }
    let len = register.bytes as usize;
    if bytes.len() < len {
        misuse(NAME, &format!("register {} has {len} bytes, the buffer {}", register.name, bytes.len()));
    }
    let mut value = [0; 8];
    value[..len].copy_from_slice(&bytes[..len]);
    let written = host().engine.write_registers(seat, || register.write(seat, u64::from_le_bytes(value)));
    answer(version, if written { register.bytes } else { 0 })
}

/// `qemu_plugin_set_pc`: leaves the callback, and does not return.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_set_pc(vaddr: u64) {
    const NAME: &str = "qemu_plugin_set_pc";
    let seat = seat(NAME);
    if caller().1 < Allowed::WritePc {
        misuse(NAME, "this callback may not set the pc; register it with QEMU_PLUGIN_CB_RW_REGS_PC");
    }
    seat.leave(vaddr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_depend_on_the_version() {
        assert_eq!((answer(5, 8), answer(4, 0), refused(5)), (8, 0, -1));
        assert_eq!((answer(6, 8), answer(6, 0), refused(6)), (1, 0, 0));
    }
}
