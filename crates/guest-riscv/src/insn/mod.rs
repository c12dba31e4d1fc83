//! The instructions, one file per extension or chapter of the manual.

pub mod a;
pub mod aliases;
pub mod c;
pub mod csr;
pub mod d;
pub mod f;
pub mod fp;
pub mod fp_aliases;
pub mod i;
pub mod m;
pub mod zb;
pub mod zfa;
pub mod zfbf;
pub mod zfh;
pub mod zi;
pub mod zk;

use guest::{Alias, Row, Short};

/// Every row. Of rows that nest, the narrower one stands first (in its file, or in an earlier file).
pub static ROWS: &[&[Row]] = &[
    i::ROWS,
    i::WORD_ROWS,
    m::ROWS,
    a::ROWS,
    a::SMALL_ROWS,
    csr::ROWS,
    zi::ROWS,
    zb::ADDRESS_ROWS,
    zb::BASIC_ROWS,
    zb::MORE_ROWS,
    zk::ROWS,
    f::ROWS,
    d::ROWS,
    zfh::ROWS,
    zfa::ROWS,
    zfbf::ROWS,
];

/// Every compressed encoding.
pub static SHORTS: &[&[Short]] = &[c::EXTRA_ROWS, c::ROWS];

/// Every text of a word that is not that of its row; the first that fits wins.
pub static ALIASES: &[&[Alias]] = &[aliases::WORDS, aliases::ODD, fp_aliases::WORDS];

/// Texts of words that have no row.
pub static REFUSED: &[&[Alias]] = &[aliases::REFUSED, aliases::ATOMICS];

/// What the rows of every file need.
#[allow(unused_imports)]
pub(crate) mod prelude {
    pub use crate::ext::Ext;
    pub use crate::helpers;
    pub use crate::operand::*;
    pub use crate::vars;
    pub use bits::Mem;
    pub use guest::{insns, shorts};
    pub use ir::{Builder, Code, Cond, Fmt, Jump, Op, Rmw, Round, Stop, Var, Width};
}
