//! The text form of operations and blocks, and its parser.
//!
//! ```text
//! block 0x1000 mode=0
//! insn pc=0x1000 len=4
//!   v10 = add.32s v11, 5
//!   t0 = load.i32 [v2-8]
//!   branch.lt v10, t0 to=0x1040 else=0x1004
//! ```
//!
//! A line is `destination = name.suffixes operands keys`. Suffixes are the small enumerations, keys are `imm`, `ext`
//! and `aux` under a name that says what the code uses them for. What is at its default is left out unless a reader
//! would miss it; so any operation, also a wrong one, survives printing and parsing unchanged.

mod names;
mod parse;
mod print;

pub use parse::{ParseError, parse_block, parse_op};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;
    use bits::Mem;

    #[test]
    fn reads_as_promised() {
        let cases = [
            "v10 = add.32s v11, 5",
            "v10 = add v11, v12",
            "v10 = mov -1",
            "v10 = mov 0x123456789a",
            "t0 = load.i32 [v2-8]",
            "store.u64 [v2+16], zero",
            "v1 = amo.u32.maxu [v2], v3",
            "v1 = setcond.ltu v2, 7",
            "v1 = select.eq v2, v3, v4, v5",
            "branch.lt v10, t0 to=0x1040 else=0x1004",
            "jumpind.return v1",
            "exit.syscall pc=0x1000",
            "v10 = syscall v17, v10, v11 pc=0x1000 then=0x1004",
            "v40 = fmuladd.f32.rtz v41, v42, v43 aux=3",
            "v1 = callpure v2, -, - helper=4",
            "scoreadd add=1 cell=0x40",
            "v1 = shladd v2, v3 imm=2",
            "fence imm=1",
        ];
        for text in cases {
            assert_eq!(parse_op(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn defaults_are_those_of_new() {
        for code in Code::ALL {
            let op = Op::new(*code);
            assert_eq!(parse_op(&op.to_string()), Ok(op));
        }
    }

    #[test]
    fn every_field_survives() {
        for code in Code::ALL {
            let op = Op {
                width: Width::W32Z,
                mem: Mem::I16,
                cond: Cond::Geu,
                fmt: Fmt::F32,
                round: Round::Up,
                aux: 2,
                dst: Var(1),
                a: Var(2),
                b: Var(192),
                c: Var(255),
                d: Var(700),
                imm: i64::MIN,
                ext: u64::MAX,
                ..Op::new(*code)
            };
            assert_eq!(parse_op(&op.to_string()), Ok(op));
        }
    }

    #[test]
    fn blocks_survive() {
        let text = "block 0x1000 mode=3\ninsn pc=0x1000 len=4\n  v1 = add v2, v3\ninsn pc=0x1004 len=2\n  jump to=16\n";
        let block = parse_block(text).unwrap();
        assert_eq!((block.pc, block.mode, block.insns, block.bytes), (0x1000, 3, 2, 6));
        assert_eq!(block.to_string(), text);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "v1 =", "v1 = nosuch v2", "add.q v1", "v1 = add v2, v3, v4", "v1 = add x2, v3", "jump to=zz"] {
            assert!(parse_op(text).is_err(), "{text}");
        }
        let e = parse_block("block 0\ninsn pc=0 len=4\nfoo").unwrap_err();
        assert_eq!(e.line, 3);
    }
}
