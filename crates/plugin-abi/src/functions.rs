//! The functions that a host exports to plugins: one row each.
//!
//! From the rows come `include/qemu-plugin.h`, `docs/plugin-api.md` and the list of names that `fluoro plugin check`
//! knows. A new function is a new row; tests name what else it needs.

mod accesses;
mod blocks;
mod instrument;
mod lifecycle;
mod scoreboards;
mod state;
mod system;

/// A function's C prototype from one version on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The first version that has it.
    pub since: i32,
    /// Without the semicolon.
    pub prototype: &'static str,
}

/// Where a function does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For programs and for machines.
    Both,
    /// For programs only.
    User,
    /// For machines only.
    System,
}

/// One function of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    pub name: &'static str,
    /// Ascending; each holds until the next begins, the last for ever.
    pub shapes: &'static [Shape],
    pub does: &'static str,
    /// What using it costs the guest or the plugin.
    pub cost: &'static str,
    pub scope: Scope,
    /// What differs between versions; may be empty.
    pub versions: &'static str,
}

/// Functions that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    pub title: &'static str,
    /// What holds for all of them.
    pub about: &'static str,
    pub functions: &'static [Function],
}

/// All functions, by topic.
pub const TOPICS: &[Topic] = &[
    lifecycle::TOPIC,
    instrument::TOPIC,
    blocks::TOPIC,
    accesses::TOPIC,
    scoreboards::TOPIC,
    state::TOPIC,
    system::TOPIC,
];

/// Names that versions 0 and 1 had, and what to use instead.
pub const REMOVED: &[(&str, &str)] = &[
    ("qemu_plugin_n_vcpus", "qemu_plugin_num_vcpus"),
    ("qemu_plugin_n_max_vcpus", "qemu_plugin_num_vcpus"),
    ("qemu_plugin_register_vcpu_tb_exec_inline", "qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu"),
    ("qemu_plugin_register_vcpu_insn_exec_inline", "qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu"),
    ("qemu_plugin_register_vcpu_mem_inline", "qemu_plugin_register_vcpu_mem_inline_per_vcpu"),
];

/// Every function.
pub fn rows() -> impl Iterator<Item = &'static Function> {
    TOPICS.iter().flat_map(|t| t.functions)
}

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    rows().find(|f| f.name == name)
}

impl Function {
    /// The first version that has it.
    pub fn since(&self) -> i32 {
        self.shapes.first().map_or(i32::MAX, |s| s.since)
    }

    /// Its prototype in a version, if that has it.
    pub fn prototype(&self, version: i32) -> Option<&'static str> {
        self.shapes.iter().rev().find(|s| s.since <= version).map(|s| s.prototype)
    }
}

/// One shape for all versions from `since` on.
macro_rules! shapes {
    ($($since:literal $prototype:literal),+) => {
        &[$($crate::functions::Shape { since: $since, prototype: $prototype }),+]
    };
}

/// A row: name, shapes, what it does, what it costs, then whatever is not usual.
macro_rules! row {
    ($name:ident: $($since:literal $prototype:literal),+; $does:literal; $cost:literal $(; $field:ident = $value:expr)*) => {
        // The rows are constants, so the usual values come from a constant too.
        $crate::functions::Function {
            $($field: $value,)*
            ..$crate::functions::Function {
                name: stringify!($name),
                shapes: $crate::functions::shapes!($($since $prototype),+),
                does: $does,
                cost: $cost,
                scope: $crate::functions::Scope::Both,
                versions: "",
            }
        }
    };
}

use {row, shapes};
