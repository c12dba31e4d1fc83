//! Every floating-point row against Berkeley SoftFloat as generated code: on this machine's unit with everything that
//! it has, and with nothing beyond the floor (no AVX, no fused multiply-add).

#[path = "../../../tests/softfloat-vectors/src/format.rs"]
mod format;
#[path = "../../../tests/softfloat-vectors/src/read.rs"]
mod read;
#[path = "../../../tests/softfloat-vectors/src/rows.rs"]
mod rows;

use engine::{Engine, Exit, Options, Vcpu};
use format::{Case, Operation, Outcome};
use guest::Guest;
use guest_riscv::{Exts, Riscv, vars};
use host_x64::{Features, X64};
use memory::{AddressSpace, MapRequest, Prot, Role, guarded};
use rows::{Registers, assignments, boxed, encode, result_type, rounds, row, rows_of, variable, ways};
use std::collections::HashMap;
use std::sync::Arc;

const CODE_LEN: u64 = 1 << 20;
const EBREAK: u32 = 0x0010_0073;

/// Runs single instructions, each of which has a place in memory with a breakpoint behind it.
struct Machine {
    engine: Arc<Engine>,
    vcpu: Vcpu,
    code: u64,
    places: HashMap<u32, u64>,
}

impl Machine {
    /// The guest's code goes to `code`: guest memory is the process's, so each machine has a range of its own.
    fn new(features: Features, code: u64) -> Machine {
        let guest: Arc<dyn Guest> = Arc::new(Riscv::new(Exts::MAX));
        let helpers = guest.helpers().iter().map(|h| h.function as usize as u64).collect();
        let host = X64::new(features, guest.hot_ints(), guest.hot_floats(), helpers);
        let memory = Arc::new(AddressSpace::new());
        let (prot, flags) = (Prot { read: true, write: true, exec: true }, 0x32); // private, anonymous, fixed
        let request = MapRequest { addr: code, len: CODE_LEN, prot, flags, fd: -1, offset: 0, role: Role::Plain };
        memory.map(&request).expect("memory for the code");
        let engine = Engine::new(guest, Arc::new(host), memory, Options::default()).expect("an engine");
        let vcpu = engine.new_vcpu();
        Machine { engine, vcpu, code, places: HashMap::new() }
    }

    fn place(&mut self, word: u32) -> u64 {
        let next = self.code + self.places.len() as u64 * 8;
        *self.places.entry(word).or_insert_with(|| {
            let code = word as u64 | (EBREAK as u64) << 32;
            guarded::write(next, &code.to_le_bytes()).expect("room for the code");
            next
        })
    }

    /// Result register and flags of an instruction on raw registers; `flags` are set before.
    fn execute(&mut self, op: Operation, word: u32, frm: u32, r: Registers, raw: [u64; 3], flags: u64) -> Outcome {
        let pc = self.place(word);
        let v = &mut self.vcpu;
        for (number, value) in r.rs.into_iter().zip(raw).take(op.operands()) {
            v.set(variable(op.on, number), value);
        }
        v.set(vars::FRM, frm as u64);
        v.set_fp_round(frm as u64);
        v.set_fp_flags(flags);
        v.set_pc(pc);
        let exit = self.engine.run(v);
        assert_eq!((exit, v.pc()), (Exit::Breakpoint, pc + 4), "{word:08x}");
        (v.get(variable(result_type(op), r.rd)), v.fp_flags())
    }
}

/// Registers that are kept in host registers, and such that may not be.
const SOURCES: [[u32; 3]; 2] = [[11, 12, 13], [25, 26, 27]];

/// Runs a case in all ways that have this `frm`.
fn check(m: &mut Machine, case: &Case, n: usize, frm: u32) {
    let op = case.operation;
    let registers = assignments(op, SOURCES[n / 7 % 2]);
    let r = registers[n % registers.len()];
    let preset = [0, 1 << (n % 5), 0x1f][n % 3];
    for computing in rows_of(op) {
        let row = row(&computing.name);
        let raw = computing.registers(op, case.operands);
        let modes = if rounds(row) { 0..5 } else { 0..1 };
        for (mode, (bits, flags)) in modes.zip(case.outcomes) {
            let expected = (boxed(result_type(op), bits), flags | preset);
            for (rm, _) in ways(row, mode, n).into_iter().filter(|way| way.1 == frm) {
                let is = m.execute(op, encode(row, r, rm), frm, r, raw, preset);
                assert_eq!(is, expected, "{} {raw:x?} rm {rm} frm {frm} flags {preset:x}", row.name);
            }
        }
    }
}

/// One `frm` after the other, as a change of it is slow. `every`: the rest of the cases is left out.
fn all_cases(features: Features, code: u64, every: usize) {
    let mut m = Machine::new(features, code);
    let cases: Vec<Case> = read::cases().step_by(every).collect();
    let covered = |op: &Operation| cases.iter().any(|case| case.operation == *op);
    assert!(Operation::all().iter().all(covered));
    for frm in 0..8 {
        for (n, case) in cases.iter().enumerate() {
            check(&mut m, case, n, frm);
        }
    }
}

#[test]
fn this_machine() {
    all_cases(Features::detect(), 0x4000_0000, 1);
}

/// Without a fused multiply-add these take the slow path, so fewer cases.
#[test]
fn floor() {
    all_cases(Features::floor(), 0x4800_0000, 5);
}
