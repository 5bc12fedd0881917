//! Files that have others read: scripts and settings that include each other, or themselves.
//! Must never be followed without end, nor as often as two in every file would ask for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How often the same file is read, and how many there may be in all.
const AGAIN: usize = 8;
const MOST: usize = 1_000;

/// Bytes of files that are read again, where small ones may be often: tasks for each of a list.
const AGAIN_BYTES: usize = 256 << 10;

/// Why no more are read.
pub const WHY: &str = "scripts include each other without end";

/// The files that were read so far for one command.
#[derive(Clone, Debug, Default)]
pub struct Includes {
    times: BTreeMap<PathBuf, usize>,
    files: usize,
    bytes_again: usize,
    /// Once there were too many, none is read any more.
    stopped: bool,
}

impl Includes {
    /// Whether a file may still be read.
    #[must_use]
    pub fn enter(&mut self, path: &Path) -> bool {
        let times = self.count(path);
        self.stopped |= times > AGAIN;
        !self.stopped
    }

    /// The same for a file that was read and has this length: a small one may be read more often.
    #[must_use]
    pub fn enter_small(&mut self, path: &Path, length: usize) -> bool {
        if self.count(path) > 1 {
            self.bytes_again += length;
        }
        self.stopped |= self.bytes_again > AGAIN_BYTES;
        !self.stopped
    }

    /// The same for settings, which nobody has read again but by mistake.
    #[must_use]
    pub fn enter_settings(&mut self, path: &Path, length: usize) -> bool {
        let fits = self.enter_small(path, length);
        self.stopped |= self.bytes_again > AGAIN_BYTES / 4;
        fits && !self.stopped
    }

    fn count(&mut self, path: &Path) -> usize {
        let times = self.times.entry(path.to_owned()).or_default();
        *times += 1;
        self.files += 1;
        self.stopped |= self.files > MOST;
        *times
    }
}

#[cfg(test)]
mod tests {
    use super::{AGAIN, Includes};
    use std::path::Path;

    #[test]
    fn a_file_that_is_read_again_and_again_ends_it() {
        let mut includes = Includes::default();
        assert!((0..AGAIN).all(|_| includes.enter(Path::new("a"))));
        assert!(includes.enter(Path::new("b")));
        assert!(!includes.enter(Path::new("a")) && !includes.enter(Path::new("b")));
        let mut small = Includes::default();
        assert!((0..100).all(|_| small.enter_small(Path::new("a"), 100)));
        assert!((0..10).any(|_| !small.enter_small(Path::new("a"), 60_000)));
    }
}
