//! Compressed instructions. Manual, chapter 27.

use super::prelude::*;

shorts! { pub ROWS;
    c_nop "000 0 00000 00000 01" C () { 0x13 }
}
