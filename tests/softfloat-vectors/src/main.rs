//! Compares `softfp` with Berkeley SoftFloat, and writes the vectors that the repository's tests read.
//!
//! `softfloat-vectors check N` compares all pairs of edge values and N random operands per operation, in all modes.
//! `softfloat-vectors write FILE` writes the packed vectors.

mod berkeley;
mod format;
mod operands;
mod ours;

use flate2::{Compression, write::GzEncoder};
use format::{Case, Operation, Type, Verb};
use operands::{Random, edges};
use std::io::Write;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["check", random] => check(random.parse().expect("a number of random cases")),
        ["write", file] => write(file),
        _ => eprintln!("usage: softfloat-vectors check N | write FILE"),
    }
}

/// Prints the number of comparisons and exits with status 1 if any failed.
fn check(random: u64) {
    let (mut compared, mut wrong) = (0u64, 0u64);
    for op in Operation::all() {
        let before = wrong;
        for operands in edge_operands(op, usize::MAX, 40).into_iter().chain(random_operands(op, random)) {
            for mode in 0..5 {
                let theirs = berkeley::compute(op, operands, mode);
                let ours = ours::compute(op, operands, softfp::Round::ALL[mode]);
                compared += 1;
                if theirs != ours {
                    wrong += 1;
                    if wrong - before < 5 {
                        println!("{} {operands:x?} mode {mode}: {theirs:x?}, ours {ours:x?}", op.name());
                    }
                }
            }
        }
    }
    println!("{compared} compared, {wrong} wrong");
    if wrong != 0 {
        std::process::exit(1);
    }
}

fn write(path: &str) {
    let file = std::fs::File::create(path).expect("the file can be created");
    let mut out = GzEncoder::new(file, Compression::best());
    let mut cases = 0;
    for op in Operation::all() {
        for operands in edge_operands(op, 44, 15).into_iter().chain(random_operands(op, 400)) {
            let outcomes = std::array::from_fn(|mode| berkeley::compute(op, operands, mode));
            writeln!(out, "{}", Case { operation: op, operands, outcomes }.print()).expect("the file can be written");
            cases += 1;
        }
    }
    let file = out.finish().expect("the file can be written");
    println!("{cases} cases, {} bytes", file.metadata().expect("the file is there").len());
}

/// All edge values, all pairs of the first `pairs`, all triples of the first `triples`.
fn edge_operands(op: Operation, pairs: usize, triples: usize) -> Vec<[u64; 3]> {
    let edges = edges(op.on);
    let first = |n: usize| edges[..edges.len().min(n)].to_vec();
    match op.operands() {
        1 => edges.iter().map(|&a| [a, 0, 0]).collect(),
        2 => {
            let edges = first(pairs);
            edges.iter().flat_map(|&a| edges.iter().map(move |&b| [a, b, 0])).collect()
        }
        _ => {
            let edges = &first(triples);
            let with = |a, b| edges.iter().map(move |&c| [a, b, c]);
            edges.iter().flat_map(|&a| edges.iter().flat_map(move |&b| with(a, b))).collect()
        }
    }
}

fn random_operands(op: Operation, count: u64) -> impl Iterator<Item = [u64; 3]> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let edges = edges(op.on);
    (0..count).map(move |_| match op.operands() {
        1 => [random.operand(op.on, &edges), 0, 0],
        2 => [random.operand(op.on, &edges), random.operand(op.on, &edges), 0],
        _ => random.triple(op.on, &edges, |a, b| product(op.on, a, b)),
    })
}

fn product(on: Type, a: u64, b: u64) -> u64 {
    berkeley::compute(Operation { on, verb: Verb::Mul }, [a, b, 0], 0).0
}
