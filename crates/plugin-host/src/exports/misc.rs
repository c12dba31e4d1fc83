//! Output, arguments, the program's code, time.

use crate::fail::misuse;
use crate::image;
use crate::log;
use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

/// `qemu_plugin_outs`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_outs(string: *const c_char) {
    if string.is_null() {
        misuse("qemu_plugin_outs", "the text is NULL");
    }
    // SAFETY: by the interface a string.
    log::write(unsafe { CStr::from_ptr(string) }.to_bytes());
}

/// What a word says, exactly as written here.
fn truth(word: &[u8]) -> Option<bool> {
    match word {
        b"on" | b"yes" | b"true" | b"y" => Some(true),
        b"off" | b"no" | b"false" | b"n" => Some(false),
        _ => None,
    }
}

/// `qemu_plugin_bool_parse`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_bool_parse(name: *const c_char, val: *const c_char, ret: *mut bool) -> bool {
    if name.is_null() || val.is_null() {
        return false;
    }
    // SAFETY: by the interface a string.
    let Some(value) = truth(unsafe { CStr::from_ptr(val) }.to_bytes()) else { return false };
    if ret.is_null() {
        misuse("qemu_plugin_bool_parse", "the place for the result is NULL");
    }
    // SAFETY: by the interface the caller's variable.
    unsafe { ret.write(value) };
    true
}

/// `qemu_plugin_path_to_binary`: the caller frees it with `g_free`, which is the C library's `free`.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_path_to_binary() -> *mut c_char {
    let path = image::facts("qemu_plugin_path_to_binary").path.as_ptr();
    // SAFETY: a string; the copy is made by `malloc`.
    unsafe { libc::strdup(path) }
}

/// `qemu_plugin_start_code`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_start_code() -> u64 {
    image::facts("qemu_plugin_start_code").start_code
}

/// `qemu_plugin_end_code`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_end_code() -> u64 {
    image::facts("qemu_plugin_end_code").end_code
}

/// `qemu_plugin_entry_code`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_entry_code() -> u64 {
    image::facts("qemu_plugin_entry_code").entry_code
}

/// What time control is: a token, and no more, since a single program's time is the host's.
static TIME: u8 = 0;

/// `qemu_plugin_request_time_control`: granted to the first that asks (contract, section 5, row 33).
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_request_time_control() -> *const c_void {
    static GRANTED: AtomicBool = AtomicBool::new(false);
    if GRANTED.swap(true, Ordering::Relaxed) { std::ptr::null() } else { (&raw const TIME).cast() }
}

/// `qemu_plugin_update_ns`: accepted, without effect.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_update_ns(handle: *const c_void, _time: i64) {
    if handle != (&raw const TIME).cast() {
        misuse("qemu_plugin_update_ns", "the handle is not what qemu_plugin_request_time_control gave");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_exactly() {
        for (word, value) in [(c"on", Some(true)), (c"y", Some(true)), (c"off", Some(false)), (c"no", Some(false))]
            .into_iter()
            .chain([c"ON", c"1", c"0", c"", c"On", c"truely"].map(|w| (w, None)))
        {
            let mut result = true;
            assert_eq!(qemu_plugin_bool_parse(c"n".as_ptr(), word.as_ptr(), &mut result), value.is_some(), "{word:?}");
            assert_eq!(result, value.unwrap_or(true), "{word:?}");
        }
        let mut result = true;
        assert!(!qemu_plugin_bool_parse(c"n".as_ptr(), std::ptr::null(), &mut result));
        assert!(!qemu_plugin_bool_parse(std::ptr::null(), c"on".as_ptr(), &mut result));
    }
}
