//! What earlier operands of the same command have taken away already: rm works through its operands in order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Paths that are gone by now, and directories that are empty by now.
#[derive(Debug, Default)]
pub(super) struct Removed {
    whole: BTreeSet<PathBuf>,
    emptied: BTreeSet<PathBuf>,
}

impl Removed {
    pub(super) fn remove(&mut self, path: &Path) {
        self.whole.insert(path.to_owned());
    }

    pub(super) fn empty(&mut self, directory: &Path) {
        self.emptied.insert(directory.to_owned());
    }

    /// Whether a canonical path is gone.
    pub(super) fn covers(&self, path: &Path) -> bool {
        if self.whole.is_empty() && self.emptied.is_empty() {
            return false;
        }
        self.whole.contains(path) || self.covers_above(path)
    }

    /// Whether a canonical path went together with a directory above it.
    pub(super) fn covers_above(&self, path: &Path) -> bool {
        path.ancestors().skip(1).any(|above| self.whole.contains(above) || self.emptied.contains(above))
    }
}
