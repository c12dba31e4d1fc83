//! The values that options take: sizes, plain numbers, addresses, switches, lists of variables.
//!
//! Each reader returns the reason why a text is wrong, as the tail of a sentence that names the option.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// A change to the guest's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvEdit {
    Set(OsString, OsString),
    Unset(OsString),
}

/// The text of a value that has to be text.
pub fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| "is not UTF-8 text".to_string())
}

/// The name of a file of ours.
pub fn file(value: &OsStr) -> Result<PathBuf, String> {
    if value.is_empty() { Err("is empty; name a file".to_string()) } else { Ok(value.into()) }
}

/// Digits, or `0x` and hexadecimal digits.
fn digits(s: &str) -> Option<u64> {
    match s.strip_prefix("0x").or_else(|| s.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None if s.starts_with('+') => None,
        None => s.parse().ok(),
    }
}

/// A number without a unit, decimal or `0x…`.
pub fn number(value: &OsStr) -> Result<u64, String> {
    digits(text(value)?).ok_or_else(|| "is not a number; use digits, or 0x and hexadecimal digits".to_string())
}

/// A number of seconds.
pub fn seconds(value: &OsStr) -> Result<u32, String> {
    let wrong = || format!("is not a whole number of seconds (at most {})", u32::MAX);
    digits(text(value)?).and_then(|n| n.try_into().ok()).ok_or_else(wrong)
}

/// A size in bytes: a number, then perhaps `k M G` (powers of 1000) or `Ki Mi Gi` (powers of 1024). The reference's
/// option takes `K` as 1024 as well, so a capital K does here.
pub fn size(value: &OsStr) -> Result<u64, String> {
    const UNITS: [(&str, u64); 8] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("K", 1 << 10),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("", 1),
    ];
    let wrong = || "is not a size; use digits, then k, M, G, Ki, Mi or Gi".to_string();
    let s = text(value)?;
    let (number, unit) = UNITS.iter().find_map(|(u, n)| Some((s.strip_suffix(u)?, n))).ok_or_else(wrong)?;
    digits(number).and_then(|n| n.checked_mul(*unit)).ok_or_else(wrong)
}

/// What a variable or a configuration file says to a switch.
pub fn switch(value: &OsStr) -> Result<bool, String> {
    match text(value)? {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("is neither on (1, true, yes) nor off (0, false, no)".to_string()),
    }
}

/// `NAME=value[,NAME=value…]`. A comma that no `NAME=` follows belongs to the value before it.
pub fn set_variables(value: &OsStr) -> Result<Vec<EnvEdit>, String> {
    let mut edits: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for item in value.as_bytes().split(|&b| b == b',') {
        match (split_assignment(item), edits.last_mut()) {
            (Some((name, value)), _) => edits.push((name.to_vec(), value.to_vec())),
            (None, Some((_, value))) => {
                value.push(b',');
                value.extend_from_slice(item);
            }
            (None, None) => return Err("is not NAME=value; name the variable and its value".to_string()),
        }
    }
    let os = OsString::from_vec;
    Ok(edits.into_iter().map(|(name, value)| EnvEdit::Set(os(name), os(value))).collect())
}

fn split_assignment(item: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = item.iter().position(|&b| b == b'=')?;
    let name = &item[..at];
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    (!name.is_empty() && name.iter().all(plain)).then(|| (name, &item[at + 1..]))
}

/// `NAME[,NAME…]`.
pub fn unset_variables(value: &OsStr) -> Result<Vec<EnvEdit>, String> {
    let mut edits = Vec::new();
    for name in value.as_bytes().split(|&b| b == b',') {
        if name.is_empty() || name.contains(&b'=') {
            return Err("is not the name of a variable".to_string());
        }
        edits.push(EnvEdit::Unset(OsString::from_vec(name.to_vec())));
    }
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(s: &str) -> &OsStr {
        OsStr::new(s)
    }

    #[test]
    fn sizes() {
        assert_eq!(size(os("8388608")), Ok(8388608));
        assert_eq!(size(os("0x1000")), Ok(4096));
        let units = [("2Ki", 2 << 10), ("8Mi", 8 << 20), ("3Gi", 3 << 30), ("2K", 2 << 10), ("3k", 3_000)];
        for (text, bytes) in units.into_iter().chain([("4M", 4_000_000), ("5G", 5_000_000_000)]) {
            assert_eq!(size(os(text)), Ok(bytes), "{text}");
        }
        for wrong in ["", "M", "12Q", "-1", "+1", "1.5M", "99999999999G"] {
            assert!(size(os(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn variables() {
        let set = |n: &str, v: &str| EnvEdit::Set(n.into(), v.into());
        assert_eq!(set_variables(os("A=1,B=2")), Ok(vec![set("A", "1"), set("B", "2")]));
        assert_eq!(set_variables(os("A=1,2,B=")), Ok(vec![set("A", "1,2"), set("B", "")]));
        assert!(set_variables(os("A")).is_err());
        assert!(set_variables(os("=1")).is_err());
        let unset = |n: &str| EnvEdit::Unset(n.into());
        assert_eq!(unset_variables(os("A,B")), Ok(vec![unset("A"), unset("B")]));
        assert!(unset_variables(os("A=1")).is_err());
        assert!(unset_variables(os("")).is_err());
    }

    #[test]
    fn switches() {
        assert_eq!(switch(os("1")), Ok(true));
        assert_eq!(switch(os("off")), Ok(false));
        assert!(switch(os("2")).is_err());
    }
}
