//! Functions that lifted code calls where operations would be too many.
//!
//! A row names a helper by its constant: `b.push(Op { dst, a, b, imm: helpers::XPERM4, ..Op::new(Code::CallPure) })`.
//! Floating-point helpers return their flags as the second value (`CallFlags`).

use guest::{Helper, Pair};

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
    /// Permutation of nibbles.
    XPERM4 int::xperm4;
}

/// Helpers of integer rows.
mod int {
    use super::Pair;

    /// Each nibble of `b` picks a nibble of `a`. Cryptography Extensions, 3.49.
    pub extern "C" fn xperm4(a: u64, b: u64, _: u64) -> Pair {
        let pick = |i: u32| (a >> ((b >> i & 15) * 4) & 15) << i;
        Pair((0..64).step_by(4).map(pick).fold(0, |all, nibble| all | nibble), 0)
    }
}
