//! The intermediate representation: what a guest instruction means, in words that no guest and no host owns.
//!
//! A guest crate *lifts* instructions into [`Op`]s through a [`Builder`]; a host crate *emits* them; [`eval`] says in
//! plain Rust what each of them means and is the oracle of both. Instrumentation is operations too, so nothing here
//! needs to know why a counter is counted.
#![forbid(unsafe_code)]

pub mod allowance;
pub mod builder;
pub mod eval;
pub mod limits;
pub mod merge;
pub mod op;
pub mod probe;
pub mod random;
pub mod text;
pub mod verify;

pub use builder::{Block, Builder};
pub use op::{Class, Code, Cond, Effects, Fmt, Info, Jump, Op, Rmw, Round, Stop, Var, Width};
pub use probe::{Call, Callee, Cell, Compare, Counter, Registers, When};
pub use verify::{Rule, VerifyError, verify};
