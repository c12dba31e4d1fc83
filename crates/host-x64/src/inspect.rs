//! What an observer's function does to host registers, from its machine code.
//!
//! A small counter or table update is a *leaf*: it calls nothing, has no loop and keeps to integer registers. Its callers
//! in generated code need not publish guest state for it and save only what it changes. Whatever is not understood is no
//! leaf, so the answer errs to the safe side. (Without a loop it ends, so nobody has to know who has called it.)

use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, OpAccess, Register};
use ir::{Callee, Counter};

/// Longest function that is looked at, in instructions.
const LIMIT: usize = 96;

/// Registers of the first four arguments (System V ABI, 3.2.3).
const ARGUMENTS: [Register; 4] = [Register::RDI, Register::RSI, Register::RDX, Register::RCX];
/// Registers that a function keeps.
const KEPT: [Register; 7] =
    [Register::RBX, Register::RBP, Register::RSP, Register::R12, Register::R13, Register::R14, Register::R15];

/// Looks at the function at `at`, of which `code` is the beginning.
pub fn inspect(at: u64, code: &[u8]) -> Callee {
    follow(at, code).unwrap_or_default()
}

/// `None`: it is no leaf.
fn follow(at: u64, code: &[u8]) -> Option<Callee> {
    let mut callee = Callee { leaf: true, ..Callee::default() };
    let mut factory = InstructionInfoFactory::new();
    let mut seen: Vec<u64> = Vec::new();
    let mut open = vec![at];
    let mut ways = Ways::default();
    let mut work: Vec<Instruction> = Vec::new();
    while let Some(start) = open.pop() {
        let mut decoder = Decoder::with_ip(64, code, at, DecoderOptions::NONE);
        decoder.set_position(usize::try_from(start.checked_sub(at)?).ok()?).ok()?;
        decoder.set_ip(start);
        while !seen.contains(&decoder.ip()) {
            // The bytes must not end before the function does.
            let insn = decoder.can_decode().then(|| decoder.decode())?;
            seen.push(insn.ip());
            if seen.len() > LIMIT || insn.is_invalid() {
                return None;
            }
            match insn.flow_control() {
                FlowControl::Next => {}
                FlowControl::Return => break,
                FlowControl::ConditionalBranch => {
                    let target = inside(at, code, &insn)?;
                    ways.0.push((insn.ip(), target));
                    open.push(target);
                }
                FlowControl::UnconditionalBranch => {
                    let target = inside(at, code, &insn)?;
                    ways.0.push((insn.ip(), target));
                    open.push(target);
                    break;
                }
                _ => return None,
            }
            ways.0.push((insn.ip(), insn.next_ip()));
            if !matches!(insn.code(), Code::Endbr64 | Code::Nopd | Code::Nopw) {
                work.push(insn);
            }
            note(&mut callee, factory.info(&insn))?;
        }
    }
    if ways.have_loop() {
        return None;
    }
    callee.empty = work.is_empty();
    if let [one] = work.as_slice() {
        callee.counter = counter(one);
    }
    Some(callee)
}

/// If the instruction is an addition to a variable of the function's own file.
fn counter(insn: &Instruction) -> Option<Counter> {
    let adds = match insn.code() {
        Code::Inc_rm64 => 1,
        Code::Add_rm64_imm8 | Code::Add_rm64_imm32 => insn.immediate(1),
        _ => return None,
    };
    let plain = !insn.has_lock_prefix() && insn.segment_prefix() == Register::None;
    (plain && insn.is_ip_rel_memory_operand()).then(|| Counter { address: insn.ip_rel_memory_address(), adds })
}

/// From which instruction to which a function can go.
#[derive(Default)]
struct Ways(Vec<(u64, u64)>);

impl Ways {
    /// Takes away the ways to where no way goes on, until there are none or only such as go round.
    fn have_loop(mut self) -> bool {
        let mut before = usize::MAX;
        while self.0.len() < before {
            before = self.0.len();
            let mut starts: Vec<u64> = self.0.iter().map(|(from, _)| *from).collect();
            starts.sort_unstable();
            self.0.retain(|(_, to)| starts.binary_search(to).is_ok());
        }
        !self.0.is_empty()
    }
}

/// The target of a direct jump that stays in the bytes that are known.
fn inside(at: u64, code: &[u8], insn: &Instruction) -> Option<u64> {
    let target = insn.near_branch_target();
    (target.wrapping_sub(at) < code.len() as u64).then_some(target)
}

/// Notes what an instruction reads and writes; `None` if it touches what a leaf may not.
fn note(callee: &mut Callee, info: &iced_x86::InstructionInfo) -> Option<()> {
    for used in info.used_registers() {
        let register = used.register();
        if register.is_segment_register() || register.is_ip() {
            continue;
        }
        if !register.is_gpr() {
            return None;
        }
        let full = register.full_register();
        let reads = !matches!(used.access(), OpAccess::Write | OpAccess::CondWrite | OpAccess::None);
        let writes = !matches!(used.access(), OpAccess::Read | OpAccess::CondRead | OpAccess::None);
        if let Some(n) = ARGUMENTS.iter().position(|a| *a == full).filter(|_| reads) {
            callee.arguments |= 1 << n;
        }
        if writes && !KEPT.contains(&full) {
            callee.changes |= 1 << full.number();
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_at_all() {
        // endbr64; ret
        let callee = inspect(0x1000, &[0xf3, 0x0f, 0x1e, 0xfa, 0xc3]);
        assert!(callee.leaf && callee.empty);
        assert_eq!((callee.changes, callee.arguments), (0, 0));
    }

    #[test]
    fn a_counter() {
        // lock add qword [rsi+8], 1; ret
        let callee = inspect(0x1000, &[0xf0, 0x48, 0x83, 0x46, 0x08, 0x01, 0xc3]);
        assert_eq!(callee, Callee { leaf: true, arguments: 2, ..Callee::default() });
    }

    #[test]
    fn a_counter_of_its_own() {
        // endbr64; add qword [rip+0x10], -2; ret
        let add = [0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x83, 0x05, 0x10, 0, 0, 0, 0xfe, 0xc3];
        let counter = Counter { address: 0x101c, adds: 2u64.wrapping_neg() };
        assert_eq!(inspect(0x1000, &add).counter, Some(counter));
        // inc qword [rip+0x10]; ret
        let inc = [0x48, 0xff, 0x05, 0x10, 0, 0, 0, 0xc3];
        assert_eq!(inspect(0x1000, &inc).counter, Some(Counter { address: 0x1017, adds: 1 }));
        let locked = [&[0xf0], &inc[..]].concat();
        let of_thread = [&[0x64], &inc[..]].concat();
        let twice = [&inc[..7], &inc].concat();
        let jumped_over = [&[0x85, 0xff, 0x74, 0x07], &inc[..]].concat(); // test edi, edi; je +7
        let short = &inc[1..]; // of four bytes
        for code in [&locked[..], &of_thread, &twice, &jumped_over, short] {
            let callee = inspect(0x1000, code);
            assert!(callee.leaf && callee.counter.is_none(), "{code:x?}");
        }
    }

    #[test]
    fn branches_are_followed() {
        // test edi, edi; je +3; mov eax, ecx (2); nop; ret
        let callee = inspect(0x1000, &[0x85, 0xff, 0x74, 0x02, 0x89, 0xc8, 0xc3]);
        assert!(callee.leaf && !callee.empty);
        assert_eq!((callee.changes, callee.arguments), (1, 0b1001));
    }

    #[test]
    fn ways_back_without_a_loop() {
        // jmp +1; ret; jmp -3
        assert!(inspect(0x1000, &[0xeb, 0x01, 0xc3, 0xeb, 0xfd]).leaf);
        // jmp +1; ret; jmp -5
        assert_eq!(inspect(0x1000, &[0xeb, 0x01, 0xc3, 0xeb, 0xfb]), Callee::default());
    }

    #[test]
    fn what_is_no_leaf() {
        let call = [0xe8, 0, 0, 0, 0, 0xc3];
        let jump_away = [0xe9, 0, 0x10, 0, 0];
        let indirect = [0xff, 0x25, 0, 0, 0, 0];
        let vector = [0x0f, 0x28, 0xc1, 0xc3]; // movaps xmm0, xmm1
        let system = [0x0f, 0x05, 0xc3];
        let endless = [0xeb, 0xfe];
        let counts = [0xff, 0xcf, 0x75, 0xfc, 0xc3]; // dec edi; jne -4; ret
        let cut = [0x48, 0x83, 0xc0, 0x01]; // add rax, 1 and nothing behind it
        for code in [&call[..], &jump_away, &indirect, &vector, &system, &endless, &counts, &cut, &[]] {
            assert_eq!(inspect(0x1000, code), Callee::default(), "{code:x?}");
        }
    }
}
