//! Rules about documents: what they name exists, and nothing in the tree names the machine it was written on.

use super::House;
use std::fs;
use std::path::PathBuf;

/// First folders of paths that documents name.
const ROOTS: [&str; 8] = ["crates/", "xtask/", "tests/", "docs/", "bench/", "samples/", ".ci/", ".cargo/"];

/// What looks like a path of ours in a document's backticks.
fn path_of(word: &str) -> Option<&str> {
    let path = word.trim_start_matches("./").split(':').next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let ours = ROOTS.iter().any(|r| path.starts_with(r)) && path.chars().all(plain);
    ours.then(|| path.trim_end_matches(['/', '.', ',']))
}

/// Folders that exist only after a build or a download.
const MADE: [&str; 2] = ["tests/roots", "bench/out"];

/// Every path in backticks exists, from the root or from a crate.
pub fn paths(house: &House) -> Vec<String> {
    let crates: Vec<PathBuf> =
        fs::read_dir(house.root.join("crates")).into_iter().flatten().flatten().map(|e| e.path()).collect();
    let exists = |path: &str| house.root.join(path).exists() || crates.iter().any(|c| c.join(path).exists());
    let mut complaints = Vec::new();
    for doc in &house.docs {
        for (at, line) in doc.text.lines().enumerate() {
            let quoted = line.split('`').skip(1).step_by(2);
            for path in quoted.flat_map(str::split_whitespace).filter_map(path_of) {
                if !MADE.iter().any(|m| path.starts_with(m)) && !exists(path) {
                    complaints.push(format!("{}:{}: {path} does not exist", doc.path, at + 1));
                }
            }
        }
    }
    complaints
}

/// No absolute path of a developer's machine.
pub fn machines(house: &House) -> Vec<String> {
    let folders = [concat!("/wo", "rk/"), concat!("/ho", "me/")];
    let mut complaints = Vec::new();
    for file in house.docs.iter().chain(&house.rust) {
        for (at, line) in file.text.lines().enumerate() {
            if let Some(folder) = folders.iter().find(|f| line.contains(**f)) {
                complaints.push(format!("{}:{}: names {folder}…", file.path, at + 1));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::File;

    #[test]
    fn paths_are_found_and_placeholders_are_not() {
        assert_eq!(path_of("crates/ir/src/op.rs:12"), Some("crates/ir/src/op.rs"));
        assert_eq!(path_of("./samples/"), Some("samples"));
        assert_eq!(path_of("crates/guest-*/src"), None);
        assert_eq!(path_of("linux/src/sys"), None);
    }

    #[test]
    fn a_missing_file_is_a_complaint() {
        let doc = File { path: "A.md".into(), text: "see `crates/nowhere/src/x.rs` and `xtask/Cargo.toml`\n".into() };
        let house =
            House { rust: vec![], manifests: vec![], docs: vec![doc], lock: String::new(), root: crate::repo::root() };
        assert_eq!(paths(&house), ["A.md:1: crates/nowhere/src/x.rs does not exist"]);
    }
}
