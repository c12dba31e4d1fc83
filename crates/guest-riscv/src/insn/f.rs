//! Floating point: rows to come.

#[allow(unused_imports)]
use super::prelude::*;

insns! { pub ROWS; }
