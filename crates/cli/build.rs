//! Puts the functions that plugins call into the program's dynamic symbol table, and so keeps them in the program; and
//! makes the program start quickly.

use std::path::PathBuf;

/// Where the program lies: above the guest's part of the address space, below what the system hands out. At a place
/// that is known beforehand, 9,000 pointers in tables need not be relocated at each start. A guest could read and
/// write all of this process anyway, so a random place would hide nothing from it.
const BASE: &str = "0x550000000000";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for function in plugin_abi::functions::rows() {
        let name = function.name;
        println!("cargo::rustc-link-arg-bins=-Wl,--undefined={name},--export-dynamic-symbol={name}");
    }
    // Past the compiler driver, which goes on choosing the start files that do not care where they lie. With the C library
    // linked in they do: such a program is left to relocate itself.
    if !std::env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.contains("crt-static")) {
        println!("cargo::rustc-link-arg-bins=-Wl,--no-pie,--image-base={BASE}");
    }
    link_the_unwinder_in();
}

/// Has the linker find, under the name of the shared unwinder, the static one: a shared object less to load.
fn link_the_unwinder_in() {
    let dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(dir.join("libgcc_s.so"), "INPUT(-lgcc_eh -lgcc)\n").expect("the build directory can be written");
    println!("cargo::rustc-link-search=native={}", dir.display());
}
