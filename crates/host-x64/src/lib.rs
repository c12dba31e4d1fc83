//! host-x64
#![forbid(unsafe_code)]
