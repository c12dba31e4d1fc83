//! Our own words: errors and warnings, one line each, on stderr.
//!
//! `fluoro: THING: what is wrong; what to do` is the only shape an error has. Errors travel as [`Failure`] values to
//! `main`, which prints the line and ends with the status; nothing below prints and exits by itself.

use crate::settings::Color;
use std::fmt::Display;
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;

/// Wrong usage of the command line.
pub const USAGE: u8 = 2;
/// A plugin could not be loaded, or a file of ours could not be read or written.
pub const OURS: u8 = 1;
pub use emu::DEFECT;
/// The program was found but cannot be run.
pub const CANNOT_RUN: u8 = 126;
/// The program was not found.
pub const NOT_FOUND: u8 = 127;

/// Why a verb ended early: the one line to print (without `fluoro: `) and the exit status.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub status: u8,
    pub line: String,
    /// Who says so, if it is not `fluoro`: the reference's texts begin with the name the program was started under.
    pub prog: Option<String>,
}

impl Failure {
    pub fn new(status: u8, line: impl Into<String>) -> Failure {
        Failure { status, line: line.into(), prog: None }
    }

    /// About plugins: the reference's texts under the name of this program.
    pub fn plugin(prog: &str, line: impl Into<String>) -> Failure {
        Failure { status: OURS, line: line.into(), prog: Some(prog.to_string()) }
    }

    /// Prints the line.
    pub fn say(&self) {
        match &self.prog {
            None => line(&self.line),
            Some(prog) => line_by(prog, &self.line),
        }
    }

    /// Wrong usage of `verb` (empty: of the program as a whole): the line ends with where to read on.
    pub fn usage(verb: &str, line: impl Display) -> Failure {
        let verb = if verb.is_empty() { String::new() } else { format!(" {verb}") };
        Failure::new(USAGE, format!("{line}; try 'fluoro help{verb}'"))
    }

    /// Wrong usage of the drop-in name `prog`.
    pub fn drop_in_usage(prog: &str, line: impl Display) -> Failure {
        Failure::new(USAGE, format!("{line}; try '{prog} -h'"))
    }
}

/// Writes one line of ours to stderr in one system call, so that lines of several processes do not mix. That stderr
/// is closed or full is not worth another message.
pub fn line(text: impl Display) {
    line_by("fluoro", text);
}

/// The same under another name.
pub fn line_by(prog: &str, text: impl Display) {
    let text = format!("{prog}: {text}\n");
    let _ = std::io::stderr().write_all(text.as_bytes());
}

pub fn warning(text: impl Display) {
    line(format_args!("warning: {text}"));
}

/// Whether results are to be coloured.
pub fn color(wish: Color) -> bool {
    match wish {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// Prints a verb's result on stdout; what comes back is the verb's status. A reader that went away is no error.
///
/// # Errors
/// The stream is closed or takes no more.
pub fn result(text: &str) -> Result<u8, Failure> {
    // Not through the standard library's handle, which takes a closed stream for one that swallows everything.
    let stream = std::io::stdout().as_fd().try_clone_to_owned().map(File::from);
    match stream.and_then(|mut stream| stream.write_all(text.as_bytes())) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            let what = format!("standard output: {}; send it where there is room", os_words(&e));
            Err(Failure::new(OURS, what))
        }
        _ => Ok(0),
    }
}

/// Prints a text about usage on stderr; what comes back is the status.
pub fn usage_text(text: &str) -> u8 {
    let _ = std::io::stderr().write_all(text.as_bytes());
    USAGE
}

/// The words of an operating system error without Rust's `(os error 2)`.
pub fn os_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(at) => text[..at].to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_points_to_help() {
        assert_eq!(Failure::usage("run", "--x: unknown option").line, "--x: unknown option; try 'fluoro help run'");
        assert_eq!(Failure::usage("", "x").line, "x; try 'fluoro help'");
    }

    #[test]
    fn os_errors_read_as_strerror_writes_them() {
        assert_eq!(os_words(&std::io::Error::from_raw_os_error(2)), "No such file or directory");
    }
}
