//! Where something went wrong: in which callback, for what its user data was registered, and where the guest was.

use crate::current::{self, Current, Kind};
use crate::fail::Line;
use crate::host::Host;
use bits::Addr;
use engine::Seat;
use engine::diagnose::Caller;
use std::fmt::{self, Display, Write};

/// A callback that this thread is in.
#[derive(Clone, Copy)]
pub struct Place {
    pub call: Current,
    /// The guest's; nothing on a thread that runs no guest code yet.
    pc: Option<Addr>,
    /// What it was registered on, if that was shown in a translation callback.
    site: Option<Site>,
}

/// What a callback was registered on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Site {
    Block(Addr),
    Insn { pc: Addr, block: Addr },
}

impl Site {
    /// Of a callback that runs for this block, at this pc.
    fn of(kind: Kind, block: Addr, pc: Addr) -> Option<Site> {
        match kind {
            Kind::Block => Some(Site::Block(block)),
            Kind::Insn | Kind::Access => Some(Site::Insn { pc, block }),
            _ => None,
        }
    }
}

impl Place {
    /// The callback that this thread is in. Async-signal-safe.
    pub fn now() -> Option<Place> {
        let call = current::current()?;
        let seat = current::seat();
        let site = seat.and_then(|seat| {
            // Only generated code, or who stands in for it, has made calls that are not noted.
            let generated = current::noted().is_none();
            Site::of(call.kind, generated.then(|| Host::get()?.engine.block_of_callback(seat))??, seat.pc())
        });
        Some(Place { call, pc: seat.map(Seat::pc), site })
    }

    /// A callback that generated code has called without a note.
    pub fn of_caller(caller: Caller) -> Option<Place> {
        let Caller { block, pc, call } = caller;
        let running = engine::Running { tag: call.tag, function: call.function, data: call.data };
        let call = Current::from_running(running)?;
        Some(Place { call, pc: Some(pc), site: Site::of(call.kind, block, pc) })
    }

    /// Adds ` <function+distance>` of the guest's pc, if it is in one. Needs memory and locks.
    pub fn add_function(&self, line: &mut Line) {
        let (Some(pc), Some(symbols)) = (self.pc, Host::get().map(|h| &h.setup.symbols)) else { return };
        let Some(name) = symbols(pc) else { return };
        let inside =
            |distance: u64| pc >= distance && symbols(pc - distance).is_some_and(|n| n.as_ptr() == name.as_ptr());
        let distance = last(inside);
        let _ = write!(line, " <{}+{distance:#x}>", name.to_str().unwrap_or("?"));
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.call.kind {
            Kind::Load => f.write_str(" while it was loaded")?,
            kind => write!(f, " in its {}", kind.name())?,
        }
        if self.call.userdata != 0 {
            write!(f, ", userdata {:#x}", self.call.userdata)?;
        }
        match self.site {
            Some(Site::Block(block)) => write!(f, ", registered on the block at {block:#x}")?,
            Some(Site::Insn { pc, block }) => {
                write!(f, ", registered on the instruction at {pc:#x} of the block at {block:#x}")?;
            }
            None => {}
        }
        self.pc.map_or(Ok(()), |pc| write!(f, ", guest pc {pc:#x}"))
    }
}

/// A place, or what is known without one.
pub struct Where<'a>(pub Option<&'a Place>);

impl Display for Where<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {
            Some(place) => place.fmt(f),
            None if current::seat().is_some() => f.write_str(" in a callback"),
            None => f.write_str(" on a thread of its own"),
        }
    }
}

/// The largest number for which something holds that holds for 0 and up to a point.
fn last(holds: impl Fn(u64) -> bool) -> u64 {
    let mut beyond = 1;
    while holds(beyond) && beyond < 1 << 32 {
        beyond *= 2;
    }
    let mut known = beyond / 2;
    while known + 1 < beyond {
        let middle = known.midpoint(beyond);
        if holds(middle) { known = middle } else { beyond = middle }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_for_which_it_holds() {
        for n in [0, 1, 2, 3, 7, 8, 9, 1000, 4096] {
            assert_eq!(last(|i| i <= n), n);
        }
    }
}
