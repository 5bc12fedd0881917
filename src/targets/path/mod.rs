//! Which files and directories a removal takes, as canonical paths, and what they are. Must never follow a
//! link that rm would not follow, and never walk a tree: the first names of a directory are enough.

mod copies;
mod devices;
mod find;
mod lexical;
mod missing;
mod mounts;
mod operand;
mod permissions;
mod place;
mod removed;
mod touched;
mod tree;
mod walk;
mod writes;
mod written;

use super::{Datum, Fact, Resolution, Targets, fact::path_text};
use crate::reading::{Command, Does};
use crate::text;
use operand::{Extent, Fate, Flags, Item, Kind, NO_PATH, fate};
use place::{GRAVE, World};
use removed::Removed;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use copies::resolve as copies;
pub use devices::resolve as device;
pub use find::resolve as find;
pub use lexical::values as by_words;
pub use missing::{Missing, missing};
pub use permissions::resolve as permissions;
pub use writes::resolve as writes;
pub use written::{by_name, resolve as written};

/// More paths than this are shown by the directories that hold the rest.
const LISTED: usize = 1000;

/// Resolves an rm command. One that removes nothing has an empty list of paths, with the reason as its source.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("path");
    match &command.does {
        Does::Nothing(why) => nothing(&mut targets, why),
        Does::Acts | Does::Unsure(_) => removal(&mut targets, command),
    }
    targets.facts.push(super::declared::machine());
    Resolution::Hits(targets)
}

fn nothing(targets: &mut Targets, why: &str) {
    targets.facts.push(Fact::known("paths", Datum::List(Vec::new()), why));
    targets.typed = "nothing".to_owned();
}

fn removal(targets: &mut Targets, command: &Command) {
    let nothing_gone = Removed::default();
    let invocation = &command.invocation;
    // The kernel's own answer is canonical; a directory that a wrapper names may not be.
    let cwd = canonical(invocation.cwd(), &nothing_gone);
    let home = invocation.home().map(|home| canonical(&home, &nothing_gone));
    let world = World::new(home, cwd, flags(command));
    let (mut items, removed, stays) = follow(command, &world);
    if items.is_empty() {
        return nothing(targets, stays.unwrap_or("no path is named"));
    }
    let grave = add_traits(targets, &items, &world);
    keep_outermost(&mut items, &removed);
    let (paths, cut) = paths(&items);
    targets.typed = typed(&items, paths.len(), grave);
    targets.objects = paths.iter().map(|p| path_text(p)).collect();
    targets.facts.push(Fact::known("paths", Datum::texts(targets.objects.clone()), source(&items, cut)));
    if world.mounts_unknown() {
        targets.facts.push(Fact::unknown(
            "mounts",
            "what is mounted below cannot be read",
            "/proc/self/mountinfo",
        ));
    }
}

fn canonical(path: &Path, removed: &Removed) -> PathBuf {
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
    walk::walk(Path::new("/"), bytes, removed).map_or_else(|_| path.to_owned(), |walked| walked.path)
}

fn flags(command: &Command) -> Flags {
    let has = |name: &str| command.option(name).is_some();
    let about_root = |name: &&str| matches!(*name, "--preserve-root" | "--no-preserve-root");
    Flags {
        recursive: has("--recursive"),
        empty_directories: has("--dir") || command.tool == "rmdir",
        one_file_system: has("--one-file-system"),
        preserve_root: command.options.iter().rev().map(|o| o.name.as_str()).find(about_root)
            != Some("--no-preserve-root"),
        preserve_mounts: command.option_values("--preserve-root").any(|which| which == "all"),
    }
}

/// Every operand in order: what goes, and why the first one stays that does.
fn follow(command: &Command, world: &World) -> (Vec<Item>, Removed, Option<&'static str>) {
    let mut removed = Removed::default();
    let mut items = Vec::new();
    let mut stays = None;
    let args = command.invocation.args();
    let single = command.operand_at.len() == 1;
    // A removal makes nothing: what is not there stays so, however often it is named.
    let mut absent: HashSet<&OsString> = HashSet::new();
    for word in command.operand_at.iter().filter_map(|at| args.get(*at)) {
        if absent.contains(word) {
            continue;
        }
        match fate(word, world.flags, &world.cwd, &removed) {
            Fate::Goes(item) if command.tool == "rmdir" && item.kind != Kind::EmptyDirectory => {
                stays = stays.or(Some("rmdir takes only empty directories"));
            }
            Fate::Goes(item) if world.keeps(&item) => {
                stays = stays.or(Some("--one-file-system keeps it: all of it is mounted from elsewhere"));
            }
            Fate::Goes(mut item) => {
                if item.extent == Extent::Whole && world.is_mount(&item) {
                    item.extent = Extent::Contents;
                }
                match item.extent {
                    _ if single => {}
                    Extent::Whole => removed.remove(&item.path),
                    Extent::Contents | Extent::BehindLink => removed.empty(&item.path),
                }
                items.push(item);
            }
            Fate::Stays(why) => {
                stays = stays.or(Some(why));
                if why == NO_PATH {
                    absent.insert(word);
                }
            }
        }
    }
    (items, removed, stays)
}

/// `rm -rf a/b a` takes a; what was below it is no target of its own.
fn keep_outermost(items: &mut Vec<Item>, removed: &Removed) {
    if items.len() > 1 {
        let itself = |item: &Item| item.extent == Extent::Whole;
        items.retain(|item| {
            !removed.covers_above(&item.path) && (itself(item) || !removed.covers(&item.path))
        });
    }
}

/// Adds what rules look at; true when anything is more than a plain file or directory.
fn add_traits(targets: &mut Targets, items: &[Item], world: &World) -> bool {
    for item in items {
        place::traits(item, world).into_iter().for_each(|value| targets.traits.add("target.path", value));
    }
    for directory in emptied(items, world.flags) {
        place::traits_of_contents(directory, world)
            .into_iter()
            .for_each(|value| targets.traits.add("target.path", value));
    }
    targets.traits.values("target.path").any(|value| GRAVE.contains(&value))
}

/// Directories all of whose visible entries are operands: what `*` in a shell amounts to. A few files named
/// one by one are not worth reading a directory for.
fn emptied(items: &[Item], flags: Flags) -> Vec<&Path> {
    if items.len() < if flags.recursive { 2 } else { 4 } {
        return Vec::new();
    }
    let mut groups: BTreeMap<&Path, BTreeSet<&OsStr>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.extent == Extent::Whole) {
        if let (Some(parent), Some(name)) = (item.path.parent(), item.path.file_name()) {
            groups.entry(parent).or_default().insert(name);
        }
    }
    groups.retain(|parent, names| names.len() > 1 && loses_all(parent, names));
    groups.into_keys().collect()
}

fn loses_all(directory: &Path, names: &BTreeSet<&OsStr>) -> bool {
    let visible = |name: &OsStr| !name.as_encoded_bytes().starts_with(b".");
    let goes = |name: OsString| !visible(&name) || names.contains(name.as_os_str());
    names.iter().any(|name| visible(name))
        && std::fs::read_dir(directory).is_ok_and(|mut all| all.all(|e| e.is_ok_and(|e| goes(e.file_name()))))
}

/// The paths that go, at most `LISTED` and the directories that hold the rest; true when any are so held.
fn paths(items: &[Item]) -> (Vec<PathBuf>, bool) {
    let mut list = Vec::new();
    let mut seen = BTreeSet::new();
    let mut cut = false;
    let mut put = |path: PathBuf| {
        let path = if seen.len() < LISTED {
            path
        } else {
            cut = true;
            path.parent().map(Path::to_owned).unwrap_or(path)
        };
        if seen.insert(path.clone()) {
            list.push(path);
        }
    };
    for item in items {
        match item.extent {
            Extent::Whole => put(item.path.clone()),
            Extent::Contents | Extent::BehindLink => entries(&item.path).into_iter().for_each(&mut put),
        }
    }
    (list, cut)
}

/// The entries of a directory, sorted; the directory itself where it cannot be read or holds too many.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(read) = std::fs::read_dir(directory) else { return vec![directory.to_owned()] };
    let mut list: Vec<PathBuf> = read.take(LISTED + 1).flatten().map(|e| e.path()).collect();
    if list.len() > LISTED {
        return vec![directory.to_owned()];
    }
    list.sort();
    list
}

fn source(items: &[Item], cut: bool) -> String {
    let mut words = vec!["the operands".to_owned()];
    for item in items.iter().filter(|item| item.extent != Extent::Whole).take(3) {
        words.push(format!("contents of {}", text::show(path_text(&item.path))));
    }
    if items.iter().any(|item| item.kind == Kind::Unseen) {
        words.push("some as written, for want of permission to look".to_owned());
    }
    if cut {
        words.push(format!("beyond {LISTED} only the directories that hold them"));
    }
    words.join("; ")
}

/// The full path for what must not be lost, the last component else, the count of several.
fn typed(items: &[Item], paths: usize, grave: bool) -> String {
    let [item] = items else { return format!("{paths} paths") };
    let name =
        if grave { item.path.as_os_str() } else { item.path.file_name().unwrap_or(item.path.as_os_str()) };
    text::show(path_text(Path::new(name)))
}

#[cfg(test)]
mod tests;
