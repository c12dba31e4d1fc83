use super::array::Arrays;
use super::own::Own;
use super::slot::generation;
use ir::Cell;

#[test]
fn ended_room_is_used_again() {
    let mut own = Own::default();
    let (a, b) = (own.take(8).unwrap(), own.take(24).unwrap());
    assert_ne!(a, b);
    own.give(a, 8);
    assert_eq!(own.take(5), Some(a), "5 bytes are rounded to a word");
    assert_eq!(own.take(64).unwrap() % 64, 0);
}

#[test]
fn the_arena_ends() {
    let mut own = Own::default();
    assert!((0..7900).all(|_| own.take(4096).is_some()));
    assert!((0..100).any(|_| own.take(4096).is_none()));
}

#[test]
fn arrays_keep_their_contents_when_they_grow() {
    let mut arrays = Arrays::default();
    let address = arrays.make(7, 24, 16);
    arrays.add(address + 24 * 15 + 3, 0x1_0000_0001);
    let grown = arrays.grow(16, 64);
    assert_eq!(grown.len(), 1);
    let (number, pointer, address, element) = grown[0];
    assert_eq!((number, pointer, element), (7, arrays.pointer_of(7), 24));
    arrays.add(address + 24 * 15 + 3, u64::MAX);
    arrays.end(7, 64);
    assert_eq!(arrays.make(8, 24, 64), address, "and their room is used again");
    assert_eq!(arrays.all().count(), 1);
}

#[test]
fn a_hundred_thousand() {
    let mut arrays = Arrays::default();
    let first = arrays.make(0, 8, 16);
    for n in 1..100_000 {
        assert!(arrays.make(n, 8, 16) != first);
    }
    assert_eq!(arrays.grow(16, 32).len(), 100_000);
}

#[test]
fn who_knows_a_counter_s_address_learns_that_blocks_count_for_it() {
    let before = generation();
    crate::tally::Tally::default().add_block(0, &[(Cell::own(0), 1)].into());
    assert!(generation() > before);
}
