//! While an observer sees nothing, the generated code is that of a plain run; from when on he sees blocks, they are those
//! that the guest has.
#![forbid(unsafe_code)]

mod number_guest;

use bits::PAGE;
use engine::instrument::{BlockView, Probe, Watched};
use engine::{Engine, Exit, Instrument, Options, Vcpu};
use guest::{Guest, Pair};
use host::{Emitted, Fixed, Home, Host, Place};
use host_x64::{Features, X64};
use ir::{Builder, Callee, Code, Cond, Op, Var, Width};
use memory::{AddressSpace, MapRequest, Prot, Role, guarded};
use number_guest::{Insns, NumberGuest};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A host that remembers what it emitted. Every block is emitted once more for one place, where nothing but the block and
/// what is said of observers can make a difference.
struct Remembering {
    host: X64,
    code: Mutex<Vec<Vec<u8>>>,
}

impl Host for Remembering {
    fn emit(&self, block: &ir::Block, place: &Place, out: &mut Emitted) {
        let somewhere = Place { lazy_floats: place.lazy_floats, answer: place.answer, ..Place::default() };
        self.host.emit(block, &somewhere, out);
        self.code.lock().unwrap().push(out.code.clone());
        self.host.emit(block, place, out);
    }

    fn fixed(&self) -> Fixed {
        self.host.fixed()
    }
    fn inspect(&self, at: u64, code: &[u8]) -> Callee {
        self.host.inspect(at, code)
    }
    fn home(&self, var: Var) -> Home {
        self.host.home(var)
    }
    fn int_pins(&self) -> &[Var] {
        self.host.int_pins()
    }
    fn float_pins(&self) -> &[Var] {
        self.host.float_pins()
    }
    fn tables(&self) -> Vec<(i32, u64)> {
        self.host.tables()
    }
    fn flags_of(&self, control: u32) -> u64 {
        self.host.flags_of(control)
    }
    fn masked(&self, control: u32) -> u32 {
        self.host.masked(control)
    }
    fn with_flags(&self, control: u32, flags: u64) -> u32 {
        self.host.with_flags(control, flags)
    }
    fn with_round(&self, control: u32, mode: u64) -> u32 {
        self.host.with_round(control, mode)
    }
}

/// Notes the blocks that it is shown.
#[derive(Default)]
struct Observer {
    watches: AtomicBool,
    shown: Mutex<Vec<(u64, usize)>>,
}

impl Instrument for Observer {
    fn watched(&self) -> Watched {
        if self.watches.load(Ordering::SeqCst) { Watched::ALL } else { Watched::default() }
    }
    fn block(&self, _: &mut Vcpu, block: &BlockView, _: &mut Vec<Probe>) {
        self.shown.lock().unwrap().push((block.pc, block.insns.len()));
    }
}

extern "C" fn answer(_: u64, _: u64, _: u64) -> Pair {
    Pair(0, 1)
}

const A: Var = Var(10);
const B: Var = Var(11);

/// A branch over one instruction, two more, and a system call; then a breakpoint.
fn code(at: u64) -> Vec<Vec<Op>> {
    let ops = |write: &dyn Fn(&mut Builder)| {
        let mut b = Builder::default();
        write(&mut b);
        b.block.ops
    };
    let branch = Op { cond: Cond::Ltu, a: A, b: B, imm: at as i64 + 4, ext: at + 2, ..Op::new(Code::Branch) };
    vec![
        vec![branch],
        ops(&|b| b.mov(A, B)),
        ops(&|b| b.alu_imm(Code::Add, Width::W64, A, A, 1)),
        ops(&|b| b.alu_imm(Code::Add, Width::W64, B, B, 2)),
        vec![Op { dst: A, a: A, b: A, c: B, imm: at as i64 + 8, ext: at + 10, ..Op::new(Code::Syscall) }],
    ]
}

struct Machine {
    engine: Arc<Engine>,
    host: Arc<Remembering>,
    vcpu: Vcpu,
    at: u64,
}

impl Machine {
    /// The guest's addresses are the host's, so every test has its own.
    fn new(at: u64, observer: Option<Arc<Observer>>) -> Machine {
        let insns: Insns = Arc::new(Mutex::new(vec![Vec::new()]));
        insns.lock().unwrap().extend(code(at));
        let count = insns.lock().unwrap().len() - 1;
        let guest: Arc<dyn Guest> = Arc::new(NumberGuest::new(insns));
        let helpers = guest.helpers().iter().map(|h| h.function as usize as u64).collect();
        let host = X64::new(Features::detect(), guest.hot_ints(), guest.hot_floats(), helpers);
        let host = Arc::new(Remembering { host, code: Mutex::default() });
        let memory = Arc::new(AddressSpace::new());
        let (prot, flags) = (Prot::from_bits(7), 0x32); // private, anonymous, fixed
        let request = MapRequest { addr: at, len: PAGE, prot, flags, fd: -1, offset: 0, role: Role::Vdso };
        memory.map(&request).expect("memory for the test");
        let bytes: Vec<u8> = (1..=count).flat_map(|n| number_guest::encode(n, 2)).collect();
        guarded::write(at, &bytes).expect("code memory");
        let options = Options { answer: Some(answer), ..Options::default() };
        let engine = Engine::new(guest, host.clone(), memory, options).expect("an engine");
        if let Some(observer) = observer {
            engine.set_instrument(observer);
        }
        let vcpu = engine.new_vcpu();
        Machine { engine, host, vcpu, at }
    }

    /// Runs from the start to the breakpoint, or to a system call that is not answered in place.
    fn run(&mut self, a: u64, b: u64) -> Exit {
        self.vcpu.set(A, a);
        self.vcpu.set(B, b);
        self.vcpu.set_pc(self.at);
        self.engine.run(&mut self.vcpu)
    }

    fn code(&self) -> Vec<Vec<u8>> {
        self.host.code.lock().unwrap().clone()
    }
}

#[test]
fn code_that_nobody_sees_is_that_of_a_plain_run() {
    const AT: u64 = 0x4823_4000;
    let mut plain = Machine::new(AT, None);
    let observer = Arc::new(Observer::default());
    let mut unwatched = Machine::new(AT, Some(observer.clone()));
    for (a, b) in [(1, 2), (2, 1)] {
        assert_eq!([plain.run(a, b), unwatched.run(a, b)], [Exit::Breakpoint; 2]);
    }
    assert_eq!(plain.code(), unwatched.code());
    assert!(observer.shown.lock().unwrap().is_empty());
    observer.watches.store(true, Ordering::SeqCst);
    let mut watched = Machine::new(AT, Some(observer));
    assert_eq!(watched.run(1, 2), Exit::Syscall);
    assert_ne!(plain.code()[0], watched.code()[0]);
}

#[test]
fn who_begins_to_watch_is_shown_the_blocks_of_the_guest() {
    const AT: u64 = 0x4923_4000;
    let observer = Arc::new(Observer::default());
    let mut machine = Machine::new(AT, Some(observer.clone()));
    assert_eq!((machine.run(2, 1), machine.run(1, 2)), (Exit::Breakpoint, Exit::Breakpoint));
    assert!(observer.shown.lock().unwrap().is_empty());

    observer.watches.store(true, Ordering::SeqCst);
    machine.engine.flush_quietly(None);
    assert_eq!((machine.run(2, 1), machine.run(1, 2)), (Exit::Syscall, Exit::Syscall));
    assert_eq!(*observer.shown.lock().unwrap(), [(AT, 1), (AT + 2, 4), (AT + 4, 3)]);
}
