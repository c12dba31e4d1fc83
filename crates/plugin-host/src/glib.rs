//! The arrays that cross the interface, made and grown by the glib of the process: only it knows what they are.
//!
//! Plugins link glib or expect the host to have it, so it is opened globally before the first plugin that needs it; an
//! object of this name is opened once in a process, so plugins and host share it.

use crate::fail::fail;
use crate::library::Library;
use plugin_abi::{GArray, GByteArray};
use std::ffi::{CStr, c_int, c_uint, c_void};
use std::sync::OnceLock;

/// The name under which every distribution has it.
const NAME: &CStr = c"libglib-2.0.so.0";

/// What is to be done if it is missing.
const REMEDY: &str = "install it with 'apt install libglib2.0-0t64' (older Debian and Ubuntu: libglib2.0-0; Fedora: \
                      'dnf install glib2')";

type ArrayNew = unsafe extern "C" fn(zero_end: c_int, clear: c_int, element: c_uint, reserved: c_uint) -> *mut GArray;
type ArrayAppend = unsafe extern "C" fn(array: *mut GArray, data: *const c_void, count: c_uint) -> *mut GArray;
type BytesAppend = unsafe extern "C" fn(array: *mut GByteArray, data: *const u8, len: c_uint) -> *mut GByteArray;
type BytesSetSize = unsafe extern "C" fn(array: *mut GByteArray, len: c_uint) -> *mut GByteArray;

/// The functions that we call.
struct Functions {
    array_new: ArrayNew,
    array_append: ArrayAppend,
    bytes_append: BytesAppend,
    bytes_set_size: BytesSetSize,
}

static FUNCTIONS: OnceLock<Result<Functions, String>> = OnceLock::new();

/// Makes glib part of the process, for plugins that need it.
///
/// # Errors
/// It is missing: what to do, in one line.
pub fn load_global() -> Result<(), String> {
    functions().as_ref().map(|_| ()).map_err(String::clone)
}

fn functions() -> &'static Result<Functions, String> {
    FUNCTIONS.get_or_init(|| open().map_err(|e| format!("needs glib, which cannot be loaded ({e}); {REMEDY}")))
}

fn open() -> Result<Functions, String> {
    let library = Library::open_global(NAME)?;
    let address = |name: &CStr| match library.symbol(name)? {
        0 => Err(format!("{} is null", name.to_string_lossy())),
        address => Ok(address),
    };
    // SAFETY: glib's functions of these names have these types (GLib Reference, GArray and GByteArray), and the library is
    // never closed.
    unsafe {
        Ok(Functions {
            array_new: std::mem::transmute::<usize, ArrayNew>(address(c"g_array_sized_new")?),
            array_append: std::mem::transmute::<usize, ArrayAppend>(address(c"g_array_append_vals")?),
            bytes_append: std::mem::transmute::<usize, BytesAppend>(address(c"g_byte_array_append")?),
            bytes_set_size: std::mem::transmute::<usize, BytesSetSize>(address(c"g_byte_array_set_size")?),
        })
    }
}

fn glib() -> &'static Functions {
    functions().as_ref().unwrap_or_else(|e| fail("glib", e))
}

/// A new array of `rows`, with a zero row behind the last and elements cleared when they appear. The plugin frees it.
pub fn array<T: Copy>(rows: &[T]) -> *mut GArray {
    let count = rows.len() as c_uint;
    // SAFETY: `rows` is as many elements of that size as glib copies.
    unsafe {
        let array = (glib().array_new)(1, 1, size_of::<T>() as c_uint, count);
        (glib().array_append)(array, rows.as_ptr().cast(), count)
    }
}

/// Appends the first `count` bytes of a word, 1 to 8, to an array of the plugin's.
///
/// # Safety
/// `array` is a byte array that glib made, and nobody else uses it now.
#[inline]
pub unsafe fn append_word(array: *mut GByteArray, word: u64, count: usize) {
    // SAFETY: the caller's promise; up to `room` bytes at `data` are the array's.
    unsafe {
        let len = (*array).len as usize;
        if count != 8 || len + count > room(array) {
            return append(array, &word.to_le_bytes()[..count.min(8)]);
        }
        (*array).data.add(len).cast::<[u8; 8]>().write(word.to_le_bytes());
        (*array).len = (len + count) as c_uint;
    }
}

/// Bytes that an array has at least, used or not: glib keeps the number to itself, but the C library, whose `malloc`
/// glib's is since 2.46 (contract, section 1.10), knows what it gave. glib asks for powers of two (of 16 bytes and up),
/// so the largest that fits into what the C library rounded it up to is what glib asked for. At most 4 GiB less 1.
///
/// # Safety
/// As [`append_word`].
#[inline]
unsafe fn room(array: *const GByteArray) -> usize {
    // SAFETY: the caller's promise: null, or memory that `malloc` gave.
    let given = unsafe { libc::malloc_usable_size((*array).data.cast()) };
    (1 << (given | 1).ilog2()).min(c_uint::MAX as usize)
}

/// The same by glib, which makes the array longer.
#[cold]
#[inline(never)]
unsafe fn append(array: *mut GByteArray, bytes: &[u8]) {
    // SAFETY: as in `append_word`; glib copies the bytes.
    unsafe { (glib().bytes_append)(array, bytes.as_ptr(), bytes.len() as c_uint) };
}

/// Gives an array of the plugin's this length, and its bytes, of which the new ones are anything.
///
/// glib is only asked to make an array longer: the Rust crate `qemu-plugin` 10.1 passes arrays that glib did not make
/// (address and length of a buffer of its own), and they are always long enough.
///
/// # Safety
/// As [`append_word`]; the slice is used before the plugin goes on.
pub unsafe fn resize<'a>(array: *mut GByteArray, len: u32) -> &'a mut [u8] {
    // SAFETY: the caller's promise. glib has allocated `len` bytes at `data`; any byte is a valid `u8`.
    unsafe {
        if len > (*array).len {
            (glib().bytes_set_size)(array, len);
        }
        (*array).len = len;
        match len {
            0 => &mut [],
            len => std::slice::from_raw_parts_mut((*array).data, len as usize),
        }
    }
}

/// The bytes of an array of the plugin's.
///
/// # Safety
/// As [`resize`].
pub unsafe fn bytes<'a>(array: *const GByteArray) -> &'a [u8] {
    // SAFETY: the caller's promise: `len` bytes are at `data`, which is null if there never was one.
    unsafe {
        match (*array).len {
            0 => &[],
            len => std::slice::from_raw_parts((*array).data, len as usize),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A byte array for tests; it is never freed.
    pub fn byte_array() -> *mut GByteArray {
        let library = Library::open_global(NAME).unwrap();
        let new = library.symbol(c"g_byte_array_new").unwrap();
        // SAFETY: `GByteArray *g_byte_array_new(void)`.
        unsafe { std::mem::transmute::<usize, unsafe extern "C" fn() -> *mut GByteArray>(new)() }
    }

    #[test]
    fn arrays_grow() {
        let array = byte_array();
        // SAFETY: an array of glib's that this test alone uses.
        unsafe {
            assert_eq!(bytes(array), b"");
            append_word(array, u64::from_le_bytes(*b"ab012345"), 2);
            append_word(array, u64::from_le_bytes(*b"cd012345"), 2);
            assert_eq!(bytes(array), b"abcd");
            resize(array, 6)[4..].copy_from_slice(b"ef");
            assert_eq!(bytes(array), b"abcdef");
            assert_eq!(resize(array, 0), b"");
            for n in 1..=100 {
                append_word(array, n * 0x0101_0101_0101_0101, 8);
                assert_eq!(bytes(array).len() as u64, 8 * n);
            }
            assert!(bytes(array).chunks(8).zip(1..).all(|(word, n)| word == [n; 8]));
        }
    }

    #[test]
    fn rows_are_followed_by_a_zero_row() {
        let rows = array(&[7u64, 8, 9]);
        // SAFETY: glib copied three words and appended one of zero.
        unsafe {
            assert_eq!((*rows).len, 3);
            assert_eq!(std::slice::from_raw_parts((*rows).data.cast::<u64>(), 4), [7, 8, 9, 0]);
        }
    }
}
