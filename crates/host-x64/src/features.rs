//! What the host CPU offers beyond x86-64-v2, which is the floor.

use hostos::cpu::{Leaf, usable};

/// Optional instruction sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    pub avx: bool,
    /// 32 xmm registers (AVX-512 VL and DQ).
    pub avx512: bool,
    pub bmi1: bool,
    pub bmi2: bool,
    pub lzcnt: bool,
    pub fma: bool,
    pub aes: bool,
    pub clmul: bool,
}

impl Features {
    /// What this machine has.
    pub fn detect() -> Features {
        Features::of_library().unwrap_or_else(Features::asked)
    }

    /// As the C library found it when it was loaded. Bits: Intel SDM volume 2, CPUID.
    fn of_library() -> Option<Features> {
        let ([_, _, basic, _], [_, more, ..], [_, _, extended, _]) =
            (usable(Leaf::Basic)?, usable(Leaf::More)?, usable(Leaf::Extended)?);
        let bit = |word: u32, n: u32| word >> n & 1 != 0;
        Some(Features {
            avx: bit(basic, 28),
            avx512: bit(more, 31) && bit(more, 17),
            bmi1: bit(more, 3),
            bmi2: bit(more, 8),
            lzcnt: bit(extended, 5),
            fma: bit(basic, 12),
            aes: bit(basic, 25),
            clmul: bit(basic, 1),
        })
    }

    /// As the CPU answers.
    fn asked() -> Features {
        Features {
            avx: std::is_x86_feature_detected!("avx"),
            avx512: std::is_x86_feature_detected!("avx512vl") && std::is_x86_feature_detected!("avx512dq"),
            bmi1: std::is_x86_feature_detected!("bmi1"),
            bmi2: std::is_x86_feature_detected!("bmi2"),
            lzcnt: std::is_x86_feature_detected!("lzcnt"),
            fma: std::is_x86_feature_detected!("fma"),
            aes: std::is_x86_feature_detected!("aes"),
            clmul: std::is_x86_feature_detected!("pclmulqdq"),
        }
    }

    /// The floor: what code for the oldest supported machine may use.
    pub fn floor() -> Features {
        Features {
            avx: false,
            avx512: false,
            bmi1: false,
            bmi2: false,
            lzcnt: false,
            fma: false,
            aes: false,
            clmul: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same() {
        assert_eq!(Features::detect(), Features::asked());
    }
}
