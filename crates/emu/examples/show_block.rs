//! Prints what a block of a guest program becomes: its operations, and its host code as hexadecimal bytes.
//!
//! `cargo run --release -p emu --example show_block -- PROGRAM PC [--raw FILE]`; disassemble FILE with
//! `objdump -D -b binary -m i386:x86-64 FILE`.

use guest::Guest;
use host::{Emitted, Host, Place};
use host_x64::{Features, X64};
use object::{Object, ObjectSegment};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let data = std::fs::read(&args[1]).expect("the program can be read");
    let file = object::File::parse(&*data).expect("an ELF file");
    let pc = u64::from_str_radix(args[2].trim_start_matches("0x"), 16).expect("a hexadecimal pc");
    let segment = file.segments().find(|s| (s.address()..s.address() + s.size()).contains(&pc)).expect("a mapped pc");
    let bytes = &segment.data().expect("segment data")[(pc - segment.address()) as usize..];
    let (guest, _) = (guest_riscv::Riscv::parse("max").expect("a model"), ());
    let mut builder = ir::Builder::default();
    let used = engine::lift(&guest, &mut builder, (pc, 0), &bytes[..bytes.len().min(2052)], 512);
    let mut at = 0;
    while at < used {
        let raw = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let insn = guest.decode(raw);
        let mut text = String::new();
        guest.text(pc + at as u64, insn.as_ref(), raw, &mut text);
        println!("{:x}: {text}", pc + at as u64);
        at += insn.map_or(4, |i| i.len as usize);
    }
    println!("{}", builder.block);
    let helpers = guest.helpers().iter().map(|h| h.function as usize as u64).collect();
    let host = X64::new(Features::detect(), guest.hot_ints(), guest.hot_floats(), helpers);
    let mut out = Emitted::default();
    host.emit(&builder.block, &Place { at: 0x1000, ..Place::default() }, &mut out);
    println!("{} insns, {} ops, {} host bytes", builder.block.insns, builder.block.ops.len(), out.code.len());
    if let Some(i) = args.iter().position(|a| a == "--raw") {
        std::fs::write(&args[i + 1], &out.code).expect("the file can be written");
    }
}
