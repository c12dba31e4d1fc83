//! The first stack of a program: arguments, environment, auxiliary vector (System V ABI; `binfmt_elf` in Linux).

use super::error::Problem;
use crate::abi;
use memory::guarded;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The strings that a program starts with.
pub struct Words<'a> {
    pub argv: &'a [OsString],
    pub env: &'a [OsString],
    pub exec_name: &'a OsStr,
}

/// What the auxiliary vector says beside them.
pub struct Facts {
    pub vdso: u64,
    pub headers: u64,
    pub header_count: u16,
    /// Where the interpreter was put.
    pub base: u64,
    pub entry: u64,
    pub hwcap: u64,
    /// Makes the random bytes repeatable.
    pub seed: Option<u64>,
}

/// A stack that has been written.
pub struct Made {
    pub pointer: u64,
    pub args: (u64, u64),
    pub env: (u64, u64),
    pub auxv: Vec<u8>,
}

/// A string may be at most this long (`MAX_ARG_STRLEN`).
const LONGEST_WORD: usize = 32 * 4096;

/// Everything together may take a quarter of the stack, and 6 MiB at most.
const LARGEST_SHARE: u64 = 6 << 20;

/// Strings in memory, in order, and where each of them begins.
struct Strings {
    bytes: Vec<u8>,
    at: u64,
}

impl Strings {
    fn push(&mut self, word: &OsStr) -> u64 {
        let addr = self.at + self.bytes.len() as u64;
        self.bytes.extend_from_slice(word.as_bytes());
        self.bytes.push(0);
        addr
    }

    fn push_all(&mut self, words: &[OsString]) -> (Vec<u64>, (u64, u64)) {
        let start = self.at + self.bytes.len() as u64;
        let all = words.iter().map(|w| self.push(w)).collect();
        (all, (start, self.at + self.bytes.len() as u64))
    }
}

fn id(call: i64) -> u64 {
    hostos::call::raw(call, [0; 6]) as u64
}

/// Random bytes: from the kernel, or from a seed (SplitMix64).
fn random(seed: Option<u64>) -> [u8; 16] {
    let mut bytes = [0; 16];
    if let Some(seed) = seed {
        for (i, half) in bytes.chunks_exact_mut(8).enumerate() {
            let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15u64.wrapping_mul(i as u64 + 1));
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            half.copy_from_slice(&(z ^ z >> 31).to_le_bytes());
        }
        return bytes;
    }
    let args = [bytes.as_mut_ptr() as u64, 16, 0, 0, 0, 0];
    hostos::call::raw(libc::SYS_getrandom, args);
    bytes
}

/// Writes the stack that ends at `top`.
pub fn make(top: u64, size: u64, words: &Words, facts: &Facts) -> Result<Made, Problem> {
    let all = || words.argv.iter().chain(words.env).map(|w| w.as_os_str()).chain([words.exec_name]);
    let string_bytes: u64 = all().map(|w| w.len() as u64 + 1).sum();
    let pointer_bytes = 8 * (words.argv.len() + words.env.len() + 3) as u64;
    let too_long = all().any(|w| w.len() >= LONGEST_WORD);
    if too_long || string_bytes + pointer_bytes > (size / 4).min(LARGEST_SHARE) {
        return Err(Problem::ArgumentsTooLong);
    }
    // From the top down: a zero word, the strings, random bytes, then the vectors.
    let strings_at = top - 8 - string_bytes;
    let mut strings = Strings { bytes: Vec::with_capacity(string_bytes as usize), at: strings_at };
    let (argv, args) = strings.push_all(words.argv);
    let (envp, env) = strings.push_all(words.env);
    let exec_name = strings.push(words.exec_name);
    let random_at = (strings_at - 16) & !15;

    let auxv = auxv(facts, exec_name, random_at);
    let mut vectors: Vec<u64> = vec![argv.len() as u64];
    vectors.extend(argv.iter().chain(&[0]).chain(&envp).chain(&[0]));
    let auxv_index = vectors.len();
    vectors.extend(auxv.iter().flatten());
    let pointer = (random_at - vectors.len() as u64 * 8) & !15;

    let bytes: Vec<u8> = vectors.iter().flat_map(|w| w.to_le_bytes()).collect();
    let written = guarded::write(strings_at, &strings.bytes)
        .and_then(|()| guarded::write(random_at, &random(facts.seed)))
        .and_then(|()| guarded::write(pointer, &bytes));
    written.map_err(|_| Problem::NoMemory(libc::EFAULT))?;
    Ok(Made { pointer, args, env, auxv: bytes[auxv_index * 8..].to_vec() })
}

fn auxv(facts: &Facts, exec_name: u64, random_at: u64) -> Vec<[u64; 2]> {
    const AT_MINSIGSTKSZ: u64 = 51;
    const AT_FLAGS: u64 = 8;
    let secure = id(libc::SYS_getuid) != id(libc::SYS_geteuid) || id(libc::SYS_getgid) != id(libc::SYS_getegid);
    let mut all = Vec::new();
    if facts.vdso != 0 {
        all.push([libc::AT_SYSINFO_EHDR, facts.vdso]);
    }
    all.extend([
        [AT_MINSIGSTKSZ, abi::MIN_SIGNAL_STACK],
        [libc::AT_HWCAP, facts.hwcap],
        [libc::AT_PAGESZ, bits::PAGE],
        [libc::AT_CLKTCK, 100],
        [libc::AT_PHDR, facts.headers],
        [libc::AT_PHENT, 56],
        [libc::AT_PHNUM, u64::from(facts.header_count)],
        [libc::AT_BASE, facts.base],
        [AT_FLAGS, 0],
        [libc::AT_ENTRY, facts.entry],
        [libc::AT_UID, id(libc::SYS_getuid)],
        [libc::AT_EUID, id(libc::SYS_geteuid)],
        [libc::AT_GID, id(libc::SYS_getgid)],
        [libc::AT_EGID, id(libc::SYS_getegid)],
        [libc::AT_SECURE, u64::from(secure)],
        [libc::AT_RANDOM, random_at],
        [libc::AT_HWCAP2, 0],
        [libc::AT_EXECFN, exec_name],
        [0, 0],
    ]);
    all
}
