//! `fluoro plugin new NAME --lang c|cpp|rust`: a small working plugin to begin with.
//!
//! The files are in `templates/plugin`, whose README says what is replaced in them.

use super::usage;
use crate::parse::Line;
use crate::say::{self, Failure, OURS};
use std::ffi::OsString;
use std::path::Path;
use std::{fs, io};

/// Names and texts of files.
type Files = &'static [(&'static str, &'static str)];

/// A language, and what a project in it consists of.
struct Lang {
    name: &'static str,
    files: Files,
    /// How to build it, and what comes out.
    build: &'static str,
    plugin: &'static str,
}

/// A template, by its language and its name there.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../templates/plugin/", $path))
    };
}

const HEADER: (&str, &str) = ("include/qemu-plugin.h", include_str!("../../../../include/qemu-plugin.h"));

const C: Files = &[
    ("plugin.c", template!("c/plugin.c.in")),
    ("Makefile", template!("c/Makefile.in")),
    ("README.md", template!("c/README.md.in")),
    (".gitignore", template!("c/gitignore.in")),
    HEADER,
];

const CPP: Files = &[
    ("plugin.cc", template!("cpp/plugin.cc.in")),
    ("Makefile", template!("cpp/Makefile.in")),
    ("README.md", template!("cpp/README.md.in")),
    (".gitignore", template!("cpp/gitignore.in")),
    HEADER,
];

const RUST: Files = &[
    ("src/lib.rs", template!("rust/src/lib.rs.in")),
    ("src/qemu.rs", template!("rust/src/qemu.rs.in")),
    ("Cargo.toml", template!("rust/Cargo.toml.in")),
    ("README.md", template!("rust/README.md.in")),
    (".gitignore", template!("rust/gitignore.in")),
];

const LANGS: [Lang; 3] = [
    Lang { name: "c", files: C, build: "make", plugin: "@NAME@.so" },
    Lang { name: "cpp", files: CPP, build: "make", plugin: "@NAME@.so" },
    Lang { name: "rust", files: RUST, build: "cargo build --release", plugin: "target/release/lib@IDENT@.so" },
];

pub fn new(line: &Line, words: &[OsString]) -> Result<u8, Failure> {
    let name = match words {
        [name] => name.to_string_lossy(),
        [] => return Err(usage("new: no name is given".to_string())),
        [_, more, ..] => return Err(usage(format!("{}: one name is enough", more.to_string_lossy()))),
    };
    if let Some(why) = bad_name(&name) {
        return Err(usage(format!("{name}: {why}")));
    }
    let wish = line.settings.lang.as_deref().unwrap_or("c");
    let lang = LANGS.iter().find(|l| l.name == wish);
    let lang = lang.ok_or_else(|| usage(format!("--lang {wish}: is none of c, cpp, rust")))?;
    if lang.name == "rust" && KEYWORDS.contains(&&*name) {
        return Err(usage(format!("{name}: means something to Rust; choose another name")));
    }
    write(lang, &name)?;
    let (build, plugin) = (lang.build, filled(lang.plugin, &name));
    say::result(&format!("made {name}\n  cd {name} && {build}\n  fluoro run -p ./{plugin} ./prog\n"))
}

/// Why this cannot be the name of a project, its folder and its file.
fn bad_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("the name is empty");
    }
    if name.contains('/') {
        return Some("a name is wanted, not a path; go to the folder that the project shall be in");
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("a name begins with a letter");
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Some("a name has only letters, digits, '-' and '_'");
    }
    (name.len() > 60).then_some("the name has more than 60 letters")
}

/// Names that cargo does not take: words of the language, and of cargo itself.
#[rustfmt::skip]
const KEYWORDS: [&str; 56] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match",
    "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    "alloc", "core", "std", "test",
];

fn filled(text: &str, name: &str) -> String {
    text.replace("@NAME@", name).replace("@IDENT@", &name.replace('-', "_"))
}

/// Writes all of it, or nothing.
fn write(lang: &Lang, name: &str) -> Result<(), Failure> {
    let folder = Path::new(name);
    fs::create_dir(folder).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => Failure::new(OURS, format!("{name}: exists already; choose another name")),
        _ => Failure::new(OURS, format!("{name}: {}; go where you may write", say::os_words(&e))),
    })?;
    for (file, text) in lang.files {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, filled(text, name)));
        if let Err(e) = written {
            let _ = fs::remove_dir_all(folder);
            let why = say::os_words(&e);
            return Err(Failure::new(OURS, format!("{}: {why}; nothing was made", path.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["a", "my-plugin", "x_1", "Count"] {
            assert_eq!(bad_name(name), None, "{name}");
        }
        for name in ["", "1a", "-x", "a b", "../x", "a/b", "ä", "a.b", &"x".repeat(61)] {
            assert!(bad_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_template_is_used_and_filled() {
        for lang in &LANGS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/plugin").join(lang.name);
            let own = lang.files.iter().filter(|(name, _)| *name != HEADER.0).count();
            assert_eq!(count(&folder), own, "{}", lang.name);
            for (file, text) in lang.files {
                let text = filled(text, "my-plugin");
                assert!(!text.contains("@NAME@") && !text.contains("@IDENT@"), "{} {file}", lang.name);
            }
        }
        assert_eq!(filled(LANGS[2].plugin, "my-plugin"), "target/release/libmy_plugin.so");
    }

    /// The files in a folder and those below.
    fn count(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
        entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }
}
