//! What stands behind `-plugin`: `[file=]FILE[,name=value…]`, as the plugin contract (section 1.11) has it.
//!
//! The texts of warnings and errors are the contract's, because scripts know them; the name of the program at the
//! front of each is left to the caller.

use emu::PluginSpec;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What `help` prints.
pub const HELP: &str = "Plugin options\n  file=<path/to/plugin.so>\n  plugin specific arguments\n";

/// Why a string names no plugins.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// It asks for [`HELP`].
    Help,
    /// It is wrong: the text behind `PROG: `.
    Wrong(String),
    /// The same, and what is wrong is that it names no file.
    NoFile(&'static str),
}

/// The plugins that several strings name, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PluginWords {
    /// A path that was named twice, spelled alike, stands here once, with the arguments of both.
    pub specs: Vec<PluginSpec>,
    /// The texts behind `PROG: warning: `, some of two lines.
    pub warnings: Vec<String>,
}

/// `name=value`, or a word without `=`.
struct Element {
    name: Vec<u8>,
    value: Option<Vec<u8>>,
}

impl PluginWords {
    /// Takes one string.
    ///
    /// # Errors
    /// Why no plugin is to be loaded at all. Warnings up to there are kept.
    pub fn add(&mut self, text: &OsStr) -> Result<(), Stop> {
        let elements = elements(text.as_bytes());
        check_ids(&elements)?;
        let mut current = None;
        for Element { name, value } in elements {
            let (name, value) = match value {
                Some(value) => (name, value),
                None => self.short_form(name),
            };
            if is_help(&value) {
                return Err(Stop::Help);
            }
            match &name[..] {
                b"id" => {}
                b"file" if value.is_empty() => return Err(Stop::NoFile("requires a non-empty argument")),
                b"file" => current = Some(self.spec(value)),
                _ => {
                    let at = current.ok_or(Stop::NoFile("missing earlier '-plugin file=' option"))?;
                    let argument = if name == b"arg" { self.old_style(&value) } else { joined(&name, &value) };
                    self.specs[at].args.push(OsString::from_vec(argument));
                }
            }
        }
        Ok(())
    }

    /// The entry of a path.
    fn spec(&mut self, file: Vec<u8>) -> usize {
        let file = OsString::from_vec(file);
        self.specs.iter().position(|s| s.file == file).unwrap_or_else(|| {
            self.specs.push(PluginSpec { file, args: Vec::new() });
            self.specs.len() - 1
        })
    }

    /// `foo` means `foo=on`, `nofoo` means `foo=off`, `no` nothing off, with a warning.
    fn short_form(&mut self, word: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        if is_help(&word) {
            return (word, b"on".to_vec());
        }
        let (name, value) = match word.strip_prefix(b"no") {
            Some(name) => (name.to_vec(), "off"),
            None => (word.clone(), "on"),
        };
        let (word, shown) = (lossy(&word), lossy(&name));
        self.warnings
            .push(format!("short-form boolean option '{word}' deprecated\nPlease use {shown}={value} instead"));
        (name, value.into())
    }

    /// `arg=X`, as before names were allowed.
    fn old_style(&mut self, value: &[u8]) -> Vec<u8> {
        if is_boolean(value) {
            return joined(b"arg", value);
        }
        let argument = if value.contains(&b'=') { value.to_vec() } else { joined(value, b"on") };
        let (value, shown) = (lossy(value), lossy(&argument));
        self.warnings.push(format!("using 'arg={value}' is deprecated\nPlease use '{shown}' directly"));
        argument
    }
}

/// The words that name a truth value (as `qemu_plugin_bool_parse` has them).
fn is_boolean(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] = [b"on", b"yes", b"true", b"y", b"off", b"no", b"false", b"n"];
    WORDS.contains(&value)
}

fn is_help(word: &[u8]) -> bool {
    matches!(word, b"help" | b"?")
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn joined(name: &[u8], value: &[u8]) -> Vec<u8> {
    [name, b"=", value].concat()
}

/// Splits at commas that are not doubled. The first element is the file if its first `,` comes before its first `=`.
fn elements(text: &[u8]) -> Vec<Element> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, behind) = part(rest);
        let named = |text: &[u8]| text.iter().find(|b| matches!(b, b'=' | b',')) == Some(&b'=');
        parts.push(if parts.is_empty() && !named(rest) {
            Element { name: b"file".to_vec(), value: Some(part) }
        } else {
            match part.iter().position(|&b| b == b'=') {
                Some(at) => Element { name: part[..at].to_vec(), value: Some(part[at + 1..].to_vec()) },
                None => Element { name: part, value: None },
            }
        });
        rest = behind;
    }
    parts
}

/// The text up to a single comma, with doubled ones as one, and what follows that comma.
fn part(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut part, mut at) = (Vec::new(), 0);
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            (b',', Some(b',')) => at += 1,
            (b',', _) => break,
            _ => {}
        }
        part.push(text[at]);
        at += 1;
    }
    (part, text.get(at + 1..).unwrap_or_default())
}

/// `id=…` is looked at before anything else.
fn check_ids(elements: &[Element]) -> Result<(), Stop> {
    let wrong = |e: &&Element| e.name == b"id" && e.value.as_ref().is_some_and(|v| !is_identifier(v));
    match elements.iter().find(wrong) {
        None => Ok(()),
        Some(_) => Err(Stop::Wrong(
            "Parameter 'id' expects an identifier\nIdentifiers consist of letters, digits, '-', '.', '_', starting \
             with a letter."
                .into(),
        )),
    }
}

fn is_identifier(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// The string that means this plugin again, wherever the working directory is by then.
///
/// The file becomes an absolute path by putting the working directory before it and nothing else, so that two
/// spellings of one file stay two. A name without `/` that is no file here is left to the search of the dynamic
/// linker.
pub fn again(spec: &PluginSpec) -> OsString {
    let mut text = b"file=".to_vec();
    let relative = !spec.file.as_bytes().starts_with(b"/");
    let searched = !spec.file.as_bytes().contains(&b'/') && !std::path::Path::new(&spec.file).exists();
    if let (true, false, Ok(here)) = (relative, searched, std::env::current_dir()) {
        escape(here.as_os_str().as_bytes(), &mut text);
        text.push(b'/');
    }
    escape(spec.file.as_bytes(), &mut text);
    for argument in &spec.args {
        let bytes = argument.as_bytes();
        let at = bytes.iter().position(|&b| b == b'=').unwrap_or(bytes.len());
        let (name, value) = (&bytes[..at], bytes.get(at + 1..).unwrap_or_default());
        let special = matches!(name, b"file" | b"id") || name == b"arg" && !is_boolean(value) || is_help(value);
        // The old style hands over anything that has a `=` as it is.
        text.extend(if special { &b",arg="[..] } else { b"," });
        escape(bytes, &mut text);
    }
    OsString::from_vec(text)
}

fn escape(bytes: &[u8], text: &mut Vec<u8>) {
    for &b in bytes {
        text.push(b);
        if b == b',' {
            text.push(b);
        }
    }
}

#[cfg(test)]
mod tests;
