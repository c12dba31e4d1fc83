//! Functions that lifted code calls where operations would be too many.
//!
//! A row names a helper by its constant: `b.push(Op { dst, a, b, imm: helpers::XPERM4, ..Op::new(Code::CallPure) })`.
//! Floating-point helpers return their flags as the second value (`CallFlags`).

mod fp;
mod int;

use guest::Helper;

/// Makes the table of helpers and a constant with the index of each.
macro_rules! helpers {
    ($( $(#[$doc:meta])* $index:ident $module:ident::$function:ident; )*) => {
        /// Every helper, by index.
        pub static HELPERS: &[Helper] = &[$(
            Helper { name: stringify!($function), function: $module::$function },
        )*];
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Index { $($index),* }
        $( $(#[$doc])* pub const $index: i64 = Index::$index as i64; )*
    };
}

helpers! {
    // Floating point. What is not an operand comes as the third argument.
    FADD fp::add;
    FSUB fp::sub;
    FMUL fp::mul;
    FDIV fp::div;
    FSQRT fp::sqrt;
    FMIN fp::min;
    FMAX fp::max;
    FMINIMUM fp::minimum;
    FMAXIMUM fp::maximum;
    FEQ fp::eq;
    FLT fp::lt;
    FLE fp::le;
    FLTQ fp::lt_quiet;
    FLEQ fp::le_quiet;
    FSIGN fp::sign;
    FCLASS fp::classify;
    FROUND fp::round;
    FTOINT fp::to_int;
    FTOINTMOD fp::to_int_modular;
    FFROMINT fp::from_int;
    FCONVERT fp::convert;
    FMA_S_RMM fp::fma_s_rmm;
    FMA_D_RMM fp::fma_d_rmm;
    /// The first of five, by rounding mode.
    FMA_H_RNE fp::fma_h_rne;
    FMA_H_RTZ fp::fma_h_rtz;
    FMA_H_RDN fp::fma_h_rdn;
    FMA_H_RUP fp::fma_h_rup;
    FMA_H_RMM fp::fma_h_rmm;
    // Integer.
    /// Permutation of nibbles.
    XPERM4 int::xperm4;
    /// Permutation of bytes.
    XPERM8 int::xperm8;
    /// SM4 round.
    SM4ED int::sm4ed;
    /// SM4 key schedule.
    SM4KS int::sm4ks;
    /// Entropy.
    SEED int::seed;
}
