//! The end of the process over a plugin's mistake: one line that names the plugin and what it did, and status 1.

use crate::current;
use crate::host::Host;
use crate::place::{Place, Where};
use std::fmt::{self, Write};

/// A line of bounded length, put together without allocating.
pub struct Line {
    bytes: [u8; Line::MAX],
    len: usize,
}

impl Line {
    const MAX: usize = 1000;

    /// A line of ours, with our name at its front.
    pub fn new() -> Line {
        let mut line = Line { bytes: [0; Line::MAX], len: 0 };
        let program = Host::get().map_or("fluoro", |h| &h.setup.program);
        let _ = write!(line, "{program}: ");
        line
    }

    /// Writes it in one call, to the standard error stream of the start if the guest left us that.
    pub fn print(mut self) {
        let (fd, text) = self.finish();
        hostos::call::write(fd, text);
    }

    /// As [`Line::print`], unless nobody makes room for it within 200 ms.
    pub fn print_soon(mut self) {
        let (fd, text) = self.finish();
        hostos::call::write_soon(fd, text, 200);
    }

    /// Where it is written, and what.
    fn finish(&mut self) -> (i32, &[u8]) {
        self.len = self.len.min(Line::MAX - 1);
        self.bytes[self.len] = b'\n';
        let kept = Host::get().and_then(|h| h.stderr.as_ref());
        (kept.map_or(libc::STDERR_FILENO, |fd| fd.number()), &self.bytes[..self.len + 1])
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = Line::MAX - self.len;
        let text = &text.as_bytes()[..text.len().min(room)];
        self.bytes[self.len..self.len + text.len()].copy_from_slice(text);
        self.len += text.len();
        Ok(())
    }
}

/// Says `PROG: THING: what`, and ends the process ([`end`]).
pub fn fail(thing: impl fmt::Display, what: &str) -> ! {
    let mut line = Line::new();
    let _ = write!(line, "{thing}: {what}");
    end(line)
}

/// Says it, and ends the process at once with status 1, without exit handlers: a plugin's state cannot be relied on.
/// What plugins print through the C library is not lost.
fn end(line: Line) -> ! {
    line.print();
    // SAFETY: the plugins' own streams; no lock of ours is involved.
    unsafe { libc::fflush(std::ptr::null_mut()) };
    hostos::signal::exit_group(1)
}

/// The plugin that calls `function` of the interface misuses it.
pub fn misuse(function: &str, what: &str) -> ! {
    let Some(plugin) = current::plugin() else {
        fail(function, &format!("{what}; the caller is no plugin that was loaded"));
    };
    let place = Place::now();
    let mut line = Line::new();
    let _ = write!(line, "plugin {} misuses {function}{}", plugin.name, Where(place.as_ref()));
    if let Some(place) = place {
        place.add_function(&mut line);
    }
    let _ = write!(line, ": {what}");
    end(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded() {
        let mut line = Line::new();
        for _ in 0..300 {
            line.write_str("0123456789").unwrap();
        }
        assert_eq!(line.len, Line::MAX);
        assert!(line.bytes.starts_with(b"fluoro: 0123"));
    }
}
