//! Builds and runs `tests/models`: the gate and the jobs of this crate under `shuttle`, which tries thousands of schedules.
//! That wants the registry of crates the first time; without it the test fails and says so. `MODEL_RUNS=N` tries N
//! schedules of each kind.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;

#[test]
fn stopping_vcpus_under_many_schedules() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("models");
    let cargo = |task: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(task).args(["--quiet", "--locked", "--manifest-path"]).arg(project.join("Cargo.toml"));
        command.arg("--target-dir").arg(&target).env_remove("RUSTFLAGS").output().expect("cargo runs")
    };
    let built = cargo(&["test", "--no-run"]);
    assert!(
        built.status.success(),
        "tests/models cannot be built; if the registry of crates cannot be reached, bring its crates in once with `cargo \
         fetch --manifest-path tests/models/Cargo.toml`, then repeat. Cargo says: {}",
        String::from_utf8_lossy(&built.stderr)
    );
    let ran = cargo(&["test"]);
    let said = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(ran.status.success(), "{said}");
    assert!(said.contains("5 passed"), "{said}");
}
