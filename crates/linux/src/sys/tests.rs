//! Checks over all rows.

use super::*;

#[test]
fn no_number_twice() {
    let mut seen = [None; NUMBERS];
    for row in rows() {
        let slot = &mut seen[row.number as usize];
        assert_eq!(*slot, None, "{} has the number of another row", row.name);
        *slot = Some(row.name);
    }
}

#[test]
fn what_is_not_full_says_why() {
    for row in rows().filter(|r| r.support != Support::Full) {
        assert!(!row.note.is_empty(), "{} has no note", row.name);
    }
}
