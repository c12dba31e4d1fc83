//! Rare integer operations in Rust, called from generated code.

use ir::Code;

/// The result registers of a helper call.
#[repr(C)]
pub struct Pair(pub u64, pub u64);

/// `f(a, b, imm)`
pub type IntHelper = extern "C" fn(u64, u64, u64) -> Pair;

/// The function that computes this operation, if there is one.
pub fn helper_of(code: Code) -> Option<IntHelper> {
    Some(match code {
        Code::Brev8 => brev8,
        Code::AesKey1 => aes_key1,
        Code::AesEnc => aes_enc,
        Code::AesEncLast => aes_enc_last,
        Code::AesDec => aes_dec,
        Code::AesDecLast => aes_dec_last,
        Code::AesInvMix => aes_inv_mix,
        Code::Clmul => clmul,
        Code::ClmulH => clmul_high,
        _ => return None,
    })
}

/// The same for one that has one.
///
/// # Panics
/// If it has none.
pub fn int_helper(code: Code) -> IntHelper {
    helper_of(code).unwrap_or_else(|| panic!("{code:?} has no helper"))
}

macro_rules! helpers {
    ($($name:ident = $code:ident;)*) => { $(
        extern "C" fn $name(a: u64, b: u64, imm: u64) -> Pair {
            Pair(ir::eval::pure_int(Code::$code, a, b, imm as i64), 0)
        }
    )* };
}

helpers! {
    brev8 = Brev8;
    aes_key1 = AesKey1;
    aes_enc = AesEnc;
    aes_enc_last = AesEncLast;
    aes_dec = AesDec;
    aes_dec_last = AesDecLast;
    aes_inv_mix = AesInvMix;
    clmul = Clmul;
    clmul_high = ClmulH;
}

/// `fclass` of a raw F64 or boxed F32 (RISC-V Unprivileged ISA, 20.9).
pub fn float_class(double: bool) -> IntHelper {
    if double { class_f64 } else { class_f32 }
}

extern "C" fn class_f64(a: u64, _: u64, _: u64) -> Pair {
    Pair(class(a >> 63 != 0, a >> 52 & 0x7ff, 0x7ff, a << 12), 0)
}

extern "C" fn class_f32(a: u64, _: u64, _: u64) -> Pair {
    Pair(class(a >> 31 & 1 != 0, a >> 23 & 0xff, 0xff, a << 41), 0)
}

/// One bit of ten; `fraction` is left-aligned.
fn class(negative: bool, exponent: u64, special: u64, fraction: u64) -> u64 {
    let quiet = fraction >> 63 != 0;
    if exponent == special && fraction != 0 {
        return if quiet { 1 << 9 } else { 1 << 8 };
    }
    let kind = match (exponent, fraction) {
        (e, _) if e == special => 0,
        (0, 0) => 3,
        (0, _) => 2,
        _ => 1,
    };
    1 << if negative { kind } else { 7 - kind }
}
