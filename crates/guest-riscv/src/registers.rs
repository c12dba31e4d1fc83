//! The registers with a name, in the order of the plugin contract (appendix A.1).

use crate::csr;
use crate::ext::{Ext, Exts};
use crate::vars;
use guest::{Place, Register};
use ir::Var;

/// Names as debuggers know them: x8 is `fp` here, but `s0` in texts.
const X: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

const CPU: &str = "org.gnu.gdb.riscv.cpu";
const FPU: &str = "org.gnu.gdb.riscv.fpu";
const VIRTUAL: &str = "org.gnu.gdb.riscv.virtual";
const CSR: &str = "org.gnu.gdb.riscv.csr";

/// Numbers of the reference's full CPU: 32 integer registers, pc, 32 floating-point ones, 32 vector ones, `priv`, then
/// control registers by their own number. A smaller CPU leaves gaps.
const PC: u32 = 32;
const F0: u32 = 33;
const PRIV: u32 = 97;
const CSR0: u32 = 98;

/// The registers of a CPU with these extensions, in the order of the contract.
pub fn of(exts: Exts) -> Vec<Register> {
    let cpu = |n: u32, name, place| Register { name, feature: CPU, number: n, bytes: 8, place };
    let mut all: Vec<Register> = (0..32).map(|n| cpu(n, X[n as usize], Place::Int(vars::x(n)))).collect();
    all.push(cpu(PC, "pc", Place::Pc));
    if exts.has(Ext::F) {
        let bytes = if exts.has(Ext::D) { 8 } else { 4 };
        all.extend((0..32).map(|n| float(n, bytes)));
    }
    all.push(Register { name: "priv", feature: VIRTUAL, number: PRIV, bytes: 8, place: USER });
    all.extend(csr::of(exts).map(|c| control(c.number, c.outside)));
    all
}

/// User mode, and nobody may change it.
const USER: Place = Place::Computed { read: |_| 0, write: Some(|_, _| ()) };

fn float(n: u32, bytes: u8) -> Register {
    let name = crate::operand::F_NAMES[n as usize];
    Register { name, feature: FPU, number: F0 + n, bytes, place: Place::Float(vars::f(n)) }
}

fn control(number: u32, place: Place) -> Register {
    let name = csr::name(number).expect("a control register of ours has a name");
    Register { name, feature: CSR, number: CSR0 + number, bytes: 8, place }
}

/// Integer registers by falling frequency: the first twelve as measured over compiled programs, the others by the
/// calling convention.
pub static HOT_INTS: [Var; 31] = order([
    15, 14, 13, 10, 8, 2, 12, 11, 9, 1, 17, 18, 16, 19, 20, 28, 21, 22, 6, 7, 5, 23, 29, 24, 30, 25, 31, 26, 27, 3, 4,
]);

/// Floating-point registers by falling frequency: arguments and results, temporaries, saved ones.
pub static HOT_FLOATS: [Var; 32] = {
    const ORDER: [u32; 32] = [
        15, 14, 10, 13, 11, 12, 0, 1, 2, 3, 4, 5, 16, 17, 8, 9, 6, 7, 18, 19, 20, 21, 28, 29, 30, 31, 22, 23, 24, 25,
        26, 27,
    ];
    let mut all = [Var::ZERO; 32];
    let mut i = 0;
    while i < 32 {
        all[i] = vars::f(ORDER[i]);
        i += 1;
    }
    all
};

const fn order(numbers: [u32; 31]) -> [Var; 31] {
    let mut all = [Var::ZERO; 31];
    let mut i = 0;
    while i < 31 {
        all[i] = vars::x(numbers[i]);
        i += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use guest::Bank;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    fn names(list: &[Register], feature: &str) -> String {
        let these = list.iter().filter(|r| r.feature == feature);
        these.map(|r| r.name).collect::<Vec<_>>().join(" ")
    }

    /// Plugin contract, appendix A.1, but for vectors.
    #[test]
    fn the_list_of_the_contract() {
        let max = of(Exts::MAX);
        let x =
            "zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 pc";
        assert_eq!(names(&max, CPU), x);
        let f = "ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 \
                 fs9 fs10 fs11 ft8 ft9 ft10 ft11";
        assert_eq!(names(&max, FPU), f);
        assert_eq!(names(&max, VIRTUAL), "priv");
        assert_eq!(names(&max, CSR), "fflags frm fcsr seed cycle time instret");
        assert!(max.iter().all(|r| r.bytes == 8));
        let fflags = max.iter().find(|r| r.name == "fflags").unwrap();
        assert_eq!(fflags.number + 1, 0x64);
        let mut numbers: Vec<u32> = max.iter().map(|r| r.number).collect();
        numbers.dedup();
        assert!(numbers.is_sorted() && numbers.len() == max.len());
    }

    #[test]
    fn smaller_cpus_have_fewer() {
        let rv64 = of(crate::model::parse("rv64").unwrap());
        assert_eq!((rv64.len(), names(&rv64, CSR)), (72, "fflags frm fcsr cycle time instret".into()));
        let base = of(Exts::BASE);
        assert_eq!((base.len(), names(&base, FPU), names(&base, CSR)), (34, "".into(), "".into()));
        let single = of(Exts::BASE.with(Ext::F));
        assert_eq!(single.iter().filter(|r| r.feature == FPU && r.bytes == 4).count(), 32);
    }

    /// Variables alone.
    #[derive(Default)]
    struct Cpu {
        vars: RefCell<BTreeMap<u16, u64>>,
        pc: Cell<u64>,
        flags: Cell<u64>,
        round: Cell<u64>,
    }

    impl Bank for Cpu {
        fn get(&self, var: Var) -> u64 {
            self.vars.borrow().get(&var.0).copied().unwrap_or(0)
        }
        fn set(&self, var: Var, value: u64) {
            self.vars.borrow_mut().insert(var.0, if var == Var::ZERO { 0 } else { value });
        }
        fn pc(&self) -> u64 {
            self.pc.get()
        }
        fn set_pc(&self, pc: u64) {
            self.pc.set(pc)
        }
        fn fp_flags(&self) -> u64 {
            self.flags.get()
        }
        fn set_fp_flags(&self, flags: u64) {
            self.flags.set(flags)
        }
        fn set_fp_round(&self, mode: u64) {
            self.round.set(mode)
        }
        fn ticks(&self) -> u64 {
            77
        }
    }

    #[test]
    fn values_go_in_and_out() {
        let cpu = Cpu::default();
        let max = of(Exts::MAX);
        let by_name = |name: &str| *max.iter().find(|r| r.name == name).unwrap();
        for (name, value, back) in [
            ("zero", 5, 0),
            ("s11", u64::MAX, u64::MAX),
            ("pc", 0x10000, 0x10000),
            ("ft11", 0x1234_5678_9abc_def0, 0x1234_5678_9abc_def0),
            ("priv", 3, 0),
            ("fcsr", 0xffff_ff5a, 0x5a),
            ("fflags", 0xe3, 3),
            ("frm", 9, 1),
        ] {
            assert!(by_name(name).write(&cpu, value), "{name}");
            assert_eq!(by_name(name).read(&cpu), back, "{name}");
        }
        assert_eq!((by_name("fcsr").read(&cpu), cpu.round.get()), (0x23, 1));
        assert!(!by_name("cycle").write(&cpu, 1));
        assert_eq!(by_name("instret").read(&cpu), 77);
        assert_eq!(by_name("seed").read(&cpu) >> 16, 0xffff_ffff_8000, "ready, with sixteen bits of entropy");
        let single = *of(Exts::BASE.with(Ext::F)).iter().find(|r| r.name == "fa0").unwrap();
        single.write(&cpu, 0x3f80_0000);
        assert_eq!((single.read(&cpu), cpu.get(vars::f(10))), (0x3f80_0000, 0xffff_ffff_3f80_0000));
    }

    /// Each register once.
    #[test]
    fn orders_are_permutations() {
        let sorted = |v: &[Var]| {
            let mut v: Vec<u16> = v.iter().map(|v| v.0).collect();
            v.sort_unstable();
            v
        };
        assert_eq!(sorted(&HOT_INTS), (1..32).collect::<Vec<u16>>());
        assert_eq!(sorted(&HOT_FLOATS), (32..64).collect::<Vec<u16>>());
    }
}
