//! Copies between our memory and the guest's that report a bad address instead of crashing.
//!
//! A guest pointer may point anywhere, and another guest thread may unmap what it points to while we copy. Checking
//! first is therefore useless. Instead all accesses happen in one small piece of assembly; when one of its
//! instructions faults, the host's SIGSEGV and SIGBUS handler finds the pc inside [`range`] and goes on at the fix-up,
//! which returns "failed" (and how much was left). None of the pieces has anything on the stack at that point.
//!
//! This module checks that an address is the guest's (below [`GUEST_END`]); whether it is mapped is found out by trying.

use crate::GUEST_END;
use bits::Addr;

/// An access to guest memory failed. `done` bytes before the bad one were transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadAddress {
    pub done: usize,
}

/// Where the guarded instructions are, and where a faulting one has to go on.
#[derive(Clone, Copy, Debug)]
pub struct GuardedRange {
    /// First host pc of the guarded code.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// The pc to resume at.
    pub fixup: usize,
}

#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    // Results: rax = value (copy: bytes left), rdx = 0 fine, 1 failed.
    ".pushsection .text.fluoro_guarded,\"ax\",@progbits",
    ".p2align 4",
    ".globl fluoro_guarded_start",
    "fluoro_guarded_start:",
    ".globl fluoro_guarded_copy",
    "fluoro_guarded_copy:", // rdi to, rsi from, rdx bytes
    "mov rcx, rdx",
    "mov edx, 2", // by words, as long as that goes
    "cmp rcx, 256",
    "ja 3f",
    "2:",
    "cmp rcx, 8",
    "jb 3f",
    "mov rax, qword ptr [rsi]",
    "mov qword ptr [rdi], rax",
    "add rsi, 8",
    "add rdi, 8",
    "sub rcx, 8",
    "jmp 2b",
    "3:", // by bytes
    "xor edx, edx",
    "jrcxz 4f",
    "rep movsb",
    "4:",
    "mov rax, rcx",
    "ret",
    ".globl fluoro_guarded_zero",
    "fluoro_guarded_zero:", // rdi to, rsi bytes
    "mov rcx, rsi",
    "xor edx, edx",
    "xor eax, eax",
    "rep stosb",
    "mov rax, rcx",
    "ret",
    ".globl fluoro_guarded_load32",
    "fluoro_guarded_load32:", // rdi address
    "xor edx, edx",
    "mov eax, dword ptr [rdi]",
    "ret",
    ".globl fluoro_guarded_store32",
    "fluoro_guarded_store32:", // rdi address, esi value
    "xor edx, edx",
    "mov dword ptr [rdi], esi",
    "ret",
    ".globl fluoro_guarded_cas32",
    "fluoro_guarded_cas32:", // rdi address, esi expected, edx new
    "mov eax, esi",
    "mov ecx, edx",
    "xor edx, edx",
    "lock cmpxchg dword ptr [rdi], ecx",
    "ret",
    ".globl fluoro_guarded_end",
    "fluoro_guarded_end:",
    ".globl fluoro_guarded_fixup",
    "fluoro_guarded_fixup:",
    "cmp edx, 2", // a word of a copy: its first bytes may be there
    "je 3b",
    "mov rax, rcx",
    "mov edx, 1",
    "ret",
    ".popsection",
);

#[repr(C)]
struct Outcome {
    value: u64,
    failed: u64,
}

unsafe extern "C" {
    static fluoro_guarded_start: u8;
    static fluoro_guarded_end: u8;
    static fluoro_guarded_fixup: u8;
    fn fluoro_guarded_copy(to: u64, from: u64, bytes: u64) -> Outcome;
    fn fluoro_guarded_zero(to: u64, bytes: u64) -> Outcome;
    fn fluoro_guarded_load32(addr: u64) -> Outcome;
    fn fluoro_guarded_store32(addr: u64, value: u32) -> Outcome;
    fn fluoro_guarded_cas32(addr: u64, expected: u32, new: u32) -> Outcome;
}

/// For the host's fault handler: see the module's text.
pub fn range() -> GuardedRange {
    GuardedRange {
        start: (&raw const fluoro_guarded_start).addr(),
        end: (&raw const fluoro_guarded_end).addr(),
        fixup: (&raw const fluoro_guarded_fixup).addr(),
    }
}

/// Bytes of `len` from `addr` on that can belong to the guest at all.
fn guest_part(addr: Addr, len: usize) -> u64 {
    (len as u64).min(GUEST_END.saturating_sub(addr))
}

fn finish(wanted: usize, tried: u64, outcome: Outcome) -> Result<(), BadAddress> {
    let done = (tried - outcome.value) as usize;
    if done == wanted { Ok(()) } else { Err(BadAddress { done }) }
}

/// Copies guest memory at `addr` into `to`.
pub fn read(addr: Addr, to: &mut [u8]) -> Result<(), BadAddress> {
    let tried = guest_part(addr, to.len());
    // SAFETY: the target is a live slice of at least `tried` bytes; the source is guest memory, which no Rust
    // reference points to, and a fault is caught.
    let outcome = unsafe { fluoro_guarded_copy(to.as_mut_ptr() as u64, addr, tried) };
    finish(to.len(), tried, outcome)
}

/// Copies `from` into guest memory at `addr`.
pub fn write(addr: Addr, from: &[u8]) -> Result<(), BadAddress> {
    let tried = guest_part(addr, from.len());
    // SAFETY: as in `read`, the other way round.
    let outcome = unsafe { fluoro_guarded_copy(addr, from.as_ptr() as u64, tried) };
    finish(from.len(), tried, outcome)
}

/// Clears `len` bytes of guest memory.
pub fn zero(addr: Addr, len: usize) -> Result<(), BadAddress> {
    let tried = guest_part(addr, len);
    // SAFETY: as in `write`.
    let outcome = unsafe { fluoro_guarded_zero(addr, tried) };
    finish(len, tried, outcome)
}

/// A type that any bytes are a value of, and whose values are nothing but bytes (guests and hosts are little-endian).
///
/// # Safety
/// No padding, no invalid values, no pointers.
pub unsafe trait Plain: Copy + Default {}

macro_rules! plain {
    ($($t:ty)*) => { $(
        // SAFETY: integers have neither padding nor invalid values.
        unsafe impl Plain for $t {}
    )* };
}
plain!(u8 i8 u16 i16 u32 i32 u64 i64);

// SAFETY: an array of such values has neither padding nor invalid values.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] where [T; N]: Default {}

/// Reads a value at `addr` (not atomically).
pub fn load<T: Plain>(addr: Addr) -> Result<T, BadAddress> {
    let mut value = T::default();
    let len = size_of::<T>();
    // SAFETY: `Plain` promises that all bytes of `value` may be written with anything.
    let bytes = unsafe { std::slice::from_raw_parts_mut((&raw mut value).cast::<u8>(), len) };
    read(addr, bytes)?;
    Ok(value)
}

/// Writes a value at `addr` (not atomically).
pub fn store<T: Plain>(addr: Addr, value: T) -> Result<(), BadAddress> {
    // SAFETY: `Plain` promises that there is no padding, so all bytes are initialised.
    let bytes = unsafe { std::slice::from_raw_parts((&raw const value).cast::<u8>(), size_of::<T>()) };
    write(addr, bytes)
}

/// Reads `count` values.
pub fn load_vec<T: Plain>(addr: Addr, count: usize) -> Result<Vec<T>, BadAddress> {
    let mut values = vec![T::default(); count];
    let len = size_of_val(values.as_slice());
    // SAFETY: as in `load`.
    let bytes = unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast::<u8>(), len) };
    read(addr, bytes)?;
    Ok(values)
}

/// Why a guest string could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringError {
    BadAddress,
    /// No end within the allowed length.
    TooLong,
}

/// The bytes before the first zero byte at `addr`; at most `max` of them. Pages are read one after the other, so a
/// string may end right before a page that is not there.
pub fn read_c_string(addr: Addr, max: usize) -> Result<Vec<u8>, StringError> {
    let mut string = Vec::new();
    let mut chunk = [0u8; 256];
    while string.len() <= max {
        let at = addr.wrapping_add(string.len() as u64);
        let want = (256 - (at % 256) as usize).min(256);
        let got = match read(at, &mut chunk[..want]) {
            Ok(()) => want,
            Err(bad) => bad.done,
        };
        if let Some(end) = chunk[..got].iter().position(|&b| b == 0) {
            string.extend_from_slice(&chunk[..end]);
            return if string.len() > max { Err(StringError::TooLong) } else { Ok(string) };
        }
        if got < want {
            return Err(StringError::BadAddress);
        }
        string.extend_from_slice(&chunk[..got]);
    }
    Err(StringError::TooLong)
}

fn word(addr: Addr) -> Result<Addr, BadAddress> {
    if addr > GUEST_END - 4 { Err(BadAddress { done: 0 }) } else { Ok(addr) }
}

fn value32(outcome: Outcome) -> Result<u32, BadAddress> {
    if outcome.failed == 0 { Ok(outcome.value as u32) } else { Err(BadAddress { done: 0 }) }
}

/// Atomic load of an aligned word.
pub fn load32(addr: Addr) -> Result<u32, BadAddress> {
    // SAFETY: guest memory, and a fault is caught.
    value32(unsafe { fluoro_guarded_load32(word(addr)?) })
}

/// Atomic store of an aligned word.
pub fn store32(addr: Addr, value: u32) -> Result<(), BadAddress> {
    // SAFETY: guest memory, and a fault is caught.
    value32(unsafe { fluoro_guarded_store32(word(addr)?, value) }).map(|_| ())
}

/// Atomic compare-exchange of an aligned word; returns the old value (equal to `expected` if it was exchanged).
pub fn compare_exchange32(addr: Addr, expected: u32, new: u32) -> Result<u32, BadAddress> {
    // SAFETY: guest memory, and a fault is caught.
    value32(unsafe { fluoro_guarded_cas32(word(addr)?, expected, new) })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::Once;

    extern "C" fn handler(_: i32, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the kernel passes a ucontext_t.
        let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
        let pc = &mut context.uc_mcontext.gregs[libc::REG_RIP as usize];
        let r = range();
        assert!((r.start..r.end).contains(&(*pc as usize)), "a fault outside guarded code");
        *pc = r.fixup as i64;
    }

    /// The engine's handler is not there in this crate's tests.
    pub(crate) fn install_handler() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: plain installation of a handler that only edits the interrupted context.
            unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = handler as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
                libc::sigaction(libc::SIGSEGV, &action, std::ptr::null_mut());
                libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut());
            }
        });
    }

    fn page_below_a_hole(at: u64) {
        // SAFETY: a fixed place in the guest's range that no other test uses.
        let got = unsafe {
            libc::mmap(
                at as *mut libc::c_void,
                8192,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        assert_eq!(got as u64, at);
        // SAFETY: what was just mapped.
        unsafe { libc::munmap((at + 4096) as *mut libc::c_void, 4096) };
    }

    #[test]
    fn bad_addresses_are_reported() {
        install_handler();
        page_below_a_hole(0x7000_0000);
        let end = 0x7000_1000u64;
        let mut buf = [7u8; 16];
        assert_eq!(read(end - 16, &mut buf), Ok(()));
        assert_eq!(read(end - 5, &mut buf), Err(BadAddress { done: 5 }));
        assert_eq!(write(end - 3, &buf), Err(BadAddress { done: 3 }));
        assert_eq!(zero(end - 3, 4), Err(BadAddress { done: 3 }));
        assert_eq!(read(GUEST_END, &mut buf), Err(BadAddress { done: 0 }));
        assert_eq!(read(u64::MAX - 3, &mut buf), Err(BadAddress { done: 0 }));
        assert_eq!(load::<u64>(end), Err(BadAddress { done: 0 }));
        assert_eq!(load32(end), Err(BadAddress { done: 0 }));
        assert_eq!(compare_exchange32(end, 0, 1), Err(BadAddress { done: 0 }));
        store32(end - 4, 5).unwrap();
        assert_eq!(compare_exchange32(end - 4, 4, 6), Ok(5));
        assert_eq!(compare_exchange32(end - 4, 5, 6), Ok(5));
        assert_eq!(load32(end - 4), Ok(6));
    }

    #[test]
    fn copies_say_how_far_they_came_to_the_byte() {
        install_handler();
        page_below_a_hole(0x7200_0000);
        let end = 0x7200_1000u64;
        let pattern: Vec<u8> = (0..300).map(|i| i as u8 ^ 0x5a).collect();
        for there in 0..40 {
            for len in [1, 7, 8, 9, 31, 32, 33, 255, 256, 257, 300] {
                let done = len.min(there);
                let expected = if done == len { Ok(()) } else { Err(BadAddress { done }) };
                let (at, mut got) = (end - there as u64, vec![0; len]);
                assert_eq!(write(at, &pattern[..len]), expected, "{len} bytes, {there} of them there");
                assert_eq!(read(at, &mut got), expected, "{len} bytes, {there} of them there");
                assert_eq!(got[..done], pattern[..done]);
            }
        }
    }

    #[test]
    fn strings_may_end_at_the_last_byte() {
        install_handler();
        page_below_a_hole(0x7100_0000);
        let end = 0x7100_1000u64;
        write(end - 4, b"abc\0").unwrap();
        assert_eq!(read_c_string(end - 4, 10).unwrap(), b"abc");
        assert_eq!(read_c_string(end - 4, 2), Err(StringError::TooLong));
        write(end - 4, b"abcd").unwrap();
        assert_eq!(read_c_string(end - 4, 10), Err(StringError::BadAddress));
    }
}
