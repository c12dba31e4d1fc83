//! The few encodings that the frame of a random program needs. Everything else comes from the guest's own rows.

pub const ZERO: u32 = 0;
pub const GP: u32 = 3;
pub const TP: u32 = 4;
pub const T0: u32 = 5;
pub const A0: u32 = 10;
pub const A1: u32 = 11;
pub const A2: u32 = 12;
pub const A7: u32 = 17;
pub const T6: u32 = 31;

/// The control and status register of floating point.
pub const FCSR: u32 = 3;
/// The rounding mode.
pub const FRM: u32 = 2;

const fn i_type(op: u32, funct3: u32, rd: u32, rs1: u32, imm: i32) -> u32 {
    (imm as u32 & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | op
}

const fn s_type(op: u32, funct3: u32, rs2: u32, rs1: u32, imm: i32) -> u32 {
    let imm = imm as u32;
    (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 31) << 7 | op
}

pub const fn addi(rd: u32, rs1: u32, imm: i32) -> u32 {
    i_type(0x13, 0, rd, rs1, imm)
}

pub const fn addiw(rd: u32, rs1: u32, imm: i32) -> u32 {
    i_type(0x1b, 0, rd, rs1, imm)
}

pub const fn auipc(rd: u32) -> u32 {
    rd << 7 | 0x17
}

pub const fn ld(rd: u32, rs1: u32, imm: i32) -> u32 {
    i_type(0x03, 3, rd, rs1, imm)
}

pub const fn fld(rd: u32, rs1: u32, imm: i32) -> u32 {
    i_type(0x07, 3, rd, rs1, imm)
}

pub const fn sd(rs2: u32, rs1: u32, imm: i32) -> u32 {
    s_type(0x23, 3, rs2, rs1, imm)
}

pub const fn fsd(rs2: u32, rs1: u32, imm: i32) -> u32 {
    s_type(0x27, 3, rs2, rs1, imm)
}

pub const fn jalr(rd: u32, rs1: u32, imm: i32) -> u32 {
    i_type(0x67, 0, rd, rs1, imm)
}

/// `rd = csr; csr = rs1`
pub const fn csrrw(rd: u32, csr: u32, rs1: u32) -> u32 {
    i_type(0x73, 1, rd, rs1, csr as i32)
}

/// `rd = csr; csr = imm`
pub const fn csrrwi(rd: u32, csr: u32, imm: u32) -> u32 {
    i_type(0x73, 5, rd, imm, csr as i32)
}

/// `rd = csr`
pub const fn csrr(rd: u32, csr: u32) -> u32 {
    i_type(0x73, 2, rd, ZERO, csr as i32)
}

pub const ECALL: u32 = 0x73;
pub const NOP: u32 = addi(ZERO, ZERO, 0);
pub const C_NOP: u32 = 1;

/// `rd = value`, for values of 31 bits.
pub const fn li(rd: u32, value: u32) -> [u32; 2] {
    let upper = value.wrapping_add(0x800) >> 12;
    [upper << 12 | rd << 7 | 0x37, addiw(rd, rd, value as i32 - (upper << 12) as i32)]
}

/// A place in an instruction into which a distance goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Conditional branch.
    B,
    /// `jal`.
    J,
    /// Compressed conditional branch.
    Cb,
    /// `c.j`.
    Cj,
    /// The immediate of `addi`.
    I,
}

/// Moves bits: (from bit, number of bits, to bit).
type Moves = &'static [(u32, u32, u32)];

impl Reach {
    const fn moves(self) -> Moves {
        match self {
            Reach::B => &[(11, 1, 7), (1, 4, 8), (5, 6, 25), (12, 1, 31)],
            Reach::J => &[(12, 8, 12), (11, 1, 20), (1, 10, 21), (20, 1, 31)],
            Reach::Cb => &[(5, 1, 2), (1, 2, 3), (6, 2, 5), (3, 2, 10), (8, 1, 12)],
            Reach::Cj => &[(5, 1, 2), (1, 3, 3), (7, 1, 6), (6, 1, 7), (10, 1, 8), (8, 2, 9), (4, 1, 11), (11, 1, 12)],
            Reach::I => &[(0, 12, 20)],
        }
    }

    /// `word` with `distance` in its place.
    pub fn put(self, word: u32, distance: i32) -> u32 {
        self.moves().iter().fold(word, |w, (from, len, to)| {
            let mask = (1 << len) - 1;
            w & !(mask << to) | (distance as u32 >> from & mask) << to
        })
    }

    /// Of what kind the place in a branch or jump of the base or compressed set is.
    pub fn of(word: u32) -> Option<Reach> {
        match (word & 3, word & 0x7f, word >> 13 & 7) {
            (3, 0x63, _) => Some(Reach::B),
            (3, 0x6f, _) => Some(Reach::J),
            (1, _, 6 | 7) => Some(Reach::Cb),
            (1, _, 5) => Some(Reach::Cj),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guest::Guest;
    use guest_riscv::{Riscv, ext::Exts};

    fn text(word: u32) -> String {
        let mut out = String::new();
        let cpu = Riscv::new(Exts::MAX);
        cpu.text(0x1000, cpu.decode(word).as_ref(), word, &mut out);
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The decoder was checked against the reference's texts, so it can check these.
    #[test]
    fn encodings() {
        assert_eq!(text(sd(T0, GP, -8)), "sd t0,-8(gp)");
        assert_eq!(text(fld(9, GP, 504)), "fld fs1,504(gp)");
        assert_eq!(text(csrrw(ZERO, FCSR, T0)), "fscsr zero,t0");
        let [upper, lower] = li(A0, 0x1234_5fff);
        assert_eq!((text(upper), text(lower)), ("lui a0,74566".into(), "addiw a0,a0,-1".into()));
    }

    #[test]
    fn distances() {
        let cpu = Riscv::new(Exts::MAX);
        for (word, far) in [(0x0020_8063, 4094), (0x0000_006f, 0xffffe), (0xc101, 254), (0xa001, 2046)] {
            let reach = Reach::of(word).unwrap();
            for distance in [2, 4, 6, 8, 30, 66, 130, far, -far] {
                let mut b = ir::Builder::default();
                b.start(0x100_0000, 0);
                b.insn(0x100_0000, 4);
                cpu.lift(&cpu.decode(reach.put(word, distance)).unwrap(), &mut b);
                assert_eq!(b.block.ops.last().unwrap().imm, 0x100_0000 + distance as i64, "{word:x}");
            }
        }
    }
}
