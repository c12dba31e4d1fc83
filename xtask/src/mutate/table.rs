//! The list of faults. A line without indentation names a file; each indented line below it is `old ==> new`, both on
//! one line of the source; `old` must be there exactly once (the file's tests, from `#[cfg(test)]` on, do not count).

use std::path::Path;

/// Where the list stands.
pub const FILE: &str = "xtask/mutants.txt";

/// One fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    pub old: String,
    pub new: String,
}

/// Reads the list.
pub fn read(text: &str) -> Result<Vec<Fault>, String> {
    let mut faults = Vec::new();
    let mut file = "";
    for (at, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            file = content;
            continue;
        }
        let Some((old, new)) = content.split_once(" ==> ").or_else(|| Some((content.strip_suffix(" ==>")?, ""))) else {
            return Err(format!("{FILE}:{}: is not 'old ==> new'", at + 1));
        };
        faults.push(Fault { file: file.into(), old: old.into(), new: new.into() });
    }
    Ok(faults)
}

/// The part of a file in which faults are planted.
fn plain(text: &str) -> &str {
    text.find("#[cfg(test)]").map_or(text, |at| &text[..at])
}

/// The file's text with the fault.
pub fn planted(text: &str, fault: &Fault) -> Option<String> {
    let at = plain(text).find(&fault.old)?;
    Some(format!("{}{}{}", &text[..at], fault.new, &text[at + fault.old.len()..]))
}

/// Why a fault does not fit the source as it is.
pub fn misfit(root: &Path, fault: &Fault) -> Option<String> {
    let text = std::fs::read_to_string(root.join(&fault.file)).unwrap_or_default();
    match plain(&text).matches(&fault.old).count() {
        1 => None,
        n => Some(format!("{}: '{}' is there {n} times", fault.file, fault.old)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_faults_by_file() {
        let faults = read("# list\na.rs\n    x + y ==> x - y\n    foo(); ==>\nb.rs\n    1 ==> 2\n").unwrap();
        assert_eq!(faults.len(), 3);
        assert_eq!(
            (faults[0].file.as_str(), faults[0].old.as_str(), faults[0].new.as_str()),
            ("a.rs", "x + y", "x - y")
        );
        assert_eq!((faults[1].old.as_str(), faults[1].new.as_str()), ("foo();", ""));
        assert_eq!(faults[2].file, "b.rs");
        assert!(read("a.rs\n  nothing\n").is_err());
    }

    #[test]
    fn plants_outside_of_tests_only() {
        let fault = Fault { file: "a".into(), old: "1".into(), new: "2".into() };
        assert_eq!(planted("a1b\n#[cfg(test)]\n1", &fault).unwrap(), "a2b\n#[cfg(test)]\n1");
        assert!(planted("#[cfg(test)]\n1", &fault).is_none());
    }
}
