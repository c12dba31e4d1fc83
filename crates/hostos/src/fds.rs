//! Descriptors of our own, kept out of the guest's way: on high numbers, closed on exec, and known, so that the guest
//! can be told that they are not there.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

const SLOTS: usize = 64;

static HIDDEN: [AtomicI32; SLOTS] = [const { AtomicI32::new(-1) }; SLOTS];

/// No hidden descriptor was ever below this one.
static LOWEST: AtomicI32 = AtomicI32::new(i32::MAX);

/// A descriptor that the guest does not see.
#[derive(Debug)]
pub struct HiddenFd(OwnedFd);

/// The number from which on our descriptors are placed, given the limit on their number.
fn floor() -> i32 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel fills the structure.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if limit.rlim_cur >= 1100 { 1000 } else { (limit.rlim_cur as i32 - 32).max(3) }
}

impl HiddenFd {
    /// Moves a descriptor out of the guest's way.
    ///
    /// # Errors
    /// The process has no descriptor left (or we keep more than 64).
    pub fn new(fd: OwnedFd) -> io::Result<HiddenFd> {
        // SAFETY: duplicating a descriptor that we own.
        let high = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, floor()) };
        if high < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just made, nobody else owns it.
        let hidden = HiddenFd(unsafe { OwnedFd::from_raw_fd(high) });
        LOWEST.fetch_min(high, Ordering::Relaxed);
        let free = HIDDEN.iter().find(|s| s.compare_exchange(-1, high, Ordering::SeqCst, Ordering::SeqCst).is_ok());
        free.map(|_| hidden).ok_or_else(|| io::Error::from_raw_os_error(libc::EMFILE))
    }

    /// A hidden copy of a descriptor that somebody else owns.
    ///
    /// # Errors
    /// As [`HiddenFd::new`], or there is no such descriptor.
    pub fn copy_of(fd: RawFd) -> io::Result<HiddenFd> {
        // SAFETY: duplicating has no effect on the original.
        let copy = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3) };
        if copy < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just made, nobody else owns it.
        HiddenFd::new(unsafe { OwnedFd::from_raw_fd(copy) })
    }

    /// Its number, for raw calls.
    pub fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Drop for HiddenFd {
    fn drop(&mut self) {
        let number = self.number();
        for slot in &HIDDEN {
            let _ = slot.compare_exchange(number, -1, Ordering::SeqCst, Ordering::SeqCst);
        }
    }
}

/// Whether a descriptor is one of ours, which the guest must not reach.
pub fn is_hidden(fd: RawFd) -> bool {
    fd >= LOWEST.load(Ordering::Relaxed) && HIDDEN.iter().any(|slot| slot.load(Ordering::Relaxed) == fd)
}

/// All our descriptors, sorted.
pub fn hidden() -> Vec<RawFd> {
    let mut all: Vec<RawFd> = HIDDEN.iter().map(|s| s.load(Ordering::Relaxed)).filter(|&fd| fd >= 0).collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_while_it_lives() {
        let fd = HiddenFd::copy_of(2).unwrap();
        let number = fd.number();
        assert!(number >= 3 && is_hidden(number) && hidden().contains(&number));
        drop(fd);
        assert!(!is_hidden(number));
        assert!(HiddenFd::copy_of(-1).is_err());
    }
}
