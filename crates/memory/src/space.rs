//! The list of guest mappings.

use bits::Addr;

/// Rights of a guest page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Prot {
    pub read: bool,
    pub write: bool,
    pub exec: bool,
}

/// The guest's mappings. Internally locked; all methods take `&self`.
#[derive(Debug, Default)]
pub struct AddressSpace {}

impl AddressSpace {
    /// What the page at `addr` allows; `None` if nothing is mapped there.
    pub fn prot(&self, _addr: Addr) -> Option<Prot> {
        todo!()
    }

    /// Copies executable bytes at `addr` into `buf`; returns how many could be read (0 if the first byte is not
    /// executable or not there). Never crosses into a page that is not executable.
    pub fn fetch(&self, _addr: Addr, _buf: &mut [u8]) -> usize {
        todo!()
    }

    /// Whether the bytes of the page at `addr` can change without a mapping call: it is writable, or shared.
    pub fn changeable(&self, _addr: Addr) -> bool {
        todo!()
    }
}
