//! The sorted list of guest mappings: pure bookkeeping, no host call.
//!
//! Ranges never overlap; neighbours that agree in everything are one entry. What a mapping is backed by is kept only as
//! far as code may change with it: the host kernel knows it all, and `/proc/self/maps` tells.

use crate::Prot;
use bits::Addr;
use std::collections::BTreeMap;

/// What a range is for, where Linux gives it a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Role {
    #[default]
    Plain,
    Heap,
    Stack,
    Vdso,
    /// From the file of the program that runs, which Linux lets nobody write to.
    Program,
}

/// Attributes of a range of guest pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Attributes {
    pub prot: Prot,
    /// Stores are seen by other mappings of the same object.
    pub shared: bool,
    pub role: Role,
    /// The file that it shows until it is written to, as [`crate::files`] numbers them; 0: none that can change.
    pub file: u32,
    /// Not there for the child of a fork (`MADV_DONTFORK`).
    pub no_fork: bool,
}

/// A range of guest pages with equal attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub start: Addr,
    /// One past the last byte.
    pub end: Addr,
    pub attributes: Attributes,
}

/// The mappings, by start address.
#[derive(Debug, Default)]
pub struct List {
    by_start: BTreeMap<Addr, (Addr, Attributes)>,
    bytes: u64,
}

fn mapping((&start, &(end, attributes)): (&Addr, &(Addr, Attributes))) -> Mapping {
    Mapping { start, end, attributes }
}

impl List {
    /// Sum of all sizes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The mappings as they are told, whatever files they show.
    pub fn iter_told(&self) -> Vec<Mapping> {
        let mut all: Vec<Mapping> = Vec::with_capacity(self.by_start.len());
        for mut m in self.iter() {
            (m.attributes.file, m.attributes.no_fork) = (0, false);
            match all.last_mut() {
                Some(last) if last.end == m.start && last.attributes == m.attributes => last.end = m.end,
                _ => all.push(m),
            }
        }
        all
    }

    pub fn iter(&self) -> impl Iterator<Item = Mapping> + '_ {
        self.by_start.iter().map(mapping)
    }

    /// The mapping that holds `addr`.
    pub fn at(&self, addr: Addr) -> Option<Mapping> {
        let found = self.by_start.range(..=addr).next_back().map(mapping)?;
        (addr < found.end).then_some(found)
    }

    /// The mappings that touch `start..end`, cut to it.
    pub fn within(&self, start: Addr, end: Addr) -> impl Iterator<Item = Mapping> + '_ {
        let end = end.max(start);
        let first = self.at(start).filter(|_| start < end).map_or(start, |m| m.start);
        self.by_start.range(first..end).map(mapping).map(move |m| Mapping {
            start: m.start.max(start),
            end: m.end.min(end),
            ..m
        })
    }

    /// Whether nothing is mapped in `start..end`.
    pub fn free(&self, start: Addr, end: Addr) -> bool {
        self.within(start, end).next().is_none()
    }

    /// The first address from `start` on that is not mapped; at most `end`.
    pub fn first_hole(&self, start: Addr, end: Addr) -> Addr {
        let mut at = start;
        for m in self.within(start, end) {
            if m.start != at {
                break;
            }
            at = m.end;
        }
        at
    }

    /// Whether any page in the range may be executed.
    pub fn any_exec(&self, start: Addr, end: Addr) -> bool {
        self.within(start, end).any(|m| m.attributes.prot.exec)
    }

    /// The highest free range of `len` bytes inside `low..high`.
    pub fn gap_below(&self, len: u64, low: Addr, high: Addr) -> Option<Addr> {
        let mut top = high;
        for m in self.by_start.range(..high).rev().map(mapping) {
            if m.end < top && top - m.end >= len {
                break;
            }
            top = top.min(m.start);
            if top < low {
                return None;
            }
        }
        let start = top.checked_sub(len)?;
        (start >= low).then_some(start)
    }

    /// Forgets everything in the range.
    pub fn remove(&mut self, start: Addr, end: Addr) {
        if start >= end {
            return;
        }
        self.split(start);
        self.split(end);
        let gone: Vec<Addr> = self.by_start.range(start..end).map(|(&s, _)| s).collect();
        for s in gone {
            if let Some((e, _)) = self.by_start.remove(&s) {
                self.bytes -= e - s;
            }
        }
    }

    /// Makes the range one mapping, whatever was there.
    pub fn insert(&mut self, start: Addr, end: Addr, attributes: Attributes) {
        if start >= end {
            return;
        }
        self.remove(start, end);
        self.by_start.insert(start, (end, attributes));
        self.bytes += end - start;
        self.join(start);
        self.join(end);
    }

    /// Changes the rights of what is mapped in the range.
    pub fn protect(&mut self, start: Addr, end: Addr, prot: Prot) {
        self.change(start, end, |attributes| attributes.prot = prot);
    }

    /// Changes attributes of what is mapped in the range.
    pub fn change(&mut self, start: Addr, end: Addr, change: impl Fn(&mut Attributes)) {
        if start >= end {
            return;
        }
        self.split(start);
        self.split(end);
        let mut edges: Vec<Addr> = Vec::new();
        for (&s, (e, attributes)) in self.by_start.range_mut(start..end) {
            change(attributes);
            edges.extend([s, *e]);
        }
        edges.into_iter().for_each(|edge| self.join(edge));
    }

    /// Cuts the mapping that has `at` inside into two.
    fn split(&mut self, at: Addr) {
        let Some(m) = self.at(at).filter(|m| m.start < at) else { return };
        self.by_start.insert(m.start, (at, m.attributes));
        self.by_start.insert(at, (m.end, m.attributes));
    }

    /// Makes the mappings that meet at `at` one if they agree.
    fn join(&mut self, at: Addr) {
        let Some(&(end, attributes)) = self.by_start.get(&at) else { return };
        let Some(before) = self.by_start.range(..at).next_back().map(mapping) else { return };
        if before.end == at && before.attributes == attributes {
            self.by_start.remove(&at);
            self.by_start.insert(before.start, (end, attributes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: usize = 64;

    /// A small generator (xorshift); the tests need no quality, only repeatability.
    struct Random(u64);

    impl Random {
        fn below(&mut self, n: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % n
        }
    }

    fn attributes(n: u64) -> Attributes {
        let prot = Prot { read: true, write: n & 1 != 0, exec: n & 2 != 0 };
        Attributes { prot, shared: n & 4 != 0, ..Attributes::default() }
    }

    fn check(list: &List, model: &[Option<Attributes>; PAGES]) {
        for (i, want) in model.iter().enumerate() {
            let addr = i as u64 * 4096;
            assert_eq!(list.at(addr).map(|m| m.attributes), *want, "page {i}");
            assert_eq!(list.at(addr + 4095).map(|m| m.attributes), *want);
        }
        let mapped = model.iter().flatten().count() as u64 * 4096;
        assert_eq!(list.bytes(), mapped);
        let all: Vec<Mapping> = list.iter().collect();
        for pair in all.windows(2) {
            assert!(pair[0].end <= pair[1].start);
            assert!(pair[0].end < pair[1].start || pair[0].attributes != pair[1].attributes, "not joined");
        }
    }

    fn model_gap(model: &[Option<Attributes>; PAGES], len: usize, low: usize, high: usize) -> Option<usize> {
        (low..=high.checked_sub(len)?).rev().find(|&s| model[s..s + len].iter().all(Option::is_none))
    }

    #[test]
    fn agrees_with_an_array_of_pages() {
        let mut random = Random(0x1234_5678_9abc_def1);
        let mut list = List::default();
        let mut model = [None; PAGES];
        for _ in 0..20_000 {
            let a = random.below(PAGES as u64) as usize;
            let b = a + random.below((PAGES - a) as u64 + 1) as usize;
            let (start, end) = (a as u64 * 4096, b as u64 * 4096);
            let attr = attributes(random.below(8));
            match random.below(3) {
                0 => {
                    list.insert(start, end, attr);
                    model[a..b].fill(Some(attr));
                }
                1 => {
                    list.remove(start, end);
                    model[a..b].fill(None);
                }
                _ => {
                    list.protect(start, end, attr.prot);
                    model[a..b].iter_mut().flatten().for_each(|m| m.prot = attr.prot);
                }
            }
            check(&list, &model);
            let hole = (a..b).find(|&i| model[i].is_none()).unwrap_or(b);
            assert_eq!(list.first_hole(start, end), hole as u64 * 4096);
            assert_eq!(list.free(start, end), model[a..b].iter().all(Option::is_none));
            let len = 1 + random.below(8) as usize;
            let gap = model_gap(&model, len, a, b).map(|p| p as u64 * 4096);
            assert_eq!(list.gap_below(len as u64 * 4096, start, end), gap, "{len} in {a}..{b}");
        }
    }
}
