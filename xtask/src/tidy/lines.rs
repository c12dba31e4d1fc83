//! Rules about Rust files: their head, their length, the length of functions, words, and marks of unfinished work.

use super::House;
use super::source::{self, Function, code_only};
use crate::repo::File;

/// Lines that a function may have, unless it is marked as a table.
const FUNCTION: usize = 100;
/// Lines that a file may have, and a file that is marked as a table.
const FILE: usize = 800;
const TABLE_FILE: usize = 1500;
/// The mark, in a comment of its own.
const MARK: &str = "// table";

/// Every file begins with `//!`.
pub fn headers(house: &House) -> Vec<String> {
    let bare = house.rust.iter().filter(|f| !f.text.starts_with("//!") && !is_tests_file(f));
    bare.map(|f| format!("{}: does not begin with a //! that says what it is for", f.path)).collect()
}

/// `foo/tests.rs`, whose head is the module beside it.
fn is_tests_file(file: &File) -> bool {
    file.path.ends_with("/tests.rs")
}

fn body<'a>(file: &'a File, f: &Function) -> impl Iterator<Item = &'a str> {
    file.text.lines().skip(f.line - 1).take(f.lines)
}

fn functions_of(file: &File) -> Vec<Function> {
    source::functions(&code_only(&file.text))
}

/// No function is longer than [`FUNCTION`] lines, except tables.
pub fn functions(house: &House) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in &house.rust {
        for f in functions_of(file).iter().filter(|f| f.lines > FUNCTION) {
            if !body(file, f).any(|l| l.trim_start().starts_with(MARK)) {
                complaints.push(format!("{}:{}: function {} has {} lines", file.path, f.line, f.name, f.lines));
            }
        }
    }
    complaints
}

/// No file is longer than [`FILE`] lines, except tables.
pub fn files(house: &House) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in &house.rust {
        let lines = file.text.lines().count();
        let table = file.text.lines().any(|l| l.trim() == MARK);
        let limit = if table { TABLE_FILE } else { FILE };
        if lines > limit {
            complaints.push(format!("{}: has {lines} lines, more than {limit}", file.path));
        }
    }
    complaints
}

/// Marks of unfinished work, and what slipped in while looking for a bug.
pub fn undone(house: &House) -> Vec<String> {
    let marks = ["todo!(", "unimplemented!(", "#[ignore", "dbg!(", "static mut "];
    let mut complaints = Vec::new();
    for file in &house.rust {
        let code = code_only(&file.text);
        for (at, line) in code.lines().enumerate() {
            if let Some(mark) = marks.iter().find(|m| line.contains(**m)) {
                complaints.push(format!("{}:{}: {mark}", file.path, at + 1));
            }
        }
    }
    complaints
}

/// Other words for things that have a name here, with the name, and the crates where the word means something else.
const WORDS: [(&str, &str, &[&str]); 4] = [
    ("instr", "insn", &[]),
    ("instrs", "insns", &[]),
    ("opcode", "op", &["guest", "guest-riscv", "host-x64"]),
    ("hook", "probe", &["engine", "hostos", "plugin-host", "cli"]),
];

/// No identifier has a part that is a synonym.
pub fn words(house: &House) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.rust.iter().filter(|f| f.path.starts_with("crates/")) {
        let here = file.crate_name().unwrap_or_default();
        for (at, line) in code_only(&file.text).lines().enumerate() {
            let mut parts = line.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase);
            let banned = parts.find_map(|p| WORDS.iter().find(|(w, _, except)| *w == p && !except.contains(&here)));
            if let Some((word, name, _)) = banned {
                complaints.push(format!("{}:{}: '{word}'; the word is '{name}'", file.path, at + 1));
            }
        }
    }
    complaints
}

/// Crates and files that may depend on the host by `cfg`.
const CFG: [&str; 5] = ["crates/emu/", "crates/hostos/", "crates/host-x64/", "crates/memory/", "crates/codebuf/"];

/// `cfg` on the processor or the operating system stands in few files.
pub fn cfgs(house: &House) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in house.rust.iter().filter(|f| !CFG.iter().any(|c| f.path.starts_with(c))) {
        for (at, line) in code_only(&file.text).lines().enumerate() {
            if line.contains("target_arch") || line.contains("target_os") {
                complaints.push(format!("{}:{}: cfg on the host belongs into emu or hostos", file.path, at + 1));
            }
        }
    }
    complaints
}

/// One line of figures.
pub fn figures(house: &House) -> String {
    let ours: Vec<&File> = house.rust.iter().filter(|f| f.path.contains("/src/")).collect();
    let lines: usize = ours.iter().map(|f| f.text.lines().count()).sum();
    let mut lengths: Vec<usize> = ours.iter().flat_map(|f| functions_of(f)).map(|f| f.lines).collect();
    lengths.sort_unstable();
    let at = |share: usize| lengths.get(lengths.len() * share / 100).copied().unwrap_or(0);
    format!(
        "{} files, {lines} lines, {} functions: median {}, 90 % {}, 99 % {} lines",
        ours.len(),
        lengths.len(),
        at(50),
        at(90),
        at(99)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(path: &str, text: &str) -> House {
        let rust = vec![File { path: path.into(), text: text.into() }];
        House { rust, manifests: vec![], docs: vec![], lock: String::new(), root: ".".into() }
    }

    #[test]
    fn long_functions_are_found_unless_they_are_tables() {
        let body = "    x();\n".repeat(100);
        let long = house("crates/a/src/lib.rs", &format!("//! a\nfn f() {{\n{body}}}\n"));
        assert_eq!(functions(&long), ["crates/a/src/lib.rs:2: function f has 102 lines"]);
        let table = house("crates/a/src/lib.rs", &format!("//! a\nfn f() {{\n    // table\n{body}}}\n"));
        assert!(functions(&table).is_empty());
    }

    #[test]
    fn words_and_marks() {
        let h = house("crates/ir/src/lib.rs", "let instr_len = 1; // hook\ntodo!();\nlet s = \"opcode\";\n");
        assert_eq!(words(&h).len(), 1);
        assert_eq!(undone(&h).len(), 1);
        assert_eq!(headers(&h).len(), 1);
        assert!(words(&house("crates/guest-riscv/src/a.rs", "let opcode = 1;")).is_empty());
    }
}
