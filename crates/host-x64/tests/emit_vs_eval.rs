//! Random blocks, emitted and executed by the engine, against `ir::eval`: variables, flags, memory, exits and faults
//! must be equal.
//!
//! The blocks come through a guest of our own whose instruction words are numbers: word `n` stands for the `n`th list
//! of operations that the generator made. So everything that happens to real code happens to them: lifting, side
//! tables, faults, linking. Seeds are printed with every difference; `FLUORO_EMIT_BLOCKS` asks for more blocks.
#![forbid(unsafe_code)]

mod number_guest;
mod subject;

use host_x64::Features;
use subject::Subject;

/// Blocks per call of the test; each is executed from four states.
fn blocks() -> u64 {
    std::env::var("FLUORO_EMIT_BLOCKS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// The same blocks in every run, so that a failure repeats; `FLUORO_EMIT_SEED` asks for others.
fn seed() -> u64 {
    std::env::var("FLUORO_EMIT_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(20_261_125)
}

/// Runs blocks from `seed` on and stops at the first difference.
fn compare(features: Features, seed: u64) {
    let mut subject = Subject::new(features);
    let mut ops = 0;
    for n in 0..blocks() {
        ops += subject.block(seed.wrapping_mul(1_000_003) + n);
    }
    println!("seed {seed}: {ops} operations in {} blocks", blocks());
}

#[test]
fn emitted_code_does_what_the_evaluator_does() {
    let seed = seed();
    compare(Features::detect(), seed);
    compare(Features::floor(), seed + 1);
}
