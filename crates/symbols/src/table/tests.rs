use super::*;
use crate::maps;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the kernel says of this process, or nothing.
struct This(&'static AtomicU64);

impl Source for This {
    fn generation(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn regions(&self) -> Vec<Region> {
        if self.generation() == 0 { vec![] } else { maps::files_below(u64::MAX) }
    }
}

#[inline(never)]
extern "C" fn a_function_of_this_test() -> u64 {
    std::hint::black_box(7)
}

/// This test program is position-independent, and the C library is a shared object with dynamic symbols only.
#[test]
fn functions_of_a_running_program() {
    static GENERATION: AtomicU64 = AtomicU64::new(0);
    let symbols = Symbols::new(Box::new(This(&GENERATION)));
    let own = a_function_of_this_test as *const () as u64;
    assert_eq!(symbols.function(own), None, "nothing is mapped yet");
    GENERATION.store(1, Ordering::Relaxed);
    let name = |addr| symbols.function(addr).map(|n| n.to_str().unwrap());
    for addr in [own, own + 1] {
        assert!(name(addr).is_some_and(|n| n.contains("a_function_of_this_test")), "{:?}", name(addr));
    }
    GENERATION.store(2, Ordering::Relaxed);
    assert!(name(own).is_some());
    assert_eq!(name(0), None);
    assert_eq!(name(&raw const GENERATION as u64), None, "data is no function");
}

#[test]
fn broken_files_have_no_functions() {
    let program = std::fs::read("/proc/self/exe").unwrap();
    for len in (0..200).chain((200..program.len()).step_by(program.len() / 50)) {
        if let Some(functions) = Functions::parse(&program[..len]) {
            assert_eq!(functions.at(0), None);
        }
    }
    assert!(Functions::parse(&program[..]).is_some());
    assert!(Functions::parse(&b"#!/bin/sh\n"[..]).is_none());
}

#[test]
fn bytes_are_a_module_too() {
    struct Image;
    impl Source for Image {
        fn generation(&self) -> u64 {
            0
        }
        fn regions(&self) -> Vec<Region> {
            let vdso = include_bytes!("../../../linux/src/load/vdso/riscv64.so").to_vec();
            vec![Region { start: 0x4000_0000, end: 0x4000_1000, contents: Contents::Bytes(vdso) }]
        }
    }
    let symbols = Symbols::new(Box::new(Image));
    assert_eq!(symbols.function(0x4000_0584), Some(c"__vdso_rt_sigreturn"));
    assert_eq!(symbols.function(0x4000_058c), Some(c"__vdso_clock_gettime"));
    assert_eq!(symbols.function(0x4000_0000), None);
    assert_eq!(symbols.function(0x4000_1584), None);
}
