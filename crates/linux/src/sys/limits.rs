//! Resource limits. Those of address space and data concern the guest's memory, not ours, so they are kept here; so is
//! an unlimited stack, which would make the host lay out new processes in the guest's part of the address space.

use super::{pass, syscalls};
use crate::errno::{Errno, SysResult, code, fault};
use crate::task::Thread;
use memory::guarded;
use std::sync::Mutex;

/// Soft and hard limit.
type Pair = [u64; 2];

static KEPT: [i32; 3] = [libc::RLIMIT_AS as i32, libc::RLIMIT_DATA as i32, libc::RLIMIT_STACK as i32];

const CAP_SYS_RESOURCE: u32 = 24;

/// The limits that the host must not apply to us.
#[derive(Debug, Default)]
pub struct Limits {
    kept: Mutex<[Option<Pair>; 3]>,
    /// The limit on descriptors, until the program is loaded.
    descriptors: Option<MoreDescriptors>,
}

/// The soft limits of address space and data that were lifted for us, which the guest still has.
static LIFTED: Mutex<[Option<Pair>; 3]> = Mutex::new([None; 3]);

/// Lifts the limits that concern the guest's memory and not ours as far as we may.
pub fn lift() {
    let mut lifted = LIFTED.lock().unwrap_or_else(|e| e.into_inner());
    for (slot, &resource) in KEPT[..2].iter().enumerate() {
        if let Ok(old @ [soft, hard]) = host(resource, None)
            && soft < hard
            && host(resource, Some([hard, hard])).is_ok()
        {
            lifted[slot] = Some(old);
        }
    }
}

/// While it lives, limits that we keep hold in the host: for a program of the host that takes our place.
pub struct Lent(Vec<(i32, Pair)>);

impl Drop for Lent {
    fn drop(&mut self) {
        for (resource, [_, hard]) in self.0.drain(..) {
            let _ = host(resource, Some([hard, hard]));
        }
    }
}

/// While it lives, the process may open more files than the guest: our copy needs some before its guest runs.
#[derive(Debug)]
pub struct MoreDescriptors(Pair);

/// How many these are.
const MORE: u64 = 64;

/// The place of their limit among the words that are handed over.
const DESCRIPTORS: u64 = KEPT.len() as u64;

/// Raises the limit, if that is allowed.
pub fn more_descriptors() -> Option<MoreDescriptors> {
    let resource = libc::RLIMIT_NOFILE as i32;
    let old = host(resource, None).ok()?;
    let more = [old[0].max(MORE), old[1].max(MORE)];
    host(resource, Some(more)).ok().map(MoreDescriptors)
}

impl MoreDescriptors {
    /// The limit of the guest, for [`Limits::inherited`].
    pub fn told(&self) -> [u64; 3] {
        [DESCRIPTORS, self.0[0], self.0[1]]
    }
}

impl Drop for MoreDescriptors {
    fn drop(&mut self) {
        let _ = host(libc::RLIMIT_NOFILE as i32, Some(self.0));
    }
}

impl Limits {
    /// Those that were handed over by [`Limits::kept`], or that the process was started with.
    pub fn inherited(words: &[u64]) -> Limits {
        let mut kept = *LIFTED.lock().unwrap_or_else(|e| e.into_inner());
        let mut descriptors = None;
        for words in words.chunks_exact(3) {
            match kept.get_mut(words[0] as usize) {
                Some(slot) => *slot = Some([words[1], words[2]]),
                None => descriptors = Some(MoreDescriptors([words[1], words[2]])),
            }
        }
        Limits { kept: Mutex::new(kept), descriptors }
    }

    /// The program is loaded: what was raised for that holds no longer.
    pub fn loaded(&mut self) {
        self.descriptors = None;
    }

    /// What a program that takes our place has to know: place, soft and hard limit of each.
    pub fn kept(&self) -> Vec<u64> {
        let all = self.edit(|kept| *kept);
        let words = |(slot, pair): (usize, Option<Pair>)| pair.map(|[soft, hard]| [slot as u64, soft, hard]);
        all.into_iter().enumerate().filter_map(words).flatten().collect()
    }

    /// Makes the limits that we keep the host's.
    pub fn lend_to_host(&self) -> Lent {
        let all = self.edit(|kept| *kept);
        let kept = KEPT.iter().zip(all).filter_map(|(&resource, pair)| Some((resource, pair?)));
        Lent(kept.filter(|&(resource, pair)| host(resource, Some(pair)).is_ok()).collect())
    }

    /// Tells the guest's memory which limits hold for it.
    pub fn apply(&self, memory: &memory::AddressSpace) {
        let soft = |resource| self.get(resource).map_or(u64::MAX, |p| p[0]);
        memory.set_limits(soft(KEPT[0]), soft(KEPT[1]));
    }

    /// Keeps everybody out while the result lives: taken around `fork`.
    pub fn quiesce(&self) -> impl Sized + '_ {
        self.kept.lock()
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut [Option<Pair>; 3]) -> T) -> T {
        edit(&mut self.kept.lock().unwrap_or_else(|e| e.into_inner()))
    }

    /// The limit as the guest sees it.
    fn get(&self, resource: i32) -> Result<Pair, Errno> {
        let slot = KEPT.iter().position(|&r| r == resource);
        if let Some(pair) = slot.and_then(|s| self.edit(|kept| kept[s])) {
            return Ok(pair);
        }
        host(resource, None)
    }

    /// Changes a limit under the kernel's rules.
    fn set(&self, resource: i32, new: Pair) -> Result<(), Errno> {
        let Some(slot) = KEPT.iter().position(|&r| r == resource) else {
            return host(resource, Some(new)).map(|_| ());
        };
        let old = self.get(resource)?;
        if new[0] > new[1] {
            return Err(code::EINVAL);
        }
        if new[1] > old[1] && !has_capability(CAP_SYS_RESOURCE) {
            return Err(code::EPERM);
        }
        if resource == libc::RLIMIT_STACK as i32 && new[0] != u64::MAX {
            host(resource, Some(new))?;
        }
        self.edit(|kept| kept[slot] = Some(new));
        Ok(())
    }
}

/// Whether the process has a capability (its number is below 32).
pub(crate) fn has_capability(number: u32) -> bool {
    const VERSION_3: u64 = 0x2008_0522;
    let header = [VERSION_3, 0];
    let mut data = [0u32; 6];
    let got = hostos::call::raw(libc::SYS_capget, [header.as_ptr() as u64, data.as_mut_ptr() as u64, 0, 0, 0, 0]);
    got == 0 && data[0] & 1 << number != 0
}

/// The host's limit, before it is changed to `new`.
pub fn host(resource: i32, new: Option<Pair>) -> Result<Pair, Errno> {
    let mut old: Pair = [0; 2];
    let new_at = new.as_ref().map_or(0, |n| n.as_ptr() as u64);
    pass(libc::SYS_prlimit64, &[0, resource as u64, new_at, old.as_mut_ptr() as u64, 0, 0])?;
    Ok(old)
}

syscalls! { ROWS;
    163 getrlimit(resource: Resource, limit: LimitOut) Full { |t| {
        let pair = t.process.limits.get(resource.0)?;
        fault(guarded::store(limit.0, pair))?;
        Ok(0)
    } }
    164 setrlimit(resource: Resource, limit: Limit) Full { |t| {
        let new = fault(guarded::load::<Pair>(limit.0))?;
        set(t, resource.0, new)
    } }
    261 prlimit64(pid: Int, resource: Resource, new: Limit, old: LimitOut) Part "address space limits of other processes are the host's" {
        |t| prlimit(t, pid.0, resource.0, new.0, old.0)
    }
}

fn set(t: &mut Thread, resource: i32, new: Pair) -> SysResult {
    t.process.limits.set(resource, new)?;
    t.process.limits.apply(&t.process.memory);
    Ok(0)
}

fn prlimit(t: &mut Thread, pid: i32, resource: i32, new: u64, old: u64) -> SysResult {
    if pid != 0 && pid as u32 != std::process::id() {
        return pass(libc::SYS_prlimit64, &[pid as u64, resource as u64, new, old, 0, 0]);
    }
    let before = t.process.limits.get(resource)?;
    if new != 0 {
        let wanted = fault(guarded::load::<Pair>(new))?;
        set(t, resource, wanted)?;
    }
    if old != 0 {
        fault(guarded::store(old, before))?;
    }
    Ok(0)
}
