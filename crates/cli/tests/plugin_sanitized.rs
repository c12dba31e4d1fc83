//! The test plugins under the compiler's sanitizer of undefined behaviour, so that a test does not pass (or fail) by a
//! mistake of its own plugin.
//!
//! Its sanitizer of addresses cannot be used here: the shadow that it reserves in every process, 0x7fff8000 to
//! 0x10007fff8000 on x86-64, covers the addresses that a guest has (below 0x4000000000), and guest addresses are host
//! addresses (decision D5). With its runtime preloaded a guest "cannot be mapped".
#![forbid(unsafe_code)]

mod common;

use common::plugin::{Ran, fluoro_run, golden, guest};
use common::{Scratch, repo, text};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles a plugin that ends the process when its behaviour is undefined.
fn sanitized(dir: &Scratch, source: &Path, api: u32) -> PathBuf {
    let to = dir.path(&source.with_extension("so").file_name().unwrap().to_string_lossy());
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-g", "-w", "-fsanitize=undefined", "-fno-sanitize-recover=all", "-fPIC", "-shared"]);
    cc.arg(format!("-DFLUORO_PLUGIN_API={api}")).arg("-o").arg(&to).arg(source);
    for folder in ["include", "tests/plugins", "tests/plugins/include"] {
        cc.arg("-I").arg(repo().join(folder));
    }
    let output = cc.output().unwrap_or_else(|e| panic!("cc: {e}"));
    assert!(output.status.success(), "{}: {}", source.display(), text(&output.stderr));
    to
}

fn run(dir: &Scratch, name: &str, api: u32, arguments: &str, words: &[PathBuf]) -> Ran {
    let plugin = sanitized(dir, &repo().join(format!("tests/plugins/{name}.c")), api);
    let run = fluoro_run();
    let log = run.path("log");
    let run = run.word("-D").word(log).plugin(&plugin, arguments);
    words.iter().fold(run, |run, word| run.word(word)).go()
}

#[test]
fn plugins_behave_as_defined() {
    let dir = Scratch::new("sanitized");
    let hashtab = [golden("hashtab")];
    let threads = [guest("storm"), "8".into(), "4".into()];
    for (name, arguments, words) in [
        ("count", "seed=0", &hashtab[..]),
        ("count", "seed=9", &[golden("sort")]),
        ("tally", "", &[golden("threads-four")]),
        ("boards", "", &hashtab),
        ("trace", "on=init+exit+atexit+tb+insn+mem+sys+ret", &[golden("calls")]),
        ("life", "do=reset,in=tb,times=3", &hashtab),
        ("private", "", &threads),
        ("storm", "every=100", &threads),
    ] {
        let ran = run(&dir, name, 4, arguments, words);
        assert!(!ran.err.contains("runtime error"), "{name}: {ran:?}");
        ran.ended(0);
    }
    for seed in 0..4 {
        let ran = run(&dir, "chaos", 6, &format!("seed={seed},wrong=1000000"), &hashtab);
        assert!(!ran.err.contains("runtime error"), "chaos {seed}: {ran:?}");
        ran.ended(0);
    }
}

/// A few seeds of `cargo xtask fuzz plugin-misuse`: a run ends as the guest does, or with a line that names the plugin.
#[test]
fn random_misuse_is_named() {
    let dir = Scratch::new("sanitized-chaos");
    let plain = fluoro_run().run(&golden("calls"));
    let mut named = 0;
    for seed in 0..12 {
        let ran = run(&dir, "chaos", 6, &format!("seed={seed},wrong=50"), &[golden("calls")]);
        match ran.shown() {
            0 => assert_eq!(ran.out, plain.out, "seed {seed}: {ran:?}"),
            1 => {
                assert!(ran.err.contains("fluoro: plugin ") && plain.out.starts_with(&ran.out), "seed {seed}: {ran:?}")
            }
            _ => panic!("seed {seed}: {ran:?}"),
        }
        named += i32::from(ran.shown() == 1);
    }
    assert!(named > 0, "no seed did anything wrong");
}

/// The sanitizer sees what it should, also in a callback that generated code calls.
#[test]
fn undefined_behaviour_ends_the_run() {
    let dir = Scratch::new("sanitized-wrong");
    let source = "#include \"kit.h\"\n\
        static volatile int most = 0x7fffffff;\n\
        static void on_block(unsigned cpu, void *data) { most = most + 1; }\n\
        static void trans(qemu_plugin_id_t id, Tb *tb) { qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, 0, 0); }\n\
        QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)\n\
        { qemu_plugin_register_vcpu_tb_trans_cb(id, trans); return 0; }\n";
    let plugin = sanitized(&dir, &dir.file("wrong.c", 0o644, source.as_bytes()), 4);
    let ran = fluoro_run().plugin(&plugin, "").run(&golden("hashtab"));
    assert!(ran.err.contains("runtime error: signed integer overflow"), "{ran:?}");
    assert_ne!(ran.shown(), 0, "{ran:?}");
}
