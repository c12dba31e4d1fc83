//! Descriptors of our own, kept out of the guest's way: on high numbers, closed on exec, and known, so that the guest
//! can be told that they are not there.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

const SLOTS: usize = 64;

static HIDDEN: [AtomicI32; SLOTS] = [const { AtomicI32::new(-1) }; SLOTS];

/// No hidden descriptor was ever below this one.
static LOWEST: AtomicI32 = AtomicI32::new(i32::MAX);

/// A descriptor that the guest does not see. It may be moved to another number at any time ([`make_way`]).
#[derive(Debug)]
pub struct HiddenFd {
    slot: usize,
}

/// The number from which on our descriptors are placed, given the limit on their number.
fn floor() -> i32 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel fills the structure.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if limit.rlim_cur >= 1100 { 1000 } else { (limit.rlim_cur as i32 - 32).max(3) }
}

/// A copy of a descriptor on a high number, closed on exec.
fn high_copy(fd: RawFd) -> io::Result<RawFd> {
    // SAFETY: duplicating has no effect on the original.
    let high = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, floor()) };
    if high < 0 { Err(io::Error::last_os_error()) } else { Ok(high) }
}

fn close(fd: RawFd) {
    // SAFETY: only called with descriptors of ours that no slot holds any more.
    unsafe { libc::close(fd) };
}

impl HiddenFd {
    /// Moves a descriptor out of the guest's way.
    ///
    /// # Errors
    /// The process has no descriptor left (or we keep more than 64).
    pub fn new(fd: OwnedFd) -> io::Result<HiddenFd> {
        HiddenFd::copy_of(fd.as_raw_fd())
    }

    /// A hidden copy of a descriptor that somebody else owns.
    ///
    /// # Errors
    /// As [`HiddenFd::new`], or there is no such descriptor.
    pub fn copy_of(fd: RawFd) -> io::Result<HiddenFd> {
        HiddenFd::hide(high_copy(fd)?)
    }

    /// A descriptor that `exec` has left us: moved out of the guest's way, or hidden where it is if it is out of its way
    /// already (a copy would need one more, which there may not be) or there is no other number for it.
    pub fn inherited(fd: RawFd) -> Option<HiddenFd> {
        let moved = if fd < floor() { HiddenFd::copy_of(fd).ok() } else { None };
        if moved.is_some() {
            close(fd);
            return moved;
        }
        // SAFETY: changes nothing but the flag of a descriptor that is ours.
        let is_open = unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } == 0;
        if is_open { HiddenFd::hide(fd).ok() } else { None }
    }

    fn hide(high: RawFd) -> io::Result<HiddenFd> {
        LOWEST.fetch_min(high, Ordering::Relaxed);
        let take = |s: &AtomicI32| s.compare_exchange(-1, high, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        match HIDDEN.iter().position(take) {
            Some(slot) => Ok(HiddenFd { slot }),
            None => {
                close(high);
                Err(io::Error::from_raw_os_error(libc::EMFILE))
            }
        }
    }

    /// Its number at the moment, for raw calls.
    pub fn number(&self) -> RawFd {
        HIDDEN[self.slot].load(Ordering::SeqCst)
    }
}

impl Drop for HiddenFd {
    fn drop(&mut self) {
        close(HIDDEN[self.slot].swap(-1, Ordering::SeqCst));
    }
}

/// The guest wants this number for itself: if one of ours has it, it moves to another.
///
/// # Errors
/// There is no other number.
pub fn make_way(fd: RawFd) -> io::Result<()> {
    let Some(slot) = HIDDEN.iter().find(|s| s.load(Ordering::SeqCst) == fd) else { return Ok(()) };
    let high = high_copy(fd)?;
    LOWEST.fetch_min(high, Ordering::Relaxed);
    slot.store(high, Ordering::SeqCst);
    close(fd);
    Ok(())
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
        make_way(number).unwrap();
        let moved = fd.number();
        assert!(moved != number && is_hidden(moved) && !is_hidden(number));
        drop(fd);
        assert!(!is_hidden(moved));
        assert!(HiddenFd::copy_of(-1).is_err());
    }
}
