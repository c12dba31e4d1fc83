//! From an address of a running program to the function that it belongs to.
//!
//! A [`Source`] says which file, or which bytes, lie where; [`maps`] knows how to ask the kernel. [`Symbols`] reads a file
//! when an address in it is asked for the first time, and keeps what it learned for ever: names have to stay valid.
#![forbid(unsafe_code)]

mod functions;
pub mod maps;
mod table;

pub use functions::Functions;
pub use table::{Contents, Region, Source, Symbols};
