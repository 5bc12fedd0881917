//! Names to canonical paths, component by component as the kernel walks them. Must never believe a path that
//! leads through something which an earlier operand of the same command removes.

use super::removed::Removed;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The program would not find it either.
    Missing,
    /// It may be there, but guard is not allowed to look; the path as far as words alone can tell.
    Unseen(PathBuf),
}

/// Links followed before the kernel gives up (path_resolution(7)).
const LINKS: usize = 40;

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walked {
    pub path: PathBuf,
    /// Links and directories on the way that are not above `path`: `src/..` needs `src`.
    pub through: Vec<PathBuf>,
}

/// The directory (or file) that `words` lead to from the canonical directory `base`, every link followed.
pub(super) fn walk(base: &Path, words: &[u8], removed: &Removed) -> Result<Walked, Stop> {
    let mut through = Vec::new();
    let mut path = if words.first() == Some(&b'/') { PathBuf::from("/") } else { base.to_owned() };
    let mut ahead: Vec<Vec<u8>> = components(words);
    let mut links = 0;
    // How many components were looked up by name: a `..` above the working directory needs no name.
    let mut named = 0_usize;
    while let Some(name) = ahead.pop() {
        if name == b".." {
            match std::fs::symlink_metadata(&path) {
                Ok(meta) if !meta.is_dir() => return Err(Stop::Missing),
                Ok(_) if named > 0 => through.push(path.clone()),
                Ok(_) => {}
                Err(error) => return Err(stop(error.kind(), || lexical(path, ahead))),
            }
            path.pop();
            named = named.saturating_sub(1);
            continue;
        }
        path.push(OsStr::from_bytes(&name));
        named += 1;
        if removed.covers(&path) {
            return Err(Stop::Missing);
        }
        match std::fs::read_link(&path) {
            Ok(target) => {
                links += 1;
                if links > LINKS {
                    return Err(Stop::Missing);
                }
                through.push(path.clone());
                let target = target.as_os_str().as_bytes();
                if target.first() == Some(&b'/') {
                    (path, named) = (PathBuf::from("/"), 0);
                } else {
                    path.pop();
                    named -= 1;
                }
                ahead.append(&mut components(target));
            }
            // EINVAL: there, and not a link.
            Err(error) if error.kind() == ErrorKind::InvalidInput => {}
            Err(error) => return Err(stop(error.kind(), || lexical(path, ahead))),
        }
    }
    Ok(Walked { path, through })
}

/// What a failed look at a path means for rm, which looks with the same rights.
pub(super) fn stop(kind: ErrorKind, path: impl FnOnce() -> PathBuf) -> Stop {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Stop::Missing,
        _ => Stop::Unseen(path()),
    }
}

/// Components in reverse order, without empty ones and `.`.
fn components(words: &[u8]) -> Vec<Vec<u8>> {
    let real = |part: &&[u8]| !part.is_empty() && *part != b".";
    words.split(|b| *b == b'/').filter(real).rev().map(<[u8]>::to_vec).collect()
}

fn lexical(mut path: PathBuf, mut ahead: Vec<Vec<u8>>) -> PathBuf {
    while let Some(name) = ahead.pop() {
        if name == b".." {
            path.pop();
        } else {
            path.push(OsStr::from_bytes(&name));
        }
    }
    path
}
