//! Our own defects: a panic on any thread becomes one line and status 125, at once.
//!
//! A guest whose emulator has gone wrong must not run on, so the process ends where the panic began: nothing unwinds.
//! `FLUORO_BACKTRACE=1` adds Rust's own report. The line is put together without allocating, because memory may be what
//! is missing.

use crate::say::DEFECT;
use std::fmt::{self, Write};
use std::panic::PanicHookInfo;

/// Makes it so.
pub fn install() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::env::var_os("FLUORO_BACKTRACE").is_some_and(|v| v == "1") {
            usual(info);
        }
        emu::leave_with(line(info).text(), DEFECT);
    }));
}

/// A line of bounded length.
struct Line {
    bytes: [u8; 400],
    len: usize,
}

impl Line {
    fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - 1 - self.len;
        let text = &text.as_bytes()[..text.len().min(room)];
        self.bytes[self.len..self.len + text.len()].copy_from_slice(text);
        self.len += text.len();
        Ok(())
    }
}

fn line(info: &PanicHookInfo) -> Line {
    let mut line = Line { bytes: [b'\n'; 400], len: 0 };
    let _ = line.write_str("fluoro: defect");
    if let Some(at) = info.location() {
        let _ = write!(line, " at {}:{}", at.file(), at.line());
    }
    let said = info.payload_as_str().unwrap_or("no words");
    let _ = write!(line, ": ");
    said.split('\n').for_each(|part| {
        let _ = write!(line, "{part} ");
    });
    line.len -= 1;
    let _ = write!(line, "; please report this line and what was run");
    line.len += 1; // the line break that is there already
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_end() {
        let mut line = Line { bytes: [b'\n'; 400], len: 0 };
        for _ in 0..100 {
            write!(line, "{}", "x".repeat(9)).unwrap();
        }
        assert_eq!(line.text().len(), 399);
    }
}
