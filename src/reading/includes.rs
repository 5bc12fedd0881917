//! Files that have others read: scripts and settings that include each other, or themselves.
//! Must never be followed without end, nor as often as two in every file would ask for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How often the same file is read, and how many there may be in all.
const AGAIN: usize = 8;
const MOST: usize = 1_000;

/// Why no more are read.
pub const WHY: &str = "scripts include each other without end";

/// The files that were read so far for one command.
#[derive(Clone, Debug, Default)]
pub struct Includes {
    times: BTreeMap<PathBuf, usize>,
    files: usize,
    /// Once there were too many, none is read any more.
    stopped: bool,
}

impl Includes {
    /// Whether a file may still be read.
    #[must_use]
    pub fn enter(&mut self, path: &Path) -> bool {
        let times = self.times.entry(path.to_owned()).or_default();
        *times += 1;
        self.files += 1;
        self.stopped |= *times > AGAIN || self.files > MOST;
        !self.stopped
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
    }
}
