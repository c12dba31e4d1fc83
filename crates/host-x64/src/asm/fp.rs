//! Scalar floating-point instructions and the moves around them, in VEX form where the host has AVX and in SSE form
//! where it has not. Methods with `avx` choose; the two-operand form first copies the first source.

use super::*;

/// `F32` instructions carry prefix F3 (or none), `F64` ones F2 (or 66).
fn scalar(double: bool) -> Pp {
    if double { Pp::F2 } else { Pp::F3 }
}

fn packed(double: bool) -> Pp {
    if double { Pp::P66 } else { Pp::No }
}

impl Asm {
    /// `dst = a op b` for `add` 58, `mul` 59, `sub` 5c, `min` 5d, `div` 5e, `max` 5f, `sqrt` 51, `cvts?2s?` 5a.
    /// The upper half of the low 64 bits comes from `a`.
    ///
    /// # Panics
    /// Without AVX, if `dst` is `b` and not `a`.
    pub fn scalar(&mut self, avx: bool, opcode: u8, double: bool, dst: Xmm, a: Xmm, b: impl Into<Rm>) {
        let b = b.into();
        if avx {
            self.avx(scalar(double), false, double, Map::Of, opcode, dst.0, a.0, b);
        } else {
            if dst != a {
                assert!(b != dst.into(), "destination is the second source");
                self.movaps(false, dst, a);
            }
            self.op(scalar(double), false, Map::Of, opcode, dst.0, b, false);
        }
    }

    /// Bitwise `and` 54, `andn` 55 (`!a & b`), `or` 56, `xor` 57.
    pub fn logic(&mut self, avx: bool, opcode: u8, dst: Xmm, a: Xmm, b: impl Into<Rm>) {
        let b = b.into();
        if avx {
            self.avx(Pp::No, false, false, Map::Of, opcode, dst.0, a.0, b);
        } else {
            if dst != a {
                assert!(b != dst.into(), "destination is the second source");
                self.movaps(false, dst, a);
            }
            self.op(Pp::No, false, Map::Of, opcode, dst.0, b, false);
        }
    }

    /// FMA3 `dst = ±(a * b) ± dst` (form 231): opcode b9 fmadd, bb fmsub, bd fnmadd, bf fnmsub.
    pub fn fma231(&mut self, opcode: u8, double: bool, dst: Xmm, a: Xmm, b: impl Into<Rm>) {
        self.avx(Pp::P66, double, double, Map::Of38, opcode, dst.0, a.0, b.into());
    }

    /// `ucomis` (2e) or `comis` (2f).
    pub fn compare(&mut self, avx: bool, opcode: u8, double: bool, a: Xmm, b: impl Into<Rm>) {
        self.plain(avx, packed(double), false, double, Map::Of, opcode, a.0, b.into());
    }

    pub fn movaps(&mut self, avx: bool, dst: Xmm, src: Xmm) {
        self.plain(avx, Pp::No, false, false, Map::Of, 0x28, dst.0, src.into());
    }

    /// `movsd dst, [m]` or `movss dst, [m]`; the rest of the register becomes zero.
    pub fn load_scalar(&mut self, avx: bool, double: bool, dst: Xmm, m: Mem) {
        self.plain(avx, scalar(double), false, double, Map::Of, 0x10, dst.0, m.into());
    }

    pub fn store_scalar(&mut self, avx: bool, double: bool, m: Mem, src: Xmm) {
        self.plain(avx, scalar(double), false, double, Map::Of, 0x11, src.0, m.into());
    }

    /// `movq r64, xmm` or `movd r32, xmm`
    pub fn mov_from_xmm(&mut self, avx: bool, w: bool, dst: Reg, src: Xmm) {
        self.plain(avx, Pp::P66, w, w, Map::Of, 0x7e, src.0, dst.into());
    }

    /// `movq xmm, r64` or `movd xmm, r32`; the rest becomes zero.
    pub fn mov_to_xmm(&mut self, avx: bool, w: bool, dst: Xmm, src: impl Into<Rm>) {
        self.plain(avx, Pp::P66, w, w, Map::Of, 0x6e, dst.0, src.into());
    }

    /// `pextrd r32, xmm, n`
    pub fn extract_dword(&mut self, avx: bool, dst: Reg, src: Xmm, n: u8) {
        self.plain(avx, Pp::P66, false, false, Map::Of3a, 0x16, src.0, dst.into());
        self.byte(n);
    }

    /// `pinsrq xmm, r64, n` in place.
    pub fn insert_qword(&mut self, avx: bool, dst: Xmm, src: impl Into<Rm>, n: u8) {
        if avx {
            self.vex(Pp::P66, true, Map::Of3a, 0x22, dst.0, dst.0, src.into());
        } else {
            self.op(Pp::P66, true, Map::Of3a, 0x22, dst.0, src.into(), false);
        }
        self.byte(n);
    }

    /// `pcmpeqd x, x`: all ones.
    pub fn all_ones(&mut self, avx: bool, dst: Xmm) {
        if avx {
            self.vex(Pp::P66, false, Map::Of, 0x76, dst.0, dst.0, dst.into());
        } else {
            self.op(Pp::P66, false, Map::Of, 0x76, dst.0, dst.into(), false);
        }
    }

    /// `punpckldq dst, a, b`: low dwords of `a` and `b` interleaved.
    pub fn unpack_low_dword(&mut self, avx: bool, dst: Xmm, a: Xmm, b: Xmm) {
        if avx {
            self.vex(Pp::P66, false, Map::Of, 0x62, dst.0, a.0, b.into());
        } else {
            if dst != a {
                assert!(dst != b, "destination is the second source");
                self.movaps(false, dst, a);
            }
            self.op(Pp::P66, false, Map::Of, 0x62, dst.0, b.into(), false);
        }
    }

    /// `cvttss2si`/`cvttsd2si` (2c) or rounding `cvt` (2d) to a general register of 32 or 64 bits.
    pub fn float_to_int(&mut self, avx: bool, opcode: u8, double: bool, w: bool, dst: Reg, src: Xmm) {
        self.plain(avx, scalar(double), w, w, Map::Of, opcode, dst.0, src.into());
    }

    /// `cvtsi2s?`: the upper part of `dst` is that of `a`, so clear it first where that matters.
    ///
    /// # Panics
    /// Without AVX, if `dst` is not `a`.
    pub fn int_to_float(&mut self, avx: bool, double: bool, w: bool, dst: Xmm, a: Xmm, src: impl Into<Rm>) {
        if avx {
            self.avx(scalar(double), w, w, Map::Of, 0x2a, dst.0, a.0, src.into());
        } else {
            assert!(dst == a, "two-operand form");
            self.op(scalar(double), w, Map::Of, 0x2a, dst.0, src.into(), false);
        }
    }

    /// `aesenc` dc, `aesenclast` dd, `aesdec` de, `aesdeclast` df: `dst = round(a, b)`.
    pub fn aes(&mut self, avx: bool, opcode: u8, dst: Xmm, key: Xmm) {
        if avx {
            self.vex(Pp::P66, false, Map::Of38, opcode, dst.0, dst.0, key.into());
        } else {
            self.op(Pp::P66, false, Map::Of38, opcode, dst.0, key.into(), false);
        }
    }

    /// `aesimc dst, src`
    pub fn aesimc(&mut self, avx: bool, dst: Xmm, src: Xmm) {
        self.plain(avx, Pp::P66, false, false, Map::Of38, 0xdb, dst.0, src.into());
    }

    /// `pclmulqdq dst, src, 0` in place.
    pub fn clmul(&mut self, avx: bool, dst: Xmm, src: Xmm) {
        if avx {
            self.vex(Pp::P66, false, Map::Of3a, 0x44, dst.0, dst.0, src.into());
        } else {
            self.op(Pp::P66, false, Map::Of3a, 0x44, dst.0, src.into(), false);
        }
        self.byte(0);
    }

    /// `pextrq r64, xmm, 1`
    pub fn extract_high(&mut self, avx: bool, dst: Reg, src: Xmm) {
        self.plain(avx, Pp::P66, true, true, Map::Of3a, 0x16, src.0, dst.into());
        self.byte(1);
    }

    /// `stmxcsr` / `ldmxcsr`
    pub fn store_control(&mut self, m: Mem) {
        self.op(Pp::No, false, Map::Of, 0xae, 3, m.into(), false);
    }

    pub fn load_control(&mut self, m: Mem) {
        self.op(Pp::No, false, Map::Of, 0xae, 2, m.into(), false);
    }

    /// An instruction without a second source, in either encoding.
    fn plain(&mut self, avx: bool, pp: Pp, w: bool, evex_w: bool, map: Map, opcode: u8, reg: u8, rm: Rm) {
        if avx { self.avx(pp, w, evex_w, map, opcode, reg, 0, rm) } else { self.op(pp, w, map, opcode, reg, rm, false) }
    }
}
