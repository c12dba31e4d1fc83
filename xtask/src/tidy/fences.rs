//! Where `unsafe` may stand, and how often.

use super::House;
use super::source::code_only;
use crate::repo::File;
use std::collections::BTreeMap;

/// Crates that may hold unsafe code anywhere.
const FENCES: [&str; 4] = ["memory", "codebuf", "hostos", "plugin-host"];

/// Further files that may: the jump into generated code, the program's entry, and a plugin, which speaks a C interface.
const FILES: [&str; 3] = ["crates/engine/src/enter.rs", "crates/cli/src/main.rs", "tests/plugins/rust/src/lib.rs"];

/// The counts that were agreed to.
const COUNTS: &str = "xtask/unsafe-counts.txt";

fn allowed(file: &File) -> bool {
    file.crate_name().is_some_and(|c| FENCES.contains(&c)) || FILES.contains(&file.path.as_str())
}

/// Occurrences of the word in code.
fn count(file: &File) -> usize {
    let code = code_only(&file.text);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let uses = code.match_indices("unsafe").filter(|(at, found)| {
        let (before, after) = (&code[..*at], &code[at + found.len()..]);
        !before.ends_with(word) && !after.starts_with(word) && !is_pointer_type(after)
    });
    uses.count()
}

/// Whether what follows the word makes it the type of a function pointer, which does nothing by itself.
fn is_pointer_type(after: &str) -> bool {
    let after = after.trim_start();
    let after = after.strip_prefix("extern").unwrap_or(after).trim_start();
    after.strip_prefix("fn").is_some_and(|rest| rest.starts_with('('))
}

/// No unsafe code outside, and crates outside forbid it themselves.
pub fn fences(house: &House) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in &house.rust {
        if !allowed(file) && count(file) > 0 {
            complaints.push(format!("{}: unsafe code outside the fences", file.path));
        }
        let root = file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs");
        let name = file.crate_name().unwrap_or_default();
        // The engine's root holds enter.rs, which could not lift a `forbid`.
        let fenced = allowed(file) || name == "engine";
        if root && file.crate_name().is_some() && !fenced && !file.text.contains("#![forbid(unsafe_code)]") {
            complaints.push(format!("{}: lacks #![forbid(unsafe_code)]", file.path));
        }
    }
    complaints
}

fn counted(house: &House) -> BTreeMap<String, usize> {
    house.rust.iter().filter(|f| allowed(f)).map(|f| (f.path.clone(), count(f))).filter(|(_, n)| *n > 0).collect()
}

/// The counts equal what is written down.
pub fn counts(house: &House) -> Vec<String> {
    let text = std::fs::read_to_string(house.root.join(COUNTS)).unwrap_or_default();
    let agreed: BTreeMap<&str, usize> =
        text.lines().filter_map(|l| l.split_once(' ')).filter_map(|(n, path)| Some((path, n.parse().ok()?))).collect();
    let grown = counted(house).into_iter().filter(|(path, n)| agreed.get(path.as_str()).is_none_or(|a| n > a));
    let remedy = "look at it again, then 'cargo xtask tidy --bless'";
    grown.map(|(path, n)| format!("{path}: has {n} uses of unsafe, more than {COUNTS} says; {remedy}")).collect()
}

/// Writes the counts down.
pub fn bless(house: &House) -> Result<(), String> {
    let text: String = counted(house).iter().map(|(path, n)| format!("{n} {path}\n")).collect();
    std::fs::write(house.root.join(COUNTS), text).map_err(|e| format!("{COUNTS}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_functions_count_and_pointer_types_do_not() {
        let text = "type T = unsafe extern \"C\" fn(id: u64);\nunsafe extern \"C\" fn f() {}\nlet a = unsafe { 1 };\n// unsafe\n";
        assert_eq!(count(&File { path: "crates/a/src/b.rs".into(), text: text.into() }), 2);
    }
}
