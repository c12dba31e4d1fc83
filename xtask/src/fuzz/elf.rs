//! Writes the smallest ELF file that Linux runs: one segment of code, one of data.

/// A program to be written.
pub struct Image {
    pub text: Segment,
    pub data: Segment,
}

/// Bytes at an address, both multiples of the page size apart in the file.
pub struct Segment {
    pub addr: u64,
    pub bytes: Vec<u8>,
}

const PAGE: usize = 4096;
const EHDR: usize = 64;
const PHDR: usize = 56;

fn page_up(n: usize) -> usize {
    n.next_multiple_of(PAGE)
}

impl Image {
    /// The file. Execution begins at the first byte of the text.
    pub fn elf(&self) -> Vec<u8> {
        let text_at = page_up(EHDR + 2 * PHDR);
        let data_at = page_up(text_at + self.text.bytes.len());
        let mut file = header(self.text.addr);
        file.extend(program_header(&self.text, text_at, 5));
        file.extend(program_header(&self.data, data_at, 6));
        file.resize(text_at, 0);
        file.extend(&self.text.bytes);
        file.resize(data_at, 0);
        file.extend(&self.data.bytes);
        file
    }
}

fn header(entry: u64) -> Vec<u8> {
    let mut h = b"\x7fELF\x02\x01\x01".to_vec();
    h.resize(16, 0);
    h.extend(2u16.to_le_bytes()); // executable
    h.extend(243u16.to_le_bytes()); // RISC-V
    h.extend(1u32.to_le_bytes());
    h.extend(entry.to_le_bytes());
    h.extend((EHDR as u64).to_le_bytes());
    h.extend(0u64.to_le_bytes());
    h.extend(5u32.to_le_bytes()); // compressed code, doubles in registers
    for half in [EHDR, PHDR, 2, 64, 0, 0] {
        h.extend((half as u16).to_le_bytes());
    }
    h
}

fn program_header(segment: &Segment, at: usize, flags: u32) -> Vec<u8> {
    let size = segment.bytes.len() as u64;
    let mut p = 1u32.to_le_bytes().to_vec();
    p.extend(flags.to_le_bytes());
    for word in [at as u64, segment.addr, segment.addr, size, size, PAGE as u64] {
        p.extend(word.to_le_bytes());
    }
    p
}
