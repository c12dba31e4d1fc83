//! Random probes in random blocks: what callbacks are told, in which order, with which registers, and what cells hold
//! at the end must be what an evaluation without weaving, merging and generated code says, across faults and where the
//! evaluator takes over in the middle of a block.
#![forbid(unsafe_code)]

mod number_guest;
mod subject;

use host_x64::Features;
use subject::Subject;

/// Blocks per call of the test; each is executed from four states.
fn blocks() -> u64 {
    std::env::var("FLUORO_EMIT_BLOCKS").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000)
}

/// The same blocks in every run, so that a failure repeats; `FLUORO_EMIT_SEED` asks for others.
fn seed() -> u64 {
    std::env::var("FLUORO_EMIT_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(20_261_126)
}

#[test]
fn probes_tell_what_the_evaluator_says() {
    for features in [Features::detect(), Features::floor()] {
        let mut subject = Subject::watched(features);
        (0..blocks()).for_each(|n| {
            subject.block(seed().wrapping_mul(1_000_003) + n);
        });
    }
}
