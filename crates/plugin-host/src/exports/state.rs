//! Registers and the pc.

use crate::current::{self, Allowed};
use crate::fail::misuse;
use crate::glib;
use crate::host::host;
use engine::Seat;
use guest::Register;
use plugin_abi::{GArray, GByteArray, Handle, RegDescriptor, RegDescriptorV6, V6};
use std::ffi::{CString, c_char, c_int};
use std::sync::OnceLock;

/// From this version on callbacks may only do with registers what they were registered for (contract, section 1.9).
const ENFORCED: i32 = 5;

/// A register of the guest, with strings that live for ever.
struct Row {
    register: &'static Register,
    name: *const c_char,
    feature: *const c_char,
}

/// The guest's registers.
struct Registers {
    rows: Vec<Row>,
    /// Row of each of the reference's numbers.
    by_number: Vec<Option<u16>>,
}

// SAFETY: the pointers are to strings that are never changed or freed.
unsafe impl Send for Registers {}
// SAFETY: as above.
unsafe impl Sync for Registers {}

impl Registers {
    fn get() -> &'static Registers {
        static REGISTERS: OnceLock<Registers> = OnceLock::new();
        REGISTERS.get_or_init(|| Registers::of(host().engine.guest().registers()))
    }

    fn of(list: &'static [Register]) -> Registers {
        let row = |r| Row { register: r, name: intern(r.name), feature: intern(r.feature) };
        let len = list.iter().map(|r| r.number as usize + 1).max().unwrap_or(0);
        let mut by_number = vec![None; len];
        list.iter().zip(0..).for_each(|(r, n)| by_number[r.number as usize] = Some(n));
        Registers { rows: list.iter().map(row).collect(), by_number }
    }

    /// The register that a handle means, and whether the handle says that it is read-only.
    fn find(&self, handle: Handle, version: i32) -> Option<(&'static Register, bool)> {
        let raw = handle as usize;
        let (number, read_only) = if version >= V6 { (raw >> 1, raw & 1 != 0) } else { (raw.checked_sub(1)?, false) };
        let row = &self.rows[(*self.by_number.get(number)?)? as usize];
        (version < V6 || read_only == is_read_only(row.register)).then_some((row.register, read_only))
    }

    fn descriptor(row: &Row) -> RegDescriptor {
        RegDescriptor { handle: (row.register.number as usize + 1) as Handle, name: row.name, feature: row.feature }
    }

    fn descriptor_v6(row: &Row) -> RegDescriptorV6 {
        let is_readonly = is_read_only(row.register);
        let handle = (row.register.number as usize) << 1 | is_readonly as usize;
        RegDescriptorV6 { handle: handle as Handle, name: row.name, feature: row.feature, is_readonly }
    }
}

/// A string that lives for ever.
fn intern(text: &str) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}

/// Version 6 calls the program counter read-only: it is set by `qemu_plugin_set_pc`.
fn is_read_only(register: &Register) -> bool {
    matches!(register.place, guest::Place::Pc)
}

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

/// What both functions return: version 6 knows yes and no, earlier ones the size and something else.
fn answer(version: i32, done: Result<u8, c_int>) -> c_int {
    match done {
        Ok(_) if version >= V6 => 1,
        Ok(bytes) => bytes.into(),
        Err(_) if version >= V6 => 0,
        Err(value) => value,
    }
}

/// `qemu_plugin_get_registers`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_get_registers() -> *mut GArray {
    seat("qemu_plugin_get_registers");
    let rows = &Registers::get().rows;
    if caller().0 >= V6 {
        glib::array(&rows.iter().map(Registers::descriptor_v6).collect::<Vec<_>>())
    } else {
        glib::array(&rows.iter().map(Registers::descriptor).collect::<Vec<_>>())
    }
}

/// `qemu_plugin_read_register`: appends the bytes. (A bool is an int whose lowest byte is 0 or 1.)
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_read_register(handle: Handle, buf: *mut GByteArray) -> c_int {
    const NAME: &str = "qemu_plugin_read_register";
    let seat = seat(NAME);
    let (version, allowed) = current::called_by_code(seat).unwrap_or_else(caller);
    if version >= ENFORCED && allowed < Allowed::Read {
        return answer(version, Err(-1));
    }
    let (register, _) = register(NAME, handle, version);
    if buf.is_null() {
        misuse(NAME, "the buffer is NULL; pass a GByteArray");
    }
    let value = register.read(seat).to_le_bytes();
    // SAFETY: by the interface, an array of glib's that the caller has.
    unsafe { glib::append(buf, &value[..register.bytes as usize]) };
    answer(version, Ok(register.bytes))
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
    if bytes.is_empty() {
        return answer(version, Err(0));
    }
    if allowed < Allowed::Write {
        return answer(version, Err(-1));
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
    answer(version, if written { Ok(register.bytes) } else { Err(0) })
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
    use guest::Place;
    use ir::Var;

    fn two() -> Registers {
        let row = |name, number, place| Register { name, feature: "f", number, bytes: 8, place };
        let list = Box::leak(Box::new([row("x0", 0, Place::Int(Var(0))), row("pc", 32, Place::Pc)]));
        Registers::of(list)
    }

    #[test]
    fn handles_depend_on_the_version() {
        let r = two();
        for version in 2..=5 {
            let handles: Vec<usize> = r.rows.iter().map(|row| Registers::descriptor(row).handle as usize).collect();
            assert_eq!(handles, [1, 33]);
            for (handle, name) in handles.iter().zip(["x0", "pc"]) {
                let (register, read_only) = r.find(*handle as Handle, version).unwrap();
                assert_eq!((register.name, read_only), (name, false));
            }
            assert!([0, 2, 34, usize::MAX].iter().all(|h| r.find(*h as Handle, version).is_none()));
        }
        let rows: Vec<RegDescriptorV6> = r.rows.iter().map(Registers::descriptor_v6).collect();
        assert!(rows[0].handle.is_null() && !rows[0].is_readonly);
        assert!(rows[1].handle as usize == 65 && rows[1].is_readonly);
        assert!(r.find(rows[1].handle, V6).unwrap().1);
        assert!([1, 64, 66, usize::MAX].iter().all(|h| r.find(*h as Handle, V6).is_none()));
    }

    #[test]
    fn answers_depend_on_the_version() {
        assert_eq!((answer(5, Ok(8)), answer(5, Err(-1)), answer(4, Err(0))), (8, -1, 0));
        assert_eq!((answer(6, Ok(8)), answer(6, Err(-1)), answer(6, Err(0))), (1, 0, 0));
    }
}
