//! Pairs of instructions that hosts make something special of, and that chance alone would seldom bring together.

use super::block::Generator;
use crate::{Code, Cond, Width};
use bits::{Addr, Mem};

impl Generator {
    /// Instructions that hosts make one addressing mode of: an index, shifted or zero-extended, and a base are added,
    /// and perhaps a load replaces the sum. Any of the variables may be the same.
    pub(super) fn indexed(&mut self, pc: Addr) -> Addr {
        let ints = self.config.ints.clone();
        let [x, y, base] = [(); 3].map(|()| self.rng.pick(&ints));
        let separate = base != x && base != y;
        let mut pc = pc;
        if self.rng.chance(60) {
            pc = self.begin_insn(pc);
            self.builder.alu_imm(Code::And, Width::W64, y, y, 0x1f8);
            pc = self.begin_insn(pc);
            self.builder.mov_imm(base, self.config.window.start as i64 + 0x400);
        } else {
            // Nothing is mapped there, whatever is added.
            pc = self.begin_insn(pc);
            self.builder.mov_imm(base, 1 << 62);
        }
        // No addressing mode shifts by 4.
        let n = 1 + self.rng.below(4) as i64;
        pc = self.begin_insn(pc);
        if self.rng.chance(40) {
            self.builder.alu_imm(Code::Shl, Width::W64, x, y, 32);
            pc = self.begin_insn(pc);
            self.builder.alu_imm(Code::Shr, Width::W64, x, x, 32 - n);
        } else if self.rng.chance(70) {
            self.builder.alu_imm(Code::Shl, Width::W64, x, y, n);
        }
        pc = self.begin_insn(pc);
        self.builder.alu(Code::Add, Width::W64, x, x, base);
        if separate && self.rng.chance(60) {
            pc = self.begin_insn(pc);
            let mem = self.rng.pick(&Mem::ALL);
            self.builder.load(mem, x, x, 8);
        }
        pc
    }

    /// A rotate as guests without one spell it, or what only looks like it: two shifts, perhaps something between them,
    /// and what puts the halves together. Any of the variables may be the same.
    pub(super) fn rotated(&mut self, pc: Addr) -> Addr {
        let ints = self.config.ints.clone();
        let [x, y, source, dst, other] = [(); 5].map(|()| self.rng.pick(&ints));
        let width = self.rng.pick(&[Width::W64, Width::W32S]);
        let n = 1 + self.rng.below(width.bits() as u64 - 1) as i64;
        let m = if self.rng.chance(80) { width.bits() as i64 - n } else { n };
        let mut pc = pc;
        for (code, v, count) in [(Code::Shl, x, n), (Code::Shr, y, m)] {
            pc = self.begin_insn(pc);
            self.builder.alu_imm(code, width, v, source, count);
            if self.rng.chance(20) {
                pc = self.begin_insn(pc);
                self.middle_op();
            }
        }
        pc = self.begin_insn(pc);
        let code = self.rng.pick(&[Code::Or, Code::Xor, Code::Add]);
        let width = if width == Width::W32S { self.rng.pick(&[Width::W64, Width::W32S]) } else { width };
        let dst = if self.rng.chance(30) { source } else { dst };
        self.builder.alu(code, width, dst, y, x);
        // What nobody sees any more.
        for v in [x, y, other] {
            if self.rng.chance(50) {
                pc = self.begin_insn(pc);
                self.builder.alu_imm(Code::Add, Width::W64, v, dst, 1);
            }
        }
        pc
    }

    /// Two instructions of which the second sees whether the first has extended its result, or only said so: hosts put
    /// off extending 32-bit results, and leave out what extends them once more.
    pub(super) fn narrowed(&mut self, pc: Addr) -> Addr {
        let ints = self.config.ints.clone();
        let [x, y, z] = [(); 3].map(|()| self.rng.pick(&ints));
        let mut pc = self.begin_insn(pc);
        if self.rng.chance(60) {
            let code = self.rng.pick(&[Code::Add, Code::Sub, Code::Xor, Code::And]);
            self.builder.alu(code, Width::W32S, x, y, z);
        } else {
            let code = self.rng.pick(&[Code::And, Code::Or, Code::Xor]);
            let imm = bits::sext(self.rng.next(), 12) as i64;
            self.builder.alu_imm(code, Width::W64, x, y, imm);
        }
        pc = self.begin_insn(pc);
        match self.rng.below(4) {
            0 => self.builder.ext(Mem::I32, z, x),
            1 => self.builder.alu(Code::Add, Width::W64, z, x, y),
            2 => {
                let cond = self.rng.pick(&Cond::ALL);
                self.builder.set_cond(cond, z, x, y);
            }
            _ => {
                let base = self.builder.temp();
                self.builder.mov_imm(base, self.config.window.start as i64 + 0x400);
                self.builder.store(Mem::U64, x, base, 8);
            }
        }
        pc
    }
}
