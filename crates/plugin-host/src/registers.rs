//! The guest's registers as plugins name them: by handles that depend on the version of the interface.

use crate::host::host;
use engine::{Seat, Word};
use guest::{Place, Register};
use plugin_abi::{CUR_VERSION, Handle, MIN_VERSION, RegDescriptor, RegDescriptorV6, V6};
use std::ffi::{CString, c_char};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A register of the guest, with strings that live for ever.
pub struct Row {
    register: &'static Register,
    name: *const c_char,
    feature: *const c_char,
}

/// The guest's registers.
pub struct Registers {
    pub rows: Vec<Row>,
    /// Row of each of the reference's numbers.
    by_number: Vec<Option<u16>>,
}

/// A register that is a word of the vCPU and no more: most are, and callbacks read them all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain {
    pub word: Word,
    /// 0: the register is something else, or there is none.
    pub bytes: u8,
    /// What `qemu_plugin_read_register` returns.
    pub answer: u8,
}

// SAFETY: the pointers are to strings that are never changed or freed.
unsafe impl Send for Registers {}
// SAFETY: as above.
unsafe impl Sync for Registers {}

static REGISTERS: OnceLock<Registers> = OnceLock::new();

/// By version and handle. A version and a handle make one number, so that one look tells everything.
type Plains = [Plain; VERSIONS << HANDLE_BITS];

/// Handles of plain registers are smaller.
const HANDLE_BITS: u32 = 10;
/// As many as tags of calls have room for.
const VERSIONS: usize = 8;

static PLAINS: AtomicPtr<Plains> = AtomicPtr::new(std::ptr::null_mut());

/// The register that a handle means, if it is a plain one and somebody has asked for the list of registers.
#[inline]
pub fn plain(version: u32, handle: Handle) -> Option<Plain> {
    // SAFETY: only `Registers::get` stores there, and what it stores is never freed.
    let plains = unsafe { PLAINS.load(Ordering::Acquire).as_ref()? };
    let n = ((version as usize % VERSIONS) << HANDLE_BITS) | (handle as usize % (1 << HANDLE_BITS));
    (handle as usize >> HANDLE_BITS == 0 && plains[n].bytes != 0).then_some(plains[n])
}

impl Registers {
    pub fn get() -> &'static Registers {
        REGISTERS.get_or_init(|| {
            let registers = Registers::of(host().engine.guest().registers());
            PLAINS.store(Box::leak(registers.plains()), Ordering::Release);
            registers
        })
    }

    fn of(list: &'static [Register]) -> Registers {
        let row = |register| Row::of(register);
        let len = list.iter().map(|r| r.number as usize + 1).max().unwrap_or(0);
        let mut by_number = vec![None; len];
        list.iter().zip(0..).for_each(|(r, n)| by_number[r.number as usize] = Some(n));
        Registers { rows: list.iter().map(row).collect(), by_number }
    }

    fn plains(&self) -> Box<Plains> {
        let mut plains = Box::new([Plain::NONE; VERSIONS << HANDLE_BITS]);
        for (n, plain) in plains.iter_mut().enumerate() {
            let (version, handle) = ((n >> HANDLE_BITS) as i32, (n % (1 << HANDLE_BITS)) as Handle);
            if (MIN_VERSION..=CUR_VERSION).contains(&version) {
                *plain = self.find(handle, version).map_or(Plain::NONE, |(r, _)| Plain::of(r, version));
            }
        }
        plains
    }

    /// The register that a handle means, and whether the handle says that it is read-only.
    pub fn find(&self, handle: Handle, version: i32) -> Option<(&'static Register, bool)> {
        let raw = handle as usize;
        let (number, read_only) = if version >= V6 { (raw >> 1, raw & 1 != 0) } else { (raw.checked_sub(1)?, false) };
        let row = &self.rows[(*self.by_number.get(number)?)? as usize];
        (version < V6 || read_only == is_read_only(row.register)).then_some((row.register, read_only))
    }
}

impl Row {
    fn of(register: &'static Register) -> Row {
        Row { register, name: intern(register.name), feature: intern(register.feature) }
    }

    pub fn descriptor(&self) -> RegDescriptor {
        RegDescriptor { handle: (self.register.number as usize + 1) as Handle, name: self.name, feature: self.feature }
    }

    pub fn descriptor_v6(&self) -> RegDescriptorV6 {
        let is_readonly = is_read_only(self.register);
        let handle = (self.register.number as usize) << 1 | is_readonly as usize;
        RegDescriptorV6 { handle: handle as Handle, name: self.name, feature: self.feature, is_readonly }
    }
}

impl Plain {
    const NONE: Plain = Plain { word: Word::PC, bytes: 0, answer: 0 };

    fn of(register: &Register, version: i32) -> Plain {
        let word = match register.place {
            Place::Int(var) | Place::Float(var) => Seat::word_of(var),
            Place::Pc => Word::PC,
            Place::Computed { .. } => return Plain::NONE,
        };
        let bytes = register.bytes;
        Plain { word, bytes, answer: if version >= V6 { 1 } else { bytes } }
    }
}

/// A string that lives for ever.
fn intern(text: &str) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}

/// Version 6 calls the program counter read-only: it is set by `qemu_plugin_set_pc`.
fn is_read_only(register: &Register) -> bool {
    matches!(register.place, Place::Pc)
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let handles: Vec<usize> = r.rows.iter().map(|row| row.descriptor().handle as usize).collect();
            assert_eq!(handles, [1, 33]);
            for (handle, name) in handles.iter().zip(["x0", "pc"]) {
                let (register, read_only) = r.find(*handle as Handle, version).unwrap();
                assert_eq!((register.name, read_only), (name, false));
            }
            assert!([0, 2, 34, usize::MAX].iter().all(|h| r.find(*h as Handle, version).is_none()));
        }
        let rows: Vec<RegDescriptorV6> = r.rows.iter().map(Row::descriptor_v6).collect();
        assert!(rows[0].handle.is_null() && !rows[0].is_readonly);
        assert!(rows[1].handle as usize == 65 && rows[1].is_readonly);
        assert!(r.find(rows[1].handle, V6).unwrap().1);
        assert!([1, 64, 66, usize::MAX].iter().all(|h| r.find(*h as Handle, V6).is_none()));
    }

    #[test]
    fn plain_ones_are_found_by_the_same_handles() {
        let computed = Place::Computed { read: |_| 7, write: None };
        let row = |name, number, bytes, place| Register { name, feature: "f", number, bytes, place };
        let list =
            [row("x0", 0, 8, Place::Int(Var(0))), row("f1", 3, 4, Place::Float(Var(40))), row("c", 5, 8, computed)];
        let r = Registers::of(Box::leak(Box::new(list)));
        let plains = r.plains();
        for version in MIN_VERSION..=CUR_VERSION {
            for handle in 0..1 << HANDLE_BITS {
                let plain = plains[(version as usize) << HANDLE_BITS | handle];
                let found = r.find(handle as Handle, version).filter(|(f, _)| f.name != "c");
                assert_eq!(plain.bytes, found.map_or(0, |(f, _)| f.bytes), "{version} {handle}");
            }
        }
        let f1 = |answer| Plain { word: Seat::word_of(Var(40)), bytes: 4, answer };
        assert_eq!(plains[5 << HANDLE_BITS | 4], f1(4));
        assert_eq!(plains[6 << HANDLE_BITS | 6], f1(1));
        assert_eq!(plains[7 << HANDLE_BITS | 6], Plain::NONE);
    }
}
