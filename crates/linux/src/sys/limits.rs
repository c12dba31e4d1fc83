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
}

impl Limits {
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
fn host(resource: i32, new: Option<Pair>) -> Result<Pair, Errno> {
    let mut old: Pair = [0; 2];
    let new_at = new.as_ref().map_or(0, |n| n.as_ptr() as u64);
    pass(libc::SYS_prlimit64, &[0, resource as u64, new_at, old.as_mut_ptr() as u64, 0, 0])?;
    Ok(old)
}

syscalls! { ROWS;
    163 getrlimit(resource: Resource, limit: Ptr) Full { |t| {
        let pair = t.process.limits.get(resource.0)?;
        fault(guarded::store(limit.0, pair))?;
        Ok(0)
    } }
    164 setrlimit(resource: Resource, limit: Time) Full { |t| {
        let new = fault(guarded::load::<Pair>(limit.0))?;
        set(t, resource.0, new)
    } }
    261 prlimit64(pid: Int, resource: Resource, new: Time, old: Ptr) Part "address space limits of other processes are the host's" {
        |t| prlimit(t, pid.0, resource.0, new.0, old.0)
    }
}

fn set(t: &mut Thread, resource: i32, new: Pair) -> SysResult {
    t.process.limits.set(resource, new)?;
    let soft = |resource| t.process.limits.get(resource).map_or(u64::MAX, |p| p[0]);
    t.process.memory.set_limits(soft(KEPT[0]), soft(KEPT[1]));
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
