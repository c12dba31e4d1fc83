use super::weave;
use crate::instrument::{Accesses, Action, Probe, Site};
use bits::Mem;
use ir::{Block, Builder, Call, Callee, Cell, Code, Registers, Rmw, Var};

const RW: Accesses = Accesses { reads: true, writes: true };

fn call() -> Action {
    Action::Call(Call {
        function: 1,
        data: 2,
        registers: Registers::None,
        when: None,
        callee: Callee::default(),
        tag: 3,
    })
}

fn woven(lift: impl FnOnce(&mut Builder), probes: &[Probe]) -> Block {
    let mut b = Builder::default();
    b.start(0x1000, 0);
    b.insn(0x1000, 4);
    lift(&mut b);
    b.jump(0x1004);
    let mut block = b.block;
    weave(&mut block, probes, false);
    ir::verify(&block).unwrap_or_else(|e| panic!("{e}\n{block}"));
    block
}

fn codes(block: &Block) -> Vec<Code> {
    block.ops.iter().map(|o| o.code).collect()
}

#[test]
fn block_probes_stand_before_those_of_the_first_instruction() {
    let add = |n| Action::Add(Cell::own(0), n);
    let probes = [
        Probe { site: Site::Insn(0), action: add(1) },
        Probe { site: Site::Block, action: add(2) },
        Probe { site: Site::Block, action: call() },
    ];
    let block = woven(|_| (), &probes);
    assert_eq!(codes(&block), [Code::Insn, Code::ScoreAdd, Code::Callback, Code::ScoreAdd, Code::Jump]);
    assert_eq!(block.ops[1].imm, 2);
}

#[test]
fn a_load_over_its_own_address_is_reported_with_it() {
    let probes = [Probe { site: Site::Access(0, RW), action: call() }];
    let block = woven(|b| b.load(Mem::I32, Var(5), Var(5), 8), &probes);
    assert_eq!(codes(&block), [Code::Insn, Code::Add, Code::Load, Code::MemCallback, Code::Jump]);
    let report = block.ops[3];
    assert_eq!((report.b, report.c), (Var::temp(0), Var(5)));
    assert_eq!(report.ext, 0x150a0);
}

#[test]
fn counting_alone_needs_no_address() {
    let probes = [Probe { site: Site::Access(0, RW), action: Action::Add(Cell::own(8), 1) }];
    let block = woven(|b| b.amo(Rmw::Add, Mem::U64, Var(5), Var(6), Var(7)), &probes);
    assert_eq!(codes(&block), [Code::Insn, Code::Amo, Code::ScoreAdd, Code::ScoreAdd, Code::Jump]);
}

#[test]
fn only_what_is_asked_for() {
    let reads = Accesses { reads: true, writes: false };
    let probes = [Probe { site: Site::Access(0, reads), action: call() }];
    let block = woven(|b| b.store(Mem::U64, Var(5), Var(6), 0), &probes);
    assert_eq!(codes(&block), [Code::Insn, Code::Store, Code::Jump]);
}

/// Every kind of memory operation gives a legal block, with and without values.
#[test]
fn all_kinds_are_legal() {
    let lifts: [fn(&mut Builder); 8] = [
        |b| b.load_f(Mem::U32, Var(33), Var(6), 4),
        |b| b.store_f(Mem::U64, Var(33), Var(6), 4),
        |b| b.amo(Rmw::MinU, Mem::I32, Var(6), Var(6), Var(6)),
        |b| b.amo(Rmw::Swap, Mem::U64, Var::ZERO, Var(6), Var::ZERO),
        |b| b.cas(Mem::U64, Var(5), Var(6), Var(5), Var(7)),
        |b| b.cas_pair(Var(10), Var(11), Var(10), Var(12)),
        |b| b.push(ir::Op { mem: Mem::I32, dst: Var(6), a: Var(6), b: Var(6), ..ir::Op::new(Code::StoreCond) }),
        |b| b.store(Mem::U8, Var::ZERO, Var::ZERO, 16),
    ];
    for lift in lifts {
        for action in [call(), Action::Add(Cell::own(0), 1)] {
            woven(lift, &[Probe { site: Site::Access(0, RW), action }]);
        }
    }
}
