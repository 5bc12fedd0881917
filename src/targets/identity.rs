//! What stands behind a path now: device and inode. A directory that was replaced by another of the same name is another
//! thing. Must never follow a link, and never say that two things are the same because one of them cannot be seen.

use super::Targets;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Device and inode.
pub type Identity = (u64, u64);

/// Each object that is a path of this machine, with what stands there; `None` where nothing does, or nobody can say.
pub fn identities(targets: &Targets) -> Vec<(&str, Option<Identity>)> {
    let paths = targets.objects.iter().filter(|object| object.starts_with('/'));
    paths.map(|path| (path.as_str(), identity(Path::new(path)))).collect()
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
