//! The run loop: one turn is one stay in generated code.

use crate::Engine;
use crate::cache::{Found, Incoming, Tables};
use crate::enter;
use crate::exit::Exit;
use crate::vcpu::Vcpu;
use bits::Addr;
use host::layout::*;
use host::{Link, Return};
use ir::Stop;
use std::sync::MutexGuard;

const FAULT: u32 = Return::Fault as u32;
const LINK: u32 = Return::Link as u32;
const LOOKUP: u32 = Return::Lookup as u32;
const STOP: u32 = Return::Stop as u32;

/// Length of a link stub's call.
const CALL: u32 = 5;

impl Engine {
    /// Runs until something happens that the world must see. Instruction fences, mode changes and yields are dealt
    /// with inside.
    pub fn run(&self, vcpu: &mut Vcpu) -> Exit {
        self.gate.enter(vcpu.arena);
        self.check_mode(vcpu);
        let exit = loop {
            if self.jobs.any() {
                self.step_aside(vcpu, || self.do_jobs());
            }
            if self.gate.kicked(vcpu.arena) {
                break Exit::Interrupted;
            }
            if self.gate.closing() {
                self.step_aside(vcpu, || ());
            }
            match self.turn(vcpu) {
                Ok(()) => {}
                Err(exit) => break exit,
            }
        };
        self.gate.exit(vcpu.arena);
        if self.jobs.any() {
            self.do_jobs();
        }
        self.count_exit(vcpu, exit);
        exit
    }

    /// Leaves, does `work`, and goes inside again.
    pub(crate) fn step_aside<R>(&self, vcpu: &mut Vcpu, work: impl FnOnce() -> R) -> R {
        self.gate.exit(vcpu.arena);
        let r = work();
        self.gate.enter(vcpu.arena);
        r
    }

    fn turn(&self, vcpu: &mut Vcpu) -> Result<(), Exit> {
        let target = self.target(vcpu, vcpu.pc())?;
        let code = enter::enter(self.enter_piece, vcpu.arena.addr(BIAS as usize), target);
        match code {
            LINK => self.link(vcpu),
            LOOKUP => {
                let pc = vcpu.pc() & !1;
                vcpu.set_pc(pc);
                Ok(())
            }
            FAULT => self.recover(vcpu),
            stop => self.stopped(vcpu, Stop::ALL[(stop - STOP) as usize]),
        }
    }

    /// The host address of the block at `pc`.
    fn target(&self, vcpu: &mut Vcpu, pc: Addr) -> Result<usize, Exit> {
        if let Some(host) = vcpu.cached(pc) {
            return Ok(host);
        }
        let (found, _) = self.find_or_translate(vcpu, pc)?;
        let host = self.code.run_addr(found.host);
        vcpu.remember(pc, host);
        Ok(host)
    }

    /// The block at `pc`, with the tables if they are locked already.
    fn find_or_translate(&self, vcpu: &mut Vcpu, pc: Addr) -> Result<(Found, Option<MutexGuard<'_, Tables>>), Exit> {
        if let Some(found) = self.cache.find(pc, vcpu.mode) {
            return Ok((found, None));
        }
        if self.code_is_short() {
            self.step_aside(vcpu, || self.flush());
        }
        self.translate(vcpu, pc).map(|(found, tables)| (found, Some(tables)))
    }

    /// A direct jump wants its target: link it and go on there.
    fn link(&self, vcpu: &mut Vcpu) -> Result<(), Exit> {
        let from = self.code.offset_of(vcpu.word(LINK_FROM) as usize).expect("a stub's address") - CALL;
        let epoch = self.current_epoch();
        let (block_host, link) = self.newest_exit(vcpu, from).unwrap_or_else(|| self.exit_at(from));
        vcpu.set_pc(link.target);
        if self.jobs.any() {
            // First what waits for the end of this block; nothing is translated before it.
            return Ok(());
        }
        let (found, tables) = self.find_or_translate(vcpu, link.target)?;
        let fresh = tables.is_some();
        let mut t = tables.unwrap_or_else(|| self.cache.lock());
        // Not after a flush, and not to or from a block that was invalidated while this vCPU stood aside.
        let lives = fresh || self.cache.find(link.target, vcpu.mode) == Some(found);
        if lives && epoch == self.current_epoch() {
            let field = block_host + link.field;
            self.code.patch_u32(field, found.host.wrapping_sub(field + 4));
            let stub = block_host + link.stub;
            t.add_jump(found.number, Incoming { field, stub });
            vcpu.remember(link.target, self.code.run_addr(found.host));
        }
        Ok(())
    }

    /// The direct exit with this stub, and where its block begins.
    fn exit_at(&self, stub: u32) -> (u32, Link) {
        let t = self.cache.lock();
        let block = t.block_at(stub).expect("a stub belongs to a block").1;
        let link = block.links().find(|l| block.host + l.stub == stub).expect("a stub belongs to a link");
        (block.host, link)
    }

    /// The same if it is one of the block that this vCPU has translated last, as it is most of the time: nothing needs to
    /// be searched or unpacked then.
    fn newest_exit(&self, vcpu: &Vcpu, stub: u32) -> Option<(u32, Link)> {
        let t = &vcpu.translator;
        let at = stub.checked_sub(t.placed).filter(|_| t.epoch == self.current_epoch())?;
        let link = t.emitted.links.iter().find(|l| l.stub == at)?;
        Some((t.placed, *link))
    }

    pub(crate) fn stopped(&self, vcpu: &mut Vcpu, stop: Stop) -> Result<(), Exit> {
        match stop {
            Stop::Syscall => Err(Exit::Syscall),
            Stop::Breakpoint => Err(Exit::Breakpoint),
            Stop::Illegal => Err(Exit::Illegal),
            Stop::FenceCode => {
                self.gate.exit(vcpu.arena);
                self.sync_code(vcpu);
                self.gate.enter(vcpu.arena);
                Ok(())
            }
            Stop::Mode => {
                self.check_mode(vcpu);
                Ok(())
            }
            Stop::Yield => {
                self.step_aside(vcpu, std::thread::yield_now);
                Ok(())
            }
        }
    }

    /// The jump cache holds blocks of one mode only.
    fn check_mode(&self, vcpu: &mut Vcpu) {
        let (var, mask) = self.guest().mode_var();
        let mode = (vcpu.get(var) & mask) as u32;
        if mode != vcpu.mode {
            vcpu.mode = mode;
            vcpu.forget_targets();
        }
    }
}
