//! Which files cp, mv, install and ln put others in the place of, and what mv takes away from where it belongs.
//! Must never call something kept that would be replaced.

use super::operand::{Extent, Item, Kind};
use super::place::{self, World};
use super::tree::{Inside, walk};
use super::{touched, writes};
use crate::invocation::Invocation;
use crate::reading::Command;
use crate::reading::files::keeps_by_asking;
use crate::targets::{Fact, Resolution, Targets};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Resolves a cp, mv, install or ln command.
pub fn resolve(command: &Command) -> Resolution {
    touched::resolve(command, fill)
}

/// A source and where it goes.
struct Move {
    from: OsString,
    to: PathBuf,
}

fn fill(targets: &mut Targets, command: &Command) {
    let moves = match moves(command) {
        Ok(moves) => moves,
        Err(why) => return touched::none(targets, why),
    };
    let world = touched::world(&command.invocation, true);
    let mut items = Vec::new();
    let mut complete = true;
    if !keeps(command) {
        for one in &moves {
            complete &= replaced(command, one, &mut items);
        }
    }
    if command.tool == "mv" {
        moved(targets, command, &moves, &world);
    }
    items.sort_by(|a, b| a.path.cmp(&b.path));
    items.dedup();
    if complete {
        writes::fill(targets, command, &items);
    } else {
        touched::places(targets, &items, &world);
        targets.traits.add("target.path", "unseen");
        targets.typed = moves.last().map_or_else(String::new, |m| m.to.to_string_lossy().into_owned());
        targets.facts.push(Fact::unknown(
            "paths",
            "there is more to copy than can be looked at",
            "the operands",
        ));
    }
}

/// Every source with the name that it would get.
fn moves(command: &Command) -> Result<Vec<Move>, &'static str> {
    let invocation = &command.invocation;
    let args = invocation.args();
    let mut words: Vec<&OsString> = command.operand_at.iter().filter_map(|at| args.get(*at)).collect();
    let has = |name: &str| command.option(name).is_some();
    if command.tool == "install" && has("--directory") {
        return Err("it only makes directories");
    }
    let directory: OsString = if let Some(directory) = command.option("--target-directory") {
        directory.into()
    } else if words.len() == 1 {
        if command.tool != "ln" {
            return Err("there is no destination");
        }
        ".".into()
    } else {
        let last = words.pop().cloned().unwrap_or_default();
        let whole = has("--no-target-directory");
        let no_follow = command.tool == "ln" && has("--no-dereference");
        let path = invocation.path(&last);
        let is_directory = path.is_dir() && !(no_follow && path.is_symlink());
        if whole || !is_directory {
            let [from] = words.as_slice() else { return Err("the destination is no directory") };
            return Ok(vec![Move { from: (*from).clone(), to: invocation.path(last) }]);
        }
        last
    };
    let directory = invocation.path(directory);
    let name = |word: &OsStr| -> PathBuf {
        if has("--parents") {
            return Path::new(word).components().filter(|c| matches!(c, Component::Normal(_))).collect();
        }
        Path::new(word).file_name().map_or_else(PathBuf::new, PathBuf::from)
    };
    Ok(words.into_iter().map(|w| Move { from: w.clone(), to: directory.join(name(w)) }).collect())
}

/// An option keeps whatever is there.
fn keeps(command: &Command) -> bool {
    let has = |name: &str| command.option(name).is_some();
    if has("--backup") {
        return !matches!(command.option("--backup"), Some("none" | "off"));
    }
    if has("--attributes-only") {
        return true;
    }
    let deciding: &[&str] = match command.tool.as_str() {
        "mv" => &["--interactive", "--no-clobber", "--force"],
        "cp" => &["--interactive", "--no-clobber"],
        "ln" => &["--interactive", "--force"],
        _ => &[],
    };
    let last = command.options.iter().rev().map(|o| o.name.as_str()).find(|n| deciding.contains(n));
    match last {
        Some("--interactive") => keeps_by_asking(command.invocation.stdin()),
        Some("--no-clobber") => true,
        Some(_) => matches!(command.option("--update"), Some("none" | "none-fail")),
        None if command.tool == "ln" => true,
        None => matches!(command.option("--update"), Some("none" | "none-fail")),
    }
}

/// Adds what one source replaces; `false` when there is too much below it.
fn replaced(command: &Command, one: &Move, items: &mut Vec<Item>) -> bool {
    let from = command.invocation.path(&one.from);
    if command.tool == "ln" {
        items.extend(entry(&command.invocation, &one.to).filter(|item| item.kind != Kind::Directory));
        return true;
    }
    let Ok(metadata) = std::fs::symlink_metadata(&from) else {
        if command.invocation.is_supposed() {
            items.extend(lost(command, &from, &one.to));
        }
        return true;
    };
    let follows = command.tool != "mv" && command.option("--recursive").is_none();
    let is_directory = if follows { from.is_dir() } else { metadata.is_dir() };
    if !is_directory {
        items.extend(lost(command, &from, &one.to));
        return true;
    }
    if command.tool == "mv" || !copies_directories(command) {
        // A directory only replaces an empty one.
        return true;
    }
    walk(&from, Inside::Never, &mut |path, metadata| {
        if !metadata.is_dir()
            && let Ok(below) = path.strip_prefix(&from)
        {
            items.extend(lost(command, path, &one.to.join(below)));
        }
    })
}

fn copies_directories(command: &Command) -> bool {
    command.option("--recursive").is_some() || command.option("--archive").is_some()
}

/// What is at `to` and is lost when `from` takes its place.
fn lost(command: &Command, from: &Path, to: &Path) -> Option<Item> {
    let Some(own) = entry(&command.invocation, to) else {
        let missing = writes::is_missing_disk(to);
        return missing.then(|| Item { path: to.to_owned(), kind: Kind::Unseen, extent: Extent::Whole });
    };
    let through = command.tool == "cp" && command.option("--remove-destination").is_none();
    let item = match (own.kind, through) {
        (Kind::Link, true) => match touched::followed(&command.invocation, to.as_os_str()) {
            Some((path, true)) => touched::item(path)?,
            Some((_, false)) | None => return None,
        },
        (_, _) => own,
    };
    if matches!(item.kind, Kind::Directory | Kind::EmptyDirectory) {
        return None;
    }
    if item.kind == Kind::Device && through && writes::is_harmless_device(&item.path) {
        return None;
    }
    let (source, target) = (std::fs::metadata(from).ok(), std::fs::symlink_metadata(&item.path).ok());
    if let (Some(source), Some(target)) = (&source, &target) {
        let same = (source.dev(), source.ino()) == (target.dev(), target.ino());
        let time = |m: &std::fs::Metadata| (m.mtime(), m.mtime_nsec());
        let updates = command.option("--update").is_some_and(|how| how.is_empty() || how == "older");
        let empty = target.is_file() && target.len() == 0 && !is_kernel(&item.path);
        if same || updates && time(source) <= time(target) || empty {
            return None;
        }
    }
    Some(item)
}

fn is_kernel(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/sys")
}

fn entry(invocation: &Invocation, path: &Path) -> Option<Item> {
    let slash = path.as_os_str().as_bytes().ends_with(b"/");
    let path = touched::entry(invocation, path.as_os_str())?;
    let item = touched::item(path)?;
    (!slash || item.kind != Kind::File).then_some(item)
}

/// What mv takes away from its place.
fn moved(targets: &mut Targets, command: &Command, moves: &[Move], world: &World) {
    const GRAVE: &[&str] =
        &["root", "home", "above-home", "mount", "data-directory", "system", "keys", "guard"];
    for one in moves {
        let there = touched::entry(&command.invocation, &one.from).and_then(touched::item);
        let supposed = || {
            let path = super::lexical::normal(&command.invocation.path(&one.from).to_string_lossy());
            command.invocation.is_supposed().then_some(Item {
                path,
                kind: Kind::Unseen,
                extent: Extent::Whole,
            })
        };
        let Some(item) = there.or_else(supposed) else { continue };
        let item = Item { extent: Extent::Whole, ..item };
        let vital = item.path.components().count() <= 2;
        for value in place::traits(&item, world).into_iter().filter(|value| GRAVE.contains(value)) {
            let value = if vital && value == "system" { "vital" } else { value };
            targets.traits.add("target.moved", value);
        }
    }
}
