//! What lies where, and what is known about it.

use crate::Functions;
use bits::Addr;
use object::ReadCache;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Where the bytes of a region come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// A file from an offset on.
    File { path: PathBuf, offset: u64 },
    /// These: a whole ELF file.
    Bytes(Vec<u8>),
}

/// A range of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub start: Addr,
    pub end: Addr,
    pub contents: Contents,
}

/// Whoever knows what is mapped.
pub trait Source: Send + Sync {
    /// Another number than before if code may have come, gone or moved.
    fn generation(&self) -> u64;

    /// All regions that may hold code.
    fn regions(&self) -> Vec<Region>;
}

/// A region and what is known about it.
struct Known {
    region: Region,
    /// What was read, and the bias. Outer `None`: not asked for yet.
    functions: Option<Option<(&'static Functions, u64)>>,
}

#[derive(Default)]
struct State {
    generation: Option<u64>,
    /// By address.
    regions: Vec<Known>,
    /// By path. Never freed, for their names are handed out.
    files: BTreeMap<PathBuf, Option<&'static Functions>>,
}

/// Finds functions by address.
pub struct Symbols {
    source: Box<dyn Source>,
    state: Mutex<State>,
}

thread_local! {
    /// Whether this thread asks: then a signal handler on it, which cannot wait for itself, is told nothing.
    static ASKS: Cell<bool> = const { Cell::new(false) };
}

impl Symbols {
    pub fn new(source: Box<dyn Source>) -> Symbols {
        Symbols { source, state: Mutex::default() }
    }

    /// The name of the function at an address; it lives for ever.
    pub fn function(&self, addr: Addr) -> Option<&'static CStr> {
        if ASKS.replace(true) {
            return None;
        }
        let found = self.find(addr);
        ASKS.set(false);
        found
    }

    fn find(&self, addr: Addr) -> Option<&'static CStr> {
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        let generation = self.source.generation();
        if state.generation != Some(generation) {
            state.learn(generation, self.source.regions());
        }
        state.function(addr)
    }
}

impl State {
    /// Takes over a new list; what is known of regions that are still there stays known.
    fn learn(&mut self, generation: u64, mut regions: Vec<Region>) {
        regions.sort_by_key(|r| r.start);
        let mut old = std::mem::take(&mut self.regions).into_iter().peekable();
        for region in regions {
            while old.next_if(|k| k.region.start < region.start).is_some() {}
            let same = old.next_if(|k| k.region == region);
            self.regions.push(same.unwrap_or(Known { region, functions: None }));
        }
        self.generation = Some(generation);
    }

    fn function(&mut self, addr: Addr) -> Option<&'static CStr> {
        let n = self.regions.partition_point(|k| k.region.end <= addr);
        let known = self.regions.get_mut(n).filter(|k| k.region.start <= addr)?;
        let files = &mut self.files;
        let (functions, bias) = (*known.functions.get_or_insert_with(|| read(files, &known.region)))?;
        functions.at(addr.wrapping_sub(bias))
    }
}

/// Reads what a region holds.
fn read(
    files: &mut BTreeMap<PathBuf, Option<&'static Functions>>,
    region: &Region,
) -> Option<(&'static Functions, u64)> {
    let keep = |f: Functions| -> &'static Functions { Box::leak(Box::new(f)) };
    let (functions, offset) = match &region.contents {
        Contents::Bytes(bytes) => (Functions::parse(&**bytes).map(keep)?, 0),
        Contents::File { path, offset } => {
            let read = || read_file(path).map(keep);
            ((*files.entry(path.clone()).or_insert_with(read))?, *offset)
        }
    };
    Some((functions, functions.bias(region.start, offset)?))
}

fn read_file(path: &Path) -> Option<Functions> {
    // A device or a pipe would have us wait.
    path.metadata().ok().filter(|m| m.is_file())?;
    Functions::parse(&ReadCache::new(File::open(path).ok()?))
}

#[cfg(test)]
mod tests;
