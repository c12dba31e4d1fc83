//! `include/qemu-plugin.h` and `docs/plugin-api.md` are made from the rows: this says when one is out of date, and with
//! `FLUORO_BLESS=1` in the environment it writes them instead.
#![forbid(unsafe_code)]

#[path = "made/docs.rs"]
mod docs;
#[path = "made/header.rs"]
mod header;
#[path = "made/text.rs"]
mod text;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn made(path: &str, text: String) {
    let full = root().join(path);
    if std::env::var_os("FLUORO_BLESS").is_some() {
        std::fs::write(&full, &text).expect("the file can be written");
    }
    let held = std::fs::read_to_string(&full).unwrap_or_default();
    assert!(held == text, "{path} is out of date: FLUORO_BLESS=1 cargo test -p plugin-abi --test made");
}

#[test]
fn the_header_is_up_to_date() {
    made("include/qemu-plugin.h", header::render());
}

#[test]
fn the_page_is_up_to_date() {
    made("docs/plugin-api.md", docs::render());
}
