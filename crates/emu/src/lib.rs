//! emu
#![forbid(unsafe_code)]
