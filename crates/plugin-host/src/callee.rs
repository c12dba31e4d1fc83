//! What the machine code of a plugin's function tells about it.

use ir::Callee;

/// Looks at a function that generated code is to call. So far nothing is found out, which is always right.
pub fn inspect(_function: usize) -> Callee {
    Callee::default()
}
