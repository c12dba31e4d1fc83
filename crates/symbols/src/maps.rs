//! The kernel's list of this process's mappings.

use crate::{Contents, Region};
use bits::Addr;
use std::path::PathBuf;

/// The mappings of files below an address.
pub fn files_below(end: Addr) -> Vec<Region> {
    let text = std::fs::read("/proc/self/maps").unwrap_or_default();
    parse(&String::from_utf8_lossy(&text), end)
}

fn parse(text: &str, end: Addr) -> Vec<Region> {
    text.lines().filter_map(line).take_while(|r| r.start < end).collect()
}

/// A line that is about a file: `start-end rights offset device inode path`. One that is gone cannot be read.
fn line(line: &str) -> Option<Region> {
    let number = |s: &str| u64::from_str_radix(s, 16).ok();
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let offset = number(words.nth(1)?)?;
    let path = words.nth(2)?.trim_start();
    let file = path.starts_with('/') && !path.ends_with(" (deleted)");
    let contents = Contents::File { path: PathBuf::from(path), offset };
    file.then_some(Region { start: number(start)?, end: number(end)?, contents })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "00010000-00068000 r--p 00001000 fe:00 123456                     /usr/bin/a b\n\
                    00068000-0006a000 rw-p 00000000 00:00 0 \n\
                    0006a000-0006b000 r--p 00000000 00:01 77                         /memfd:x (deleted)\n\
                    7f0000000000-7f0000001000 r--p 00000000 fe:00 9                  /lib/x.so\n";
        let regions = parse(text, 0x1000_0000);
        let contents = Contents::File { path: "/usr/bin/a b".into(), offset: 0x1000 };
        assert_eq!(regions, [Region { start: 0x10000, end: 0x68000, contents }]);
        assert_eq!(parse(text, u64::MAX).len(), 2);
        assert!(!files_below(u64::MAX).is_empty());
    }
}
