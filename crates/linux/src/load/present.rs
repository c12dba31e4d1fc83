//! How other processes see ours: under the guest's name, with the guest's arguments and environment.
//!
//! The kernel makes `/proc/<pid>/{comm,cmdline,environ,stat}` from fields that a process may set. What cannot be set
//! (or not on this kernel) stays ours; the guest itself gets those files from [`crate::procfs`] anyway.

use super::Image;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const PR_SET_MM: u64 = 35;
const PR_SET_MM_MAP: u64 = 14;

/// Fields of `/proc/self/stat` (proc(5) numbers them from 1) that we keep: start and end of data, start of the heap.
const KEPT: [usize; 3] = [45, 46, 47];

/// `struct prctl_mm_map`: eleven addresses, the auxiliary vector, and a descriptor with that vector's size.
type MmMap = [u64; 13];

/// Takes the name of the program that the guest runs, and shows its words.
pub fn as_guest(image: &Image, program: &Path) {
    let mut name = [0u8; 16];
    let base = program.file_name().unwrap_or_default().as_bytes();
    let len = base.len().min(15);
    name[..len].copy_from_slice(&base[..len]);
    hostos::call::raw(libc::SYS_prctl, [libc::PR_SET_NAME as u64, name.as_ptr() as u64, 0, 0, 0, 0]);
    if let Some(map) = mm_map(image) {
        let args = [PR_SET_MM, PR_SET_MM_MAP, map.as_ptr() as u64, size_of::<MmMap>() as u64, 0, 0];
        hostos::call::raw(libc::SYS_prctl, args);
    }
}

fn mm_map(image: &Image) -> Option<MmMap> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    let mut map: MmMap = [0; 13];
    for (slot, number) in map[2..].iter_mut().zip(KEPT) {
        *slot = fields.get(number - 3)?.parse().ok()?;
    }
    map[..2].copy_from_slice(&[image.code.0, image.code.1]);
    let now = hostos::call::raw(libc::SYS_brk, [0; 6]) as u64;
    map[5..11].copy_from_slice(&[now, image.stack, image.args.0, image.args.1, image.env.0, image.env.1]);
    // No new auxiliary vector and no new executable.
    const NO_FD: u64 = 0xffff_ffff << 32;
    map[12] = NO_FD;
    Some(map)
}
