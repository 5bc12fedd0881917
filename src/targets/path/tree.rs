//! A bounded walk over directories for programs that act on everything below. Must never follow a link that the
//! program would not follow.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Entries that are looked at before giving up.
const MOST: usize = 100_000;
const DEEPEST: usize = 200;

/// Which links are followed below the operand, which the caller has followed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Never,
    Always,
}

/// Visits an entry and all below it; `false` when there is more than can be looked at.
pub(super) fn walk(root: &Path, inside: Inside, visit: &mut impl FnMut(&Path, &Metadata)) -> bool {
    let Ok(metadata) = std::fs::symlink_metadata(root) else { return true };
    let mut seen = 0;
    enter(root.to_owned(), &metadata, inside, &mut seen, &mut Vec::new(), visit)
}

fn enter(
    path: PathBuf,
    metadata: &Metadata,
    inside: Inside,
    seen: &mut usize,
    above: &mut Vec<(u64, u64)>,
    visit: &mut impl FnMut(&Path, &Metadata),
) -> bool {
    *seen += 1;
    if *seen > MOST || above.len() > DEEPEST {
        return false;
    }
    if metadata.is_symlink() && inside == Inside::Always {
        return match (std::fs::canonicalize(&path), std::fs::metadata(&path)) {
            (Ok(real), Ok(metadata)) => enter(real, &metadata, inside, seen, above, visit),
            (_, _) => true,
        };
    }
    visit(&path, metadata);
    let identity = (metadata.dev(), metadata.ino());
    if !metadata.is_dir() || above.contains(&identity) {
        return true;
    }
    let Ok(entries) = std::fs::read_dir(&path) else { return false };
    above.push(identity);
    let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
    names.sort();
    let all = names.into_iter().all(|name| {
        let path = path.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) => enter(path, &metadata, inside, seen, above, visit),
            Err(_) => true,
        }
    });
    above.pop();
    all
}
