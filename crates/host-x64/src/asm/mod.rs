//! The encoder: instructions to bytes, nothing else. Method names are Intel's mnemonics.
//!
//! Intel SDM volume 2, chapter 2 is the whole theory: prefix, REX or VEX, opcode, ModRM, SIB, displacement, immediate.

#![allow(clippy::too_many_arguments)] // the fields of an encoding are its arguments

mod fp;
mod int;

pub use int::{Alu, Cc, Shift};

/// A general register by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reg(pub u8);

pub const RAX: Reg = Reg(0);
pub const RCX: Reg = Reg(1);
pub const RDX: Reg = Reg(2);
pub const RBX: Reg = Reg(3);
pub const RSP: Reg = Reg(4);
pub const RBP: Reg = Reg(5);
pub const RSI: Reg = Reg(6);
pub const RDI: Reg = Reg(7);
pub const R8: Reg = Reg(8);
pub const R9: Reg = Reg(9);
pub const R10: Reg = Reg(10);
pub const R11: Reg = Reg(11);
pub const R12: Reg = Reg(12);
pub const R13: Reg = Reg(13);
pub const R14: Reg = Reg(14);
pub const R15: Reg = Reg(15);

/// An xmm register by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xmm(pub u8);

/// A memory operand: `base + index << scale + disp`; without a base an absolute 32-bit address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mem {
    pub base: Option<Reg>,
    pub index: Option<(Reg, u8)>,
    pub disp: i32,
}

/// `[base + disp]`
pub const fn mem(base: Reg, disp: i32) -> Mem {
    Mem { base: Some(base), index: None, disp }
}

/// `[base + index << scale + disp]`
pub const fn mem_index(base: Reg, index: Reg, scale: u8, disp: i32) -> Mem {
    Mem { base: Some(base), index: Some((index, scale)), disp }
}

/// A register or memory operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rm {
    R(u8),
    M(Mem),
}

impl From<Reg> for Rm {
    fn from(r: Reg) -> Rm {
        Rm::R(r.0)
    }
}

impl From<Xmm> for Rm {
    fn from(x: Xmm) -> Rm {
        Rm::R(x.0)
    }
}

impl From<Mem> for Rm {
    fn from(m: Mem) -> Rm {
        Rm::M(m)
    }
}

/// Opcode map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Map {
    One,
    Of,
    Of38,
    Of3a,
}

/// Mandatory prefix.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pp {
    No,
    P66,
    F3,
    F2,
}

impl Pp {
    /// The field of VEX and EVEX.
    fn bits(self) -> u8 {
        match self {
            Pp::No => 0,
            Pp::P66 => 1,
            Pp::F3 => 2,
            Pp::F2 => 3,
        }
    }
}

/// A forward jump to be bound later.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Label {
    /// Offset of the displacement's first byte.
    at: usize,
    long: bool,
}

/// The first bytes of an instruction, up to its ModRM and SIB.
#[derive(Clone, Copy, Default)]
struct Head {
    bytes: u64,
    len: usize,
}

impl Head {
    fn of<const N: usize>(bytes: [u8; N]) -> Head {
        let mut head = Head::default();
        bytes.into_iter().for_each(|b| head.byte(b));
        head
    }

    #[inline]
    fn byte(&mut self, b: u8) {
        self.bytes |= (b as u64) << (8 * self.len);
        self.len += 1;
    }
}

/// The encoder's output buffer.
#[derive(Default)]
pub struct Asm {
    pub code: Vec<u8>,
}

impl Asm {
    /// Offset of the next byte.
    pub fn here(&self) -> usize {
        self.code.len()
    }

    #[inline]
    pub fn byte(&mut self, b: u8) {
        self.code.push(b);
    }

    #[inline]
    pub fn dword(&mut self, v: i32) {
        self.code.extend_from_slice(&v.to_le_bytes());
    }

    #[inline]
    pub fn qword(&mut self, v: u64) {
        self.code.extend_from_slice(&v.to_le_bytes());
    }

    /// Appends the first `len` bytes, at most 8: one write of known length, of which only that much is kept.
    #[inline]
    fn some(&mut self, bytes: u64, len: usize) {
        let end = self.code.len() + len;
        self.code.extend_from_slice(&bytes.to_le_bytes());
        self.code.truncate(end);
    }

    /// Appends `head`, ModRM and what belongs to that.
    #[inline]
    fn with_modrm(&mut self, mut head: Head, reg: u8, rm: Rm) {
        match rm {
            Rm::R(r) => {
                head.byte(0xc0 | (reg & 7) << 3 | (r & 7));
                self.some(head.bytes, head.len);
            }
            Rm::M(m) => self.with_mem(head, reg, m, false),
        }
    }

    fn with_mem(&mut self, mut head: Head, reg: u8, m: Mem, long: bool) {
        let reg = (reg & 7) << 3;
        let (mode, wide, base) = match (m.base, m.disp) {
            // Absolute, or index alone: SIB with base 101 and a 32-bit displacement.
            (None, _) => (0, 4, 5),
            (Some(base), 0) if base.0 & 7 != 5 => (0, 0, base.0 & 7),
            (Some(base), d) if !long && i8::try_from(d).is_ok() => (0x40, 1, base.0 & 7),
            (Some(base), _) => (0x80, 4, base.0 & 7),
        };
        match m.index {
            None if m.base.is_some() && base != 4 => head.byte(mode | reg | base),
            index => {
                let (i, s) = index.map_or((4, 0), |(i, s)| (i.0, s));
                head.byte(mode | reg | 4);
                head.byte(s << 6 | (i & 7) << 3 | base);
            }
        }
        self.some(head.bytes, head.len);
        self.some(m.disp as u32 as u64, wide);
    }

    /// Legacy-encoded instruction. `low_byte`: `reg` or `rm` is a byte register, so spl..dil need a REX prefix.
    #[inline]
    pub(crate) fn op(&mut self, pp: Pp, w: bool, map: Map, opcode: u8, reg: u8, rm: Rm, low_byte: bool) {
        let mut head = Head::default();
        match pp {
            Pp::No => {}
            Pp::P66 => head.byte(0x66),
            Pp::F3 => head.byte(0xf3),
            Pp::F2 => head.byte(0xf2),
        }
        let (x, b) = extension_bits(rm);
        let rex = (w as u8) << 3 | (reg >> 3) << 2 | x << 1 | b;
        let byte_reg = low_byte && (reg >= 4 || matches!(rm, Rm::R(r) if r >= 4));
        if rex != 0 || byte_reg {
            head.byte(0x40 | rex);
        }
        match map {
            Map::One => {}
            Map::Of => head.byte(0x0f),
            Map::Of38 => [0x0f, 0x38].into_iter().for_each(|b| head.byte(b)),
            Map::Of3a => [0x0f, 0x3a].into_iter().for_each(|b| head.byte(b)),
        }
        head.byte(opcode);
        self.with_modrm(head, reg, rm);
    }

    /// AVX instruction on xmm registers, 128 bits or scalar: VEX, or EVEX where a register above 15 is used. `evex_w`
    /// is the W bit of the EVEX form, which VEX ignores for most of these.
    #[inline]
    pub(crate) fn avx(&mut self, pp: Pp, w: bool, evex_w: bool, map: Map, opcode: u8, reg: u8, second: u8, rm: Rm) {
        if reg < 16 && second < 16 && !matches!(rm, Rm::R(r) if r >= 16) {
            return self.vex(pp, w, map, opcode, reg, second, rm);
        }
        self.evex(pp, w || evex_w, map, opcode, reg, second, rm);
    }

    /// EVEX-encoded instruction without mask, rounding or broadcast (Intel SDM volume 2, 2.7).
    fn evex(&mut self, pp: Pp, w: bool, map: Map, opcode: u8, reg: u8, second: u8, rm: Rm) {
        let (x, b) = match rm {
            Rm::R(r) => (r >> 4, r >> 3 & 1),
            m => extension_bits(m),
        };
        let map = match map {
            Map::Of38 => 2,
            Map::Of3a => 3,
            _ => 1,
        };
        let inverted = |bit: u8, at: u8| ((bit & 1) ^ 1) << at;
        let p0 = inverted(reg >> 3, 7) | inverted(x, 6) | inverted(b, 5) | inverted(reg >> 4, 4) | map;
        let p1 = (w as u8) << 7 | (!second & 15) << 3 | 4 | pp.bits();
        let p2 = inverted(second >> 4, 3);
        let head = Head::of([0x62, p0, p1, p2, opcode]);
        match rm {
            // EVEX scales 8-bit displacements by the operand's size: always use the 32-bit form.
            Rm::M(m) => self.with_mem(head, reg, m, true),
            rm => self.with_modrm(head, reg, rm),
        }
    }

    /// VEX-encoded instruction, 128 bits or scalar.
    #[inline]
    pub(crate) fn vex(&mut self, pp: Pp, w: bool, map: Map, opcode: u8, reg: u8, second: u8, rm: Rm) {
        let (x, b) = extension_bits(rm);
        let pp = pp.bits();
        let r = reg >> 3;
        let vvvv = (!second & 15) << 3;
        let head = if x == 0 && b == 0 && !w && map == Map::Of {
            Head::of([0xc5, (r ^ 1) << 7 | vvvv | pp, opcode])
        } else {
            let m = match map {
                Map::Of38 => 2,
                Map::Of3a => 3,
                _ => 1,
            };
            let first = (r ^ 1) << 7 | (x ^ 1) << 6 | (b ^ 1) << 5 | m;
            Head::of([0xc4, first, (w as u8) << 7 | vvvv | pp, opcode])
        };
        self.with_modrm(head, reg, rm);
    }

    /// Makes the jump of `label` come here.
    ///
    /// # Panics
    /// If a short jump does not reach.
    pub fn bind(&mut self, label: Label) {
        let here = self.here();
        if label.long {
            let d = (here - label.at - 4) as i32;
            self.code[label.at..label.at + 4].copy_from_slice(&d.to_le_bytes());
        } else {
            let d = i8::try_from(here - label.at - 1).expect("short jump out of range");
            self.code[label.at] = d as u8;
        }
    }
}

fn extension_bits(rm: Rm) -> (u8, u8) {
    match rm {
        Rm::R(r) => (0, r >> 3),
        Rm::M(m) => (m.index.map_or(0, |(i, _)| i.0 >> 3), m.base.map_or(0, |b| b.0 >> 3)),
    }
}
