//! Which rules count now: the shipped ones, or a user's own compiled together with them. A compiled index that
//! is missing, stale, damaged or not the user's own is never used: the slow road loads the files instead.

use super::index::{Damaged, Entry, Index};
use super::pack::Surroundings;
use crate::settings::Dirs;
use crate::sys::{file, who};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Identifies the shipped rules that an index was compiled with.
pub const SHIPPED: &str = env!("GUARD_SHIPPED_RULES");

static SHIPPED_BLOCK: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/shipped.index"));

/// The shipped rules, compiled into this executable.
pub fn shipped() -> Result<Index<'static>, Damaged> {
    Index::open(SHIPPED_BLOCK)
}

/// A file or directory that the index was made from; `None`: it was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
}

/// Enough of stat(2) to notice every change that does not forge timestamps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: i128,
    changed: i128,
}

/// What an index was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    pub shipped: String,
    pub files: Vec<Source>,
}

impl Source {
    pub fn look(path: PathBuf) -> Source {
        let stamp = file::identity(&path).ok().map(|i| Stamp {
            device: i.device,
            inode: i.inode,
            size: i.size,
            modified: i.modified,
            changed: i.changed,
        });
        Source { path, stamp }
    }
}

/// Rules to decide by.
#[derive(Debug)]
pub enum RuleSet {
    Shipped,
    /// Compiled just now.
    Compiled(Vec<u8>),
    /// The index of a former run, still fresh; only what is looked up is read.
    Kept(File),
}

impl RuleSet {
    fn index(&self) -> Result<Index<'_>, Damaged> {
        match self {
            RuleSet::Shipped => shipped(),
            RuleSet::Compiled(bytes) => Index::open(bytes),
            RuleSet::Kept(file) => Index::in_file(file),
        }
    }

    pub fn program(&self, name: &[u8]) -> Result<Option<Entry>, Damaged> {
        self.index()?.program(name)
    }

    pub fn programs(&self) -> Result<Vec<String>, Damaged> {
        self.index()?.programs()
    }

    pub fn surroundings(&self) -> Result<Result<Surroundings, String>, Damaged> {
        self.index()?.surroundings()
    }
}

/// The files of a configuration directory that could hold rules.
pub fn candidates(dirs: &Dirs) -> [PathBuf; 3] {
    ["environments.toml", "policy.toml", "rules.d"].map(|name| dirs.config.join(name))
}

/// A larger index is not one of ours.
const LARGEST: u64 = 256 << 20;

/// Where the compiled index stands.
pub fn index_path(dirs: &Dirs) -> PathBuf {
    dirs.cache.join("rules.index")
}

/// The rules that count, if they are at hand without loading files; `None`: take the slow road.
pub fn open(dirs: &Dirs) -> Option<RuleSet> {
    // Mostly there is no directory at all: one look instead of three.
    if is_absent(&dirs.config) {
        return Some(RuleSet::Shipped);
    }
    if candidates(dirs).iter().all(|path| is_absent(path)) {
        // A link to a directory that is not there (dotfiles not mounted) is not "no rules".
        return (!leads_nowhere(&dirs.config)).then_some(RuleSet::Shipped);
    }
    let path = index_path(dirs);
    let (index, identity) = file::open_regular(&path).ok()?;
    if identity.owner != who::uid() || identity.mode & 0o022 != 0 || identity.size > LARGEST {
        return None;
    }
    let sources: Sources = postcard::from_bytes(&Index::in_file(&index).ok()?.sources().ok()?).ok()?;
    let fresh =
        sources.shipped == SHIPPED && sources.files.iter().all(|s| Source::look(s.path.clone()) == *s);
    let same_place = candidates(dirs).iter().all(|c| sources.files.iter().any(|s| s.path == *c));
    (fresh && same_place).then_some(RuleSet::Kept(index))
}

/// It is there, but what it leads to is not, or may not be looked at.
pub fn leads_nowhere(path: &Path) -> bool {
    !is_absent(path) && std::fs::metadata(path).is_err()
}

/// Only "no such file" is absent: a directory that may not be searched could hold rules.
pub fn is_absent(path: &Path) -> bool {
    matches!(std::fs::symlink_metadata(path), Err(e) if e.kind() == std::io::ErrorKind::NotFound)
}
