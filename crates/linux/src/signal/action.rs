//! What the guest wants done with each signal (`sigaction`).

use crate::observe;
use hostos::signal::{Disposition, FAULTS, bit, set_action, take_held};
use std::sync::{Mutex, MutexGuard};

/// `SIG_DFL`.
pub const DEFAULT: u64 = 0;
/// `SIG_IGN`.
pub const IGNORE: u64 = 1;

/// An action; the layout on RISC-V is handler, flags, mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// Address of the handler, or one of the two values above.
    pub handler: u64,
    pub flags: u64,
    /// Blocked while the handler runs.
    pub mask: u64,
}

impl Action {
    pub fn has(&self, flag: i32) -> bool {
        self.flags & u64::from(flag as u32) != 0
    }

    pub fn is_handler(&self) -> bool {
        self.handler > IGNORE
    }
}

/// The flags that Linux knows; others are dropped, so that programs can find out (sigaction(2)).
pub const KNOWN_FLAGS: u64 = {
    const EXPOSE_TAGBITS: u64 = 0x800;
    (libc::SA_NOCLDSTOP
        | libc::SA_NOCLDWAIT
        | libc::SA_SIGINFO
        | libc::SA_ONSTACK
        | libc::SA_RESTART
        | libc::SA_NODEFER
        | libc::SA_RESETHAND) as u32 as u64
        | EXPOSE_TAGBITS
};

/// What the kernel does by itself with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByDefault {
    Ignore,
    Stop,
    End,
}

/// The default action of a signal (signal(7)).
pub fn by_default(signal: i32) -> ByDefault {
    match signal {
        libc::SIGCHLD | libc::SIGCONT | libc::SIGURG | libc::SIGWINCH => ByDefault::Ignore,
        libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU => ByDefault::Stop,
        _ => ByDefault::End,
    }
}

/// What we do with deadly signals that the guest leaves at their default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Catch {
    /// Nothing.
    #[default]
    None,
    /// Those by which observers see the end are noted; of the others it is said that they do not.
    ForObserver,
    /// All are noted, so that we live to write results.
    All,
}

#[derive(Clone, Debug)]
struct Table {
    all: [Action; 65],
    catch: Catch,
}

/// All actions of a process.
#[derive(Debug)]
pub struct Actions(Mutex<Table>);

impl Default for Actions {
    fn default() -> Self {
        Actions(Mutex::new(Table { all: [Action::default(); 65], catch: Catch::None }))
    }
}

impl Catch {
    fn of(self, signal: i32) -> Disposition {
        match self {
            Catch::None => Disposition::Default,
            Catch::ForObserver if !observe::sees_end(signal) => Disposition::Farewell,
            _ => Disposition::NoteDeath,
        }
    }
}

impl Table {
    /// Brings the host in line. Handlers for faults always stand.
    fn show(&self, signal: i32) {
        if FAULTS & bit(signal) != 0 {
            return;
        }
        let action = self.all[signal as usize];
        let deadly = signal != libc::SIGKILL && by_default(signal) == ByDefault::End;
        let disposition = match action.handler {
            DEFAULT if deadly => self.catch.of(signal),
            DEFAULT => Disposition::Default,
            IGNORE => Disposition::Ignore,
            _ => Disposition::Note,
        };
        let flags = action.flags & (libc::SA_NOCLDSTOP | libc::SA_NOCLDWAIT) as u64;
        // Refused only for the two signals that cannot be changed, which never get here.
        let _ = set_action(signal, disposition, flags);
    }

    fn set(&mut self, signal: i32, action: Action) {
        self.all[signal as usize] = action;
        self.show(signal);
        if action.handler == IGNORE && FAULTS & bit(signal) != 0 {
            take_held(bit(signal));
        }
    }
}

impl Actions {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Keeps everybody out while the result lives: taken around `fork`.
    pub fn quiesce(&self) -> impl Sized + '_ {
        self.lock()
    }

    /// The signals that are ignored, and those that have handlers; bit `n - 1` stands for signal `n`.
    pub fn ignored_and_caught(&self) -> (u64, u64) {
        let table = self.lock();
        let set = |wanted: fn(&Action) -> bool| (1..=64).filter(|&s| wanted(&table.all[s as usize])).map(bit).sum();
        (set(|a| a.handler == IGNORE), set(Action::is_handler))
    }

    pub fn get(&self, signal: i32) -> Action {
        self.lock().all[signal as usize]
    }

    /// Sets an action and returns the former one.
    pub fn set(&self, signal: i32, action: Action) -> Action {
        let mut table = self.lock();
        let old = table.all[signal as usize];
        table.set(signal, action);
        old
    }

    /// Notes what the host does already.
    pub fn inherit(&self, signal: i32, action: Action) {
        self.lock().all[signal as usize] = action;
    }

    /// The action for a signal that is delivered now; `SA_RESETHAND` takes effect.
    pub fn begin(&self, signal: i32) -> Action {
        let mut table = self.lock();
        let action = table.all[signal as usize];
        if action.is_handler() && action.has(libc::SA_RESETHAND) {
            table.set(signal, Action { handler: DEFAULT, ..action });
        }
        action
    }

    /// Says what happens with deadly signals that the guest leaves at their default.
    pub fn catch_deadly(&self, catch: Catch) {
        let mut table = self.lock();
        table.catch = catch;
        (1..=64).filter(|&s| s != libc::SIGSTOP).for_each(|s| table.show(s));
    }

    /// Brings the host in line again, after somebody else changed its action.
    pub fn show(&self, signal: i32) {
        self.lock().show(signal);
    }

    /// All handlers become the default (`CLONE_CLEAR_SIGHAND`).
    pub fn clear_handlers(&self) {
        let mut table = self.lock();
        for signal in 1..=64 {
            if table.all[signal as usize].is_handler() {
                table.set(signal, Action::default());
            }
        }
    }

    /// A table of its own for a child that shares our memory.
    pub fn copy(&self) -> Actions {
        Actions(Mutex::new(self.lock().clone()))
    }

    /// Before another program takes our place: which signals are ignored must be seen in the host, for faults too.
    pub fn show_ignored_faults(&self) {
        let table = self.lock();
        for signal in (1..=64).filter(|&s| FAULTS & bit(s) != 0) {
            if table.all[signal as usize].handler == IGNORE {
                let _ = set_action(signal, Disposition::Ignore, 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_actions_are_those_of_the_manual() {
        let with =
            |wanted: fn(&ByDefault) -> bool| -> Vec<i32> { (1..=64).filter(|&s| wanted(&by_default(s))).collect() };
        assert_eq!(
            with(|d| matches!(d, ByDefault::Ignore)),
            [libc::SIGCHLD, libc::SIGCONT, libc::SIGURG, libc::SIGWINCH]
        );
        assert_eq!(
            with(|d| matches!(d, ByDefault::Stop)),
            [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU]
        );
    }

    #[test]
    fn only_a_function_is_a_handler() {
        let handlers =
            [DEFAULT, IGNORE, 2, 0x10000].map(|handler| Action { handler, ..Action::default() }.is_handler());
        assert_eq!(handlers, [false, false, true, true]);
    }
}
