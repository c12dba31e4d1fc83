//! Sections 2.10 and 4.4: scoreboards.

use super::counted_loop;
use crate::common::plugin::{emu, golden, plugin};

#[test]
fn s4_4_cells_in_every_way() {
    emu().plugin(&plugin("boards"), "do=basics").run(&counted_loop()).quiet(0).says(
        "zero 1
         wrapped 2 other 77
         through the pointer 2 77 tag 0
         written 5
         dirty 0
         agree 1 some 0",
    );
}

#[test]
fn s4_4_a_hundred_thousand_boards() {
    emu().plugin(&plugin("boards"), "do=many:100000").run(&golden("calls")).ended(0).says("agree 1 some 1");
}

#[test]
fn s4_4_elements_of_a_mebibyte() {
    emu().plugin(&plugin("boards"), "do=large:64").run(&golden("calls")).ended(0).says("agree 1 some 1");
}

#[test]
fn s4_4_freed_boards_are_used_again() {
    // 300,000 boards of up to 4 KiB at a time would be 600 MB of cells for one vCPU alone.
    emu().plugin(&plugin("boards"), "do=reuse:300000").run(&golden("calls")).ended(0).says("agree 1 some 1");
}

#[test]
fn s4_4_more_threads_than_the_first_capacity() {
    let ran = emu().plugin(&plugin("boards"), "do=threads").run(&golden("threads-twenty")).ended(0);
    ran.says("vcpus 21 stride wrong 0 dirty 0");
}

#[test]
fn s4_4_addresses_that_are_asked_for_late() {
    for guest in ["sort", "threads-four", "threads-twenty"] {
        let ran = emu().plugin(&plugin("address"), "").run(&golden(guest)).ended(0);
        ran.says("some 1 moved 0 stale 0 sum 1");
    }
}
