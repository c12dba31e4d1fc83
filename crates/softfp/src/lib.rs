//! IEEE 754 binary arithmetic in integers: bit-exact results and exception flags for half, single and double
//! precision, in the flavour that RISC-V asks for.
//!
//! The host's FPU does nearly all floating point of a guest. This crate is what it is measured against (the reference
//! evaluator computes with it) and what runs where the host has no instruction: half precision, rounding to nearest
//! with ties away from zero, and the odd ones of Zfa.
//!
//! The idea: a finite number is `sig * 2^exp` with a 128-bit `sig`, wide enough that the operands of every operation
//! fit exactly or with one sticky bit; one function ([`round`]) then rounds into any format. So an operation is a few
//! lines, and every format shares them.
//!
//! The flavour (RISC-V unprivileged ISA, chapters "F" and "Zfa"): a NaN result is always the canonical quiet NaN;
//! tininess is detected after rounding; conversions to integers saturate and a NaN gives the maximum.
//!
//! Values are raw bits in the low end of a `u64`; bits above the format are ignored, and zero in results.
//! [`Format::unbox`] and [`Format::boxed`] deal with NaN boxing, nothing else in here does.
#![forbid(unsafe_code)]

mod arith;
mod compare;
mod convert;
mod format;
mod number;
mod round;

pub use arith::{add, div, fma, mul, sqrt, sub};
pub use compare::{eq, le, le_quiet, lt, lt_quiet, max, maximum, min, minimum};
pub use convert::{Int, convert, from_int, round_to_integral, to_int, to_int_modular};
pub use format::{BF16, F16, F32, F64, Format};
pub use round::Round;

/// Accrued exceptions, the bits of RISC-V's `fflags`.
pub type Flags = u64;
/// Inexact.
pub const NX: Flags = 1;
/// Underflow: tiny after rounding, and inexact.
pub const UF: Flags = 2;
/// Overflow.
pub const OF: Flags = 4;
/// Division of a finite number by zero.
pub const DZ: Flags = 8;
/// Invalid operation.
pub const NV: Flags = 16;
