//! A host fault in our own code, outside of generated code and of plugins: said in one line, instead of a death that
//! looks like the guest's.

use crate::leave_with;
use hostos::fault::Context;
use std::io::Write;

/// Status of a defect of our own.
pub const DEFECT: u8 = 125;

/// From now on.
pub fn watch() {
    hostos::fault::on_defect(|fault| leave_with(line(fault, &mut [0; 240]), DEFECT));
}

/// The line. Runs in a signal handler, so nothing is allocated.
fn line<'a>(fault: &Context, text: &'a mut [u8]) -> &'a [u8] {
    let whole = text.len();
    let mut rest = &mut *text;
    let Context { signal, addr, pc, .. } = fault;
    let said = writeln!(
        rest,
        "fluoro: defect: signal {signal} at address {addr:#x} in its own code at {pc:#x}; please report this line and what was run"
    );
    let len = whole - rest.len();
    if said.is_ok() { &text[..len] } else { b"fluoro: defect\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_our_own_code_is_one_line() {
        let fault =
            Context { signal: 11, code: 1, addr: 16, error: 4, sp: 0, pc: u64::MAX, rax: 0, state: 0, control: 0x1f80 };
        let mut text = [0; 240];
        let line = std::str::from_utf8(line(&fault, &mut text)).unwrap();
        assert!(line.starts_with("fluoro: defect: signal 11 at address 0x10 in its own code at 0xff"), "{line}");
        assert!(line.ends_with("what was run\n"), "{line}");
    }
}
