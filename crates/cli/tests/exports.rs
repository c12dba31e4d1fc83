//! The program offers exactly the functions of the plugin interface to what it loads, whatever its name.

use object::{Object, ObjectSymbol};
use std::collections::BTreeSet;

#[test]
fn the_dynamic_symbol_table_is_the_interface() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_fluoro")).unwrap();
    let file = object::File::parse(&*program).unwrap();
    let defined = file.dynamic_symbols().filter(|s| s.is_definition());
    let names: BTreeSet<String> = defined.map(|s| s.name().unwrap().to_string()).collect();
    let offered: BTreeSet<&str> = names.iter().map(|n| &**n).filter(|n| n.starts_with("qemu_plugin_")).collect();
    let wanted: BTreeSet<&str> = plugin_abi::functions::rows().map(|f| f.name).collect();
    assert_eq!(offered, wanted);
}
