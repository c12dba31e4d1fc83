//! Reads the vectors, for tests of crates of the workspace (which lie two folders below its root).

use crate::format::Case;
use flate2::read::GzDecoder;
use std::io::{BufRead, BufReader};

/// Every case, in the order of the file.
pub fn cases() -> impl Iterator<Item = Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/softfloat-vectors/vectors.txt.gz");
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    BufReader::new(GzDecoder::new(file)).lines().map(|line| {
        let line = line.expect("the vectors can be read");
        Case::parse(&line).unwrap_or_else(|| panic!("no case: {line}"))
    })
}
