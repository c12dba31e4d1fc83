//! What a block carries with it, in few bytes: its source, direct exits and side table records. Most blocks are run a few
//! times and never asked for any of it, so that what counts is how much memory is touched when it is put away.

use bits::Addr;
use host::{Link, Record, RecordKind};

/// Source, links and records of one block.
#[derive(Debug)]
pub struct Packed {
    bytes: Bytes,
    source_len: u16,
    links: u16,
}

/// Bytes that most blocks do with, which need no memory of their own.
const FEW: usize = 46;

#[derive(Debug)]
enum Bytes {
    Few { len: u8, bytes: [u8; FEW] },
    Many(Box<[u8]>),
}

impl Bytes {
    /// What is in a buffer, which may become longer.
    fn of(buffer: &mut Vec<u8>) -> Bytes {
        let len = buffer.len();
        if len > FEW {
            return Bytes::Many(buffer.as_slice().into());
        }
        buffer.resize(FEW, 0);
        let mut bytes = [0; FEW];
        bytes.copy_from_slice(buffer);
        Bytes::Few { len: len as u8, bytes }
    }

    fn all(&self) -> &[u8] {
        match self {
            Bytes::Few { len, bytes } => &bytes[..*len as usize],
            Bytes::Many(bytes) => bytes,
        }
    }
}

/// Kinds of records, by number.
const KINDS: [RecordKind; 5] =
    [RecordKind::Access, RecordKind::Poll, RecordKind::Misaligned, RecordKind::Bail, RecordKind::Callback];
/// Bits of a record's first byte besides its kind: which fields follow.
const RESUME: u8 = 8;
const NARROW: u8 = 16;
const NANS: u8 = 32;

fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A difference, of which small ones of either sign are short.
fn put_step(out: &mut Vec<u8>, from: u64, to: u64) {
    let d = to.wrapping_sub(from) as i64;
    put(out, (d << 1 ^ d >> 63) as u64);
}

fn take(from: &mut &[u8]) -> u64 {
    let (mut n, mut shift) = (0, 0);
    while let Some((byte, rest)) = from.split_first() {
        *from = rest;
        n |= (*byte as u64 & 0x7f) << shift;
        shift += 7;
        if *byte < 0x80 {
            break;
        }
    }
    n
}

fn take_step(bytes: &mut &[u8], from: u64) -> u64 {
    let n = take(bytes);
    from.wrapping_add(n >> 1 ^ (n & 1).wrapping_neg())
}

/// The next direct exit of the block at `pc`; `last` is the field of the one before.
fn take_link(bytes: &mut &[u8], last: &mut u64, pc: Addr) -> Link {
    *last = take_step(bytes, *last);
    let stub = take_step(bytes, *last) as u32;
    Link { field: *last as u32, stub, target: take_step(bytes, pc) }
}

/// What the first record is told against.
const BEFORE: Record = Record { host: 0, op: 0, resume: 0, narrow: 0, nans: 0, singles: 0, kind: RecordKind::Access };

fn put_record(out: &mut Vec<u8>, last: &Record, r: &Record) {
    let on = |bit, field: bool| if field { bit } else { 0 };
    let fields = on(RESUME, r.resume != r.op) | on(NARROW, r.narrow != 0) | on(NANS, r.nans | r.singles != 0);
    out.push(KINDS.iter().position(|k| *k == r.kind).unwrap_or_default() as u8 | fields);
    put_step(out, last.host as u64, r.host as u64);
    put_step(out, last.op as u64, r.op as u64);
    if fields & RESUME != 0 {
        put_step(out, r.op as u64, r.resume as u64);
    }
    if fields & NARROW != 0 {
        put(out, r.narrow as u64);
    }
    if fields & NANS != 0 {
        put(out, r.nans as u64);
        put(out, r.singles as u64);
    }
}

fn take_record(bytes: &mut &[u8], last: &Record) -> Option<Record> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    let host = take_step(bytes, last.host as u64) as u32;
    let op = take_step(bytes, last.op as u64) as u32;
    let resume = if first & RESUME != 0 { take_step(bytes, op as u64) as u32 } else { op };
    let narrow = if first & NARROW != 0 { take(bytes) as u16 } else { 0 };
    let (nans, singles) = if first & NANS != 0 { (take(bytes) as u32, take(bytes) as u32) } else { (0, 0) };
    Some(Record { host, op, resume, narrow, nans, singles, kind: KINDS[*first as usize & 7] })
}

impl Packed {
    /// Packs by way of a buffer, whose contents are lost. `pc` is the block's, near which its exits lead.
    pub fn new(buffer: &mut Vec<u8>, pc: Addr, source: &[u8], links: &[Link], records: &[Record]) -> Packed {
        buffer.clear();
        buffer.extend_from_slice(source);
        let mut last = 0;
        for link in links {
            put_step(buffer, last, link.field as u64);
            put_step(buffer, link.field as u64, link.stub as u64);
            put_step(buffer, pc, link.target);
            last = link.field as u64;
        }
        let mut last = &BEFORE;
        for record in records {
            put_record(buffer, last, record);
            last = record;
        }
        Packed { bytes: Bytes::of(buffer), source_len: source.len() as u16, links: links.len() as u16 }
    }

    /// The guest bytes.
    pub fn source(&self) -> &[u8] {
        &self.bytes.all()[..self.source_len as usize]
    }

    /// The direct exits of the block at `pc`.
    pub fn links(&self, pc: Addr) -> impl Iterator<Item = Link> + '_ {
        let mut bytes = &self.bytes.all()[self.source_len as usize..];
        let mut last = 0;
        (0..self.links).map(move |_| take_link(&mut bytes, &mut last, pc))
    }

    /// The records, by rising offset.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let mut bytes = &self.bytes.all()[self.source_len as usize..];
        let mut field = 0;
        for _ in 0..self.links {
            take_link(&mut bytes, &mut field, 0);
        }
        let mut last = BEFORE;
        std::iter::from_fn(move || {
            last = take_record(&mut bytes, &last)?;
            Some(last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked() {
        let source = [1, 2, 3, 4, 5, 6];
        let links = [
            Link { field: 30, stub: 300, target: 0x1_0000 },
            Link { field: 37, stub: 305, target: 0xffff_ffff_ffff_fffe },
            Link { field: 0x1_0000, stub: 7, target: 0 },
        ];
        let record = |host, op, resume, kind| Record { host, op, resume, kind, ..BEFORE };
        let records = [
            record(0, 0, 0, RecordKind::Poll),
            record(9, 300, 3, RecordKind::Access),
            Record { narrow: 0xffff, ..record(10, 301, 301, RecordKind::Misaligned) },
            Record { nans: u32::MAX, singles: 1, ..record(700, 40, 41, RecordKind::Bail) },
            Record { singles: 1 << 31, narrow: 1, ..record(u32::MAX, 2, 0, RecordKind::Callback) },
        ];
        let mut buffer = vec![9; 3];
        let packed = Packed::new(&mut buffer, 0x1_0010, &source, &links, &records);
        assert_eq!(packed.source(), source);
        assert_eq!(packed.links(0x1_0010).collect::<Vec<_>>(), links);
        assert_eq!(packed.records().collect::<Vec<_>>(), records);
        let none = Packed::new(&mut buffer, 0, &source, &[], &[]);
        assert_eq!((none.links(0).next(), none.records().next()), (None, None));
    }
}
