//! linux
#![forbid(unsafe_code)]
