//! Who is told of what: one slot per plugin and event, the plugin that registered last first.

use crate::plugin::Plugin;
use engine::instrument::Watched;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What plugins can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Event {
    VcpuInit,
    VcpuExit,
    /// Of machines only.
    VcpuIdle,
    VcpuResume,
    Translation,
    Syscall,
    SyscallRet,
    SyscallFilter,
    Flush,
    AtExit,
    /// Of machines only.
    Interrupt,
    Exception,
    Hostcall,
}

const COUNT: usize = Event::Hostcall as usize + 1;

/// Somebody wants to be told of the end: as [`Events::wanted`], without its lock.
static END_WANTED: AtomicBool = AtomicBool::new(false);

/// Whether somebody is to be told of the end. Async-signal-safe.
pub fn is_end_wanted() -> bool {
    END_WANTED.load(Ordering::Relaxed)
}

/// A registration.
#[derive(Clone, Copy)]
pub struct Slot {
    pub plugin: &'static Plugin,
    /// Address of a function of the event's type.
    pub function: usize,
    pub userdata: u64,
}

/// The lists. A walk works on a copy, so registrations during a walk do not change it.
#[derive(Default)]
pub struct Events {
    lists: [Arc<Vec<Slot>>; COUNT],
    watched: Watched,
}

impl Events {
    /// Registers, replaces in place, or removes (`function` 0). Says whether plugins may see more now.
    pub fn register(&mut self, event: Event, plugin: &'static Plugin, function: usize, userdata: u64) -> bool {
        let list = Arc::make_mut(&mut self.lists[event as usize]);
        let slot = Slot { plugin, function, userdata };
        match list.iter().position(|s| std::ptr::eq(s.plugin, plugin)) {
            Some(at) if function == 0 => drop(list.remove(at)),
            Some(at) => list[at] = slot,
            None if function == 0 => {}
            None => list.insert(0, slot),
        }
        self.note_end();
        let (before, now) = (self.watched, self.wanted_now());
        // Not less: what was registered on blocks is still there, and registers for events when it is called.
        self.watched = Watched { blocks: before.blocks || now.blocks, calls: before.calls || now.calls };
        self.watched != before
    }

    /// What plugins may see: what they registered for, and what they can register for when they are called, since then
    /// it must not be too late (contract, section 2.1).
    pub fn watched(&self) -> Watched {
        self.watched
    }

    fn wanted_now(&self) -> Watched {
        let called = || (0..COUNT).filter(|e| *e != Event::AtExit as usize).flat_map(|e| self.lists[e].iter());
        let blocks = self.wanted(Event::Translation) || called().any(|s| s.plugin.abilities.watches_blocks);
        Watched { blocks, calls: called().next().is_some() }
    }

    /// Those who are to be told, in order.
    pub fn list(&self, event: Event) -> Arc<Vec<Slot>> {
        self.lists[event as usize].clone()
    }

    /// Whether anybody is to be told.
    pub fn wanted(&self, event: Event) -> bool {
        !self.lists[event as usize].is_empty()
    }

    /// Takes a plugin out of all lists. All translations were thrown away, and what was registered on blocks with them.
    pub fn forget(&mut self, plugin: &Plugin) {
        for list in &mut self.lists {
            Arc::make_mut(list).retain(|s| !std::ptr::eq(s.plugin, plugin));
        }
        self.note_end();
        self.watched = self.wanted_now();
    }

    fn note_end(&self) {
        END_WANTED.store(self.wanted(Event::AtExit), Ordering::Relaxed);
    }

    /// Empties all lists but that of the end.
    pub fn forget_all_but_atexit(&mut self) {
        for (i, list) in self.lists.iter_mut().enumerate() {
            if i != Event::AtExit as usize {
                *list = Arc::default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::{Abilities, Opened};

    fn plugin(name: &str) -> &'static Plugin {
        Plugin::new(Opened::unknown(name.into(), 4)).unwrap()
    }

    fn order(events: &Events, event: Event) -> Vec<(&'static str, usize)> {
        events.list(event).iter().map(|s| (s.plugin.name.as_str(), s.function)).collect()
    }

    #[test]
    fn the_last_comes_first_and_keeps_its_place() {
        let (p, q) = (plugin("p"), plugin("q"));
        let mut events = Events::default();
        events.register(Event::Flush, p, 1, 0);
        events.register(Event::Flush, q, 2, 0);
        assert_eq!(order(&events, Event::Flush), [("q", 2), ("p", 1)]);
        events.register(Event::Flush, p, 3, 0);
        assert_eq!(order(&events, Event::Flush), [("q", 2), ("p", 3)]);
        events.register(Event::Flush, q, 0, 0);
        events.register(Event::Flush, q, 4, 0);
        events.register(Event::AtExit, q, 0, 0);
        assert_eq!(order(&events, Event::Flush), [("q", 4), ("p", 3)]);
        assert!(!events.wanted(Event::AtExit));
    }

    #[test]
    fn what_may_be_seen() {
        let see = |blocks, calls| Watched { blocks, calls };
        let blind = Abilities { watches_blocks: false, ..Abilities::ALL };
        let p = Plugin::new(Opened { abilities: blind, ..Opened::unknown("p".into(), 4) }).unwrap();
        let q = plugin("q");
        let mut events = Events::default();
        assert!(!events.register(Event::AtExit, p, 1, 0) && !events.register(Event::AtExit, q, 1, 0));
        assert_eq!(events.watched(), see(false, false), "the end is no time to register for more");
        assert!(events.register(Event::Syscall, p, 1, 0) && !events.register(Event::SyscallRet, p, 1, 0));
        assert_eq!(events.watched(), see(false, true));
        assert!(events.register(Event::Flush, q, 1, 0), "it may watch translation when it is called");
        assert_eq!(events.watched(), see(true, true));
        assert!(!events.register(Event::Flush, q, 0, 0));
        assert_eq!(events.watched(), see(true, true), "something of its may be registered on blocks");
        events.forget(q);
        assert_eq!(events.watched(), see(false, true));
        events.forget(p);
        assert_eq!(events.watched(), see(false, false));
        assert!(events.register(Event::Translation, p, 1, 0), "not by its name in the file");
        assert_eq!(events.watched(), see(true, true));
    }

    #[test]
    fn a_walk_is_not_disturbed() {
        let (p, q) = (plugin("p"), plugin("q"));
        let mut events = Events::default();
        events.register(Event::AtExit, p, 1, 0);
        events.register(Event::Syscall, q, 1, 0);
        let walk = events.list(Event::Syscall);
        events.forget_all_but_atexit();
        assert_eq!(walk.len(), 1);
        assert!(!events.wanted(Event::Syscall) && events.wanted(Event::AtExit));
        events.forget(p);
        assert!(!events.wanted(Event::AtExit));
    }
}
