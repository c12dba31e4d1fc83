//! `cargo xtask roots`: makes the Debian roots (`tests/roots.sh`).

use crate::repo::root;
use std::process::Command;

/// Runs the verb; the arguments go to the script.
pub fn task(args: &[String]) -> Result<(), String> {
    let status =
        Command::new(root().join("tests/roots.sh")).args(args).status().map_err(|e| format!("roots.sh: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("tests/roots.sh: {status}")) }
}
