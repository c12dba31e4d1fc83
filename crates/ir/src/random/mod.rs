//! Random blocks that obey the verifier, for tests of hosts, passes and texts.
//!
//! Operations are drawn row by row from the table of `op.rs` and fields from [`crate::limits`], so a new row is
//! exercised without being named here. Operands are biased towards values at which implementations go wrong, and
//! blocks towards reuse of the same few variables. Everything follows from one seed.

mod block;
mod rng;
mod shapes;
mod values;

pub use block::{Config, Generator};
pub use rng::Rng;
pub use values::{float, integer};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{self, Env, HelperFn, State, Window};
    use crate::{Code, Var, verify};
    use std::collections::HashSet;

    fn config() -> Config {
        Config {
            ints: (1..12).map(Var).collect(),
            floats: (40..48).map(Var).collect(),
            window: 0x1_0000..0x1_4000,
            writable: 0x1_3000,
            helpers: 2,
            scores: 4,
            faults: 5,
            clocks: true,
            round: None,
            codes: Code::ALL.to_vec(),
        }
    }

    /// Every block is legal, survives printing and parsing, and can be evaluated; every code and outcome comes up.
    #[test]
    fn blocks_are_legal_and_cover_all_codes() {
        let mut generator = Generator::new(1, config());
        let helpers: [HelperFn; 2] = [&|a, b, c| (a ^ b ^ c, 0), &|a, _, _| (a, 1)];
        let mut seen = HashSet::new();
        let (mut faults, mut ends) = (0, 0);
        for _ in 0..3000 {
            let block = generator.block(0x8000, 6);
            verify(&block).unwrap_or_else(|e| panic!("{e}\n{block}"));
            let text = block.to_string();
            assert_eq!(crate::text::parse_block(&text).unwrap().to_string(), text);
            seen.extend(block.ops.iter().map(|op| op.code));
            let mut state = generator.state();
            let mut memory = Window::new(0x1_0000, 0x4000);
            memory.writable = 0x3000;
            let mut env =
                Env { memory: &mut memory, helpers: &helpers, answer: &|a, b, _| (a ^ b, a & 1), time: 1, cycles: 2 };
            match eval::run(&block, &mut state, &mut env) {
                eval::Outcome::Fault { .. } => faults += 1,
                _ => ends += 1,
            }
        }
        // Calls of observers need functions, allowances somebody who settles, and what was reserved is known while
        // something is: the engine's tests have these four.
        assert_eq!(seen.len(), Code::ALL.len() - 4);
        assert!(faults > 50 && ends > 1500, "{faults} faults, {ends} ends");
    }

    #[test]
    fn a_seed_says_everything() {
        let text = |seed| Generator::new(seed, config()).block(0, 20).to_string();
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn state_leaves_zero_alone() {
        let state: State = Generator::new(3, config()).state();
        assert_eq!(state.vars[0], 0);
        assert!(state.vars[1..12].iter().any(|v| *v != 0));
    }
}
