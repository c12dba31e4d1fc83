//! The registers with a name, in the order of the plugin contract (appendix A.1).

use crate::ext::{Ext, Exts};
use crate::vars;
use guest::{RegClass, Register};
use ir::Var;

/// Names as debuggers know them: x8 is `fp` here, but `s0` in texts.
const X: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Every register of a CPU with doubles.
static DOUBLE: [Register; 64] = all(8);

/// Every register of a CPU with singles only.
static SINGLE: [Register; 64] = all(4);

/// The registers of a CPU with these extensions.
pub fn of(exts: Exts) -> &'static [Register] {
    match (exts.has(Ext::F), exts.has(Ext::D)) {
        (_, true) => &DOUBLE,
        (true, false) => &SINGLE,
        _ => &DOUBLE[..32],
    }
}

/// Integer registers, then floating-point registers of so many bytes.
const fn all(float_bytes: u8) -> [Register; 64] {
    let mut all = [Register { name: "", var: Var::ZERO, class: RegClass::Int, bytes: 8 }; 64];
    let mut n = 0;
    while n < 32 {
        all[n] = Register { name: X[n], var: vars::x(n as u32), class: RegClass::Int, bytes: 8 };
        let (name, var) = (crate::operand::F_NAMES[n], vars::f(n as u32));
        all[32 + n] = Register { name, var, class: RegClass::Float, bytes: float_bytes };
        n += 1;
    }
    all
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

    #[test]
    fn names_and_sizes() {
        let names = |r: &[Register]| r.iter().map(|r| r.name).collect::<Vec<_>>().join(" ");
        let x = "zero ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6";
        assert_eq!(names(of(Exts::BASE)), x);
        assert_eq!(of(Exts::BASE.with(Ext::F))[63].bytes, 4);
        assert_eq!(of(Exts::MAX)[63].bytes, 8);
        assert_eq!(names(of(Exts::MAX)).split_whitespace().nth(32 + 18), Some("fs2"));
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
