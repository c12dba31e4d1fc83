//! Sections 1.1 to 1.4, 1.6 (small contracts), 1.12, 1.13.

use super::hello;
use crate::common::plugin::{Emu, emu, emu_without_log, is_reference, plugin, plugin_for};
use std::fs;
use std::path::{Path, PathBuf};

fn install() -> PathBuf {
    plugin("install")
}

/// A plugin that lacks something.
fn bare(version: i32, defines: &[&str]) -> PathBuf {
    let version = format!("VERSION={version}");
    let mut all = vec![version.as_str()];
    all.extend(defines);
    plugin_for("bare", 4, &all)
}

#[test]
fn s1_2_info_at_install() {
    let ran = emu().plugin(&install(), "").run(&hello()).quiet(5);
    assert!(ran.out.starts_with("info riscv64 2 6 0 0 0 size 32\n"), "{ran:?}");
}

#[test]
fn s1_2_layouts_and_s1_3_values_for_each_version() {
    for version in 4..=6 {
        let ran = emu().plugin(&plugin_for("abi", version, &[]), "").run(&hello()).quiet(5);
        assert_eq!(ran.out, "functions 57\nlater 8\nremoved 0\nhello", "version {version}");
    }
}

#[test]
fn s1_6_bool_parse_knows_eight_words() {
    let ran = emu().plugin(&install(), "do=bools").run(&hello()).quiet(5);
    let expected = "\
        bool 'on' 11 11\nbool 'yes' 11 11\nbool 'true' 11 11\nbool 'y' 11 11\n\
        bool 'off' 11 00\nbool 'no' 11 00\nbool 'false' 11 00\nbool 'n' 11 00\n\
        bool 'ON' 00 01\nbool '1' 00 01\nbool '0' 00 01\nbool '' 00 01\nbool 'Yes' 00 01\n\
        bool null 00 kept 1\nhello";
    assert_eq!(ran.out, expected);
}

#[test]
fn s1_6_outs_is_no_format_and_adds_nothing() {
    let ran = emu().plugin(&install(), "do=outs").run(&hello()).quiet(5);
    assert_eq!(ran.log, "a%sb%dc%n\n");
}

#[test]
fn s4_4_scoreboards_in_install_sum_to_nothing() {
    let ran = emu().plugin(&install(), "do=boards").run(&hello()).quiet(5);
    assert_eq!(ran.out, "sum 0\nhello");
}

#[test]
fn s4_5_time_control_is_not_there_in_user_mode_or_harmless() {
    // Row 33 of section 5: a handle whose updates are taken makes plugins work that ask for one.
    let ran = emu().plugin(&install(), "do=time").run(&hello()).quiet(5);
    let first = if is_reference() { "null" } else { "handle" };
    assert_eq!(ran.out, format!("first {first} second null\nhello"));
}

/// A plugin that is refused: exactly this behind the program's name, `FILE` being the plugin.
#[track_caller]
fn refused(file: &Path, arguments: &str, message: &str) {
    let ran = emu().plugin(file, arguments).run(&hello()).ended(1);
    let shown = ran.err.replace(&file.display().to_string(), "FILE");
    assert_eq!(shown, format!("qemu-riscv64: Could not load plugin FILE: {message}\n"));
    assert!(!ran.out.contains("hello"), "the guest ran: {ran:?}");
}

#[test]
fn s1_12_no_install_function() {
    refused(&bare(4, &["NO_INSTALL"]), "", "'qemu_plugin_install': FILE: undefined symbol: qemu_plugin_install");
}

#[test]
fn s1_12_install_is_null() {
    refused(&bare(4, &["NULL_INSTALL"]), "", "qemu_plugin_install is NULL");
}

#[test]
fn s1_12_no_version() {
    let message =
        "plugin does not declare API version 'qemu_plugin_version': FILE: undefined symbol: qemu_plugin_version";
    refused(&bare(4, &["NO_VERSION"]), "", message);
}

#[test]
fn s1_12_version_too_old() {
    for version in [-3, 0, 1] {
        let message =
            format!("plugin requires API version {version}, but this QEMU supports only a minimum version of 2");
        refused(&bare(version, &[]), "", &message);
    }
}

#[test]
fn s1_12_version_too_new() {
    let message = "plugin requires API version 7, but this QEMU supports only up to version 6";
    refused(&bare(7, &[]), "", message);
}

#[test]
fn s1_8_all_versions_of_the_range_load() {
    for version in 2..=6 {
        emu().plugin(&bare(version, &[]), "").run(&hello()).quiet(5);
    }
}

#[test]
fn s1_12_unknown_function() {
    refused(&bare(4, &["UNKNOWN_FUNCTION"]), "", "FILE: undefined symbol: qemu_plugin_frobnicate");
}

#[test]
fn s1_12_no_such_file_and_no_plugin_file() {
    let run = emu();
    let (missing, other) = (run.path("missing.so"), run.path("text.so"));
    fs::write(&other, "this is no shared object").unwrap();
    refused(&missing, "", "FILE: cannot open shared object file: No such file or directory");
    refused(&other, "", "FILE: file too short");
}

#[test]
fn s1_12_install_returns_an_error() {
    refused(&install(), "do=fail:3", "qemu_plugin_install returned error code 3");
    refused(&install(), "do=fail:-1", "qemu_plugin_install returned error code -1");
}

#[test]
fn s1_12_failing_install_runs_atexit_last_plugin_first() {
    let run = emu();
    let second = run.path("second.so");
    fs::copy(install(), &second).unwrap();
    let ran = run.plugin(&install(), "do=atexit,tag=P").plugin(&second, "do=fail:3,tag=Q").run(&hello()).ended(1);
    assert_eq!(ran.out, "atexit Q num 0\natexit P num 0\n");
}

#[test]
fn s1_12_exit_in_install_is_the_program_s_end() {
    let ran = emu().plugin(&install(), "do=exit:9").run(&hello()).ended(9);
    assert_eq!(ran.out, "");
}

#[test]
fn s4_1_uninstall_in_install_is_refused() {
    let ran = emu().plugin(&install(), "do=uninstall").run(&hello());
    let said = "Calling qemu_plugin_uninstall from the install function is a bug. Instead, return !0 from the install function.";
    assert!(ran.err.contains(said) && ran.err.lines().count() == 1, "{ran:?}");
    assert!(is_reference() || ran.shown() == 1, "{ran:?}");
    assert!(!ran.out.contains("hello"), "{ran:?}");
}

#[test]
fn s1_13_outs_needs_the_log_item() {
    let silent = emu_without_log().plugin(&install(), "do=outs").run(&hello()).quiet(5);
    assert_eq!(silent.log, "");
    let to_stderr = emu_without_log().word("-d").word("plugin").plugin(&install(), "do=outs").run(&hello()).ended(5);
    assert_eq!(to_stderr.err, "a%sb%dc%n\n");
    // Wherever the options stand.
    let behind = emu_without_log().plugin(&install(), "do=outs").word("-d").word("plugin").run(&hello()).ended(5);
    assert_eq!(behind.err, "a%sb%dc%n\n");
}

#[test]
fn s1_13_log_by_variables() {
    let run = emu_without_log().env("QEMU_LOG", "plugin");
    let ran = run.plugin(&install(), "do=outs").run(&hello()).ended(5);
    assert_eq!(ran.err, "a%sb%dc%n\n");
    let run = emu_without_log();
    let file = run.path("log");
    let run = run.env("QEMU_LOG", "plugin").env("QEMU_LOG_FILENAME", &file);
    let ran = run.plugin(&install(), "do=outs").run(&hello()).quiet(5);
    assert_eq!(ran.log, "a%sb%dc%n\n");
}

#[test]
fn s1_13_log_file_is_emptied_first_and_may_name_the_process() {
    let run = emu();
    fs::write(run.path("log"), "old contents that are longer than the new ones").unwrap();
    assert_eq!(run.plugin(&install(), "do=outs").run(&hello()).quiet(5).log, "a%sb%dc%n\n");

    let run = emu_without_log();
    let (pattern, report) = (run.path("log-%d"), run.path("report"));
    // The folder goes with the run, so the plugin's own report carries what was found.
    let run = run.word("-d").word("plugin").word("-D").word(&pattern);
    let (_, found) = run.plugin(&plugin("lists"), &format!("out={}", report.display())).run_and_read(&hello());
    assert_eq!(found, "log-PID\n");
}

#[test]
fn s1_13_a_log_file_without_items_is_made_and_empty() {
    let run = emu_without_log();
    let (file, report) = (run.path("log-%d"), run.path("report"));
    let run = run.word("-D").word(&file).plugin(&plugin("lists"), &format!("out={}", report.display()));
    assert_eq!(run.run_and_read(&hello()).1, "log-PID\n");
}

/// Names in which a `%` is anything but that of one `%d`.
#[test]
fn s1_13_log_file_names_that_are_refused() {
    for name in ["x%s", "x%d%d", "x%%", "x%", "x%dx%s", "%5d"] {
        for words in [&["-D", name][..], &["-d", "plugin,tid", "-D", name]] {
            let run = words.iter().fold(emu_without_log(), Emu::word);
            let ran = run.run(&hello()).ended(1);
            assert_eq!((ran.err, ran.out), (format!("qemu-riscv64: Bad logfile template: {name}\n"), String::new()));
        }
    }
    let ran = emu_without_log().word("-d").word("plugin,tid").word("-D").word("x").run(&hello()).ended(1);
    assert_eq!(ran.err, "qemu-riscv64: Filename template with '%d' required for 'tid'\n");
    let ran = emu_without_log().env("QEMU_LOG_FILENAME", "x%s").run(&hello()).ended(1);
    assert_eq!(ran.err, "qemu-riscv64: Bad logfile template: x%s\n");
}

#[test]
fn s1_13_unknown_log_items_are_refused() {
    for items in ["frobnicate", "plugin,frobnicate"] {
        let ran = emu_without_log().word("-d").word(items).run(&hello());
        assert!(ran.shown() != 5 && !ran.out.contains("hello"), "{ran:?}");
        // The list is printed: by the reference with what each means, here in the line about the wrong one.
        let said = ran.out + &ran.err;
        assert!(["strace", "plugin", "tid", "in_asm"].iter().all(|item| said.contains(item)), "{said}");
        assert!(is_reference() || said.contains("unknown log item 'frobnicate'"), "{said}");
    }
}
