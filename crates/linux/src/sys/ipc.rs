//! System V and POSIX message queues, semaphores and shared memory.

use super::{memory::done, pass, syscalls};
use crate::errno::{Errno, SysResult, code, fault, from_raw};
use crate::task::Thread;
use ::memory::{Attributes, Change, Prot, guarded};
use bits::PAGE;
use std::collections::BTreeMap;
use std::sync::Mutex;

syscalls! { ROWS;
    180 mq_open(name: Path, flags: OpenFlags, mode: Mode, attributes: Ptr) Full { pass SYS_mq_open }
    181 mq_unlink(name: Path) Full { pass SYS_mq_unlink }
    182 mq_timedsend(queue: Fd, message: Ptr, len: Size, priority: Uint, timeout: Time) Full { block SYS_mq_timedsend }
    183 mq_timedreceive(queue: Fd, message: Ptr, len: Size, priority: Ptr, timeout: Time) Full { block SYS_mq_timedreceive }
    184 mq_notify(queue: Fd, event: Ptr) Full { pass SYS_mq_notify }
    185 mq_getsetattr(queue: Fd, new: Ptr, old: Ptr) Full { pass SYS_mq_getsetattr }
    186 msgget(key: Hex, flags: Hex) Full { pass SYS_msgget }
    187 msgctl(id: Int, command: Int, buf: Ptr) Full { pass SYS_msgctl }
    188 msgrcv(id: Int, message: Ptr, len: Size, kind: Long, flags: Hex) Full { wait SYS_msgrcv }
    189 msgsnd(id: Int, message: Ptr, len: Size, flags: Hex) Full { wait SYS_msgsnd }
    190 semget(key: Hex, count: Int, flags: Hex) Full { pass SYS_semget }
    191 semctl(id: Int, index: Int, command: Int, arg: Either) Full { |_t| semctl(id.0, index.0, command.0, arg.0) }
    192 semtimedop(id: Int, operations: Ptr, count: Size, timeout: Time) Full { wait SYS_semtimedop }
    193 semop(id: Int, operations: Ptr, count: Size) Full { wait SYS_semop }
    194 shmget(key: Hex, size: Size, flags: Hex) Full { pass SYS_shmget }
    195 shmctl(id: Int, command: Int, buf: Ptr) Full { pass SYS_shmctl }
    196 shmat(id: Int, addr: Addr, flags: Hex) Full { |t| attach(t, id.0, addr.0, flags.0 as i32) }
    197 shmdt(addr: Addr) Full { |t| detach(t, addr.0) }
}

/// The host's `struct semid64_ds` has a word more behind each of its times.
fn semctl(id: i32, index: i32, command: i32, arg: u64) -> SysResult {
    const SEM_STAT: i32 = 18;
    const SEM_STAT_ANY: i32 = 20;
    let call = |arg: u64| pass(libc::SYS_semctl, &[id as u64, index as u64, command as u64, arg, 0, 0]);
    if ![libc::IPC_STAT, SEM_STAT, SEM_STAT_ANY].contains(&command) {
        return call(arg);
    }
    let mut host = [0u64; 13];
    let result = call(host.as_mut_ptr() as u64)?;
    // Permissions take six words on both sides.
    let mut guest = [0u64; 11];
    guest[..6].copy_from_slice(&host[..6]);
    guest[6..9].copy_from_slice(&[host[6], host[8], host[10]]);
    fault(guarded::store(arg, guest))?;
    Ok(result)
}

/// Sizes of attached segments, by address: `shmdt` is not told.
#[derive(Debug, Default)]
pub struct Attached(Mutex<BTreeMap<u64, u64>>);

impl Attached {
    /// Keeps everybody out while the result lives: taken around `fork`.
    pub fn quiesce(&self) -> impl Sized + '_ {
        self.0.lock()
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut BTreeMap<u64, u64>) -> T) -> T {
        edit(&mut self.0.lock().unwrap_or_else(|e| e.into_inner()))
    }
}

fn segment_size(id: i32) -> Result<u64, Errno> {
    // `struct shmid64_ds`: permissions in six words, then the size.
    let mut info = [0u64; 16];
    pass(libc::SYS_shmctl, &[id as u64, libc::IPC_STAT as u64, info.as_mut_ptr() as u64, 0, 0, 0])?;
    Ok(info[6])
}

fn attach(t: &mut Thread, id: i32, addr: u64, flags: i32) -> SysResult {
    let size = segment_size(id)?;
    let start = match addr {
        0 if flags & libc::SHM_REMAP != 0 => return Err(code::EINVAL),
        0 => 0,
        a if a % PAGE == 0 => a,
        a if flags & libc::SHM_RND != 0 => a & !(PAGE - 1),
        _ => return Err(code::EINVAL),
    };
    let prot = Prot { read: true, write: flags & libc::SHM_RDONLY == 0, exec: flags & libc::SHM_EXEC != 0 };
    let attributes = Attributes { prot, shared: true, ..Attributes::default() };
    let fixed = flags & libc::SHM_REMAP != 0;
    // Guest code is data to the host, so the host's mapping is never executable.
    let host_flags = flags & !libc::SHM_EXEC;
    let change = t.process.memory.map_with(start, size, fixed, attributes, |at| {
        from_raw(hostos::call::raw(libc::SYS_shmat, [id as u64, at, host_flags as u64, 0, 0, 0])).map(|_| ())
    });
    let at = change.map_or(0, |c| c.value);
    let at = done(t, change, at, size)?;
    t.process.attached.edit(|all| all.insert(at, size));
    Ok(at)
}

fn detach(t: &mut Thread, addr: u64) -> SysResult {
    let Some(size) = t.process.attached.edit(|all| all.remove(&addr)) else { return Err(code::EINVAL) };
    from_raw(hostos::call::raw(libc::SYS_shmdt, [addr, 0, 0, 0, 0, 0]))?;
    let change: Change = t.process.memory.forget(addr, size);
    done(t, Ok(change), addr, size)
}
