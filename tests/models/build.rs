//! Takes the engine's own source of the gate and of its jobs, and what keeps a plugin's library open while it is called,
//! with shuttle's locks and atomics in the place of the standard library's.

use std::path::Path;

/// The part of a text from one line to another, without the latter.
fn part<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap_or_else(|| panic!("no '{from}' in the engine's source: adapt this model"));
    let len = text[start..].find(to).unwrap_or_else(|| panic!("no '{to}' behind '{from}': adapt this model"));
    &text[start..start + len]
}

/// Replaces what must be there.
fn replace(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_string(), |text, (old, new)| {
        assert!(text.contains(old), "no '{old}' in the engine's source: adapt this model");
        text.replace(old, new)
    })
}

fn main() {
    // Asked when it runs: a build directory may have served another checkout when this was compiled.
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo says");
    let source = Path::new(&here).join("../../crates");
    let read = |name: &str| {
        println!("cargo::rerun-if-changed={}", source.join(name).display());
        std::fs::read_to_string(source.join(name)).expect("the engine's source")
    };
    let gate = replace(
        part(&read("engine/src/gate.rs"), "use crate::Engine;", "impl Engine {"),
        &[
            ("use crate::Engine;\n", ""),
            ("use host::layout", "use crate::layout"),
            ("use memory::arena::Arena", "use crate::arena::Arena"),
            ("use std::sync::atomic", "use shuttle::sync::atomic"),
            (
                "use std::sync::{Condvar, Mutex, MutexGuard, OnceLock}",
                "use shuttle::sync::{Condvar, Mutex, MutexGuard};\nuse std::sync::OnceLock",
            ),
            ("hostos::clock::pause(round)", "{ let _: u32 = round; shuttle::thread::yield_now() }"),
            // Shuttle's threads share a thread of the machine.
            (
                "thread_local!(static OWN: u8 = const { 0 });\n    OWN.with(|own| std::ptr::from_ref(own) as usize)",
                "1 + usize::from(shuttle::current::me())",
            ),
        ],
    );
    let jobs = part(&read("engine/src/jobs.rs"), "type Job =", "impl Engine {").to_string();
    let plugin = read("plugin-host/src/plugin.rs");
    let plugin = part(&plugin, "    /// One of our calls wants in", "/// An id that is no index");
    let out = std::env::var("OUT_DIR").expect("cargo says");
    std::fs::write(Path::new(&out).join("gate.rs"), gate).expect("a file");
    std::fs::write(Path::new(&out).join("jobs.rs"), jobs).expect("a file");
    std::fs::write(Path::new(&out).join("plugin.rs"), format!("impl Plugin {{\n{plugin}")).expect("a file");
}
