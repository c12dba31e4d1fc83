//! The repository: its root and its files.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the working tree.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_path_buf()
}

/// Folders that hold no source of ours.
const SKIP: [&str; 4] = ["target", ".git", "roots", "node_modules"];

/// A text file of the repository.
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn has_extension(&self, ext: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|e| e == ext)
    }

    /// The crate that it belongs to: `linux` of `crates/linux/src/…`.
    pub fn crate_name(&self) -> Option<&str> {
        let mut parts = self.path.split('/');
        match (parts.next(), parts.next()) {
            (Some("crates"), Some(name)) => Some(name),
            (Some("xtask"), _) => Some("xtask"),
            _ => None,
        }
    }
}

/// Every text file with one of these extensions, sorted by path.
pub fn files(root: &Path, extensions: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(root, root, extensions, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(root: &Path, dir: &Path, extensions: &[&str], found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type();
        if kind.as_ref().is_ok_and(|k| k.is_dir()) {
            if !SKIP.contains(&name.as_str()) {
                walk(root, &path, extensions, found);
            }
        } else if extensions.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            found.push(File { path, text });
        }
    }
}
