//! What the host CPU offers beyond x86-64-v2, which is the floor.

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
