//! What the engine and the world tell, told on to the plugins.

use crate::current::{self, Allowed, Kind};
use crate::events::{self, Event, Slot};
use crate::host::Host;
use crate::{crash, lifecycle, shown, watch};
use engine::instrument::{BlockView, Probe, Verdict, Watched};
use engine::{Instrument, Vcpu};
use plugin_abi::V6;
use std::cell::Cell;
use std::sync::Arc;

/// The plugins of this process, as the engine sees them.
pub struct Watcher {
    host: &'static Host,
}

thread_local! {
    /// Whether anybody wanted returns of system calls when this thread's last one began. A registration takes effect
    /// with the next call (contract, section 2.1).
    static RETURN_WANTED: Cell<bool> = const { Cell::new(false) };
}

/// What a system call's callbacks may do (contract, section 1.9).
fn allowed_in_syscall(slot: &Slot) -> Allowed {
    if slot.plugin.version >= V6 { Allowed::WritePc } else { Allowed::Write }
}

impl Watcher {
    pub fn new(host: &'static Host) -> Watcher {
        Watcher { host }
    }

    fn list(&self, event: Event) -> Arc<Vec<Slot>> {
        self.host.registry().events.list(event)
    }

    /// Callbacks and filters of a system call; the result that a filter decided on.
    fn call_about_syscall(&self, lists: &[Arc<Vec<Slot>>; 2], index: u32, num: i64, args: &[u64; 8]) -> Option<i64> {
        for slot in lists[0].iter() {
            slot.syscall(allowed_in_syscall(slot), index, num, args);
        }
        lists[1].iter().find_map(|slot| slot.filter(allowed_in_syscall(slot), index, num, args))
    }
}

impl Instrument for Watcher {
    fn watched(&self) -> Watched {
        self.host.registry().events.watched()
    }

    fn block(&self, _: &mut Vcpu, block: &BlockView, probes: &mut Vec<Probe>) {
        let list = self.list(Event::Translation);
        if list.is_empty() {
            return;
        }
        let tb = shown::begin(block);
        for slot in list.iter() {
            slot.translation(tb);
        }
        shown::end(probes);
    }

    fn vcpu_init(&self, vcpu: &mut Vcpu) {
        let index = vcpu.index();
        // Before anybody can ask for its elements.
        self.host.engine.reserve_elements(index);
        self.host.count_vcpu(index);
        current::set_seat(Some(self.host.registry().begin(vcpu)));
        for slot in self.list(Event::VcpuInit).iter() {
            slot.vcpu(Kind::VcpuInit, Allowed::Write, index);
        }
    }

    fn vcpu_exit(&self, vcpu: &mut Vcpu) {
        for slot in self.list(Event::VcpuExit).iter() {
            slot.vcpu(Kind::VcpuExit, Allowed::Write, vcpu.index());
        }
        self.host.registry().running.remove(&vcpu.index());
        current::set_seat(None);
    }

    fn first_thread(&self, _: &mut Vcpu) {
        self.host.engine.share_arrays();
        self.host.engine.flush_and(None, Box::new(|| ()));
    }

    fn syscall(&self, vcpu: &mut Vcpu, number: i64, args: [u64; 8]) -> Verdict {
        let lists = {
            let registry = self.host.registry();
            RETURN_WANTED.set(registry.events.wanted(Event::SyscallRet));
            [Event::Syscall, Event::SyscallFilter].map(|e| registry.events.list(e))
        };
        if lists.iter().all(|l| l.is_empty()) {
            return Verdict::Execute;
        }
        let before = current::noted();
        let index = vcpu.index();
        let mut decided = None;
        if vcpu.seat().catch(&mut || decided = self.call_about_syscall(&lists, index, number, &args)) {
            current::abandoned(before);
            return Verdict::Moved;
        }
        decided.map_or(Verdict::Execute, Verdict::Result)
    }

    fn syscall_ret(&self, vcpu: &mut Vcpu, number: i64, ret: i64) {
        if !RETURN_WANTED.get() {
            return;
        }
        let list = self.list(Event::SyscallRet);
        let before = current::noted();
        let index = vcpu.index();
        let walk = &mut || list.iter().for_each(|s| s.syscall_ret(allowed_in_syscall(s), index, number, ret));
        if vcpu.seat().catch(walk) {
            current::abandoned(before);
        }
    }

    fn flushed(&self) {
        for slot in self.list(Event::Flush).iter() {
            slot.simple(Kind::Flush);
        }
    }

    fn end(&self, _: &mut Vcpu) {
        self.host.registry().events.forget_all_but_atexit();
        lifecycle::at_exit();
    }

    fn cut_short(&self) {
        crash::say_where();
    }

    fn wants_end(&self) -> bool {
        events::is_end_wanted()
    }

    fn forked(&self, vcpu: &mut Vcpu) {
        self.host.registry().running = [vcpu.index()].into();
        watch::forked();
    }
}
