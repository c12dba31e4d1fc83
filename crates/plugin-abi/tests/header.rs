//! The header says what the table says: small C programs that compile only if each version has exactly its functions,
//! values and layouts. They need the host's C and C++ compilers (`CC`, `CXX`, else `cc` and `c++`); without one these
//! tests fail, so that nobody takes them for passed.
#![forbid(unsafe_code)]

use plugin_abi::functions::rows;
use plugin_abi::{CUR_VERSION, MIN_VERSION, enums};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn compiler(variable: &str, usual: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| usual.to_string())
}

/// Compiles a source from standard input without writing anything; `Err` has what the compiler said.
fn compile(compiler: &str, flags: &[&str], source: &str) -> Result<(), String> {
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"]).arg(root().join("include"));
    command.args(flags).arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{compiler}: {e}; these tests need a compiler"));
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), source.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

fn c(version: i32, more: &[&str], source: &str) -> Result<(), String> {
    let version = format!("-DFLUORO_PLUGIN_API={version}");
    let mut flags = vec!["-xc", "-std=c11", "-Wpedantic", version.as_str()];
    flags.extend(more);
    compile(&compiler("CC", "cc"), &flags, source)
}

fn cxx(version: i32, source: &str) -> Result<(), String> {
    let version = format!("-DFLUORO_PLUGIN_API={version}");
    compile(&compiler("CXX", "c++"), &["-xc++", "-std=c++11", &version], source)
}

const INCLUDE: &str = "#include <qemu-plugin.h>\n";

/// A pointer of the function's exact type, which takes it; or a name that clashes if the function is there.
fn functions_of(version: i32) -> String {
    let mut out = String::new();
    for f in rows() {
        let _ = match f.prototype(version) {
            Some(text) => {
                let pointer = text.replacen(&format!("{}(", f.name), &format!("(*const has_{})(", f.name), 1);
                assert_ne!(pointer, text, "{}: its prototype lacks its name", f.name);
                writeln!(out, "extern {pointer};\n{pointer} = {};", f.name)
            }
            None => writeln!(out, "typedef struct {0} {0};", f.name),
        };
    }
    out
}

/// An assertion of each value; or a name that clashes if it is there.
fn values_of(version: i32) -> String {
    let mut out = String::new();
    for v in enums().into_iter().flatten() {
        let _ = if v.since <= version {
            writeln!(out, "_Static_assert({} == {}, \"value\");", v.name, v.value)
        } else {
            writeln!(out, "typedef struct {0} {0};", v.name)
        };
    }
    out
}

#[test]
fn every_version_has_exactly_its_functions_and_values() {
    for version in MIN_VERSION..=CUR_VERSION {
        let source = format!("{INCLUDE}{}{}", functions_of(version), values_of(version));
        if let Err(said) = c(version, &[], &source) {
            panic!("version {version}: {said}");
        }
    }
}

#[test]
fn the_check_notices_missing_superfluous_and_other_functions() {
    let refused = |version, text: &str| assert!(c(version, &[], &format!("{INCLUDE}{text}")).is_err(), "{text}");
    // What another version has, asked of this one.
    for (version, other) in [(3, 4), (4, 5), (5, 6), (6, 5), (2, 3), (3, 2)] {
        refused(version, &functions_of(other));
    }
    refused(4, &values_of(6));
    refused(6, &values_of(5));
}

#[test]
fn ten_point_zero_has_57_functions_and_all_have_rows_of_sense() {
    assert_eq!(rows().filter(|f| f.prototype(4).is_some()).count(), 57);
    let mut names: Vec<_> = rows().map(|f| f.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows().count(), "a name stands twice");
    for f in rows() {
        assert!(f.name.starts_with("qemu_plugin_") && !f.does.is_empty() && !f.cost.is_empty(), "{}", f.name);
        assert!(f.shapes.windows(2).all(|w| w[0].since < w[1].since), "{}", f.name);
        assert!(f.since() >= MIN_VERSION && f.shapes.iter().all(|s| s.since <= CUR_VERSION), "{}", f.name);
    }
}

/// The layouts of `plugin_abi`'s types, as C sees them.
fn layouts(version: i32) -> String {
    let mut facts = vec![
        "sizeof(qemu_info_t) == 32".to_string(),
        "offsetof(qemu_info_t, version.cur) == 12".into(),
        "offsetof(qemu_info_t, system_emulation) == 16".into(),
        "offsetof(qemu_info_t, system.smp_vcpus) == 20".into(),
        "sizeof(qemu_plugin_u64) == 16".into(),
        "offsetof(qemu_plugin_u64, offset) == 8".into(),
        format!("sizeof(qemu_plugin_reg_descriptor) == {}", if version >= 6 { 32 } else { 24 }),
        "offsetof(qemu_plugin_reg_descriptor, feature) == 16".into(),
        "sizeof(enum qemu_plugin_cb_flags) == 4".into(),
        "offsetof(GByteArray, len) == 8".into(),
        "offsetof(GArray, len) == 8".into(),
        format!("QEMU_PLUGIN_VERSION == {version}"),
    ];
    if version >= 4 {
        facts.push("sizeof(qemu_plugin_mem_value) == 24".into());
        facts.push("offsetof(qemu_plugin_mem_value, data.u128.high) == 16".into());
    }
    facts.iter().map(|f| format!("_Static_assert({f}, \"layout\");\n")).collect()
}

#[test]
fn layouts_are_the_interface_s() {
    for version in MIN_VERSION..=CUR_VERSION {
        c(version, &[], &format!("{INCLUDE}{}", layouts(version))).unwrap_or_else(|e| panic!("version {version}: {e}"));
    }
}

/// A whole plugin that is C and C++ at once.
const BOTH: &str = "
#include <qemu-plugin.h>
int qemu_plugin_version = QEMU_PLUGIN_VERSION;
struct Count { uint64_t blocks, other; };
static struct qemu_plugin_scoreboard *score;
static void trans(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    qemu_plugin_u64 all = qemu_plugin_scoreboard_u64(score);
    qemu_plugin_u64 other = qemu_plugin_scoreboard_u64_in_struct(score, struct Count, other);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, all, 1);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, other, 1);
    g_free(qemu_plugin_insn_disas(qemu_plugin_tb_get_insn(tb, 0)));
}
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    (void)argc; (void)argv;
    score = qemu_plugin_scoreboard_new(sizeof(struct Count));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    return info->system_emulation || info->version.cur < QEMU_PLUGIN_VERSION;
}
";

#[test]
fn a_plugin_is_c_and_cxx() {
    for version in MIN_VERSION..=CUR_VERSION {
        c(version, &[], BOTH).unwrap_or_else(|e| panic!("C, version {version}: {e}"));
        cxx(version, BOTH).unwrap_or_else(|e| panic!("C++, version {version}: {e}"));
    }
}

#[test]
fn the_version_is_4_6_from_the_other_folder_and_never_unknown() {
    let says = |include: &str, version: i32| {
        format!("#include <{include}>\n_Static_assert(QEMU_PLUGIN_VERSION == {version}, \"version\");\n")
    };
    let cc = compiler("CC", "cc");
    compile(&cc, &["-xc"], &says("qemu-plugin.h", 4)).unwrap_or_else(|e| panic!("{e}"));
    compile(&cc, &["-xc"], &says("plugins/qemu-plugin.h", 6)).unwrap_or_else(|e| panic!("{e}"));
    c(5, &[], &says("plugins/qemu-plugin.h", 5)).unwrap_or_else(|e| panic!("{e}"));
    assert!(c(1, &[], INCLUDE).is_err() && c(7, &[], INCLUDE).is_err());
}

#[test]
fn glib_s_headers_are_used_if_there_and_the_recordings_probe_compiles() {
    let ours = root().join("tests/plugins/include").display().to_string();
    let with = ["-I", ours.as_str()];
    let asks = |sign: &str| format!("{INCLUDE}{sign} defined(FLUORO_PLUGIN_HAS_GLIB)\n#error no\n#endif\n{BOTH}");
    c(4, &with, &asks("#if !")).unwrap_or_else(|e| panic!("{e}"));
    c(4, &["-I", ours.as_str(), "-DFLUORO_PLUGIN_NO_GLIB"], &asks("#if")).unwrap_or_else(|e| panic!("{e}"));
    let probe = std::fs::read_to_string(root().join("tests/golden/probe/probe.c")).expect("the probe is there");
    let flags = ["-xc", "-Wno-unused-parameter", "-I", ours.as_str()];
    compile(&compiler("CC", "cc"), &flags, &probe).unwrap_or_else(|e| panic!("{e}"));
}
