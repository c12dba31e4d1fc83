//! Texts without meaning: pseudo-instructions, and encodings that are shown under a name but not executed.
//!
//! The first that fits wins, and all of them come before the rows' own texts.

use crate::operand::*;
use guest::aliases;

aliases! {
    /// For 32-bit words, and for compressed instructions in their long form.
    pub WORDS, 32;
    "000000000000 00000 000 00000 0010011" "nop" ();
    "000000000000 rs1:5 000 rd:5 0010011" "mv {rd},{rs1}" (rd: X, rs1: X);
}

aliases! {
    /// For compressed instructions whose text is not that of the long form.
    pub HALVES, 16;
    "000 0 00000 00000 10" "illegal" ();
}
