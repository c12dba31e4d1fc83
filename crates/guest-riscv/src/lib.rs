//! guest-riscv
#![forbid(unsafe_code)]
