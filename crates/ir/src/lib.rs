//! The intermediate representation: what a guest instruction means, in words that no guest and no host owns.
//!
//! A guest crate *lifts* instructions into [`Op`]s through a [`Builder`]; a host crate *emits* them; [`eval`] says in
//! plain Rust what each of them means and is the oracle of both. Instrumentation is operations too, so nothing here
//! needs to know why a counter is counted.
#![forbid(unsafe_code)]

pub mod builder;
pub mod op;

pub use builder::{Block, Builder};
pub use op::{Class, Code, Cond, Effects, Fmt, Info, Jump, Op, Rmw, Round, Stop, Var, Width};

impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let i = self.code.info();
        write!(f, "{}", i.name)?;
        if i.dst != Class::No {
            write!(f, " {:?} =", self.dst)?;
        }
        write!(f, " {:?} {:?} {:?} {:?} {:?}", self.width, self.mem, self.cond, self.fmt, self.round)?;
        write!(
            f,
            " {:?} {:?} {:?} {:?} aux={} imm={:#x} ext={:#x}",
            self.a, self.b, self.c, self.d, self.aux, self.imm, self.ext
        )
    }
}
