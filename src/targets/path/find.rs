//! What find removes and overwrites by itself. Must never show less than find would take: where its tests cannot
//! be answered or its tree is too large, the paths are unknown.

use super::operand::{Extent, Item, Kind};
use super::place::World;
use super::touched;
use crate::invocation::Invocation;
use crate::reading::Command;
use crate::reading::find::{Deeds, Gone, deeds};
use crate::sys::file::lexical;
use crate::targets::{Fact, Resolution, Targets};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Resolves a find command.
pub fn resolve(command: &Command) -> Resolution {
    touched::resolve(command, fill)
}

fn fill(targets: &mut Targets, command: &Command) {
    let invocation = &command.invocation;
    let deeds = deeds(command);
    let world = touched::world(invocation, true);
    let Some(gone) = &deeds.gone else { return unknown(targets, invocation, &deeds, &world) };
    let mut items: Vec<Item> = gone.iter().filter_map(|gone| item(invocation, gone)).collect();
    if gone.iter().any(|gone| leaves(invocation, &gone.path, &world)) {
        targets.traits.add("target.path", "elsewhere");
    }
    outermost(&mut items);
    items.extend(overwritten(invocation, &deeds));
    match items.is_empty() {
        true => touched::none(targets, "nothing that it finds is removed"),
        false => touched::fill(targets, &items, &world, "what its tests choose"),
    }
}

/// Where one start lies below another, what goes with the upper one is no target of its own.
fn outermost(items: &mut Vec<Item>) {
    let directory = |item: &&Item| item.kind == Kind::Directory;
    let tops: BTreeSet<PathBuf> = items.iter().filter(directory).map(|item| item.path.clone()).collect();
    let whole: BTreeSet<PathBuf> =
        items.iter().filter(|i| i.extent == Extent::Whole).map(|i| i.path.clone()).collect();
    items.retain(|item| {
        let above = item.path.ancestors().skip(1).any(|up| tops.contains(up));
        !above && (item.extent == Extent::Whole || !whole.contains(&item.path))
    });
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert((item.path.clone(), item.extent == Extent::Whole)));
}

fn item(invocation: &Invocation, gone: &Gone) -> Option<Item> {
    let word = gone.path.as_os_str();
    if gone.contents_only {
        let (path, _) = touched::followed(invocation, word)?;
        return Some(Item { path, kind: Kind::Directory, extent: Extent::Contents });
    }
    touched::item(touched::entry(invocation, word)?)
}

/// Files that are emptied before the search begins; one that is empty or new loses nothing.
fn overwritten(invocation: &Invocation, deeds: &Deeds) -> Vec<Item> {
    let lost = |item: &Item| {
        item.kind == Kind::Device && !super::writes::is_harmless_device(&item.path)
            || std::fs::metadata(&item.path).is_ok_and(|m| m.is_file() && m.len() > 0)
    };
    let there = |word: &std::ffi::OsString| match touched::followed(invocation, word) {
        Some((path, true)) => touched::item(path).filter(lost),
        Some((_, false)) | None => None,
    };
    deeds.written.iter().filter_map(there).collect()
}

/// A link leads it out of the working directory, though its words stay inside.
fn leaves(invocation: &Invocation, path: &Path, world: &World) -> bool {
    let lexical = lexical(&invocation.cwd().join(path));
    let inside = lexical.starts_with(invocation.cwd()) || lexical.starts_with(&world.cwd);
    inside && touched::entry(invocation, path.as_os_str()).is_some_and(|real| !real.starts_with(&world.cwd))
}

/// Everything below where it begins may go.
fn unknown(targets: &mut Targets, invocation: &Invocation, deeds: &Deeds, world: &World) {
    let items: Vec<Item> = deeds
        .from
        .iter()
        .filter_map(|word| touched::followed(invocation, word))
        .filter(|(_, there)| *there)
        .filter_map(|(path, _)| touched::item(path))
        .collect();
    touched::places(targets, &items, world);
    targets.traits.add("target.path", "unseen");
    targets.typed = "find -delete".to_owned();
    targets.facts.push(Fact::unknown(
        "paths",
        "its tests cannot be answered here, or there is too much to look at",
        "what its tests choose",
    ));
}
