//! softfp
#![forbid(unsafe_code)]
