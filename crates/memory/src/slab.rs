//! Many small objects that live long and go together, close to one another: without an allocation each, and with few
//! pages of memory to be brought in.

use crate::arena::Words;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Objects in each of the first chunks.
const FIRST: [usize; 3] = [512, 1024, 2048];
/// All of them.
const IN_FIRST: usize = 512 + 1024 + 2048;
/// Objects in each other one.
const MOST: usize = 1 << 14;
/// Bytes of a large page, which comes as a whole.
const LARGE: usize = 2 << 20;

/// The chunk of object `i`, its place in there, and how many find room in that chunk.
fn place_of(i: usize) -> (usize, usize, usize) {
    if i >= IN_FIRST {
        let i = i - IN_FIRST;
        return (FIRST.len() + i / MOST, i % MOST, MOST);
    }
    let mut at = i;
    for (chunk, room) in FIRST.into_iter().enumerate() {
        if at < room {
            return (chunk, at, room);
        }
        at -= room;
    }
    unreachable!("{i} is one of the first")
}

/// Objects by their numbers, which are given out in order.
#[derive(Debug)]
pub struct Slab<T> {
    chunks: Vec<Arc<Chunk<T>>>,
    len: usize,
}

/// An object of a slab, which stays as long as the slab or this does.
#[derive(Debug)]
pub struct Kept<T> {
    chunk: Arc<Chunk<T>>,
    at: usize,
}

#[derive(Debug)]
struct Chunk<T> {
    words: Words,
    /// How many objects have been put in. Only the slab, which is borrowed for that, adds to them.
    len: AtomicUsize,
    holds: PhantomData<T>,
}

impl<T> Chunk<T> {
    fn new(room: usize) -> Chunk<T> {
        const { assert!(align_of::<T>() <= 4096, "chunks begin on a page") };
        let bytes = room * size_of::<T>();
        let large = bytes > LARGE / 2;
        let words = Words::new(bytes.next_multiple_of(if large { LARGE } else { 4096 }) / 8);
        let words = words.expect("address space for a slab");
        if large {
            words.prepare();
        }
        Chunk { words, len: AtomicUsize::new(0), holds: PhantomData }
    }

    fn place(&self, at: usize) -> *mut T {
        (self.words.base() + at * size_of::<T>()) as *mut T
    }

    fn get(&self, at: usize) -> &T {
        assert!(at < self.len.load(Ordering::Acquire), "object {at}");
        // SAFETY: an object that was put in; it stays there, unchanged, as long as the chunk does.
        unsafe { &*self.place(at) }
    }
}

impl<T> Drop for Chunk<T> {
    fn drop(&mut self) {
        for at in 0..*self.len.get_mut() {
            // SAFETY: one of the objects that were put in; nobody has a reference any more, or drops it but we.
            unsafe { self.place(at).drop_in_place() };
        }
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Slab<T> {
    /// How many objects there are: the number of the next one.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes the next object in.
    ///
    /// # Panics
    /// If there is no address space left.
    pub fn push(&mut self, object: T) {
        let (chunk, at, room) = place_of(self.len);
        if chunk == self.chunks.len() {
            self.chunks.push(Arc::new(Chunk::new(room)));
        }
        let chunk = &self.chunks[chunk];
        // SAFETY: inside the chunk, which has room for more than `at` objects, aligned, and the place of no other object:
        // each number is given out once, and the slab, which alone puts objects in, is borrowed.
        unsafe { chunk.place(at).write(object) };
        chunk.len.store(at + 1, Ordering::Release);
        self.len += 1;
    }

    /// Object `i`.
    ///
    /// # Panics
    /// If there is none.
    pub fn get(&self, i: usize) -> &T {
        let (chunk, at, _) = place_of(i);
        self.chunks[chunk].get(at)
    }

    /// Object `i`, to keep.
    ///
    /// # Panics
    /// If there is none.
    pub fn keep(&self, i: usize) -> Kept<T> {
        let (chunk, at, _) = place_of(i);
        assert!(i < self.len, "object {i} of {}", self.len);
        Kept { chunk: self.chunks[chunk].clone(), at }
    }

    /// All objects, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|c| (0..c.len.load(Ordering::Acquire)).map(|at| c.get(at)))
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.chunk.get(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_their_numbers_stay_while_they_are_held_and_are_dropped_once() {
        let token = Arc::new(());
        let mut slab = Slab::default();
        let many = IN_FIRST + 2 * MOST + 1;
        (0..many).for_each(|i| slab.push((i, token.clone())));
        assert_eq!((slab.len(), Arc::strong_count(&token)), (many, many + 1));
        assert!(slab.iter().map(|o| o.0).eq(0..many));
        assert!((0..many).all(|i| slab.get(i).0 == i));
        let kept = slab.keep(FIRST[0]);
        drop(slab);
        assert_eq!((kept.0, Arc::strong_count(&token)), (FIRST[0], FIRST[1] + 1));
        drop(kept);
        assert_eq!(Arc::strong_count(&token), 1);
    }

    #[test]
    #[should_panic = "object 1"]
    fn a_number_that_was_not_given_out_is_refused() {
        let mut slab = Slab::default();
        slab.push(7u64);
        slab.get(1);
    }
}
