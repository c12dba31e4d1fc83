//! Integer instructions.

use super::*;

/// The eight two-operand operations with a common encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Alu {
    Add = 0,
    Or = 1,
    Adc = 2,
    Sbb = 3,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// Shifts and rotates, by their ModRM digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Shift {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
    Sar = 7,
}

/// Condition codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cc {
    O = 0,
    B = 2,
    Ae = 3,
    E = 4,
    Ne = 5,
    Be = 6,
    A = 7,
    S = 8,
    P = 10,
    Np = 11,
    L = 12,
    Ge = 13,
    Le = 14,
    G = 15,
}

impl Cc {
    /// The condition that holds exactly when this one does not.
    ///
    /// # Panics
    /// For overflow and sign, whose opposites nobody needs.
    pub fn negate(self) -> Cc {
        match self {
            Cc::B => Cc::Ae,
            Cc::Ae => Cc::B,
            Cc::E => Cc::Ne,
            Cc::Ne => Cc::E,
            Cc::Be => Cc::A,
            Cc::A => Cc::Be,
            Cc::P => Cc::Np,
            Cc::Np => Cc::P,
            Cc::L => Cc::Ge,
            Cc::Ge => Cc::L,
            Cc::Le => Cc::G,
            Cc::G => Cc::Le,
            Cc::O | Cc::S => panic!("{self:?} has no opposite here"),
        }
    }
}

impl Asm {
    /// `mov dst, src` between registers; `w`: 64 bits, else 32 (which clears the upper half).
    pub fn mov_rr(&mut self, w: bool, dst: Reg, src: Reg) {
        self.op(Pp::No, w, Map::One, 0x8b, dst.0, src.into(), false);
    }

    /// `mov dst, [m]` or register.
    pub fn mov(&mut self, w: bool, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::No, w, Map::One, 0x8b, dst.0, src.into(), false);
    }

    /// `mov [m], src` of 1, 2, 4 or 8 bytes.
    pub fn mov_store(&mut self, bytes: u32, m: Mem, src: Reg) {
        match bytes {
            1 => self.op(Pp::No, false, Map::One, 0x88, src.0, m.into(), true),
            2 => self.op(Pp::P66, false, Map::One, 0x89, src.0, m.into(), false),
            4 => self.op(Pp::No, false, Map::One, 0x89, src.0, m.into(), false),
            _ => self.op(Pp::No, true, Map::One, 0x89, src.0, m.into(), false),
        }
    }

    /// `mov [m], imm` of 1, 2, 4 or 8 bytes (8: sign-extended).
    pub fn mov_store_imm(&mut self, bytes: u32, m: Mem, imm: i32) {
        match bytes {
            1 => {
                self.op(Pp::No, false, Map::One, 0xc6, 0, m.into(), false);
                self.byte(imm as u8);
            }
            2 => {
                self.op(Pp::P66, false, Map::One, 0xc7, 0, m.into(), false);
                self.code.extend_from_slice(&(imm as i16).to_le_bytes());
            }
            n => {
                self.op(Pp::No, n == 8, Map::One, 0xc7, 0, m.into(), false);
                self.dword(imm);
            }
        }
    }

    /// `mov dst, imm` in the shortest form that leaves the flags alone.
    pub fn mov_imm(&mut self, dst: Reg, imm: u64) {
        if let Ok(v) = u32::try_from(imm) {
            if dst.0 >= 8 {
                self.byte(0x41);
            }
            self.byte(0xb8 | (dst.0 & 7));
            self.dword(v as i32);
        } else if let Ok(v) = i32::try_from(imm as i64) {
            self.op(Pp::No, true, Map::One, 0xc7, 0, dst.into(), false);
            self.dword(v);
        } else {
            self.byte(0x48 | dst.0 >> 3);
            self.byte(0xb8 | (dst.0 & 7));
            self.qword(imm);
        }
    }

    /// `xor dst, dst`: zero; changes flags.
    pub fn zero(&mut self, dst: Reg) {
        self.alu(Alu::Xor, false, dst, dst);
    }

    /// `op dst, src`
    pub fn alu(&mut self, op: Alu, w: bool, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::No, w, Map::One, (op as u8) << 3 | 3, dst.0, src.into(), false);
    }

    /// `op [m], src` (or register)
    pub fn alu_to(&mut self, op: Alu, w: bool, dst: impl Into<Rm>, src: Reg) {
        self.op(Pp::No, w, Map::One, (op as u8) << 3 | 1, src.0, dst.into(), false);
    }

    /// `op dst, imm`
    pub fn alu_imm(&mut self, op: Alu, w: bool, dst: impl Into<Rm>, imm: i32) {
        let dst = dst.into();
        if let Ok(v) = i8::try_from(imm) {
            self.op(Pp::No, w, Map::One, 0x83, op as u8, dst, false);
            self.byte(v as u8);
        } else {
            self.op(Pp::No, w, Map::One, 0x81, op as u8, dst, false);
            self.dword(imm);
        }
    }

    /// `test a, b`
    pub fn test(&mut self, w: bool, a: Reg, b: Reg) {
        self.op(Pp::No, w, Map::One, 0x85, b.0, a.into(), false);
    }

    /// `test a, imm8` on the low byte.
    pub fn test_byte(&mut self, a: Reg, imm: u8) {
        self.op(Pp::No, false, Map::One, 0xf6, 0, a.into(), true);
        self.byte(imm);
    }

    /// `lea dst, m`
    pub fn lea(&mut self, w: bool, dst: Reg, m: Mem) {
        self.op(Pp::No, w, Map::One, 0x8d, dst.0, m.into(), false);
    }

    /// `shift dst, imm8`
    pub fn shift_imm(&mut self, op: Shift, w: bool, dst: Reg, n: u8) {
        if n == 1 {
            self.op(Pp::No, w, Map::One, 0xd1, op as u8, dst.into(), false);
        } else {
            self.op(Pp::No, w, Map::One, 0xc1, op as u8, dst.into(), false);
            self.byte(n);
        }
    }

    /// `shift dst, cl`
    pub fn shift_cl(&mut self, op: Shift, w: bool, dst: Reg) {
        self.op(Pp::No, w, Map::One, 0xd3, op as u8, dst.into(), false);
    }

    /// BMI2 `shlx`, `shrx`, `sarx`: `dst = src shift count`.
    pub fn shiftx(&mut self, op: Shift, w: bool, dst: Reg, src: impl Into<Rm>, count: Reg) {
        let pp = match op {
            Shift::Shl => Pp::P66,
            Shift::Shr => Pp::F2,
            _ => Pp::F3,
        };
        self.vex(pp, w, Map::Of38, 0xf7, dst.0, count.0, src.into());
    }

    /// BMI2 `rorx dst, src, imm8`
    pub fn rorx(&mut self, w: bool, dst: Reg, src: impl Into<Rm>, n: u8) {
        self.vex(Pp::F2, w, Map::Of3a, 0xf0, dst.0, 0, src.into());
        self.byte(n);
    }

    /// BMI1 `andn dst, a, b`: `!a & b`
    pub fn andn(&mut self, w: bool, dst: Reg, a: Reg, b: impl Into<Rm>) {
        self.vex(Pp::No, w, Map::Of38, 0xf2, dst.0, a.0, b.into());
    }

    /// `not dst` (2), `neg dst` (3), and on rdx:rax `mul` (4), `imul` (5), `div` (6), `idiv` (7).
    fn group3(&mut self, digit: u8, w: bool, rm: Rm) {
        self.op(Pp::No, w, Map::One, 0xf7, digit, rm, false);
    }

    pub fn not(&mut self, w: bool, dst: Reg) {
        self.group3(2, w, dst.into());
    }

    pub fn neg(&mut self, w: bool, dst: Reg) {
        self.group3(3, w, dst.into());
    }

    pub fn mul_wide(&mut self, signed: bool, rm: impl Into<Rm>) {
        self.group3(4 + signed as u8, true, rm.into());
    }

    pub fn div(&mut self, signed: bool, w: bool, rm: impl Into<Rm>) {
        self.group3(6 + signed as u8, w, rm.into());
    }

    /// BMI2 `mulx high, high, src`: the upper half of rdx times `src`, flags kept.
    pub fn mulx_high(&mut self, high: Reg, src: impl Into<Rm>) {
        self.vex(Pp::F2, true, Map::Of38, 0xf6, high.0, high.0, src.into());
    }

    /// `cdq` or `cqo`
    pub fn sign_to_rdx(&mut self, w: bool) {
        if w {
            self.byte(0x48);
        }
        self.byte(0x99);
    }

    /// `imul dst, src`
    pub fn imul(&mut self, w: bool, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::No, w, Map::Of, 0xaf, dst.0, src.into(), false);
    }

    /// `imul dst, src, imm32`
    pub fn imul_imm(&mut self, w: bool, dst: Reg, src: impl Into<Rm>, imm: i32) {
        self.op(Pp::No, w, Map::One, 0x69, dst.0, src.into(), false);
        self.dword(imm);
    }

    /// `movsxd dst, src32`
    pub fn movsxd(&mut self, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::No, true, Map::One, 0x63, dst.0, src.into(), false);
    }

    /// `movzx` or `movsx` to 64 bits, of 1 or 2 bytes.
    pub fn extend(&mut self, signed: bool, bytes: u32, dst: Reg, src: impl Into<Rm>) {
        let opcode = 0xb6 | (signed as u8) << 3 | (bytes == 2) as u8;
        self.op(Pp::No, signed, Map::Of, opcode, dst.0, src.into(), bytes == 1);
    }

    pub fn setcc(&mut self, cc: Cc, dst: Reg) {
        self.op(Pp::No, false, Map::Of, 0x90 | cc as u8, 0, dst.into(), true);
    }

    pub fn cmov(&mut self, cc: Cc, w: bool, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::No, w, Map::Of, 0x40 | cc as u8, dst.0, src.into(), false);
    }

    pub fn bswap(&mut self, dst: Reg) {
        self.byte(0x48 | dst.0 >> 3);
        self.byte(0x0f);
        self.byte(0xc8 | (dst.0 & 7));
    }

    /// `bt`, `bts`, `btr`, `btc` by digit 4 to 7 with a register count.
    pub fn bit_reg(&mut self, digit: u8, dst: Reg, count: Reg) {
        self.op(Pp::No, true, Map::Of, 0x83 | digit << 3, count.0, dst.into(), false);
    }

    /// The same with an immediate.
    pub fn bit_imm(&mut self, digit: u8, dst: Reg, n: u8) {
        self.op(Pp::No, true, Map::Of, 0xba, digit, dst.into(), false);
        self.byte(n);
    }

    /// `lzcnt` (0xbd), `tzcnt` (0xbc), `popcnt` (0xb8).
    pub fn count(&mut self, opcode: u8, w: bool, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::F3, w, Map::Of, opcode, dst.0, src.into(), false);
    }

    /// `bsr` (0xbd), `bsf` (0xbc).
    pub fn scan(&mut self, opcode: u8, w: bool, dst: Reg, src: impl Into<Rm>) {
        self.op(Pp::No, w, Map::Of, opcode, dst.0, src.into(), false);
    }

    /// `xchg [m], reg` of 1 to 8 bytes (locked by itself).
    pub fn xchg(&mut self, bytes: u32, m: Mem, reg: Reg) {
        self.sized(bytes, Map::One, 0x86, m, reg);
    }

    /// `lock xadd [m], reg`
    pub fn lock_xadd(&mut self, bytes: u32, m: Mem, reg: Reg) {
        self.byte(0xf0);
        self.sized(bytes, Map::Of, 0xc0, m, reg);
    }

    /// `lock cmpxchg [m], reg`
    pub fn lock_cmpxchg(&mut self, bytes: u32, m: Mem, reg: Reg) {
        self.byte(0xf0);
        self.sized(bytes, Map::Of, 0xb0, m, reg);
    }

    /// `lock cmpxchg16b [m]`
    pub fn lock_cmpxchg16b(&mut self, m: Mem) {
        self.byte(0xf0);
        self.op(Pp::No, true, Map::Of, 0xc7, 1, m.into(), false);
    }

    fn sized(&mut self, bytes: u32, map: Map, byte_opcode: u8, m: Mem, reg: Reg) {
        match bytes {
            1 => self.op(Pp::No, false, map, byte_opcode, reg.0, m.into(), true),
            2 => self.op(Pp::P66, false, map, byte_opcode | 1, reg.0, m.into(), false),
            n => self.op(Pp::No, n == 8, map, byte_opcode | 1, reg.0, m.into(), false),
        }
    }

    /// `lock or dword [rsp], 0`: a full barrier, cheaper than `mfence`.
    pub fn full_barrier(&mut self) {
        self.byte(0xf0);
        self.alu_imm(Alu::Or, false, mem(RSP, 0), 0);
    }

    pub fn push(&mut self, r: Reg) {
        if r.0 >= 8 {
            self.byte(0x41);
        }
        self.byte(0x50 | (r.0 & 7));
    }

    pub fn pop(&mut self, r: Reg) {
        if r.0 >= 8 {
            self.byte(0x41);
        }
        self.byte(0x58 | (r.0 & 7));
    }

    pub fn ret(&mut self) {
        self.byte(0xc3);
    }

    pub fn ud2(&mut self) {
        self.code.extend_from_slice(&[0x0f, 0x0b]);
    }

    pub fn rdtsc(&mut self) {
        self.code.extend_from_slice(&[0x0f, 0x31]);
    }

    /// `jmp reg` or `jmp [m]`
    pub fn jmp_rm(&mut self, rm: impl Into<Rm>) {
        self.op(Pp::No, false, Map::One, 0xff, 4, rm.into(), false);
    }

    pub fn call_reg(&mut self, r: Reg) {
        self.op(Pp::No, false, Map::One, 0xff, 2, r.into(), false);
    }

    /// `jcc` with an 8-bit displacement to be bound.
    pub fn jcc_short(&mut self, cc: Cc) -> Label {
        self.byte(0x70 | cc as u8);
        self.byte(0);
        Label { at: self.here() - 1, long: false }
    }

    /// `jcc` with a 32-bit displacement to be bound.
    pub fn jcc_long(&mut self, cc: Cc) -> Label {
        self.byte(0x0f);
        self.byte(0x80 | cc as u8);
        self.dword(0);
        Label { at: self.here() - 4, long: true }
    }

    pub fn jmp_short(&mut self) -> Label {
        self.byte(0xeb);
        self.byte(0);
        Label { at: self.here() - 1, long: false }
    }

    /// `jmp` to an offset of this buffer that is known already.
    pub fn jmp_back(&mut self, target: usize) {
        self.byte(0xe9);
        let d = target as i64 - (self.here() as i64 + 4);
        self.dword(d as i32);
    }

    /// Short `jcc` to an earlier offset of this buffer.
    ///
    /// # Panics
    /// If it does not reach.
    pub fn jcc_back(&mut self, cc: Cc, target: usize) {
        self.byte(0x70 | cc as u8);
        let d = i8::try_from(target as i64 - (self.here() as i64 + 1)).expect("short jump back");
        self.byte(d as u8);
    }
}

impl Asm {
    /// `or [m], 0` of 1 to 8 bytes (to be preceded by a lock prefix): changes nothing, but wants the right to write.
    pub fn op_or_zero(&mut self, bytes: u32, m: Mem) {
        match bytes {
            1 => self.op(Pp::No, false, Map::One, 0x80, 1, m.into(), false),
            2 => self.op(Pp::P66, false, Map::One, 0x83, 1, m.into(), false),
            n => self.op(Pp::No, n == 8, Map::One, 0x83, 1, m.into(), false),
        }
        self.byte(0);
    }
}
