//! The targets of programs that act on paths, made from what they touch. Must never leave a path out without
//! saying so.

use super::operand::{Extent, Flags, Item, Kind};
use super::place::{self, GRAVE, World};
use super::removed::Removed;
use super::walk::{Stop, walk};
use crate::invocation::Invocation;
use crate::reading::{Command, Does};
use crate::targets::fact::path_text;
use crate::targets::{Datum, Fact, Resolution, Targets, declared::machine};
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// What stands around a command, canonical; `recursive` says whether directories are meant with all below.
pub(super) fn world(invocation: &Invocation, recursive: bool) -> World {
    let nothing_gone = Removed::default();
    let home = invocation.home().map(|home| super::canonical(&home, &nothing_gone));
    let cwd = super::canonical(invocation.cwd(), &nothing_gone);
    World::new(home, cwd, Flags { recursive, ..Flags::default() })
}

/// A command's target: nothing, or what `fill` says.
pub(super) fn resolve(command: &Command, fill: fn(&mut Targets, &Command)) -> Resolution {
    let mut targets = Targets::new("path");
    match &command.does {
        Does::Nothing(why) => none(&mut targets, why),
        Does::Acts | Does::Unsure(_) => fill(&mut targets, command),
    }
    targets.facts.push(machine());
    Resolution::Hits(targets)
}

/// No path at all, and why.
pub(super) fn none(targets: &mut Targets, why: &str) {
    super::nothing(targets, why);
}

/// Fills in the facts for what is touched: `items`, by their place in `world`.
pub(super) fn fill(targets: &mut Targets, items: &[Item], world: &World, source: &str) {
    let grave = super::add_traits(targets, items, world);
    let (paths, cut) = super::paths(items);
    targets.typed = super::typed(items, paths.len(), grave);
    targets.objects = paths.iter().map(|p| path_text(p)).collect();
    let source = if cut { format!("{source}; not every path is listed") } else { source.to_owned() };
    targets.facts.push(Fact::known("paths", Datum::texts(targets.objects.clone()), source));
}

/// What is at a canonical path, links not followed.
pub(super) fn item(path: PathBuf) -> Option<Item> {
    let metadata = std::fs::symlink_metadata(&path).ok()?;
    let kind = kind(&path, &metadata);
    Some(Item { path, kind, extent: Extent::Whole })
}

pub(super) fn kind(path: &Path, metadata: &Metadata) -> Kind {
    let file_type = metadata.file_type();
    if file_type.is_symlink() {
        Kind::Link
    } else if file_type.is_dir() {
        let empty = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if empty { Kind::EmptyDirectory } else { Kind::Directory }
    } else if file_type.is_block_device() || file_type.is_char_device() {
        Kind::Device
    } else {
        Kind::File
    }
}

/// The operands, each once: a word that is said again leads to the same place.
pub(super) fn words(command: &Command) -> impl Iterator<Item = &OsString> {
    let args = command.invocation.args();
    let mut said: HashSet<&OsString> = HashSet::new();
    command.operand_at.iter().filter_map(|at| args.get(*at)).filter(move |word| said.insert(word))
}

/// Where a word leads with every link followed, and whether something is there; the name of what is not there
/// yet stands in its canonical directory. `None`: not even the directory is there.
pub(super) fn followed(invocation: &Invocation, word: &OsStr) -> Option<(PathBuf, bool)> {
    if word.is_empty() {
        return None;
    }
    let cwd = invocation.cwd();
    let nothing = Removed::default();
    match walk(cwd, word.as_bytes(), &nothing) {
        Ok(walked) => {
            // `file/` names nothing.
            let slash = word.as_bytes().ends_with(b"/") || word.as_bytes().ends_with(b"/.");
            let there = std::fs::symlink_metadata(&walked.path).is_ok_and(|m| !slash || m.is_dir());
            Some((walked.path, there))
        }
        Err(Stop::Unseen(path)) => Some((path, true)),
        Err(Stop::Missing) => missing(cwd, word.as_bytes()).map(|path| (path, false)),
    }
}

/// A name that is not there in a directory that is; a link to nothing is followed to where it would lead.
fn missing(cwd: &Path, word: &[u8]) -> Option<PathBuf> {
    let (parent, name) = split(word);
    let directory = walk(cwd, parent, &Removed::default()).ok()?.path;
    let path = directory.join(OsStr::from_bytes(name));
    match std::fs::read_link(&path) {
        Ok(target) if target != path => {
            let (parent, name) = split(target.as_os_str().as_bytes());
            let directory = walk(&directory, parent, &Removed::default()).ok()?.path;
            Some(directory.join(OsStr::from_bytes(name)))
        }
        Ok(_) | Err(_) => Some(path),
    }
}

/// The entry itself: its directory's links followed, its own not.
pub(super) fn entry(invocation: &Invocation, word: &OsStr) -> Option<PathBuf> {
    let bytes = word.as_bytes();
    if bytes.is_empty() {
        return None;
    }
    let (parent, name) = split(bytes);
    if matches!(name, b"" | b"." | b"..") {
        return walk(invocation.cwd(), bytes, &Removed::default()).ok().map(|walked| walked.path);
    }
    match walk(invocation.cwd(), parent, &Removed::default()) {
        Ok(walked) => Some(walked.path.join(OsStr::from_bytes(name))),
        Err(Stop::Unseen(path)) => Some(path.join(OsStr::from_bytes(name))),
        Err(Stop::Missing) => None,
    }
}

/// Directory and last name; slashes at the end do not count.
fn split(word: &[u8]) -> (&[u8], &[u8]) {
    let end = word.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    let body = &word[..end];
    match body.iter().rposition(|b| *b == b'/') {
        Some(at) => (&body[..=at], &body[at + 1..]),
        None => (&[], body),
    }
}

/// Traits of places that a whole subtree stands for, without listing it.
pub(super) fn places(targets: &mut Targets, items: &[Item], world: &World) -> bool {
    for item in items {
        place::traits(item, world).into_iter().for_each(|value| targets.traits.add("target.path", value));
    }
    targets.traits.values("target.path").any(|value| GRAVE.contains(&value))
}
