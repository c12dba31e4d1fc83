//! The functions of one ELF file.

use bits::{Addr, page_of, page_up};
use object::elf::{self, FileHeader64, PF_X, PT_LOAD, SHN_LORESERVE, SHN_UNDEF, SHT_DYNSYM, SHT_SYMTAB, STT_FUNC};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, Sym};
use object::{LittleEndian, ReadRef};
use std::ffi::CStr;

type Header = FileHeader64<LittleEndian>;

/// A function: where it begins and ends, by the file's own addresses, and where its name begins.
#[derive(Clone, Copy, Debug)]
struct Function {
    start: Addr,
    end: Addr,
    name: u32,
}

/// A part of the file that is mapped.
#[derive(Clone, Copy, Debug)]
struct Segment {
    offset: u64,
    bytes: u64,
    addr: Addr,
    executable: bool,
}

/// The functions of a 64-bit little-endian ELF file, and how it is mapped.
#[derive(Debug, Default)]
pub struct Functions {
    segments: Vec<Segment>,
    /// By start.
    list: Vec<Function>,
    /// Kept for ever, because names are handed out.
    names: &'static [u8],
}

impl Functions {
    /// Reads a file. Of two tables of symbols the complete one is used; a stripped file has the dynamic one only. `None`
    /// if it is no such file, or broken.
    pub fn parse<'a, R: ReadRef<'a>>(data: R) -> Option<Functions> {
        let header = Header::parse(data).ok()?;
        header.is_little_endian().then_some(())?;
        let loads = header.program_headers(LittleEndian, data).ok()?.iter();
        let segments = loads.filter(|p| p.p_type(LittleEndian) == PT_LOAD).map(Segment::of).collect();
        let sections = header.sections(LittleEndian, data).ok()?;
        let table = |kind| sections.symbols(LittleEndian, data, kind).ok().filter(|t| !t.is_empty());
        let Some(table) = table(SHT_SYMTAB).or_else(|| table(SHT_DYNSYM)) else {
            return Some(Functions { segments, ..Functions::default() });
        };
        let names = sections.section(table.string_section()).ok()?.data(LittleEndian, data).ok()?;
        Some(Functions {
            segments,
            list: ordered(table.symbols().iter().map(function).collect()),
            names: Box::leak(names.into()),
        })
    }

    /// The name of the function at an address, which is one of the file's own.
    pub fn at(&self, addr: Addr) -> Option<&'static CStr> {
        // The reference searches by halves and takes the first that it meets; where functions overlap, or have several
        // names, this is visible.
        let (mut low, mut high) = (0, self.list.len());
        while low < high {
            let middle = (low + high) / 2;
            let f = &self.list[middle];
            match () {
                () if addr < f.start => high = middle,
                () if addr >= f.end => low = middle + 1,
                () => return self.name(f.name),
            }
        }
        None
    }

    fn name(&self, at: u32) -> Option<&'static CStr> {
        let name = CStr::from_bytes_until_nul(self.names.get(at as usize..)?).ok()?;
        (!name.is_empty()).then_some(name)
    }

    /// What has to be added to the file's addresses, if the page of its offset `offset` is mapped at `start`.
    pub fn bias(&self, start: Addr, offset: u64) -> Option<u64> {
        let holds = |s: &&Segment| (page_of(s.offset)..page_up(s.offset + s.bytes)).contains(&offset);
        // The end of one segment and the beginning of the next may share a page of the file.
        let code = self.segments.iter().filter(|s| s.executable).find(holds);
        let segment = code.or_else(|| self.segments.iter().find(holds))?;
        Some(start.wrapping_sub(segment.addr.wrapping_sub(segment.offset).wrapping_add(offset)))
    }
}

impl Segment {
    fn of<P: ProgramHeader<Endian = LittleEndian, Word = u64>>(p: &P) -> Segment {
        Segment {
            offset: p.p_offset(LittleEndian),
            bytes: p.p_filesz(LittleEndian),
            addr: p.p_vaddr(LittleEndian),
            executable: p.p_flags(LittleEndian) & PF_X != 0,
        }
    }
}

/// The functions among symbols, by their starts. Many have several names, and which of them is found ([`Functions::at`])
/// depends on their order: the reference, as observed, puts the last symbol in the place of each that is no function, and
/// keeps functions without a size.
fn ordered(mut symbols: Vec<Option<Function>>) -> Vec<Function> {
    let mut n = 0;
    while n < symbols.len() {
        match symbols[n] {
            Some(_) => n += 1,
            None => drop(symbols.swap_remove(n)),
        }
    }
    let mut list: Vec<Function> = symbols.into_iter().flatten().collect();
    list.sort_by_key(|f| f.start);
    list
}

fn function(symbol: &elf::Sym64<LittleEndian>) -> Option<Function> {
    let section = symbol.st_shndx(LittleEndian);
    let is_defined = section != SHN_UNDEF && section < SHN_LORESERVE;
    let start = symbol.st_value(LittleEndian);
    let end = start.saturating_add(symbol.st_size(LittleEndian));
    (symbol.st_type() == STT_FUNC && is_defined).then(|| Function { start, end, name: symbol.st_name(LittleEndian) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the reference says of a file with these symbols.
    #[test]
    fn of_several_names_the_one_that_the_reference_finds() {
        let names = b"\0a\0b\0c\0z\0y\0";
        let found = |symbols: &[(&str, Addr, Addr)], addr| {
            let of = |&(name, start, end): &(&str, Addr, Addr)| {
                let name = names.windows(1).position(|w| w == name.as_bytes())? as u32;
                Some(Function { start, end, name })
            };
            let list = ordered(symbols.iter().map(of).collect());
            Functions { list, names, ..Functions::default() }.at(addr).map(|n| n.to_str().unwrap())
        };
        let no = ("-", 0, 0);
        assert_eq!(found(&[no, ("a", 0x10, 0x18), ("b", 0x10, 0x18), ("c", 0x10, 0x18)], 0x14), Some("a"));
        assert_eq!(found(&[("a", 0x10, 0x18), ("b", 0x10, 0x18), ("c", 0x10, 0x18)], 0x14), Some("b"));
        let five = [no, no, ("a", 0x10, 0x18), no, ("b", 0x10, 0x18), ("z", 0x20, 0x20), ("c", 0x10, 0x18)];
        assert_eq!(found(&five, 0x10), Some("b"));
        assert_eq!(found(&five[..5], 0x10), Some("a"));
        assert_eq!((found(&five, 0x20), found(&five, 0x18), found(&five, 0xf)), (None, None, None));
    }
}
