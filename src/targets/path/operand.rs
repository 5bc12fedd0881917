//! What rm does with one operand, decided by the same looks that rm takes (coreutils 9.1, remove.c and gnulib's
//! fts.c). Must never call something kept that rm would remove; where guard may not look, it says so.

use super::removed::Removed;
use super::walk::{Stop, Walked, stop, walk};
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Options that decide about operands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub recursive: bool,
    /// `-d`: empty directories go too.
    pub empty_directories: bool,
    pub one_file_system: bool,
    pub preserve_root: bool,
    /// `--preserve-root=all`: an operand on another device than its parent stays.
    pub preserve_mounts: bool,
}

/// Something that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Canonical: only the last component may be a link.
    pub path: PathBuf,
    pub kind: Kind,
    pub extent: Extent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// Everything in it, but not itself: `/` and mount points are busy, and `dir/src/../../dir` names nothing any
    /// more once `src` is gone.
    Contents,
    /// The same, because the operand is a link with a slash: rm empties the directory behind it and then fails
    /// to remove the link.
    BehindLink,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Link,
    File,
    Device,
    EmptyDirectory,
    /// Not empty; everything below goes with it.
    Directory,
    /// Guard is not allowed to look; rm may or may not be.
    Unseen,
}

/// Why an operand stays whose path is not there.
pub(super) const NO_PATH: &str = "there is no such path";

/// What happens to an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Goes(Item),
    /// rm leaves it alone, and why.
    Stays(&'static str),
}

/// Follows rm through one operand, after the ones that are in `removed`.
pub(super) fn fate(word: &OsStr, flags: Flags, cwd: &Path, removed: &Removed) -> Fate {
    let bytes = word.as_bytes();
    let body = trim_slashes(bytes);
    let slash = body.len() < bytes.len();
    let (parent, name) = match body.iter().rposition(|b| *b == b'/') {
        Some(at) => (&body[..=at], &body[at + 1..]),
        None => (&b""[..], body),
    };
    let walked = match (bytes, name) {
        (b"", _) => return Fate::Stays("the name is empty"),
        (_, b"") => Ok(Walked { path: PathBuf::from("/"), through: Vec::new() }),
        (_, b"." | b"..") => return Fate::Stays("rm refuses `.` and `..`"),
        (_, _) => walk(cwd, parent, removed),
    };
    let name = OsStr::from_bytes(name);
    match walked {
        Ok(walked) if name.is_empty() => by_kind(walked.path, slash, flags, removed),
        Ok(Walked { path, through }) => {
            let fate = by_kind(path.join(name), slash, flags, removed);
            without_its_own_way(fate, &through)
        }
        Err(Stop::Missing) => Fate::Stays(NO_PATH),
        Err(Stop::Unseen(parent)) => unseen(parent.join(name)),
    }
}

/// A directory that the operand's own way leads through loses its contents only: the way is gone then.
fn without_its_own_way(fate: Fate, through: &[PathBuf]) -> Fate {
    match fate {
        Fate::Goes(Item { path, kind: Kind::Directory, extent: Extent::Whole })
            if through.iter().any(|t| *t != path && t.starts_with(&path)) =>
        {
            Fate::Goes(Item { path, kind: Kind::Directory, extent: Extent::Contents })
        }
        other => other,
    }
}

fn by_kind(path: PathBuf, slash: bool, flags: Flags, removed: &Removed) -> Fate {
    if removed.covers(&path) {
        return Fate::Stays("an earlier operand removes it already");
    }
    let meta = match std::fs::symlink_metadata(&path) {
        Ok(meta) => meta,
        Err(error) => return stopped(stop(error.kind(), || path)),
    };
    match (meta.is_symlink(), meta.is_dir(), slash) {
        (true, _, true) => behind_link(&path, flags, removed),
        (true, _, false) => goes(path, Kind::Link),
        (false, true, _) => directory(path, &meta, flags, removed),
        (false, false, true) => Fate::Stays("it is not a directory"),
        (false, false, false) => {
            let kind = meta.file_type();
            goes(
                path,
                if kind.is_block_device() || kind.is_char_device() { Kind::Device } else { Kind::File },
            )
        }
    }
}

fn trim_slashes(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    &bytes[..end]
}

fn goes(path: PathBuf, kind: Kind) -> Fate {
    Fate::Goes(Item { path, kind, extent: Extent::Whole })
}

fn unseen(path: PathBuf) -> Fate {
    goes(path, Kind::Unseen)
}

fn stopped(stop: Stop) -> Fate {
    match stop {
        Stop::Missing => Fate::Stays(NO_PATH),
        Stop::Unseen(path) => unseen(path),
    }
}

/// `link/`: the directory behind it loses its contents; both the directory and the link stay.
fn behind_link(link: &Path, flags: Flags, removed: &Removed) -> Fate {
    let target = match walk(Path::new("/"), link.as_os_str().as_bytes(), removed) {
        Ok(walked) => walked.path,
        Err(stop) => return stopped(stop),
    };
    let meta = match std::fs::symlink_metadata(&target) {
        Ok(meta) => meta,
        Err(error) => return stopped(stop(error.kind(), || target)),
    };
    if !meta.is_dir() {
        return Fate::Stays("it does not lead to a directory");
    }
    if !flags.recursive {
        return Fate::Stays("it leads to a directory, and there is no -r");
    }
    if is_empty(&target, removed) {
        return Fate::Stays("the directory behind it is empty");
    }
    match directory(target, &meta, flags, removed) {
        Fate::Goes(item) => Fate::Goes(Item { extent: Extent::BehindLink, ..item }),
        stays @ Fate::Stays(_) => stays,
    }
}

fn directory(path: PathBuf, meta: &Metadata, flags: Flags, removed: &Removed) -> Fate {
    if !flags.recursive && !flags.empty_directories {
        return Fate::Stays("it is a directory, and there is no -r");
    }
    if !flags.recursive {
        return match is_empty(&path, removed) {
            true => goes(path, Kind::EmptyDirectory),
            false => Fate::Stays("it is not empty, and there is no -r"),
        };
    }
    let same = |other: Metadata| (other.dev(), other.ino()) == (meta.dev(), meta.ino());
    let is_root = path == Path::new("/") || std::fs::symlink_metadata("/").is_ok_and(same);
    if is_root && flags.preserve_root {
        return Fate::Stays("rm refuses `/` without --no-preserve-root");
    }
    let on_other_device = |parent: Metadata| parent.dev() != meta.dev();
    if flags.preserve_mounts && std::fs::symlink_metadata(path.join("..")).is_ok_and(on_other_device) {
        return Fate::Stays("--preserve-root=all keeps it: it is on another device than its parent");
    }
    // What earlier operands take out of it is lost all the same: the directory counts as it is now.
    let kind = if is_empty(&path, &Removed::default()) { Kind::EmptyDirectory } else { Kind::Directory };
    Fate::Goes(Item { path, kind, extent: if is_root { Extent::Contents } else { Extent::Whole } })
}

/// Nothing is in it that an earlier operand leaves; a directory that cannot be read counts as full.
fn is_empty(directory: &Path, removed: &Removed) -> bool {
    let Ok(mut entries) = std::fs::read_dir(directory) else { return false };
    entries.all(|entry| entry.is_ok_and(|e| removed.covers(&e.path())))
}
