//! What the C library found out about the CPU when it was loaded. Asking the CPU itself costs microseconds a question
//! where it is virtual.

/// A leaf of `cpuid` by glibc's number of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// Leaf 1.
    Basic = 0,
    /// Leaf 7.
    More = 1,
    /// Leaf 0x8000_0001.
    Extended = 2,
}

/// The registers `eax`, `ebx`, `ecx`, `edx` of a leaf, reduced to the features that can be used here, because the system
/// keeps the registers that they need; `None` if the C library does not say.
pub fn usable(leaf: Leaf) -> Option<[u32; 4]> {
    /// `struct cpuid_feature` of glibc's `sys/platform/x86.h`: what the CPU has, what is usable.
    #[repr(C)]
    struct Feature {
        has: [u32; 4],
        usable: [u32; 4],
    }
    // SAFETY: the name is a C string; a function of this name (glibc 2.33 and later) has this signature, and what it
    // returns lives for ever.
    unsafe {
        let function = libc::dlsym(libc::RTLD_DEFAULT, c"__x86_get_cpuid_feature_leaf".as_ptr());
        if function.is_null() {
            return None;
        }
        let function: extern "C" fn(u32) -> *const Feature = std::mem::transmute(function);
        function(leaf as u32).as_ref().map(|f| f.usable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_says_what_the_cpu_says() {
        let bit = |leaf, register: usize, n: u32| usable(leaf).map(|r| r[register] >> n & 1 != 0);
        let is = |said: Option<bool>, asked: bool| assert_eq!(said.unwrap_or(asked), asked);
        is(bit(Leaf::Basic, 2, 28), std::is_x86_feature_detected!("avx"));
        is(bit(Leaf::Basic, 2, 25), std::is_x86_feature_detected!("aes"));
        is(bit(Leaf::More, 1, 8), std::is_x86_feature_detected!("bmi2"));
        is(bit(Leaf::More, 1, 31), std::is_x86_feature_detected!("avx512vl"));
        is(bit(Leaf::Extended, 2, 5), std::is_x86_feature_detected!("lzcnt"));
    }
}
