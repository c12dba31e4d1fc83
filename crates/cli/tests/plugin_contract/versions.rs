//! Sections 1.8 and 1.9: one source built for each version; what only newer ones have.

use super::hello;
use crate::common::plugin::{emu, plugin_for};
use std::fs;

#[test]
fn s1_8_one_source_in_every_version() {
    for version in 2..=6 {
        let ran = emu().plugin(&plugin_for("versions", version, &[]), "").run(&hello()).quiet(5);
        let (element, returned) = if version < 6 { (24, 8) } else { (32, 1) };
        let bytes = if version >= 3 { ["byte 13\n"; 2] } else { [""; 2] };
        let wanted =
            format!("element {element} sixth t0\nreturned {returned} length 8\n{}{}insns 9\n", bytes[0], bytes[1]);
        assert_eq!(ran.log, wanted, "version {version}");
    }
}

#[test]
fn s1_8_two_versions_in_one_run() {
    for (first, second) in [(4, 6), (6, 2), (5, 3)] {
        let run = emu().plugin(&plugin_for("versions", first, &[]), "");
        let ran = run.plugin(&plugin_for("versions", second, &[]), "").run(&hello()).quiet(5);
        let element = |v| if v < 6 { "element 24 sixth t0" } else { "element 32 sixth t0" };
        let seen = ran.lines("element");
        assert_eq!(seen, [element(second), element(first)], "the last plugin is told first: {ran:?}");
        assert_eq!(ran.lines("insns"), ["insns 9", "insns 9"]);
    }
}

#[test]
fn s1_9_a_filter_answers_instead_of_the_kernel() {
    let run = emu().plugin(&plugin_for("filter", 6, &[]), "do=filter,num=64,result=77");
    let ran = run.run(&hello()).quiet(5);
    assert_eq!(ran.out, "");
    ran.says("call 64\nfilter 0 64 1 20000 5\nret 64 77\ncall 93\nfilter 0 93 5 20000 5");
}

#[test]
fn s1_9_filter_results_may_be_errors_and_reach_the_guest() {
    let guest = crate::common::plugin::assembled(
        "filtered",
        ".option norvc\nli a7, 172\necall\nneg a0, a0\nli a7, 93\necall\n",
    );
    let run = emu().plugin(&plugin_for("filter", 6, &[]), "do=filter,num=172,result=0xfffffffffffffff3");
    let ran = run.run(&guest).quiet(13);
    assert!(ran.log.contains("ret 172 -13\n"), "{ran:?}");
}

#[test]
fn s1_9_a_filter_may_end_a_program_s_end() {
    // exit is answered: the guest goes on behind it, into an instruction that does not exist.
    let run = emu().plugin(&plugin_for("filter", 6, &[]), "do=filter,num=93,result=0");
    let ran = run.run(&hello()).ended(132);
    assert!(ran.log.contains("ret 93 0\n"), "{ran:?}");
}

#[test]
fn s1_9_filters_let_through_and_the_first_that_answers_wins() {
    let run = emu().plugin(&plugin_for("filter", 6, &[]), "do=pass");
    let ran = run.run(&hello()).quiet(5);
    assert_eq!(ran.out, "hello");
    ran.says("call 64\nfilter 0 64 1 20000 5\nret 64 5\ncall 93\nfilter 0 93 5 20000 5");

    let run = emu();
    let second = run.path("second.so");
    fs::copy(plugin_for("filter", 6, &[]), &second).unwrap();
    let run = run.plugin(&plugin_for("filter", 6, &[]), "do=filter,result=1,tag=P ");
    let ran = run.plugin(&second, "do=filter,result=2,tag=Q ").run(&hello()).quiet(5);
    ran.says(
        "Q call 64
         P call 64
         Q filter 0 64 1 20000 5
         Q ret 64 2
         P ret 64 2
         Q call 93
         P call 93
         Q filter 0 93 5 20000 5
         P filter 0 93 5 20000 5",
    );
}

#[test]
fn s1_9_no_discontinuities_in_user_mode() {
    for version in [5, 6] {
        let run = emu().plugin(&plugin_for("filter", version, &[]), "do=discon");
        let ran = run.run(&hello()).quiet(5);
        assert!(ran.lines("discon").is_empty() && ran.lines("call").len() == 2, "{ran:?}");
    }
}
