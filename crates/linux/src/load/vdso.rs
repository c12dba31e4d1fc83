//! The vDSO: a small shared object that the kernel puts into every process.
//!
//! It holds the code to which a signal handler returns, so that unwinders find it, and the functions that C libraries
//! look for. `vdso/riscv64.S` is its source and `vdso/build.sh` makes `vdso/riscv64.so` from it.

use memory::{AddressSpace, Errno, MapRequest, Prot, Role, guarded};

static IMAGE: &[u8] = include_bytes!("vdso/riscv64.so");

/// Where it is.
pub struct Vdso {
    pub start: u64,
    /// Address of `__vdso_rt_sigreturn`.
    pub sigreturn: u64,
}

/// Maps it.
pub fn map(memory: &AddressSpace) -> Result<Vdso, Errno> {
    let request = MapRequest {
        addr: 0,
        len: IMAGE.len() as u64,
        prot: Prot { read: true, write: true, exec: false },
        flags: libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        fd: -1,
        offset: 0,
        role: Role::Vdso,
    };
    let start = memory.map(&request)?.value;
    guarded::write(start, IMAGE).map_err(|_| Errno(libc::EFAULT))?;
    memory.protect(start, IMAGE.len() as u64, libc::PROT_READ | libc::PROT_EXEC)?;
    Ok(Vdso { start, sigreturn: start + sigreturn_offset() })
}

/// Its code begins with `__vdso_rt_sigreturn`, and its ELF entry point says where that is.
fn sigreturn_offset() -> u64 {
    u64::from_le_bytes(IMAGE[24..32].try_into().unwrap_or_default())
}
