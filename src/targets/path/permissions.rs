//! Which paths chmod, chown and chgrp change. A path whose mode stays as it is does not count; with owners every
//! path counts that the new one is set on: that also takes away set-ID bits and capabilities.

use super::operand::Item;
use super::touched;
use super::tree::{Inside, walk};
use crate::invocation::Invocation;
use crate::reading::Command;
use crate::reading::mode::Mode;
use crate::targets::fact::path_text;
use crate::targets::{Datum, Fact, Resolution, Targets};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Resolves a chmod, chown or chgrp command.
pub fn resolve(command: &Command) -> Resolution {
    touched::resolve(command, fill)
}

/// What is done to each path.
enum Act {
    Mode { mode: Mode, umask: u32 },
    Owner { only: Only },
}

/// `--from`: whose paths are changed; `None`: anybody's.
#[derive(Default)]
struct Only {
    user: Option<u32>,
    group: Option<u32>,
    /// A name that is not in the lists here.
    unknown: bool,
}

/// The operands, and what changes below them.
#[derive(Default)]
struct Changed {
    roots: Vec<Item>,
    paths: Vec<PathBuf>,
    complete: bool,
}

fn fill(targets: &mut Targets, command: &Command) {
    let invocation = &command.invocation;
    let Some(act) = act(command) else {
        return touched::none(targets, "the file it takes after is not there");
    };
    let recursive = command.option("--recursive").is_some();
    let world = touched::world(invocation, recursive);
    let changed = changes(command, &act, recursive);
    if changed.roots.is_empty() && changed.complete {
        return touched::none(targets, "everything is as it would be");
    }
    let grave = touched::places(targets, &changed.roots, &world);
    let cut = changed.paths.len() > super::LISTED;
    let listed: Vec<&PathBuf> = match cut {
        true => changed.roots.iter().map(|item| &item.path).collect(),
        false => changed.paths.iter().collect(),
    };
    let paths: Vec<String> = listed.into_iter().map(|p| path_text(p)).collect();
    targets.typed = match (changed.roots.as_slice(), grave) {
        ([one], true) => path_text(&one.path),
        ([one], false) => path_text(Path::new(one.path.file_name().unwrap_or(one.path.as_os_str()))),
        (all, _) => format!("{} paths", all.len()),
    };
    targets.objects = changed.roots.iter().map(|item| path_text(&item.path)).collect();
    targets.facts.push(match changed.complete {
        true if cut => Fact::known(
            "paths",
            Datum::texts(paths),
            format!("the operands; {} paths below them change", changed.paths.len()),
        ),
        true => Fact::known("paths", Datum::texts(paths), "the operands, and what is below them"),
        false => Fact::unknown("paths", "there is more below than can be looked at", "the operands"),
    });
}

/// `None`: the reference cannot be looked at.
fn act(command: &Command) -> Option<Act> {
    let invocation = &command.invocation;
    if command.tool != "chmod" {
        let only = command.option("--from").map_or_else(Only::default, |from| only(invocation, from));
        let reference = command.option("--reference").map(|file| std::fs::metadata(invocation.path(file)));
        let there = reference.is_none_or(|r| r.is_ok()) || invocation.is_supposed();
        return there.then_some(Act::Owner { only });
    }
    let mode = match command.option("--reference") {
        Some(file) => match std::fs::metadata(invocation.path(file)) {
            Ok(metadata) => Mode::of(metadata.mode()),
            Err(_) if invocation.is_supposed() => Mode::of(0),
            Err(_) => return None,
        },
        None => Mode::parse(command.option("--mode")?)?,
    };
    Some(Act::Mode { mode, umask: crate::sys::process::umask() })
}

fn only(invocation: &Invocation, from: &str) -> Only {
    let (user, group) = from.split_once([':', '.']).unwrap_or((from, ""));
    let mut only = Only::default();
    for (name, list, slot) in [(user, "/etc/passwd", &mut only.user), (group, "/etc/group", &mut only.group)]
    {
        if name.is_empty() {
            continue;
        }
        let listed = invocation.read(list).ok().and_then(|list| id(&list, name));
        *slot = listed.or_else(|| name.trim_start_matches('+').parse().ok());
        only.unknown |= slot.is_none();
    }
    only
}

/// The third field of a line of passwd(5) or group(5).
fn id(list: &[u8], name: &str) -> Option<u32> {
    let mut lines = std::str::from_utf8(list).ok()?.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.split(':').nth(1)?.parse().ok())
}

impl Act {
    fn changes(&self, metadata: &Metadata) -> bool {
        match self {
            // A link has no mode, and its owner decides nothing.
            _ if metadata.is_symlink() => false,
            Act::Mode { mode, umask } => {
                let old = metadata.mode() & 0o7777;
                mode.adjust(old, metadata.is_dir(), *umask) != old
            }
            Act::Owner { only } => {
                only.unknown
                    || only.user.is_none_or(|user| user == metadata.uid())
                        && only.group.is_none_or(|group| group == metadata.gid())
            }
        }
    }
}

/// How symbolic links are taken.
#[derive(Clone, Copy)]
struct Links {
    operand: bool,
    inside: Inside,
    /// What a link inside leads to is changed, without going into it.
    referents: bool,
}

fn links(command: &Command, recursive: bool) -> Links {
    let last = |names: &[&str]| {
        let options = command.options.iter().rev();
        options.map(|o| o.name.as_str()).find(|name| names.contains(name)).map(str::to_owned)
    };
    let how = last(&["-H", "-L", "-P"]);
    let kept = last(&["--dereference", "--no-dereference"]).as_deref() == Some("--no-dereference");
    match (recursive, how.as_deref()) {
        (true, Some("-L")) => Links { operand: true, inside: Inside::Always, referents: false },
        (true, Some("-H")) => {
            let referents = command.tool != "chmod" && !kept;
            Links { operand: true, inside: Inside::Never, referents }
        }
        (true, Some("-P")) => Links { operand: false, inside: Inside::Never, referents: false },
        (true, _) if command.tool != "chmod" => {
            Links { operand: false, inside: Inside::Never, referents: false }
        }
        (_, _) => Links { operand: !kept, inside: Inside::Never, referents: false },
    }
}

fn changes(command: &Command, act: &Act, recursive: bool) -> Changed {
    let invocation = &command.invocation;
    let links = links(command, recursive);
    let mut changed = Changed { complete: true, ..Changed::default() };
    for word in touched::words(command) {
        let path = match links.operand || word.as_encoded_bytes().ends_with(b"/") {
            true => touched::followed(invocation, word).filter(|(_, there)| *there).map(|(path, _)| path),
            false => touched::entry(invocation, word),
        };
        let Some(item) = path.and_then(touched::item) else { continue };
        let refused = recursive && item.path == Path::new("/") && preserves_root(command);
        if refused {
            continue;
        }
        let before = changed.paths.len();
        let complete = below(&item.path, act, links, recursive, &mut changed.paths);
        if !complete || changed.paths.len() > before {
            changed.roots.push(item);
        }
        changed.complete &= complete;
    }
    changed.paths.sort();
    changed.paths.dedup();
    changed
}

/// Not the default, other than with rm.
fn preserves_root(command: &Command) -> bool {
    let about = |name: &&str| matches!(*name, "--preserve-root" | "--no-preserve-root");
    command.options.iter().rev().map(|o| o.name.as_str()).find(about) == Some("--preserve-root")
}

fn below(root: &Path, act: &Act, links: Links, recursive: bool, paths: &mut Vec<PathBuf>) -> bool {
    let mut look = |path: &Path, metadata: &Metadata| {
        if metadata.is_symlink() && links.referents {
            if let (Ok(real), Ok(metadata)) = (std::fs::canonicalize(path), std::fs::metadata(path))
                && act.changes(&metadata)
            {
                paths.push(real);
            }
        } else if act.changes(metadata) {
            paths.push(path.to_owned());
        }
    };
    if recursive {
        return walk(root, links.inside, &mut look);
    }
    if let Ok(metadata) = std::fs::symlink_metadata(root) {
        look(root, &metadata);
    }
    true
}
