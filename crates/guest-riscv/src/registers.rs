//! The registers with a name, in the order of the plugin contract (appendix A.1).

use crate::vars;
use guest::{RegClass, Register};
use ir::Var;

/// Names as debuggers know them: x8 is `fp` here, but `s0` in texts.
const X: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Every register.
pub static ALL: [Register; 64] = {
    let mut all = [Register { name: "", var: Var::ZERO, class: RegClass::Int, bytes: 8 }; 64];
    let mut n = 0;
    while n < 32 {
        all[n] = Register { name: X[n], var: vars::x(n as u32), class: RegClass::Int, bytes: 8 };
        let name = crate::operand::F_NAMES[n];
        all[32 + n] = Register { name, var: vars::f(n as u32), class: RegClass::Float, bytes: 8 };
        n += 1;
    }
    all
};

/// Integer registers by falling frequency in compiled programs (measured over Debian's binaries).
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
