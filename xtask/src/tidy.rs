//! The rules of the house that a machine can check. `cargo xtask tidy` and `cargo test` run them.
//!
//! A rule is a function from the repository to complaints, and a row in one list. A complaint names the place, the
//! rule and what to do.

mod docs;
mod fences;
mod floors;
mod lines;
mod source;

use crate::repo::{self, File};
use std::path::Path;

/// What a rule looks at.
pub struct House {
    /// Every Rust file.
    pub rust: Vec<File>,
    /// Every manifest.
    pub manifests: Vec<File>,
    /// Every Markdown file.
    pub docs: Vec<File>,
    /// The lock file.
    pub lock: String,
    pub root: std::path::PathBuf,
}

impl House {
    fn read(root: &Path) -> House {
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
        House {
            rust: repo::files(root, &["rs"]),
            manifests: repo::files(root, &["toml"]),
            docs: repo::files(root, &["md"]),
            lock,
            root: root.to_path_buf(),
        }
    }
}

type Rule = fn(&House) -> Vec<String>;

const RULES: &[(&str, Rule)] = &[
    ("dependencies go down", floors::floors),
    ("few dependencies between crates", floors::fan_out),
    ("external dependencies are listed", floors::external),
    ("unsafe code stays inside the fences", fences::fences),
    ("the number of unsafe blocks does not grow unnoticed", fences::counts),
    ("every module says what it is for", lines::headers),
    ("functions are short", lines::functions),
    ("files are short", lines::files),
    ("nothing is left undone", lines::undone),
    ("one word a thing", lines::words),
    ("only listed files know guest and host", lines::cfgs),
    ("paths in documents exist", docs::paths),
    ("no machine's paths", docs::machines),
];

/// Every complaint, each with its rule.
pub fn complaints(root: &Path) -> Vec<String> {
    let house = House::read(root);
    RULES.iter().flat_map(|(rule, check)| check(&house).into_iter().map(move |c| format!("{c} ({rule})"))).collect()
}

/// `cargo xtask tidy`: prints the complaints and some figures; `--bless` writes the counts of unsafe blocks down.
pub fn task(args: &[String]) -> Result<(), String> {
    let root = repo::root();
    if args.iter().any(|a| a == "--bless") {
        fences::bless(&House::read(&root))?;
    }
    let all = complaints(&root);
    all.iter().for_each(|c| println!("{c}"));
    println!("{}", lines::figures(&House::read(&root)));
    if all.is_empty() { Ok(()) } else { Err(format!("{} complaints", all.len())) }
}
