//! A copy of the repository in which faults are planted, so that the working tree stays as it is.

use super::table::{self, Fault};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy.
pub struct Tree {
    pub dir: PathBuf,
    /// Where cargo builds it.
    pub target: PathBuf,
}

/// A planted fault; dropping it restores the file.
pub struct Planted {
    path: PathBuf,
    original: String,
}

impl Drop for Planted {
    fn drop(&mut self) {
        fs::write(&self.path, &self.original).expect("the file was written a moment ago");
    }
}

impl Tree {
    /// Copies every file that git tracks. Unchanged files keep their time, so that nothing is built twice.
    pub fn new(root: &Path) -> Result<Tree, String> {
        let base = root.join("target/mutants");
        let tree = Tree { dir: base.join("tree"), target: base.join("target") };
        let listed = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output();
        let listed = listed.map_err(|e| format!("git: {e}"))?.stdout;
        for name in String::from_utf8_lossy(&listed).split('\0').filter(|n| !n.is_empty()) {
            let (from, to) = (root.join(name), tree.dir.join(name));
            let Ok(bytes) = fs::read(&from) else { continue };
            if fs::read(&to).is_ok_and(|old| old == bytes) {
                continue;
            }
            let folder = to.parent().expect("a file lies in a folder");
            fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            // Copies the rights too.
            fs::copy(&from, &to).map_err(|e| format!("{}: {e}", to.display()))?;
        }
        Ok(tree)
    }

    /// Writes the fault into the copy.
    pub fn plant(&self, fault: &Fault) -> Planted {
        let path = self.dir.join(&fault.file);
        let original = fs::read_to_string(&path).expect("the list was checked");
        let text = table::planted(&original, fault).expect("the list was checked");
        fs::write(&path, text).expect("the copy is ours");
        Planted { path, original }
    }
}
