//! Plants faults in our own source and sees whether the suites notice.
//!
//! A fault is a row of a table: file, text, replacement, and the command that should fail.

/// `cargo xtask mutate`.
pub fn task(_args: &[String]) -> Result<(), String> {
    Err("the table of faults is empty".into())
}
