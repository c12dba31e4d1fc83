//! Starting a guest thread: a host thread with a vCPU of its own.

use crate::abi;
use crate::errno::{ERESTARTNOINTR, Errno, SysResult, code};
use crate::observe;
use crate::process::clone::Request;
use crate::seccomp::Filters;
use crate::task::{Process, Thread};
use crate::thread::finish;
use engine::Vcpu;
use memory::guarded;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Once};

/// What the new thread takes along.
struct Birth {
    process: Arc<Process>,
    vcpu: Vcpu,
    mask: u64,
    filters: Filters,
    request: Request,
    born: Sender<i32>,
}

/// `clone` with `CLONE_THREAD`.
pub fn thread(t: &mut Thread, request: &Request) -> SysResult {
    if !hostos::signal::block_all() {
        return Err(ERESTARTNOINTR);
    }
    let result = thread_blocked(t, request);
    hostos::signal::set_mask(t.signals.mask);
    result
}

fn thread_blocked(t: &mut Thread, request: &Request) -> SysResult {
    t.process.engine.reserve_vcpu().map_err(|_| code::EAGAIN)?;
    observe::makes_thread(t);
    let mut vcpu = t.process.engine.new_vcpu();
    vcpu.copy_from(&t.vcpu);
    request.set_registers(&mut vcpu);
    let (born, told) = channel();
    let birth = Birth {
        process: t.process.clone(),
        vcpu,
        mask: t.signals.mask,
        filters: t.filters.clone(),
        request: *request,
        born,
    };
    // If there is no thread, the vCPU's index is not given back: as rare as harmless.
    spawn(t, move || live(birth))?;
    told.recv().map(|tid| tid as u64).map_err(|_| code::EAGAIN)
}

/// Starts a host thread, with every signal blocked. `work` returns the address of the word that tells its end, or 0.
///
/// # Errors
/// EAGAIN if there is none.
pub fn spawn(t: &Thread, work: impl FnOnce() -> u64 + Send + 'static) -> Result<(), Errno> {
    static FIRST: Once = Once::new();
    let spawned = hostos::thread::spawn(Box::new(work));
    // With its first thread the host's C library takes this signal, which is the guest's C library's.
    FIRST.call_once(|| t.actions().show(SIGSETXID));
    spawned.map_err(Errno)
}

/// With it C libraries change the ids of all threads.
const SIGSETXID: i32 = 33;

fn live(birth: Birth) -> u64 {
    let Birth { process, vcpu, mask, filters, request, born } = birth;
    let mut t = Thread::new(process, vcpu);
    hostos::signal::enter(t.vcpu.index());
    forget_robust_list();
    t.signals.mask = mask;
    t.filters = filters;
    // What is not to be shared with the other threads.
    let shared = (libc::CLONE_FS | libc::CLONE_FILES) as u64;
    if !request.flags & shared != 0 {
        hostos::call::raw(libc::SYS_unshare, [!request.flags & shared, 0, 0, 0, 0, 0]);
    }
    request.tell_tid(t.tid);
    if request.has(libc::CLONE_CHILD_CLEARTID) {
        t.own.clear_tid = request.child_tid;
    }
    t.process.threads.add(t.tid);
    observe::begins(&mut t);
    let _ = born.send(t.tid);
    drop(born);
    hostos::signal::set_mask(mask);
    let end = t.run();
    finish(t, end)
}

/// The host's C library has told the kernel of a list of its own, which the guest must not see.
pub fn forget_robust_list() {
    const HEAD_BYTES: u64 = 24;
    hostos::call::raw(libc::SYS_set_robust_list, [0, HEAD_BYTES, 0, 0, 0, 0]);
}

impl Request {
    /// The registers of the child: those of the caller, behind the call, with a result of 0.
    pub fn set_registers(&self, vcpu: &mut Vcpu) {
        abi::finish_syscall(vcpu, 0);
        if self.stack != 0 {
            vcpu.set(abi::SP, self.stack);
        }
        if self.has(libc::CLONE_SETTLS) {
            vcpu.set(abi::TP, self.tls);
        }
    }

    /// Writes the child's id where it is to be written, in memory that the child sees.
    pub fn tell_tid(&self, tid: i32) {
        if self.has(libc::CLONE_PARENT_SETTID) {
            let _ = guarded::store32(self.parent_tid, tid as u32);
        }
        if self.has(libc::CLONE_CHILD_SETTID) {
            let _ = guarded::store32(self.child_tid, tid as u32);
        }
    }
}
