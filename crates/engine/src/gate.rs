//! Who is in generated code, and how to stop them.
//!
//! A vCPU is *inside* while [`crate::Engine::run`] works for it. Rare changes of shared state (invalidation, flush,
//! fork) run *exclusively*: the gate closes, every vCPU that is inside is made to leave by protecting its poll page,
//! and whoever wants in waits. The flags form Dekker's protocol: the runner sets `INSIDE` and then looks at the gate,
//! the stopper closes the gate and then looks at `INSIDE`.

use crate::Engine;
use crate::vcpu::offset;
use host::layout::{ARENA_LEN, INSIDE, KICK, POLL};
use memory::arena::Arena;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};

const GROUP: usize = 256;
const GROUPS: usize = 256;
type Group = Box<[OnceLock<&'static Arena>]>;

/// All arenas, and the gate.
pub struct Gate {
    groups: Box<[OnceLock<Group>]>,
    /// Which indices have a living vCPU.
    living: Mutex<Vec<bool>>,
    closed: AtomicBool,
    /// Who has it to himself, while all others are outside; 0: nobody.
    mine: AtomicUsize,
    /// Held by the one who works exclusively.
    owner: Mutex<()>,
    /// For waiting until the gate opens.
    wait: Mutex<()>,
    opened: Condvar,
}

/// Which index the next vCPU gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// The lowest that is free: the fewest arenas.
    Lowest,
    /// One more than the highest in use, as observers expect it (plugin contract, section 2.2).
    Highest,
}

impl Numbering {
    /// From here on the lowest free one is taken in any case: a program whose threads overlap for ever would else need
    /// ever more arenas.
    const MOST: usize = 4096;

    fn next(self, living: &[bool]) -> usize {
        let above = living.iter().rposition(|l| *l).map_or(0, |i| i + 1);
        match self {
            Numbering::Highest if above < Self::MOST => above,
            _ => living.iter().position(|l| !l).unwrap_or(living.len()),
        }
    }
}

/// A number that no other living thread has; not 0.
fn this_thread() -> usize {
    thread_local!(static OWN: u8 = const { 0 });
    OWN.with(|own| std::ptr::from_ref(own) as usize)
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|e| e.into_inner())
}

impl Gate {
    pub fn new() -> Gate {
        Gate {
            groups: (0..GROUPS).map(|_| OnceLock::new()).collect(),
            living: Mutex::default(),
            closed: AtomicBool::new(false),
            mine: AtomicUsize::new(0),
            owner: Mutex::new(()),
            wait: Mutex::new(()),
            opened: Condvar::new(),
        }
    }

    /// Takes an index and its arena; `how` says which one.
    ///
    /// # Panics
    /// If the address space has no room for another arena, or there are 65,536 vCPUs.
    pub fn join(&self, how: Numbering) -> (u32, &'static Arena) {
        let index = {
            let mut living = lock(&self.living);
            let i = how.next(&living);
            if i == living.len() {
                living.push(true);
            }
            living[i] = true;
            i
        };
        let arena = self.make(index).expect("address space for a vCPU's arena");
        (index as u32, arena)
    }

    /// Makes the arena that the next vCPU will get, unless it is there.
    pub fn prepare(&self, how: Numbering) -> io::Result<()> {
        let living = lock(&self.living);
        self.make(how.next(&living)).map(|_| ())
    }

    /// The arena of an index, made if it has never been used.
    fn make(&self, index: usize) -> io::Result<&'static Arena> {
        let group = self.groups[index / GROUP].get_or_init(|| (0..GROUP).map(|_| OnceLock::new()).collect());
        let slot = &group[index % GROUP];
        if let Some(arena) = slot.get() {
            return Ok(arena);
        }
        let arena = Arena::new(ARENA_LEN, offset(POLL))?;
        Ok(slot.get_or_init(|| Box::leak(Box::new(arena))))
    }

    /// Gives an index back. Its user may have died in generated code (a `vfork` child).
    pub fn leave(&self, index: u32) {
        if let Some(arena) = self.arena(index) {
            arena.swap(offset(INSIDE), 0);
        }
        lock(&self.living)[index as usize] = false;
    }

    /// The arena of an index that has ever been used. Lock-free and async-signal-safe.
    #[inline]
    pub fn arena(&self, index: u32) -> Option<&'static Arena> {
        let index = index as usize;
        self.groups.get(index / GROUP)?.get()?.get(index % GROUP)?.get().copied()
    }

    /// Every arena that has ever been used, with its index.
    pub fn arenas(&self) -> impl Iterator<Item = (u32, &'static Arena)> + '_ {
        (0..).map_while(|i| self.arena(i).map(|a| (i, a)))
    }

    /// Goes inside, after waiting for an open gate.
    pub fn enter(&self, arena: &Arena) {
        loop {
            arena.swap(offset(INSIDE), 1);
            if !self.closed.load(Ordering::SeqCst) {
                return;
            }
            arena.swap(offset(INSIDE), 0);
            let mut guard = lock(&self.wait);
            while self.closed.load(Ordering::SeqCst) {
                guard = self.opened.wait(guard).unwrap_or_else(|e| e.into_inner());
            }
        }
    }

    /// Leaves.
    pub fn exit(&self, arena: &Arena) {
        arena.swap(offset(INSIDE), 0);
    }

    /// Whether somebody waits for all to leave.
    pub fn closing(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Runs `work` while nobody is inside. The caller is not inside itself.
    pub fn exclusive<R>(&self, work: impl FnOnce() -> R) -> R {
        let _owner = lock(&self.owner);
        self.closed.store(true, Ordering::SeqCst);
        for (_, arena) in self.arenas() {
            // Most leave at once; one may be in an observer's function for long.
            let inside = || arena.get_ordered(offset(INSIDE)) != 0;
            for round in (0..).take_while(|_| inside()) {
                arena.close_poll();
                hostos::clock::pause(round);
            }
        }
        self.mine.store(this_thread(), Ordering::SeqCst);
        let result = work();
        self.mine.store(0, Ordering::SeqCst);
        let guard = lock(&self.wait);
        self.closed.store(false, Ordering::SeqCst);
        self.opened.notify_all();
        drop(guard);
        result
    }

    /// Whether the caller works exclusively.
    pub fn is_mine(&self) -> bool {
        self.mine.load(Ordering::SeqCst) == this_thread()
    }

    /// Asks a vCPU to come back from generated code. Async-signal-safe.
    pub fn kick(&self, index: u32) {
        let Some(arena) = self.arena(index) else { return };
        self.kick_arena(arena);
    }

    /// The same, by the arena.
    pub fn kick_arena(&self, arena: &Arena) {
        arena.swap(offset(KICK), 1);
        if arena.get_ordered(offset(INSIDE)) != 0 {
            arena.close_poll();
        }
    }

    /// Whether this vCPU was kicked since the last call.
    pub fn kicked(&self, arena: &Arena) -> bool {
        arena.get(offset(KICK)) != 0 && arena.swap(offset(KICK), 0) != 0
    }

    /// In the child of a fork: all other vCPUs are gone.
    pub fn after_fork(&self, me: u32) {
        let mut living = lock(&self.living);
        for (i, l) in living.iter_mut().enumerate() {
            *l = i as u32 == me;
        }
        for (i, arena) in self.arenas() {
            if i != me {
                arena.swap(offset(INSIDE), 0);
            }
        }
    }
}

impl Engine {
    /// Holds the locks that threads outside of [`Engine::run`] take, while the result lives: taken, inside
    /// [`Engine::exclusive`], around the host's fork, so that the child finds them free.
    pub fn hold_locks(&self) -> impl Sized + '_ {
        (self.cache.lock(), lock(&self.totals), lock(&self.gate.living))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_vcpus() {
        let (free, used) = (false, true);
        for (living, highest, lowest) in [
            (&[][..], 0, 0),
            (&[used], 1, 1),
            // One thread after another: always 1.
            (&[used, free], 1, 1),
            // 1 and 2 ran, and 1 has ended.
            (&[used, free, used], 3, 1),
            (&[free, used, free, free], 2, 0),
        ] {
            assert_eq!(
                (Numbering::Highest.next(living), Numbering::Lowest.next(living)),
                (highest, lowest),
                "{living:?}"
            );
        }
        let mut many = vec![used; Numbering::MOST];
        many[7] = free;
        assert_eq!(Numbering::Highest.next(&many), 7);
        many[7] = used;
        assert_eq!(Numbering::Highest.next(&many), Numbering::MOST);
    }
}
