//! What this process has cost so far.

/// Figures of the process and its ended children.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    pub user_s: f64,
    pub system_s: f64,
    /// The largest resident size of this process, in bytes.
    pub resident_bytes: u64,
}

impl Usage {
    /// What it has cost since `start`. What ran in the process before exec is none of this program's.
    pub fn since(start: &Usage) -> Usage {
        let now = Usage::now();
        Usage { user_s: now.user_s - start.user_s, system_s: now.system_s - start.system_s, ..now }
    }

    /// Of this process alone.
    pub fn now() -> Usage {
        let mut usage = [0u64; size_of::<libc::rusage>() / 8];
        let who = libc::RUSAGE_SELF as u64;
        hostos::call::raw(libc::SYS_getrusage, [who, usage.as_mut_ptr() as u64, 0, 0, 0, 0]);
        let seconds = |at: usize| usage[at] as f64 + usage[at + 1] as f64 * 1e-6;
        Usage { user_s: seconds(0), system_s: seconds(2), resident_bytes: peak().unwrap_or(usage[4] * 1024) }
    }
}

/// The peak that belongs to this program: the kernel's `maxrss` includes what ran in this process before exec.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows() {
        let before = Usage::now();
        let (start, mut after) = (std::time::Instant::now(), before);
        // However little of the processor a busy machine gives us, spinning uses some in the end.
        while after.user_s + after.system_s < before.user_s + before.system_s + 0.005 {
            assert!(start.elapsed().as_secs() < 60, "{before:?} {after:?}");
            after = Usage::now();
        }
        assert!(after.resident_bytes > 100_000);
    }
}
