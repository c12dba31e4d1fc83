//! Which IR variable holds what.

use ir::Var;

/// Integer register `n`; `x0` is the zero variable.
pub const fn x(n: u32) -> Var {
    assert!(n < 32);
    Var(n as u16)
}

/// Floating-point register `n`.
pub const fn f(n: u32) -> Var {
    assert!(n < 32);
    Var(32 + n as u16)
}

/// The return address register.
pub const RA: Var = x(1);
/// The rounding mode register `frm`.
pub const FRM: Var = Var(64);
/// Home of the sticky flags; only reached through `ReadFlags` and `WriteFlags`.
pub const FFLAGS: Var = Var(65);
/// Address of the reservation of `lr`; the engine's.
pub const RES_ADDR: Var = Var(66);
/// Value that `lr` loaded; the engine's.
pub const RES_VALUE: Var = Var(67);
