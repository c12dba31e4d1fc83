//! Opening, reading and writing files.

use super::far::{plain, seek, vectored};
use super::vectors::with_vector;
use super::{block, pass, syscalls};
use crate::errno::{SysResult, code, fault};
use crate::path::{self, HostPath};
use crate::procfs;
use crate::task::Thread;
use memory::guarded;

syscalls! { ROWS;
    17 getcwd(buf: Ptr, size: Size) Full { pass SYS_getcwd }
    43 statfs(path: Path, buf: Ptr) Full { look 0 SYS_statfs }
    44 fstatfs(fd: Fd, buf: Ptr) Full { pass SYS_fstatfs }
    45 truncate(path: Path, length: Long) Full { |t| truncate(t, libc::SYS_truncate, path.0, length.0) }
    46 ftruncate(fd: Fd, length: Long) Full { |t| truncate(t, libc::SYS_ftruncate, fd.0 as u64, length.0) }
    47 fallocate(fd: Fd, mode: Hex, offset: Long, len: Long) Full { pass SYS_fallocate }
    48 faccessat(dir: Dir, path: Path, mode: AccessMode) Full { look 1 SYS_faccessat }
    56 openat(dir: Dir, path: Path, flags: OpenFlags, mode: Mode) Full { |t| open(t, dir.0, path.0, flags.0, mode.0) }
    62 lseek(fd: Fd, offset: Long, whence: Whence) Full { |t| seek(t, &[fd.0 as u64, offset.0 as u64, whence.0 as u64, 0, 0, 0]) }
    63 read(fd: Fd, buf: Out, count: Size) Full { |t| plain(t, libc::SYS_read, &[fd.0 as u64, buf.0, count.0, 0, 0, 0], None) }
    64 write(fd: Fd, buf: In, count: Size) Full { |t| plain(t, libc::SYS_write, &[fd.0 as u64, buf.0, count.0, 0, 0, 0], None) }
    65 readv(fd: Fd, iov: VectorOut, count: Size) Full { |t| vectored(t, libc::SYS_readv, &[fd.0 as u64, iov.0, count.0, 0, 0, 0], None) }
    66 writev(fd: Fd, iov: Vector, count: Size) Full { |t| vectored(t, libc::SYS_writev, &[fd.0 as u64, iov.0, count.0, 0, 0, 0], None) }
    67 pread64(fd: Fd, buf: Out, count: Size, offset: Long) Full {
        |t| plain(t, libc::SYS_pread64, &[fd.0 as u64, buf.0, count.0, offset.0 as u64, 0, 0], Some(offset.0 as u64))
    }
    68 pwrite64(fd: Fd, buf: In, count: Size, offset: Long) Full {
        |t| plain(t, libc::SYS_pwrite64, &[fd.0 as u64, buf.0, count.0, offset.0 as u64, 0, 0], Some(offset.0 as u64))
    }
    69 preadv(fd: Fd, iov: VectorOut, count: Size, low: Ulong, high: Ulong) Full {
        |t| vectored(t, libc::SYS_preadv, &[fd.0 as u64, iov.0, count.0, low.0, high.0, 0], Some(low.0))
    }
    70 pwritev(fd: Fd, iov: Vector, count: Size, low: Ulong, high: Ulong) Full {
        |t| vectored(t, libc::SYS_pwritev, &[fd.0 as u64, iov.0, count.0, low.0, high.0, 0], Some(low.0))
    }
    71 sendfile(out: Fd, from: Fd, offset: Ptr, count: Size) Full { block SYS_sendfile }
    75 vmsplice(fd: Fd, iov: Vector, count: Size, flags: Hex) Full {
        |t| with_vector(&[fd.0 as u64, iov.0, count.0, flags.0, 0, 0], 1, |args| block(t, libc::SYS_vmsplice, args))
    }
    76 splice(from: Fd, from_offset: Ptr, to: Fd, to_offset: Ptr, len: Size, flags: Hex) Full { block SYS_splice }
    77 tee(from: Fd, to: Fd, len: Size, flags: Hex) Full { block SYS_tee }
    78 readlinkat(dir: Dir, path: Path, buf: Out, size: Size) Full { |t| read_link(t, dir.0, path.0, buf.0, size.0) }
    81 sync() Full { pass SYS_sync }
    82 fsync(fd: Fd) Full { block SYS_fsync }
    83 fdatasync(fd: Fd) Full { block SYS_fdatasync }
    84 sync_file_range(fd: Fd, offset: Long, bytes: Long, flags: Hex) Full { block SYS_sync_file_range }
    213 readahead(fd: Fd, offset: Long, count: Size) Full { pass SYS_readahead }
    223 fadvise64(fd: Fd, offset: Long, len: Long, advice: Int) Full { pass SYS_fadvise64 }
    264 name_to_handle_at(dir: Dir, path: Path, handle: Ptr, mount: Ptr, flags: AtFlags) Full { look 1 SYS_name_to_handle_at }
    265 open_by_handle_at(mount: Fd, handle: Ptr, flags: OpenFlags) Full { pass SYS_open_by_handle_at }
    267 syncfs(fd: Fd) Full { block SYS_syncfs }
    285 copy_file_range(from: Fd, from_offset: Ptr, to: Fd, to_offset: Ptr, len: Size, flags: Hex) Full { block SYS_copy_file_range }
    286 preadv2(fd: Fd, iov: VectorOut, count: Size, low: Ulong, high: Ulong, flags: Hex) Full {
        |t| vectored(t, libc::SYS_preadv2, &[fd.0 as u64, iov.0, count.0, low.0, high.0, flags.0], here(low.0))
    }
    287 pwritev2(fd: Fd, iov: Vector, count: Size, low: Ulong, high: Ulong, flags: Hex) Full {
        |t| vectored(t, libc::SYS_pwritev2, &[fd.0 as u64, iov.0, count.0, low.0, high.0, flags.0], here(low.0))
    }
    437 openat2(dir: Dir, path: Path, how: Ptr, size: Size) Full { |t| open2(t, dir.0, path.0, how.0, size.0) }
    439 faccessat2(dir: Dir, path: Path, mode: AccessMode, flags: AtFlags) Full { look 1 SYS_faccessat2 }
    451 cachestat(fd: Fd, range: Ptr, stat: Ptr, flags: Hex) Full { |_t| pass(451, &[fd.0 as u64, range.0, stat.0, flags.0, 0, 0]) }
}

/// The offset of `preadv2` and `pwritev2`: -1 is the file's position.
fn here(offset: u64) -> Option<u64> {
    (offset != u64::MAX).then_some(offset)
}

fn writes(flags: i32) -> bool {
    flags & libc::O_ACCMODE != libc::O_RDONLY && flags & libc::O_PATH == 0
}

/// `openat`: files of `/proc` that describe us are made; all others are the host's.
fn open(t: &mut Thread, dir: i32, path: u64, flags: i32, mode: u32) -> SysResult {
    let name = path::read(path)?;
    if let Some(result) = procfs::open(t, dir, &name, flags) {
        return result;
    }
    if writes(flags) && procfs::is_own_memory(dir, &name) {
        t.process.engine.distrust_protections();
    }
    let host = t.existing_path(dir, name)?;
    let fd = block(t, libc::SYS_openat, &[dir as u64, host.arg(), flags as u64, u64::from(mode), 0, 0])?;
    if writes(flags) { refuse_own_program(t, fd) } else { Ok(fd) }
}

/// `openat2`. With restrictions on how the path is resolved, it is taken as it is.
fn open2(t: &mut Thread, dir: i32, path: u64, how: u64, size: u64) -> SysResult {
    const RESOLVE: u64 = 16;
    let [flags, _] = fault(guarded::load::<[u64; 2]>(how))?;
    let plain = size >= 24 && fault(guarded::load::<u64>(how + RESOLVE))? == 0;
    if plain {
        let name = path::read(path)?;
        if let Some(result) = procfs::open(t, dir, &name, flags as i32) {
            return result;
        }
    }
    let host = if plain { t.existing(dir, path)? } else { HostPath::Guest(path) };
    block(t, libc::SYS_openat2, &[dir as u64, host.arg(), how, size, 0, 0])
}

/// A program that runs cannot be opened for writing. The kernel guards us, not the guest's file.
fn refuse_own_program(t: &Thread, fd: u64) -> SysResult {
    let identity = super::stat::identity(fd as i32);
    let own = t.process.image.read().unwrap_or_else(|e| e.into_inner()).identity;
    if identity == Some(own) {
        hostos::call::raw(libc::SYS_close, [fd, 0, 0, 0, 0, 0]);
        return Err(code::ETXTBSY);
    }
    Ok(fd)
}

/// `readlinkat`: `/proc/self/exe` is the guest's program.
fn read_link(t: &mut Thread, dir: i32, path: u64, buf: u64, size: u64) -> SysResult {
    if size as i32 <= 0 {
        return Err(code::EINVAL);
    }
    let name = path::read(path)?;
    if let Some(exe) = procfs::link(t, dir, &name) {
        let bytes = exe.as_bytes();
        let len = bytes.len().min(size as usize);
        fault(guarded::write(buf, &bytes[..len]))?;
        return Ok(len as u64);
    }
    let host = t.existing_path(dir, name)?;
    pass(libc::SYS_readlinkat, &[dir as u64, host.arg(), buf, size, 0, 0])
}

/// A shorter file takes mapped pages away, code too: a fetch from them is SIGBUS at once.
fn truncate(t: &mut Thread, number: i64, file: u64, length: i64) -> SysResult {
    let done = pass(number, &[file, length as u64, 0, 0, 0, 0])?;
    let engine = t.process.engine.clone();
    engine.sync_code(&mut t.vcpu);
    Ok(done)
}
