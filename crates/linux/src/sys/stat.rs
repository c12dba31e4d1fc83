//! What is known about a file. The structures of `fstat` differ between hosts and guests; that of `statx` does not.

use super::syscalls;
use crate::errno::{SysResult, fault, from_raw};
use crate::task::Thread;
use memory::guarded;

syscalls! { ROWS;
    79 newfstatat(dir: Dir, path: Path, buf: StatOut, flags: AtFlags) Full { |t| stat_at(t, dir.0, path.0, buf.0, flags.0) }
    80 fstat(fd: Fd, buf: StatOut) Full { |_t| stat(buf.0, |host| host_call(libc::SYS_fstat, [fd.0 as u64, host, 0, 0, 0, 0])) }
    291 statx(dir: Dir, path: Path, flags: AtFlags, mask: Hex, buf: Ptr) Full { look 1 SYS_statx }
}

/// The host's `struct stat` in 64-bit words.
type HostStat = [u64; 18];

fn host_call(number: i64, args: [u64; 6]) -> SysResult {
    from_raw(hostos::call::raw(number, args))
}

fn stat_at(t: &mut Thread, dir: i32, path: u64, buf: u64, flags: i32) -> SysResult {
    let host_path = t.existing(dir, path)?;
    stat(buf, |host| host_call(libc::SYS_newfstatat, [dir as u64, host_path.arg(), host, flags as u64, 0, 0]))
}

/// Lets the host fill its structure, and writes the guest's.
fn stat(buf: u64, call: impl FnOnce(u64) -> SysResult) -> SysResult {
    let mut host: HostStat = [0; 18];
    call(host.as_mut_ptr() as u64)?;
    fault(guarded::store(buf, generic(&host)))?;
    Ok(0)
}

/// x86-64's `struct stat` as that of `asm-generic/stat.h`.
fn generic(h: &HostStat) -> [u64; 16] {
    let [dev, ino, links, mode_user, group, rdev, size, block_size, blocks] = *h.first_chunk().unwrap_or(&[0; 9]);
    let pair = |low: u64, high: u64| (low & 0xffff_ffff) | high << 32;
    let mut g = [0; 16];
    g[0] = dev;
    g[1] = ino;
    g[2] = pair(mode_user, links);
    g[3] = pair(mode_user >> 32, group);
    g[4] = rdev;
    g[6] = size;
    g[7] = block_size & 0xffff_ffff;
    g[8] = blocks;
    g[9..15].copy_from_slice(&h[9..15]);
    g
}

/// Device and inode of an open file.
pub(super) fn identity(fd: i32) -> Option<(u64, u64)> {
    let mut host: HostStat = [0; 18];
    host_call(libc::SYS_fstat, [fd as u64, host.as_mut_ptr() as u64, 0, 0, 0, 0]).ok()?;
    Some((host[0], host[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn fields_are_where_the_guest_expects_them() {
        let file = std::fs::File::open("/proc/self/exe").unwrap();
        let meta = file.metadata().unwrap();
        let mut host: HostStat = [0; 18];
        host_call(libc::SYS_fstat, [file.as_raw_fd() as u64, host.as_mut_ptr() as u64, 0, 0, 0, 0]).unwrap();
        let bytes: Vec<u8> = generic(&host).iter().flat_map(|w| w.to_le_bytes()).collect();
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let half = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((word(0), word(8)), (meta.dev(), meta.ino()));
        assert_eq!((half(16), u64::from(half(20))), (meta.mode(), meta.nlink()));
        assert_eq!((half(24), half(28)), (meta.uid(), meta.gid()));
        assert_eq!((word(48), u64::from(half(56)), word(64)), (meta.size(), meta.blksize(), meta.blocks()));
        assert_eq!((word(72) as i64, word(80) as i64), (meta.atime(), meta.atime_nsec()));
        assert_eq!((word(88) as i64, word(104) as i64), (meta.mtime(), meta.ctime()));
    }
}
