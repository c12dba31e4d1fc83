//! Section 1.11: how the words behind `-plugin` become arguments.

use super::hello;
use crate::common::plugin::{Ran, emu, plugin};
use std::path::PathBuf;

fn install() -> PathBuf {
    plugin("install")
}

/// What the plugin was given: a line per load.
fn given(ran: &Ran) -> Vec<String> {
    let mut loads: Vec<String> = Vec::new();
    for line in ran.out.lines() {
        if line.starts_with("info ") {
            loads.push(String::new());
        } else if let (Some(argument), Some(last)) = (line.strip_prefix("argument "), loads.last_mut()) {
            *last += &format!("[{argument}]");
        }
    }
    loads
}

/// These words give these arguments and, behind the program's name, these lines on stderr.
#[track_caller]
fn check(words: &str, arguments: &str, warnings: &str) {
    let ran = emu().plugin(&install(), words).run(&hello()).ended(5);
    assert_eq!(given(&ran), [arguments], "{words}");
    assert_eq!(ran.err, warnings, "{words}");
}

#[test]
fn s1_11_no_arguments_are_a_null_list() {
    let ran = emu().plugin(&install(), "").run(&hello()).quiet(5);
    assert!(ran.out.contains("\nargc 0 argv null end 1\nvcpus 0 id 1\n"), "{ran:?}");
}

#[test]
fn s1_11_pairs_and_commas() {
    check("k=v", "[k=v]", "");
    check("baz=1,,2", "[baz=1,2]", "");
    check("a=,,,,b", "[a=,,b]", "");
    check("qux=", "[qux=]", "");
    check("=v", "[=v]", "");
    check("x=y=z", "[x=y=z]", "");
    check("a=1,", "[a=1]", "");
    check("two words=a b,x=1,x=2", "[two words=a b][x=1][x=2]", "");
    check("help=1", "[help=1]", "");
}

fn short(word: &str, meant: &str) -> String {
    format!("qemu-riscv64: warning: short-form boolean option '{word}' deprecated\nPlease use {meant} instead\n")
}

#[test]
fn s1_11_short_booleans() {
    check("foo", "[foo=on]", &short("foo", "foo=on"));
    check("nofoo", "[foo=off]", &short("nofoo", "foo=off"));
    check("no", "[=off]", &short("no", "=off"));
    check("nono", "[no=off]", &short("nono", "no=off"));
    check("help", "[help=on]", "");
    check("nohelp", "[help=off]", &short("nohelp", "help=off"));
    check("a=1,foo,b=2", "[a=1][foo=on][b=2]", &short("foo", "foo=on"));
}

#[test]
fn s1_11_old_style_arg() {
    let old =
        |x: &str, y: &str| format!("qemu-riscv64: warning: using 'arg={x}' is deprecated\nPlease use '{y}' directly\n");
    check("arg=a=b", "[a=b]", &old("a=b", "a=b"));
    check("arg=hello", "[hello=on]", &old("hello", "hello=on"));
    check("arg=", "[=on]", &old("", "=on"));
    for word in ["on", "off", "yes", "no", "true", "false", "y", "n"] {
        check(&format!("arg={word}"), &format!("[arg={word}]"), "");
    }
}

#[test]
fn s1_11_identifiers_are_swallowed() {
    check("id=abc", "", "");
    check("k=v,id=a-1.b_,l=w", "[k=v][l=w]", "");
    let ran = emu().plugin(&install(), "id=1abc").run(&hello()).ended(1);
    let text = "qemu-riscv64: Parameter 'id' expects an identifier\n\
                Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n";
    assert_eq!(ran.err, text);
}

const HELP: &str = "Plugin options\n  file=<path/to/plugin.so>\n  plugin specific arguments\n";

#[test]
fn s1_11_help() {
    let file = install().display().to_string();
    for word in ["help".into(), "?".into(), format!("{file},foo=help"), format!("{file},foo=?")] {
        let ran = emu().word("-plugin").word(&word).run(&hello()).ended(0);
        assert_eq!((ran.out.as_str(), ran.err.as_str()), (HELP, ""), "{word}");
    }
}

#[test]
fn s1_11_nothing_and_what_lacks_a_file() {
    let ran = emu().word("-plugin").word("").run(&hello()).quiet(5);
    assert_eq!(ran.out, "hello");
    for word in ["file=", ",a=b"] {
        let ran = emu().word("-plugin").word(word).run(&hello()).ended(1);
        assert_eq!(ran.err, "qemu-riscv64: requires a non-empty argument\n", "{word}");
    }
    let behind = format!("k=v,file={}", install().display());
    let ran = emu().word("-plugin").word(behind).run(&hello()).ended(1);
    assert_eq!(ran.err, "qemu-riscv64: missing earlier '-plugin file=' option\n");
}

#[test]
fn s1_11_the_word_file() {
    let ran = emu().word("-plugin").word(format!("file={},k=v", install().display())).run(&hello()).quiet(5);
    assert_eq!(given(&ran), ["[k=v]"]);
}

#[test]
fn s1_11_a_comma_in_the_name() {
    let run = emu();
    let odd = run.path("a,b.so");
    std::fs::copy(install(), &odd).unwrap();
    let word = format!("{},k=v", odd.display().to_string().replace(',', ",,"));
    assert_eq!(given(&run.word("-plugin").word(word).run(&hello()).quiet(5)), ["[k=v]"]);
}

#[test]
fn s1_11_two_plugins_in_one_option() {
    let run = emu();
    let second = run.path("second.so");
    std::fs::copy(install(), &second).unwrap();
    let words = format!("x=1,file={},y=2", second.display());
    assert_eq!(given(&run.plugin(&install(), &words).run(&hello()).quiet(5)), ["[x=1]", "[y=2]"]);
}

#[test]
fn s1_11_same_path_twice_is_one_load() {
    let run = emu().plugin(&install(), "a=1").plugin(&install(), "b=2,a=3");
    assert_eq!(given(&run.run(&hello()).quiet(5)), ["[a=1][b=2][a=3]"]);
}

#[test]
fn s1_11_other_spelling_is_a_second_install_on_shared_globals() {
    let file = plugin("twice");
    let (folder, name) = (file.parent().unwrap().display(), file.file_name().unwrap().to_string_lossy());
    let other = PathBuf::from(format!("{folder}/././{name}"));
    let ran = emu().plugin(&file, "").plugin(&other, "").run(&hello()).quiet(5);
    ran.says("installs 1\ninstalls 2\ntrans of 2\ntrans of 1\ntrans of 2\ntrans of 1\nids differ 1");
}

#[test]
fn s1_11_the_variable_comes_first() {
    let file = install().display().to_string();
    let run = emu().env("QEMU_PLUGIN", format!("{file},a=1")).plugin(&install(), "b=2");
    assert_eq!(given(&run.run(&hello()).quiet(5)), ["[a=1][b=2]"]);
}
