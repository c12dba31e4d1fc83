//! The host operating system behind safe types: signals, futexes, mappings, raw system calls.

pub mod fault;
