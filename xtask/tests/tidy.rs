//! The rules of the house hold.

#[test]
fn tidy() {
    let complaints = xtask::tidy::complaints(&xtask::repo::root());
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
