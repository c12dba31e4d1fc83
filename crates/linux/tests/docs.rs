//! `docs/syscalls.md` is made from the rows: this test says when it is out of date, and with `FLUORO_BLESS=1` in the
//! environment it writes the file instead.
#![forbid(unsafe_code)]

use linux::sys::{self, Support};
use std::fmt::Write;
use std::path::Path;

/// What is too long for a note.
const RSEQ: &str = "
## Why `rseq` is refused

A restartable sequence ends with an ordinary store, and the kernel promises that it is not carried out once the thread has
been moved, preempted or signalled since the sequence began. The host's kernel could keep a guest's area (`cpu_id` is right
then at every load, because guest memory is host memory), and it clears `rseq_cs` when it interrupts a thread outside of the
host addresses that the sequence names, so a *past* interruption can be seen. What cannot be had is the commit itself: look and
store would have to be one sequence of the host, at host addresses, and the thread's one area already points to the guest's
descriptor. Doing it under a lock, or with all other threads stopped, keeps other threads out but not the scheduler, whose
moves are what per-CPU data is protected against. And nothing says which store it is: a sequence is begun by storing a
pointer, so that every store and every block would have to look, in programs that use none of this. A sequence that is
aborted too seldom is a lost update; ENOSYS makes C libraries and allocators take their other path.
";

fn table() -> String {
    let mut rows: Vec<_> = sys::rows().collect();
    rows.sort_by_key(|r| r.number);
    let count = |s: Support| rows.iter().filter(|r| r.support == s).count();
    let mut out =
        String::from("# System calls\n\nMade from the rows in `crates/linux/src/sys` by `crates/linux/tests/docs.rs`");
    let _ = writeln!(
        out,
        " (`FLUORO_BLESS=1 cargo test -p linux`).\n{} full, {} in part, {} refused with ENOSYS on purpose; any other number gives ENOSYS.\n",
        count(Support::Full),
        count(Support::Part),
        count(Support::None)
    );
    out.push_str("| number | call | support | note |\n|---|---|---|---|\n");
    for row in rows {
        let support = match row.support {
            Support::Full => "full",
            Support::Part => "part",
            Support::None => "none",
        };
        let _ =
            writeln!(out, "| {} | `{}({})` | {support} | {} |", row.number, row.name, row.names.join(", "), row.note);
    }
    out.push_str(RSEQ);
    out
}

#[test]
fn the_table_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/syscalls.md");
    if std::env::var_os("FLUORO_BLESS").is_some() {
        std::fs::write(&path, table()).expect("docs/syscalls.md can be written");
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(held == table(), "docs/syscalls.md is out of date: FLUORO_BLESS=1 cargo test -p linux");
}
