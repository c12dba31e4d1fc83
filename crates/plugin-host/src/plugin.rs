//! A loaded plugin.

use crate::library::Library;
use plugin_abi::CUR_VERSION;
use std::ffi::{CString, c_char};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, Ordering};

/// Plugins that a process can have.
pub const MAX: usize = 256;

/// All plugins ever loaded, by their numbers less 1. Readable from signal handlers.
static TABLE: [AtomicPtr<Plugin>; MAX] = [const { AtomicPtr::new(std::ptr::null_mut()) }; MAX];

/// What waits to be done with a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Pending {
    Nothing,
    Reset,
    Uninstall,
}

/// A plugin. It is never freed, so that whatever refers to it stays valid; its library is closed when it is uninstalled.
pub struct Plugin {
    /// What the plugin knows itself by.
    pub id: u64,
    /// 1 and up, in the order of loading: part of the tags of calls.
    pub number: u32,
    /// The file as the user named it.
    pub name: String,
    /// The version of the interface that it was built for.
    pub version: i32,
    pub library: Library,
    /// The addresses of its code and data; empty if unknown.
    pub range: Range<usize>,
    pub abilities: Abilities,
    arguments: Mutex<Arguments>,
    pending: AtomicU8,
    /// Calls of ours into it that have not come back, except those that generated code makes.
    inside: AtomicU32,
    /// Its library is closed when the last of them comes back.
    close: AtomicBool,
    /// That was asked for at some time: nobody goes in any more.
    closing: AtomicBool,
}

/// What a plugin can do, by the functions that its file names; one that is not known can do everything.
#[derive(Clone, Copy, Debug)]
pub struct Abilities {
    /// It may ask for the addresses of scoreboards' elements.
    pub finds_elements: bool,
    /// It may watch translation.
    pub watches_blocks: bool,
}

impl Abilities {
    pub const ALL: Abilities = Abilities { finds_elements: true, watches_blocks: true };
}

/// `argv`: the strings, and the addresses of them.
#[derive(Default)]
struct Arguments {
    strings: Vec<CString>,
    pointers: Vec<usize>,
}

/// A plugin's file that was opened; the fields of the same name in [`Plugin`] say what they are.
pub struct Opened {
    pub name: String,
    pub version: i32,
    pub library: Library,
    pub range: Range<usize>,
    pub abilities: Abilities,
    /// The arguments.
    pub strings: Vec<CString>,
}

impl Opened {
    /// One of which nothing else is known.
    pub fn unknown(name: String, version: i32) -> Opened {
        Opened { name, version, library: Library::none(), range: 0..0, abilities: Abilities::ALL, strings: vec![] }
    }
}

impl Plugin {
    /// Makes a plugin and numbers it.
    ///
    /// `None`: there are [`MAX`] already.
    pub fn new(file: Opened) -> Option<&'static Plugin> {
        let number = TABLE.iter().position(|p| p.load(Ordering::SeqCst).is_null())? as u32 + 1;
        let plugin = Box::leak(Plugin::made(number, file));
        TABLE[number as usize - 1].store(plugin, Ordering::SeqCst);
        Some(plugin)
    }

    /// What stands for a file while it is loaded, when nothing is known of it yet: no number leads to it.
    pub fn loading(name: String) -> &'static Plugin {
        Box::leak(Plugin::made(0, Opened::unknown(name, CUR_VERSION)))
    }

    fn made(number: u32, file: Opened) -> Box<Plugin> {
        let Opened { name, version, library, range, abilities, strings } = file;
        let pointers = strings.iter().map(|s| s.as_ptr() as usize).chain([0]).collect();
        Box::new(Plugin {
            id: id_of(number),
            number,
            name,
            version,
            library,
            range,
            abilities,
            arguments: Mutex::new(Arguments { strings, pointers }),
            pending: AtomicU8::new(Pending::Nothing as u8),
            inside: AtomicU32::new(0),
            close: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        })
    }

    /// The plugin with this number. Lock-free and async-signal-safe.
    pub fn numbered(number: u32) -> Option<&'static Plugin> {
        let slot = TABLE.get((number as usize).checked_sub(1)?)?.load(Ordering::SeqCst);
        // SAFETY: only `new` stores here, and what it stores is never freed.
        unsafe { slot.as_ref() }
    }

    /// All plugins ever loaded.
    pub fn all() -> impl Iterator<Item = &'static Plugin> {
        (1..).map_while(Plugin::numbered)
    }

    /// The plugin whose code or data is at this address. Async-signal-safe.
    pub fn at(address: usize) -> Option<&'static Plugin> {
        Plugin::all().find(|p| p.range.contains(&address) && p.library.is_open())
    }

    /// `argc` and `argv`, which stay valid until the plugin is closed; no argument: null.
    pub fn arguments(&self) -> (i32, *mut *mut c_char) {
        let mut arguments = self.arguments.lock().unwrap_or_else(|e| e.into_inner());
        match arguments.strings.len() {
            0 => (0, std::ptr::null_mut()),
            count => (count as i32, arguments.pointers.as_mut_ptr().cast()),
        }
    }

    /// Notes that something is to be done, unless that much is noted already.
    pub fn ask(&self, what: Pending) -> bool {
        self.pending.fetch_max(what as u8, Ordering::SeqCst) < what as u8
    }

    /// A reset is done.
    pub fn reset_done(&self) {
        let (from, to) = (Pending::Reset as u8, Pending::Nothing as u8);
        let _ = self.pending.compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Whether it is about to be uninstalled, or was.
    pub fn is_leaving(&self) -> bool {
        self.pending.load(Ordering::SeqCst) == Pending::Uninstall as u8
    }

    /// One of our calls wants in; not any more if the library is, or is being, closed: a thread may have looked up the
    /// callback before the plugin was uninstalled (callbacks about system calls run while others work alone).
    pub fn enter(&self) -> bool {
        self.inside.fetch_add(1, Ordering::SeqCst);
        let stays = !self.closing.load(Ordering::SeqCst);
        if !stays {
            self.leave();
        }
        stays
    }

    /// It is back.
    pub fn leave(&self) {
        if self.inside.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.close_if_wanted();
        }
    }

    /// Closes the library as soon as nobody is in it.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.close.store(true, Ordering::SeqCst);
        self.close_if_wanted();
    }

    /// Who is counted after `closing` was set does not stay.
    fn close_if_wanted(&self) {
        let wanted = self.close.load(Ordering::SeqCst) && self.inside.load(Ordering::SeqCst) == 0;
        if wanted && self.close.swap(false, Ordering::SeqCst) {
            self.library.close();
            *self.arguments.lock().unwrap_or_else(|e| e.into_inner()) = Arguments::default();
        }
    }
}

/// An id that is no index, no address, and nothing that a plugin could make up.
fn id_of(number: u32) -> u64 {
    let mut x = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ x >> 27
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_goes_into_a_plugin_that_is_closed() {
        let plugin = Plugin::new(Opened::unknown("closed".into(), 4)).unwrap();
        assert!(plugin.enter());
        plugin.close();
        assert!(plugin.close.load(Ordering::SeqCst), "somebody is in it");
        assert!(!plugin.enter());
        assert!(plugin.close.load(Ordering::SeqCst), "somebody is still in it");
        plugin.leave();
        assert!(!plugin.close.load(Ordering::SeqCst), "the last one closes it");
        assert!(!plugin.enter());
    }

    #[test]
    fn ids_differ() {
        let ids: std::collections::BTreeSet<u64> = (1..1000).map(id_of).collect();
        assert_eq!(ids.len(), 999);
        assert!(ids.iter().all(|&id| id > u32::MAX as u64));
    }

    #[test]
    fn a_reset_waits_behind_nothing_that_is_more() {
        let p = Plugin::new(Opened { strings: vec![c"a=b".into()], ..Opened::unknown("x".into(), 4) }).unwrap();
        assert!(p.ask(Pending::Reset) && !p.ask(Pending::Reset));
        assert!(p.ask(Pending::Uninstall) && !p.ask(Pending::Reset) && !p.ask(Pending::Uninstall));
        p.reset_done();
        assert!(p.is_leaving());
        assert!(std::ptr::eq(Plugin::numbered(p.number).unwrap(), p));
        assert_eq!(p.arguments().0, 1);
    }
}
