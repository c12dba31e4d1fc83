//! The CPU models that `--cpu` names.

use guest_riscv::ext::Ext;

/// Models by name, each with what it is.
pub const MODELS: [(&str, &str); 2] = [
    ("max", "every extension (the default)"),
    ("rv64", "the base set of the reference's rv64: G and C with their counters"),
];

/// The names that may follow `,+` or `,-`.
pub fn extensions() -> impl Iterator<Item = &'static str> {
    Ext::ALL.iter().map(|e| e.name())
}
