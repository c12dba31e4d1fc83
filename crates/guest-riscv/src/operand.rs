//! Kinds of operands: what a lift body gets, and how the text shows them.

use crate::{csr, vars};
use guest::{Field, Operand};
use ir::Var;
use std::fmt::Write;

const X_NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

pub(crate) const F_NAMES: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
];

const AQ_RL: [&str; 4] = ["", ".rl", ".aq", ".aq.rl"];

const ROUNDING: [&str; 8] = ["rne", "rtz", "rdn", "rup", "rmm", "inv", "inv", "dyn"];

/// Makes kinds of operands: what the field's bits become, and how they are shown.
macro_rules! operands {
    ($(
        $(#[$doc:meta])*
        $name:ident $value:ty =
            |$f:ident, $w:ident| $get:expr, |$sf:ident, $sw:ident, $out:ident| $show:expr;
    )*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Operand for $name {
            type Value = $value;
            #[inline]
            fn get($f: &Field, $w: u32) -> $value {
                $get
            }
            fn show($sf: &Field, $sw: u32, $out: &mut String) {
                $show
            }
        }
    )*};
}

operands! {
    /// An integer register.
    X Var = |f, w| vars::x(f.unsigned(w) as u32), |f, w, out| out.push_str(X_NAMES[f.unsigned(w) as usize]);
    /// An integer register of a compressed instruction: x8 to x15 in three bits.
    Xc u32 = |f, w| 8 + f.unsigned(w) as u32, |f, w, out| out.push_str(X_NAMES[8 + f.unsigned(w) as usize]);
    /// An integer register by number, for compressed instructions.
    N u32 = |f, w| f.unsigned(w) as u32, |f, w, out| out.push_str(X_NAMES[f.unsigned(w) as usize]);
    /// A floating-point register.
    F Var = |f, w| vars::f(f.unsigned(w) as u32), |f, w, out| out.push_str(F_NAMES[f.unsigned(w) as usize]);
    /// A signed immediate.
    S i64 = |f, w| f.signed(w), |f, w, out| write!(out, "{}", f.signed(w)).unwrap();
    /// An unsigned immediate: a shift amount, a selector, a CSR operand.
    U i64 = |f, w| f.unsigned(w) as i64, |f, w, out| write!(out, "{}", f.unsigned(w)).unwrap();
    /// An odd number of which bit 0 is not encoded.
    Odd i64 = |f, w| f.unsigned(w) as i64 | 1, |f, w, out| write!(out, "{}", f.unsigned(w) | 1).unwrap();
    /// The integer register `rs1`, of which the pattern fixes some bits: the field is only a part of it.
    Rs1 u32 = |_f, w| w >> 15 & 31, |_f, w, out| out.push_str(X_NAMES[(w >> 15 & 31) as usize]);
    /// A control and status register.
    CsrName u32 = |f, w| f.unsigned(w) as u32, |f, w, out| csr::show(f.unsigned(w) as u32, out);
    /// The upper 20 bits of a signed word (`imm[31:12]`), shown without the zeros below.
    Upper i64 = |f, w| f.signed(w), |f, w, out| write!(out, "{}", f.signed(w) >> 12).unwrap();
    /// The ordering bits of an atomic access; part of the mnemonic.
    AqRl u32 = |f, w| f.unsigned(w) as u32, |f, w, out| out.push_str(AQ_RL[f.unsigned(w) as usize]);
    /// A set of accesses of a fence.
    Order u32 = |f, w| f.unsigned(w) as u32, |f, w, out| show_order(f.unsigned(w), out);
    /// The rounding mode of a floating-point instruction (7: the one in `frm`; 5 and 6 are illegal).
    Rm u32 = |f, w| f.unsigned(w) as u32, |f, w, out| out.push_str(ROUNDING[f.unsigned(w) as usize]);
    /// A constant of `fli`, by number.
    Fli i64 = |f, w| f.unsigned(w) as i64, |f, w, out| out.push_str(FLI_NAMES[f.unsigned(w) as usize]);
}

/// As the reference shows them: the first, which is -1, without its sign.
const FLI_NAMES: [&str; 32] = [
    "0x1p+0", "min", "0x1p-16", "0x1p-15", "0x1p-8", "0x1p-7", "0x1p-4", "0x1p-3", "0x1p-2", "0x1.4p-2", "0x1.8p-2",
    "0x1.cp-2", "0x1p-1", "0x1.4p-1", "0x1.8p-1", "0x1.cp-1", "0x1p+0", "0x1.4p+0", "0x1.8p+0", "0x1.cp+0", "0x1p+1",
    "0x1.4p+1", "0x1.8p+1", "0x1p+2", "0x1p+3", "0x1p+4", "0x1p+7", "0x1p+8", "0x1p+15", "0x1p+16", "inf", "nan",
];

fn show_order(set: u64, out: &mut String) {
    for (bit, letter) in [(8, 'i'), (4, 'o'), (2, 'r'), (1, 'w')] {
        if set & bit != 0 {
            out.push(letter);
        }
    }
}
