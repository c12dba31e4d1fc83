//! Who is being called, why, and what it may do; and on which vCPU.
//!
//! Calls that we make ourselves are noted here, in the thread. Calls that generated code makes are noted by it in the
//! vCPU ([`engine::Running`]), as the tag that we gave the call. A caller that is neither (a plugin's own thread) is
//! found by the addresses on its stack.

use crate::plugin::Plugin;
use crate::watch;
use engine::Seat;
use std::cell::Cell;

/// What a callback is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Install,
    VcpuInit,
    VcpuExit,
    Translation,
    Block,
    Insn,
    Access,
    Syscall,
    SyscallRet,
    SyscallFilter,
    Flush,
    AtExit,
    ForEach,
    Reset,
    Uninstall,
    /// Its constructors.
    Load,
}

impl Kind {
    const ALL: [(Kind, &str); 16] = [
        (Kind::Install, "install function"),
        (Kind::VcpuInit, "vcpu_init callback"),
        (Kind::VcpuExit, "vcpu_exit callback"),
        (Kind::Translation, "translation callback"),
        (Kind::Block, "block callback"),
        (Kind::Insn, "instruction callback"),
        (Kind::Access, "memory callback"),
        (Kind::Syscall, "syscall callback"),
        (Kind::SyscallRet, "syscall_ret callback"),
        (Kind::SyscallFilter, "syscall filter"),
        (Kind::Flush, "flush callback"),
        (Kind::AtExit, "atexit callback"),
        (Kind::ForEach, "vcpu_for_each callback"),
        (Kind::Reset, "reset callback"),
        (Kind::Uninstall, "uninstall callback"),
        (Kind::Load, "constructor"),
    ];

    /// How messages call it.
    pub fn name(self) -> &'static str {
        Kind::ALL[self as usize].1
    }
}

/// What a callback may do with registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Allowed {
    Nothing,
    Read,
    Write,
    /// And the pc, so that the callback does not return.
    WritePc,
}

impl Allowed {
    const ALL: [Allowed; 4] = [Allowed::Nothing, Allowed::Read, Allowed::Write, Allowed::WritePc];
}

/// A call into a plugin.
#[derive(Clone, Copy)]
pub struct Current {
    pub plugin: &'static Plugin,
    pub kind: Kind,
    pub allowed: Allowed,
    pub userdata: u64,
}

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
    static SEAT: Cell<Option<&'static Seat>> = const { Cell::new(None) };
}

const KIND_SHIFT: u32 = 16;
const VERSION_SHIFT: u32 = 21;
const ALLOWED_SHIFT: u32 = 24;
/// The callback may read registers.
const READS: u32 = 1 << 26;

/// From this version on callbacks may only do with registers what they were registered for (contract, section 1.9).
pub const ENFORCED: i32 = 5;

impl Current {
    /// The tag of calls that generated code makes for this plugin.
    pub fn tag(plugin: &Plugin, kind: Kind, allowed: Allowed) -> u32 {
        let version = (plugin.version as u32) << VERSION_SHIFT;
        let reads = if plugin.version < ENFORCED || allowed >= Allowed::Read { READS } else { 0 };
        plugin.number | (kind as u32) << KIND_SHIFT | version | (allowed as u32) << ALLOWED_SHIFT | reads
    }

    /// From the note of such a call.
    #[inline]
    pub fn from_running(running: engine::Running) -> Option<Current> {
        let tag = running.tag;
        Some(Current {
            plugin: Plugin::numbered(tag & 0xffff)?,
            kind: Kind::ALL.get((tag >> KIND_SHIFT) as usize & 0x1f)?.0,
            allowed: *Allowed::ALL.get((tag >> ALLOWED_SHIFT) as usize & 3)?,
            userdata: running.data,
        })
    }

    /// Calls into the plugin: `work` does nothing but that, since it may be left by a jump ([`Current::abandoned`]). Into
    /// one that was uninstalled meanwhile nobody calls.
    pub fn during<R: Default>(self, work: impl FnOnce() -> R) -> R {
        if !self.plugin.enter() {
            return R::default();
        }
        let before = note(Some(self));
        let result = work();
        self.plugin.leave();
        note(before);
        result
    }
}

/// After a jump out of calls into plugins: the call that was left is over, and `before` holds again.
pub fn abandoned(before: Option<Current>) {
    if let Some(left) = note(before) {
        left.plugin.leave();
    }
}

/// Notes the call of ours that this thread is in now; gives what was noted.
fn note(call: Option<Current>) -> Option<Current> {
    let before = CURRENT.replace(call);
    if before.is_none() != call.is_none() {
        watch::begin();
    }
    before
}

/// The call of ours that this thread is in.
#[inline]
pub fn noted() -> Option<Current> {
    CURRENT.get()
}

/// The call that this thread is in. Async-signal-safe.
#[inline]
pub fn current() -> Option<Current> {
    noted().or_else(|| Current::from_running(seat()?.running()?))
}

/// If this thread is in a callback from generated code that may read registers: the version of its plugin. The quick way
/// for what callbacks do all the time.
#[inline]
pub fn reading_version(seat: &Seat) -> Option<u32> {
    let tag = seat.running_tag();
    (tag & READS != 0 && noted().is_none()).then_some(tag >> VERSION_SHIFT & 7)
}

/// The vCPU of this thread. Async-signal-safe.
#[inline]
pub fn seat() -> Option<&'static Seat> {
    SEAT.get()
}

/// This thread runs a vCPU from now on, or no longer.
pub fn set_seat(seat: Option<&'static Seat>) {
    SEAT.set(seat);
    match seat {
        Some(_) => watch::arm(),
        None => watch::disarm(),
    }
}

/// The plugin that called us, also from a thread of its own.
pub fn plugin() -> Option<&'static Plugin> {
    current().map(|c| c.plugin).or_else(caller)
}

/// The innermost plugin on the stack.
fn caller() -> Option<&'static Plugin> {
    const DEPTH: usize = 32;
    let mut frames = [std::ptr::null_mut(); DEPTH];
    // SAFETY: fills in at most so many addresses.
    let count = unsafe { libc::backtrace(frames.as_mut_ptr(), DEPTH as i32) };
    frames.iter().take(count.max(0) as usize).find_map(|&f| Plugin::at(f as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::Opened;

    #[test]
    fn tags_say_who_and_why() {
        let plugin = Plugin::new(Opened::unknown("t".into(), 4)).unwrap();
        for (i, (kind, _)) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(i, kind as usize);
            for allowed in Allowed::ALL {
                let tag = Current::tag(plugin, kind, allowed);
                let c = Current::from_running(engine::Running { tag, function: 0, data: 7 }).unwrap();
                assert!(std::ptr::eq(c.plugin, plugin));
                assert_eq!((c.kind, c.allowed, c.userdata), (kind, allowed, 7));
            }
        }
    }

    #[test]
    fn calls_nest() {
        let plugin = Plugin::new(Opened::unknown("n".into(), 4)).unwrap();
        let call = |kind| Current { plugin, kind, allowed: Allowed::Nothing, userdata: 0 };
        call(Kind::Flush).during(|| {
            call(Kind::Reset).during(|| assert_eq!(current().unwrap().kind, Kind::Reset));
            assert_eq!(current().unwrap().kind, Kind::Flush);
        });
        assert!(current().is_none());
    }
}
