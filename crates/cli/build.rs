//! Puts the functions that plugins call into the program's dynamic symbol table, and so keeps them in the program.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for function in plugin_abi::functions::rows() {
        let name = function.name;
        println!("cargo::rustc-link-arg-bins=-Wl,--undefined={name},--export-dynamic-symbol={name}");
    }
}
