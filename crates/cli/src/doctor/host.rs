//! What the host's CPU and kernel offer.

use super::{Finding, Mark};

/// Whether the CPU has a feature, by the name that `is_x86_feature_detected` gives it.
macro_rules! has {
    ($($name:tt),*) => { true $(&& is_x86_feature_detected!($name))* };
}

/// The level of the x86-64 psABI, and what beyond it is used.
pub fn cpu() -> Vec<Finding> {
    let v2 = has!("sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cmpxchg16b");
    let v3 = v2 && has!("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "lzcnt", "movbe");
    let v4 = v3 && has!("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");
    let level = [(v4, "x86-64-v4"), (v3, "x86-64-v3"), (v2, "x86-64-v2"), (true, "x86-64")];
    let level = level.iter().find(|(has, _)| *has).map_or("", |(_, name)| name);
    let used = [
        (has!("bmi2"), "BMI2"),
        (has!("fma"), "FMA"),
        (has!("aes"), "AES"),
        (has!("pclmulqdq"), "PCLMULQDQ"),
        (has!("sha"), "SHA"),
    ];
    let used: Vec<&str> = used.iter().filter(|(has, _)| *has).map(|(_, name)| *name).collect();
    let state = if used.is_empty() { level.to_string() } else { format!("{level} ({})", used.join(", ")) };
    vec![match (v2, v3) {
        (false, _) => Finding::new(Mark::Missing, state, "a CPU of level x86-64-v2 (SSE4.2, POPCNT) is needed"),
        (true, false) => Finding::new(Mark::Note, state, "without AVX2, BMI2 and FMA programs run slower"),
        (true, true) => Finding::new(Mark::Ok, state, ""),
    }]
}

/// Settings of the kernel that can stand in the way.
pub fn kernel() -> Vec<Finding> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_string();
    let release = read("/proc/sys/kernel/osrelease");
    if release.is_empty() {
        return vec![Finding::new(Mark::Missing, "/proc is not mounted", "sudo mount -t proc proc /proc")];
    }
    let mut findings = vec![Finding::new(Mark::Ok, format!("Linux {release}"), "")];
    if read("/proc/sys/vm/memfd_noexec") == "2" {
        let remedy = "sudo sysctl vm.memfd_noexec=1";
        findings.push(Finding::new(
            Mark::Missing,
            "memory files, in which programs are handed over, are forbidden",
            remedy,
        ));
    }
    findings
}
