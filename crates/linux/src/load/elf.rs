//! ELF headers of 64-bit little-endian programs: only what loading needs, and everything checked.

use super::error::Problem;
use crate::abi;
use memory::{GUEST_END, Prot};
use std::fs::File;
use std::os::unix::fs::FileExt;

const HEADER: usize = 64;
const ENTRY: usize = 56;
const PT_LOAD: u32 = 1;
const PT_INTERP: u32 = 3;
const PT_PHDR: u32 = 6;
const PT_GNU_STACK: u32 = 0x6474_e551;
const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;

/// A part of the file that is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub offset: u64,
    pub addr: u64,
    pub file_size: u64,
    pub size: u64,
    pub prot: Prot,
}

/// What the headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf {
    /// Addresses are relative to where it is put.
    pub movable: bool,
    pub entry: u64,
    /// In the order of their addresses.
    pub segments: Vec<Segment>,
    /// Path of the program interpreter.
    pub interpreter: Option<Vec<u8>>,
    pub executable_stack: bool,
    /// Address of the program headers in memory, before moving.
    pub headers: u64,
    pub header_count: u16,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap_or_default())
}

/// Reads bytes that a header promises.
fn read(file: &File, offset: u64, len: usize) -> Result<Vec<u8>, Problem> {
    if i64::try_from(offset).is_err() {
        return Err(Problem::Malformed("an offset that no file has"));
    }
    let mut bytes = vec![0; len];
    match file.read_exact_at(&mut bytes, offset) {
        Ok(()) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Err(Problem::Truncated),
        Err(e) => Err(Problem::Unreadable(e.raw_os_error().unwrap_or(libc::EIO))),
    }
}

impl Elf {
    /// Reads the headers of `file`, whose first bytes and size are given.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn parse(file: &File, start: &[u8], size: u64) -> Result<Elf, Problem> {
        check_ident(start)?;
        let kind = u16_at(start, 16);
        if kind != ET_EXEC && kind != ET_DYN {
            return Err(Problem::Kind(kind));
        }
        let count = u16_at(start, 56);
        if usize::from(u16_at(start, 54)) != ENTRY {
            return Err(Problem::Malformed("size of program headers"));
        }
        let table_at = u64_at(start, 32);
        let table_len = usize::from(count) * ENTRY;
        let table = match usize::try_from(table_at).ok().and_then(|a| start.get(a..a + table_len)) {
            Some(bytes) => bytes.to_vec(),
            None => read(file, table_at, table_len)?,
        };
        let mut elf = Elf {
            movable: kind == ET_DYN,
            entry: u64_at(start, 24),
            segments: Vec::new(),
            interpreter: None,
            executable_stack: false,
            headers: 0,
            header_count: count,
        };
        let mut phdr = None;
        for entry in table.chunks_exact(ENTRY) {
            match u32_at(entry, 0) {
                PT_LOAD => elf.segments.extend(segment(entry, size)?),
                PT_INTERP => elf.interpreter = Some(interpreter(file, start, entry)?),
                PT_PHDR => phdr = Some(u64_at(entry, 16)),
                PT_GNU_STACK => elf.executable_stack = u32_at(entry, 4) & 1 != 0,
                _ => {}
            }
        }
        // Linux maps them one by one, in whatever order.
        elf.segments.sort_by_key(|s| s.addr);
        check_overlap(&elf.segments)?;
        let held = |s: &&Segment| s.offset <= table_at && table_at - s.offset < s.file_size;
        let mapped = elf.segments.iter().find(held).map(|s| s.addr + (table_at - s.offset));
        elf.headers = phdr.or(mapped).unwrap_or(0);
        Ok(elf)
    }

    /// First and one past the last address.
    pub fn span(&self) -> (u64, u64) {
        let start = self.segments.first().map_or(0, |s| s.addr);
        let end = self.segments.last().map_or(0, |s| s.addr + s.size);
        (start, end)
    }
}

fn check_ident(start: &[u8]) -> Result<(), Problem> {
    if start.is_empty() {
        return Err(Problem::Empty);
    }
    if !start.starts_with(b"\x7fELF") {
        let cut = start.len() < 4 && b"\x7fELF".starts_with(start);
        return Err(if cut { Problem::Truncated } else { Problem::Unknown });
    }
    if start.len() < HEADER {
        return Err(Problem::Truncated);
    }
    match (start[4], start[5]) {
        (_, 2) => return Err(Problem::BigEndian),
        (1, 1) => {
            let machine = u16_at(start, 18);
            return Err(if machine == abi::MACHINE { Problem::Class32 } else { Problem::Machine(machine) });
        }
        (2, 1) => {}
        _ => return Err(Problem::Malformed("class or byte order")),
    }
    let machine = u16_at(start, 18);
    if machine == abi::MACHINE { Ok(()) } else { Err(Problem::Machine(machine)) }
}

fn segment(entry: &[u8], file_len: u64) -> Result<Option<Segment>, Problem> {
    let flags = u32_at(entry, 4);
    let s = Segment {
        offset: u64_at(entry, 8),
        addr: u64_at(entry, 16),
        file_size: u64_at(entry, 32),
        size: u64_at(entry, 40),
        prot: Prot { read: flags & 4 != 0, write: flags & 2 != 0, exec: flags & 1 != 0 },
    };
    if s.size == 0 {
        return Ok(None);
    }
    if s.file_size > s.size {
        return Err(Problem::Malformed("segment larger in the file than in memory"));
    }
    if s.addr % bits::PAGE != s.offset % bits::PAGE && s.file_size > 0 {
        return Err(Problem::Malformed("segment that is not aligned to a page"));
    }
    if s.addr.checked_add(s.size).is_none_or(|end| end > GUEST_END - bits::PAGE) {
        return Err(Problem::Huge);
    }
    if s.file_size > 0 && s.offset.checked_add(s.file_size).is_none_or(|end| end > file_len) {
        return Err(Problem::Truncated);
    }
    Ok(Some(s))
}

fn check_overlap(segments: &[Segment]) -> Result<(), Problem> {
    if segments.is_empty() {
        return Err(Problem::Malformed("no segment to load"));
    }
    let overlap = segments.windows(2).any(|w| w[1].addr < w[0].addr + w[0].size);
    if overlap { Err(Problem::Overlapping) } else { Ok(()) }
}

fn interpreter(file: &File, start: &[u8], entry: &[u8]) -> Result<Vec<u8>, Problem> {
    let (offset, len) = (u64_at(entry, 8), u64_at(entry, 32));
    if !(2..=4096).contains(&len) {
        return Err(Problem::Malformed("name of the interpreter"));
    }
    let len = len as usize;
    let held = usize::try_from(offset).ok().and_then(|o| start.get(o..o.checked_add(len)?));
    let mut name = match held {
        Some(bytes) => bytes.to_vec(),
        None => read(file, offset, len)?,
    };
    if name.pop() != Some(0) || name.contains(&0) {
        return Err(Problem::Malformed("name of the interpreter"));
    }
    Ok(name)
}
