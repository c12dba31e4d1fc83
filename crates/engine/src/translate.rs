//! From a guest pc to a published block: decode, lift, probe, emit.

use crate::block::{Block, Counted, Facts, Observed};
use crate::cache::Fresh;
use crate::exit::{Access, Exit, Fault, FaultKind};
use crate::instrument::{Action, BlockView, InsnView, Probe, Watched};
use crate::join::join;
use crate::packed::Packed;
use crate::tally::Adds;
use crate::vcpu::{Translator, Vcpu, offset};
use crate::weave::weave;
use crate::{Engine, Options, stat};
use bits::{Addr, PAGE, page_of};
use guest::{Flow, Guest};
use host::Place;
use host::layout::FLOATS_AT_ENTRY;
use ir::allowance::{Draws, draw};
use ir::merge::merge;
use ir::{Builder, Code, Op, Stop};
use memory::Role;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Plugin contract, section 2.13 rule 1.
pub const MAX_INSNS: u32 = 512;
/// Alignment of a block's first byte: loops start on half a cache line.
const ALIGN: u32 = 32;

/// Bytes of loops that are split evenly between two lines; smaller ones begin one, larger ones the half of one.
const SPLIT_LOOP: std::ops::Range<u32> = 49..129;
/// Bytes of a cache line.
const LINE: u32 = 64;

/// Where a block is to begin, from `host` on, of which bytes `start..end` are a loop. A processor takes only so many
/// instructions of one line at a time: measured on Zen 5, a loop of a line and a bit that fills the first one takes 1.6
/// times as long as one that is split evenly.
fn place_loop(host: u32, (start, end): (u32, u32)) -> u32 {
    let len = end - start;
    let before = match len {
        _ if len < SPLIT_LOOP.start => 0,
        _ if SPLIT_LOOP.contains(&len) => len / 2,
        _ => LINE / 2,
    };
    (host + start + before).next_multiple_of(LINE) - start - before
}

/// Instruction bytes of one block: at most 512 instructions of 4 bytes, cut at the page's end, or one instruction that
/// crosses it.
pub type Window = [u8; 2052];
/// Bytes that are enough for most blocks, and so are fetched first.
const FIRST: usize = 96;
/// Bytes behind a block that can change where it ends: an instruction, and what a joined branch skips.
const NEED: usize = 12;

/// Lifts the block `at` a pc and mode from `bytes` (which end where fetching ended). Returns how many bytes it covers: 0 if not
/// even the first instruction could be fetched. Pure: the same bytes give the same operations.
pub fn lift(guest: &dyn Guest, b: &mut Builder, at: (Addr, u32), bytes: &[u8], max_insns: u32) -> usize {
    lift_until(guest, b, at, bytes, max_insns, |_, _| None)
}

/// The same, but a block may go on behind short branches (`join`), as no guest's does.
fn lift_joined(
    guest: &dyn Guest,
    b: &mut Builder,
    at: (Addr, u32),
    bytes: &[u8],
    max_insns: u32,
    counted: bool,
) -> usize {
    let used = lift_until(guest, b, at, bytes, max_insns, |b, rest| join(guest, b, rest, max_insns, counted));
    // The guest's blocks, which are counted, would be longer than what is behind the last joined branch.
    if counted && b.block.insns == max_insns { lift(guest, b, at, bytes, max_insns) } else { used }
}

/// `goes_on` is asked at every end for the bytes behind it that the block has taken in, if it does not end there.
fn lift_until(
    guest: &dyn Guest,
    b: &mut Builder,
    (pc, mode): (Addr, u32),
    bytes: &[u8],
    max_insns: u32,
    goes_on: impl Fn(&mut Builder, &[u8]) -> Option<usize>,
) -> usize {
    b.start(pc, mode);
    let mut at = 0;
    loop {
        let here = pc + at as u64;
        let Some((raw, len)) = insn_at(guest, &bytes[at..]) else { break };
        // Rule 4: an instruction that crosses the page is a block of its own.
        if at > 0 && page_of(here + len as u64 - 1) != page_of(pc) {
            break;
        }
        b.insn(here, len as u32);
        at += len;
        if lift_one(guest, b, here, raw) == Flow::Ends {
            match goes_on(b, &bytes[at..]) {
                Some(taken_in) => at += taken_in,
                None => return at,
            }
        }
        if b.block.insns == max_insns || page_of(pc + at as u64) != page_of(pc) {
            break;
        }
    }
    if at > 0 {
        b.jump(pc + at as u64);
    }
    at
}

/// The raw bits and length of the instruction at the start of `bytes`; `None` if they do not hold all of it.
pub(crate) fn insn_at(guest: &dyn Guest, bytes: &[u8]) -> Option<(u32, usize)> {
    let half = |at: usize| Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let prefix = half(0)?;
    let len = guest.insn_len(prefix) as usize;
    let rest = if len == 4 { half(2)? } else { 0 };
    Some((prefix as u32 | (rest as u32) << 16, len))
}

/// The instructions of a lifted block.
fn insn_views<'a>(pc: Addr, source: &'a [u8], ops: &'a [Op]) -> impl Iterator<Item = InsnView> + 'a {
    ops.iter().filter(|o| o.code == Code::Insn).map(move |mark| {
        let (at, len) = ((mark.imm as u64 - pc) as usize, mark.aux);
        let mut raw = [0; 4];
        raw[..len as usize].copy_from_slice(&source[at..at + len as usize]);
        InsnView { pc: mark.imm as u64, len, raw: u32::from_le_bytes(raw) }
    })
}

fn lift_one(guest: &dyn Guest, b: &mut Builder, pc: Addr, raw: u32) -> Flow {
    // Lent, not moved: what was just written in parts is slow to read as a whole.
    match &guest.decode(raw) {
        Some(insn) => guest.lift(insn, b),
        None => {
            b.exit(Stop::Illegal, pc);
            Flow::Ends
        }
    }
}

impl Engine {
    /// Translates the block at `pc` for the vCPU's mode.
    ///
    /// # Errors
    /// The exit to report if there is nothing to execute.
    pub(crate) fn translate(&self, vcpu: &mut Vcpu, pc: Addr) -> Result<Fresh<'_>, Exit> {
        let start = self.options.stat.then(Instant::now);
        let found = loop {
            if let Some(found) = self.try_translate(vcpu, pc)? {
                break found;
            }
        };
        if let Some(start) = start {
            self.translation_ns.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
        }
        Ok(found)
    }

    /// `None` if code may have changed meanwhile.
    fn try_translate(&self, vcpu: &mut Vcpu, pc: Addr) -> Result<Option<Fresh<'_>>, Exit> {
        let generation = self.cache.generation();
        vcpu.translator.watched = self.watched();
        let mut window = vcpu.translator.window.take().unwrap_or_else(|| Box::new([0; 2052]));
        let used = self.fetch_and_lift(vcpu, pc, &mut window);
        let found = used.and_then(|used| self.finish(vcpu, pc, &window[..used], generation));
        vcpu.translator.window = Some(window);
        found
    }

    /// Fetches and lifts the block at `pc`; how many bytes it covers.
    fn fetch_and_lift(&self, vcpu: &mut Vcpu, pc: Addr, window: &mut Window) -> Result<usize, Exit> {
        let to_page_end = (PAGE - pc % PAGE) as usize;
        // The next page matters only to an instruction that crosses into it.
        let all = (to_page_end + 2).min(window.len());
        let mut want = all.min(FIRST);
        let joined = !vcpu.translator.watched.blocks;
        loop {
            let got = self.memory().fetch(pc, &mut window[..want]);
            let b = &mut vcpu.translator.builder;
            let used = self.lift(b, (pc, vcpu.mode), &window[..got], joined);
            if got == want && want < all && used + NEED > got {
                // It may go on behind what was fetched.
                want = all;
                continue;
            }
            return if used == 0 { Err(self.fetch_fault(pc + got as u64)) } else { Ok(used) };
        }
    }

    /// Lifts a block, with short branches `joined` or not.
    pub(crate) fn lift(&self, b: &mut Builder, at: (Addr, u32), bytes: &[u8], joined: bool) -> usize {
        let Options { max_insns, stat, .. } = self.options;
        if joined {
            lift_joined(self.guest(), b, at, bytes, max_insns, stat)
        } else {
            lift(self.guest(), b, at, bytes, max_insns)
        }
    }

    /// What observers may see. Whoever counts wants to count each call.
    fn watched(&self) -> Watched {
        match self.instrument() {
            Some(_) if self.options.stat => Watched::ALL,
            Some(instrument) => instrument.watched(),
            None => Watched { blocks: false, calls: self.options.stat },
        }
    }

    /// Turns what was lifted from `source` into a published block.
    fn finish(&self, vcpu: &mut Vcpu, pc: Addr, source: &[u8], generation: u64) -> Result<Option<Fresh<'_>>, Exit> {
        let mode = vcpu.mode;
        let t = &mut vcpu.translator;
        let ops = &t.builder.block.ops;
        let (facts, joined) =
            if self.options.stat { (Facts::of(ops), stat::joined_insns(ops)) } else { Default::default() };
        let probes = self.probes(vcpu, pc, source);
        if self.jobs.any() {
            // What an observer asked for meanwhile comes first. The block is shown again if that makes all be shown again.
            self.shown.keep_one(pc, source, probes);
            return Err(Exit::Interrupted);
        }
        if self.wants_lazy_floats(&probes) {
            // This vCPU steps aside, and what was asked for may be gone then: looked up, or asked for, again.
            self.shown.keep_one(pc, source, probes);
            self.use_lazy_floats(vcpu);
            return Ok(None);
        }
        let (mut adds, mut draws) = (Adds::default(), Draws::default());
        let t = &mut vcpu.translator;
        if let Some(probes) = &probes {
            weave(&mut t.builder.block, probes, self.tally.is_shared());
            self.tally.note_adds(&t.builder.block);
            // To settle is a call that may use the host's floats.
            if self.lazy_floats.load(Ordering::SeqCst) {
                draws = self.tally.draws(vcpu.arena, &t.builder.block);
            }
            adds = self.tally.defer(&mut t.builder.block);
            merge(&mut t.builder.block);
            draw(&mut t.builder.block, &draws);
        }
        if cfg!(debug_assertions) {
            ir::verify::verify(&t.builder.block).unwrap_or_else(|e| panic!("block at {pc:#x}: {e}"));
        }
        let counted = self.options.stat || !adds.is_empty();
        let cell = counted.then(|| self.next_cell.fetch_add(stat::pairs(joined.len()), Ordering::Relaxed));
        if let Some(cell) = cell {
            stat::add_probes(&mut t.builder.block, cell, self.options.stat);
            self.tally.add_block(cell, &adds);
        }
        let counted = cell.map(|cell| Box::new(Counted { cell, facts, joined, adds }));
        let host = self.place(t);
        t.emitted.links.iter().for_each(|link| self.cache.map.expect(link.target, mode));
        let block = Block {
            pc,
            mode,
            host,
            len: t.emitted.code.len() as u32,
            packed: Packed::new(&mut t.packing, pc, source, &t.emitted.links, &t.emitted.records),
            joined: !t.watched.blocks,
            counted,
            observed: Mutex::new(probes.map(|probes| Arc::new(Observed { probes, draws }))),
        };
        let found = self.cache.publish(block, generation);
        if found.is_none() {
            t.next = host;
        } else {
            self.translations.fetch_add(1, Ordering::Relaxed);
        }
        Ok(found)
    }

    /// Whether these probes call what may use the host's floats, for the first time.
    fn wants_lazy_floats(&self, probes: &Option<Arc<[Probe]>>) -> bool {
        let uses = |p: &Probe| matches!(p.action, Action::Call(c) if !c.callee.leaf || c.when.is_some());
        !self.lazy_floats.load(Ordering::SeqCst) && probes.iter().flat_map(|p| p.iter()).any(uses)
    }

    /// The first callback that may use the host's floats changes how all blocks find the guest's: from now on, calls
    /// leave them in their slots, and blocks that need them fetch them.
    fn use_lazy_floats(&self, vcpu: &mut Vcpu) {
        self.step_aside(vcpu, || {
            self.gate.exclusive(|| {
                if !self.lazy_floats.swap(true, Ordering::SeqCst) {
                    self.discard_quietly();
                    self.gate.arenas().for_each(|(_, arena)| arena.set(offset(FLOATS_AT_ENTRY), 1));
                }
            })
        });
    }

    /// What observers want to see of the block that was just lifted; `None` if that is nothing.
    fn probes(&self, vcpu: &mut Vcpu, pc: Addr, source: &[u8]) -> Option<Arc<[Probe]>> {
        let instrument = self.instrument().filter(|_| vcpu.translator.watched.blocks)?;
        let known = self.probes_of_other_mode(vcpu, pc, source).or_else(|| self.shown.probes(pc, source));
        if let Some(known) = known {
            return known;
        }
        let mut insns = std::mem::take(&mut vcpu.translator.insns);
        insns.clear();
        insns.extend(insn_views(pc, source, &vcpu.translator.builder.block.ops));
        let mut probes = Vec::new();
        instrument.block(vcpu, &BlockView { pc, insns: &insns }, &mut probes);
        vcpu.translator.insns = insns;
        (!probes.is_empty()).then(|| probes.into())
    }

    /// Modes are ours: a block that observers were shown for one is not shown again for another.
    fn probes_of_other_mode(&self, vcpu: &Vcpu, pc: Addr, source: &[u8]) -> Option<Option<Arc<[Probe]>>> {
        let (_, mask) = self.guest().mode_var();
        let others = (0..=mask as u32).filter(|m| *m != vcpu.mode);
        let found = others.into_iter().find_map(|mode| self.cache.find(pc, mode))?;
        let block = self.cache.lock().blocks.keep(found.number as usize);
        (*block.source() == *source).then(|| block.probes())
    }

    /// Emits the builder's block into code memory.
    fn place(&self, t: &mut Translator) -> u32 {
        if t.epoch != self.epoch.load(Ordering::Acquire) {
            (t.next, t.end, t.epoch) = (0, 0, self.epoch.load(Ordering::Acquire));
        }
        let lazy_floats = self.lazy_floats.load(Ordering::Relaxed);
        let answer = self.answer(t);
        let emit = |t: &mut Translator, host| {
            let place = Place { at: self.code.run_addr(host) as u64, lazy_floats, answer, ..self.fixed };
            self.host.emit(&t.builder.block, &place, &mut t.emitted);
        };
        loop {
            let mut host = t.next.next_multiple_of(ALIGN);
            emit(t, host);
            if let Some(round) = t.emitted.round {
                host = place_loop(host, round);
                emit(t, host);
            }
            let end = host + t.emitted.code.len() as u32;
            if end <= t.end {
                self.code.write(host, &t.emitted.code);
                (t.placed, t.next) = (host, end);
                return host;
            }
            self.take_chunk(t);
        }
    }

    /// What answers the system call that ends the builder's block in place; 0: nothing does. Only in the vDSO, which on
    /// hardware would answer without a system call too, and never where the call is to be seen.
    fn answer(&self, t: &Translator) -> u64 {
        let block = &t.builder.block;
        let calls = block.ops.last().is_some_and(|o| o.code == Code::Syscall);
        let Some(answer) = self.options.answer.filter(|_| calls && !t.watched.calls) else { return 0 };
        let vdso = self.memory().mapping(block.pc).is_some_and(|m| m.attributes.role == Role::Vdso);
        if vdso { answer as usize as u64 } else { 0 }
    }

    /// Takes a new chunk that is large enough for what was just emitted.
    fn take_chunk(&self, t: &mut Translator) {
        let size = (t.emitted.code.len() + 2 * LINE as usize).next_multiple_of(Translator::CHUNK);
        let at = self.code.alloc(size).expect("the run loop flushes before code memory is full");
        self.code.prepare(at, size);
        (t.next, t.end) = (at, at + size as u32);
    }

    fn fetch_fault(&self, addr: Addr) -> Exit {
        let kind = match self.memory().prot(addr) {
            None => FaultKind::Unmapped,
            Some(p) if !p.exec => FaultKind::Protected,
            Some(_) => FaultKind::Bus,
        };
        Exit::Fault(Fault { addr, access: Access::Fetch, kind })
    }
}
