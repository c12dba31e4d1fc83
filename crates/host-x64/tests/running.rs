//! What single blocks executed once cannot show: loops that are interrupted, atomics under contention, the clock.
//!
//! The blocks come through the guest of our own of `emit_vs_eval`.
#![forbid(unsafe_code)]

mod number_guest;

use bits::{Mem, PAGE};
use engine::{Engine, Exit, Options, Vcpu};
use guest::Guest;
use host_x64::{Features, X64};
use ir::{Builder, Code, Cond, Jump, Op, Rmw, Var, Width};
use memory::{AddressSpace, MapRequest, Prot, guarded};
use number_guest::{Insns, NumberGuest};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

/// The guest's addresses are the host's, so every test has its own: a page of code, and one of data behind it.
fn place() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0x4123_4000);
    NEXT.fetch_add(2 * PAGE, Ordering::Relaxed)
}

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An engine whose code at `place` is these instructions of two bytes each, and a breakpoint behind them.
fn engine(place: u64, code: &[Vec<Op>]) -> Arc<Engine> {
    let insns: Insns = Arc::new(Mutex::new(vec![Vec::new()]));
    for (ops, next) in code.iter().zip((place + 2..).step_by(2)) {
        // Where a branch goes that is not taken, its writer does not know.
        let placed = |op: &Op| Op { ext: if op.code == Code::Branch { next } else { op.ext }, ..*op };
        insns.lock().unwrap().push(ops.iter().map(placed).collect());
    }
    let guest: Arc<dyn Guest> = Arc::new(NumberGuest::new(insns));
    let helpers = guest.helpers().iter().map(|h| h.function as usize as u64).collect();
    let host = X64::new(Features::detect(), guest.hot_ints(), guest.hot_floats(), helpers);
    let memory = Arc::new(AddressSpace::new());
    for (addr, prot) in [(place, 7), (place + PAGE, 3)] {
        let flags = 0x22 | 0x10; // private, anonymous, fixed
        let role = memory::Role::Plain;
        let request = MapRequest { addr, len: PAGE, prot: Prot::from_bits(prot), flags, fd: -1, offset: 0, role };
        memory.map(&request).expect("memory for the test");
    }
    let bytes: Vec<u8> = (1..=code.len()).flat_map(|n| number_guest::encode(n, 2)).collect();
    guarded::write(place, &bytes).expect("code memory");
    Engine::new(guest, Arc::new(host), memory, Options::default()).expect("an engine")
}

/// The operations that `write` writes.
fn ops(write: impl FnOnce(&mut Builder)) -> Vec<Op> {
    let mut b = Builder::default();
    write(&mut b);
    b.block.ops
}

fn vcpu(engine: &Arc<Engine>, pc: u64) -> Vcpu {
    let mut vcpu = engine.new_vcpu();
    vcpu.set_pc(pc);
    vcpu
}

/// Runs code that never ends by itself, and interrupts it.
fn interrupted(place: u64, code: &[Vec<Op>]) {
    let engine = engine(place, code);
    let mut vcpu = vcpu(&engine, place);
    vcpu.set(Var(20), place);
    let (index, runner) = (vcpu.index(), engine.clone());
    let (send, receive) = channel();
    std::thread::spawn(move || send.send(runner.run(&mut vcpu)));
    std::thread::sleep(Duration::from_millis(100));
    engine.kick(index);
    let exit = receive.recv_timeout(PATIENCE).expect("the loop can be interrupted");
    assert!(matches!(exit, Exit::Interrupted), "{exit:?}");
}

#[test]
fn a_block_that_jumps_to_itself_is_interrupted() {
    let at = place();
    interrupted(at, &[ops(|b| b.jump(at))]);
}

#[test]
fn a_block_that_branches_to_itself_is_interrupted() {
    let at = place();
    let code =
        [ops(|b| b.alu_imm(Code::Add, Width::W64, Var(1), Var(1), 1)), ops(|b| b.branch(Cond::Ne, Var(1), Var(2), at))];
    interrupted(at, &code);
}

#[test]
fn a_loop_of_indirect_jumps_is_interrupted() {
    for kind in [Jump::Plain, Jump::Return] {
        interrupted(place(), &[ops(|b| b.jump_ind(kind, Var(20)))]);
    }
}

/// Two vCPUs at the same doubleword; each flips bits of its own half an even number of times.
#[test]
fn atomics_lose_nothing_under_contention() {
    const ROUNDS: u64 = 3_000_000;
    let at = place();
    let data = at + PAGE;
    let code = [
        ops(|b| b.amo(Rmw::Xor, Mem::U64, Var(3), Var(1), Var(2))),
        ops(|b| {
            let old = b.temp();
            // The half that nobody else writes is as this vCPU left it.
            b.alu(Code::And, Width::W64, old, Var(3), Var(2));
            b.alu(Code::Xor, Width::W64, old, old, Var(4));
            b.alu(Code::Or, Width::W64, Var(5), Var(5), old);
        }),
        ops(|b| b.alu(Code::Xor, Width::W64, Var(4), Var(4), Var(2))),
        ops(|b| b.alu_imm(Code::Add, Width::W64, Var(6), Var(6), -1)),
        ops(|b| b.branch(Cond::Ne, Var(6), Var::ZERO, at)),
    ];
    let engine = engine(at, &code);
    let together = Arc::new(Barrier::new(2));
    let lost = [0xffff_ffff, 0xffff_ffff << 32].map(|mask| {
        let (engine, together) = (engine.clone(), together.clone());
        std::thread::spawn(move || {
            let mut vcpu = vcpu(&engine, at);
            vcpu.set(Var(1), data);
            vcpu.set(Var(2), mask);
            vcpu.set(Var(6), ROUNDS);
            together.wait();
            let exit = engine.run(&mut vcpu);
            assert!(matches!(exit, Exit::Breakpoint), "{exit:?}");
            vcpu.get(Var(5))
        })
    });
    assert_eq!(lost.map(|t| t.join().expect("the vCPU ran")), [0, 0]);
    let mut left = [0; 8];
    guarded::read(data, &mut left).expect("data memory");
    assert_eq!(u64::from_le_bytes(left), 0);
}

/// A host that has been up for some seconds has counted more cycles than 32 bits hold.
#[test]
fn the_cycle_counter_has_64_bits() {
    let at = place();
    let engine = engine(at, &[ops(|b| b.push(Op { dst: Var(1), ..Op::new(Code::ReadCycles) }))]);
    let mut vcpu = vcpu(&engine, at);
    assert!(matches!(engine.run(&mut vcpu), Exit::Breakpoint));
    assert!(vcpu.get(Var(1)) > u32::MAX as u64, "{:#x}", vcpu.get(Var(1)));
}
