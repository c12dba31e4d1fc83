//! Files whose code is mapped privately: until such a page is written to, it shows what the file has, so that whoever
//! writes to the file changes the code.
//!
//! The kernel notes in a file's change time that it was written to, which nobody can set back. Two things it does not
//! note: a store through a mapping to a page of the file that is still waiting to be written to the disk, and a write
//! within the same tick of its clock. So a file that was changed in the last minute, which is longer than pages wait, is
//! one that may have changed. Files in memory note no stores at all.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// How long a file must have been left alone to be the same if its change time is.
const SETTLED_SECONDS: i64 = 60;

/// Number of a file that nobody looks at: it may always have changed.
pub const UNKNOWN: u32 = u32::MAX;

/// Seconds and nanoseconds.
type Time = [i64; 2];

#[derive(Debug)]
struct File {
    path: PathBuf,
    identity: [u64; 2],
    /// When blocks of it were last known to be right, the file was of this time.
    time: Time,
    in_memory: bool,
}

/// The files, numbered from 1.
#[derive(Debug, Default)]
pub struct Files(Vec<File>);

fn look(path: &Path) -> Option<([u64; 2], Time)> {
    let about = std::fs::metadata(path).ok()?;
    Some(([about.dev(), about.ino()], [about.ctime(), about.ctime_nsec()]))
}

fn in_memory(fd: i32) -> bool {
    // SAFETY: zeros are a valid structure, which the kernel fills.
    unsafe {
        let mut about: libc::statfs = std::mem::zeroed();
        libc::fstatfs(fd, &mut about) != 0 || [libc::TMPFS_MAGIC, libc::HUGETLBFS_MAGIC].contains(&about.f_type)
    }
}

impl Files {
    /// The number of the file that is open at `fd`.
    pub fn number(&mut self, fd: i32) -> u32 {
        let link = PathBuf::from(format!("/proc/self/fd/{fd}"));
        let Some((identity, time)) = look(&link) else { return UNKNOWN };
        if let Some(known) = self.0.iter().position(|f| f.identity == identity) {
            return known as u32 + 1;
        }
        let Ok(path) = std::fs::read_link(&link) else { return UNKNOWN };
        self.0.push(File { path, identity, time, in_memory: in_memory(fd) });
        self.0.len() as u32
    }

    /// Looks at all of them.
    pub fn look(&self) -> Seen {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
        Seen(self.0.iter().map(|file| file.look(now)).collect())
    }

    /// All that was suspect when the files were looked at has been dealt with.
    pub fn dealt_with(&mut self, seen: &Seen) {
        for (file, (time, _)) in self.0.iter_mut().zip(&seen.0) {
            file.time = *time;
        }
    }
}

impl File {
    /// Its time, and whether it may have changed. What is not at its path any more is out of our sight.
    fn look(&self, now: i64) -> (Time, bool) {
        let Some((identity, time)) = look(&self.path) else { return (self.time, true) };
        let settled = time[0].saturating_add(SETTLED_SECONDS) < now;
        let same = identity == self.identity && time == self.time;
        (time, self.in_memory || !same || !settled)
    }
}

/// What a look at the files has shown.
#[derive(Debug, Default)]
pub struct Seen(Vec<(Time, bool)>);

impl Seen {
    /// Whether there was none to look at.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the file with this number, 0 for none, may have changed.
    pub fn suspect(&self, number: u32) -> bool {
        number != 0 && self.0.get(number as usize - 1).is_none_or(|f| f.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_file_is_suspect_until_it_has_settled() {
        let path = std::env::temp_dir().join(format!("fluoro-files-{}", std::process::id()));
        std::fs::write(&path, "code").unwrap();
        let open = std::fs::File::open(&path).unwrap();
        let mut files = Files::default();
        assert_eq!((files.number(open.as_raw_fd()), files.number(open.as_raw_fd()), files.number(-1)), (1, 1, UNKNOWN));
        let file = &mut files.0[0];
        file.in_memory = false;
        let later = file.time[0] + SETTLED_SECONDS + 1;
        assert!(file.look(later - 1).1 && !file.look(later).1, "a minute later");
        file.time[1] ^= 1;
        assert!(file.look(later).1, "its time is another");
        let seen = files.look();
        files.dealt_with(&seen);
        assert!(!files.0[0].look(later).1, "and is noted");
        std::fs::remove_file(&path).unwrap();
        assert!(files.0[0].look(later).1, "out of sight");
        assert!(!seen.suspect(0) && seen.suspect(1) && seen.suspect(2) && seen.suspect(UNKNOWN));
    }
}
