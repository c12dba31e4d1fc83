//! Names: directories, links, owners, permissions, attributes, mounts.

use super::{pass, syscalls};
use crate::errno::{SysResult, fault};
use crate::procfs::Descriptors;
use memory::guarded;

syscalls! { ROWS;
    5 setxattr(path: Path, name: Path, value: Ptr, size: Size, flags: Hex) Full { look 0 SYS_setxattr }
    6 lsetxattr(path: Path, name: Path, value: Ptr, size: Size, flags: Hex) Full { look 0 SYS_lsetxattr }
    7 fsetxattr(fd: Fd, name: Path, value: Ptr, size: Size, flags: Hex) Full { pass SYS_fsetxattr }
    8 getxattr(path: Path, name: Path, value: Ptr, size: Size) Full { look 0 SYS_getxattr }
    9 lgetxattr(path: Path, name: Path, value: Ptr, size: Size) Full { look 0 SYS_lgetxattr }
    10 fgetxattr(fd: Fd, name: Path, value: Ptr, size: Size) Full { pass SYS_fgetxattr }
    11 listxattr(path: Path, list: Ptr, size: Size) Full { look 0 SYS_listxattr }
    12 llistxattr(path: Path, list: Ptr, size: Size) Full { look 0 SYS_llistxattr }
    13 flistxattr(fd: Fd, list: Ptr, size: Size) Full { pass SYS_flistxattr }
    14 removexattr(path: Path, name: Path) Full { look 0 SYS_removexattr }
    15 lremovexattr(path: Path, name: Path) Full { look 0 SYS_lremovexattr }
    16 fremovexattr(fd: Fd, name: Path) Full { pass SYS_fremovexattr }
    33 mknodat(dir: Dir, path: Path, mode: Mode, device: Hex) Full { pass SYS_mknodat }
    34 mkdirat(dir: Dir, path: Path, mode: Mode) Full { pass SYS_mkdirat }
    35 unlinkat(dir: Dir, path: Path, flags: AtFlags) Full { pass SYS_unlinkat }
    36 symlinkat(target: Path, dir: Dir, path: Path) Full { pass SYS_symlinkat }
    37 linkat(old_dir: Dir, old: Path, new_dir: Dir, new: Path, flags: AtFlags) Full { pass SYS_linkat }
    39 umount2(target: Path, flags: Hex) Full { pass SYS_umount2 }
    40 mount(source: Path, target: Path, kind: Path, flags: Hex, data: Ptr) Full { pass SYS_mount }
    41 pivot_root(new: Path, old: Path) Full { pass SYS_pivot_root }
    49 chdir(path: Path) Full { pass SYS_chdir }
    50 fchdir(fd: Fd) Full { pass SYS_fchdir }
    51 chroot(path: Path) Full { pass SYS_chroot }
    52 fchmod(fd: Fd, mode: Mode) Full { pass SYS_fchmod }
    53 fchmodat(dir: Dir, path: Path, mode: Mode) Full { pass SYS_fchmodat }
    54 fchownat(dir: Dir, path: Path, user: Int, group: Int, flags: AtFlags) Full { pass SYS_fchownat }
    55 fchown(fd: Fd, user: Int, group: Int) Full { pass SYS_fchown }
    61 getdents64(fd: Fd, buf: Ptr, size: Size) Full { |_t| entries(fd.0, buf.0, size.0) }
    88 utimensat(dir: Dir, path: Path, times: Ptr, flags: AtFlags) Full { pass SYS_utimensat }
    166 umask(mask: Mode) Full { pass SYS_umask }
    276 renameat2(old_dir: Dir, old: Path, new_dir: Dir, new: Path, flags: Hex) Full { pass SYS_renameat2 }
    428 open_tree(dir: Dir, path: Path, flags: Hex) Full { pass SYS_open_tree }
    429 move_mount(from_dir: Dir, from: Path, to_dir: Dir, to: Path, flags: Hex) Full { pass SYS_move_mount }
    430 fsopen(name: Path, flags: Hex) Full { pass SYS_fsopen }
    431 fsconfig(fd: Fd, command: Uint, key: Path, value: Ptr, aux: Int) Full { pass SYS_fsconfig }
    432 fsmount(fd: Fd, flags: Hex, attributes: Hex) Full { pass SYS_fsmount }
    433 fspick(dir: Dir, path: Path, flags: Hex) Full { pass SYS_fspick }
    442 mount_setattr(dir: Dir, path: Path, flags: Hex, attributes: Ptr, size: Size) Full { pass SYS_mount_setattr }
    452 fchmodat2(dir: Dir, path: Path, mode: Mode, flags: AtFlags) Full { pass SYS_fchmodat2 }
}

/// `getdents64`; a list of descriptors is shown without those that are ours.
fn entries(fd: i32, buf: u64, size: u64) -> SysResult {
    loop {
        let len = pass(libc::SYS_getdents64, &[fd as u64, buf, size, 0, 0, 0])?;
        let kept = if len == 0 { 0 } else { keep_guests(fd, buf, len)? };
        // With none left there may still be more behind them.
        if len == 0 || kept > 0 {
            return Ok(kept);
        }
    }
}

/// Takes entries away that are not the guest's; returns the bytes that are left.
fn keep_guests(fd: i32, buf: u64, len: u64) -> SysResult {
    let Some(folder) = Descriptors::opened(fd) else { return Ok(len) };
    let listed = fault(guarded::load_vec::<u8>(buf, len as usize))?;
    let number = |name: &[u8]| std::str::from_utf8(name).ok()?.parse().ok();
    let kept = without(&listed, |name| number(name).is_some_and(|fd| folder.hides(fd)));
    fault(guarded::write(buf, &kept))?;
    Ok(kept.len() as u64)
}

/// The entries (`struct linux_dirent64`) whose names are not refused.
fn without(listed: &[u8], refused: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    const LENGTH: usize = 16;
    const NAME: usize = 19;
    let mut kept = Vec::with_capacity(listed.len());
    let mut rest = listed;
    while rest.len() > NAME {
        let len = usize::from(u16::from_le_bytes([rest[LENGTH], rest[LENGTH + 1]])).clamp(NAME, rest.len());
        let (entry, next) = rest.split_at(len);
        let name = entry[NAME..].split(|&b| b == 0).next().unwrap_or_default();
        if !refused(name) {
            kept.extend_from_slice(entry);
        }
        rest = next;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Vec<u8> {
        let mut e = vec![0u8; 24];
        e[16] = 24;
        e[19..19 + name.len()].copy_from_slice(name.as_bytes());
        e
    }

    #[test]
    fn refused_names_are_left_out() {
        let all = [entry("1"), entry("1000"), entry("2")].concat();
        assert_eq!(without(&all, |n| n == b"1000"), [entry("1"), entry("2")].concat());
        assert_eq!(without(&all, |_| false), all);
    }
}
