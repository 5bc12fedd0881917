//! Which files dd, shred, truncate and tee write over. A file that is new or empty, and a device that keeps
//! nothing, loses nothing. Must never call a disk one of those.

use super::operand::{Item, Kind};
use super::touched;
use super::written::by_name;
use crate::invocation::Invocation;
use crate::reading::files::size;
use crate::reading::{Command, Does};
use crate::targets::fact::path_text;
use crate::targets::{Datum, Fact, Resolution, Targets, declared::machine};
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Resolves a dd, shred, truncate or tee command.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("path");
    match &command.does {
        Does::Nothing(why) => touched::none(&mut targets, why),
        Does::Acts | Does::Unsure(_) => match lost(command) {
            Ok(items) => fill(&mut targets, command, &items),
            Err(why) => touched::none(&mut targets, why),
        },
    }
    targets.facts.push(machine());
    Resolution::Hits(targets)
}

/// What would be lost, or why nothing.
fn lost(command: &Command) -> Result<Vec<Item>, &'static str> {
    match command.tool.as_str() {
        "dd" => dd(command),
        "shred" => shred(command),
        "truncate" => truncate(command),
        _ => tee(command),
    }
}

/// Fills in paths, and the device where one is among them.
pub(super) fn fill(targets: &mut Targets, command: &Command, items: &[Item]) {
    if items.is_empty() {
        return touched::none(targets, "nothing that is there is lost");
    }
    let world = touched::world(&command.invocation, false);
    touched::fill(targets, items, &world, "the operands, links followed");
    for item in items {
        named(&item.path).into_iter().for_each(|value| targets.traits.add("target.path", value));
    }
    let devices: Vec<&Item> = items.iter().filter(|item| is_disk(item)).collect();
    let Some(first) = devices.first() else { return };
    targets.traits.add("target.path", "device");
    targets.typed = path_text(&first.path);
    targets.facts.push(match devices.as_slice() {
        [one] => Fact::text("device", path_text(&one.path), "the operand, links followed"),
        all => Fact::known("device", Datum::texts(all.iter().map(|i| path_text(&i.path))), "the operands"),
    });
}

fn is_disk(item: &Item) -> bool {
    item.kind == Kind::Device || item.kind == Kind::Unseen && item.path.starts_with("/dev")
}

/// Files that decide about more than themselves.
fn named(path: &Path) -> Option<&'static str> {
    by_name(path, None).filter(|kind| ["account", "login", "power", "kernel"].contains(kind))
}

/// Devices that keep nothing: a terminal, the source of zeros, standard output.
pub(super) fn is_harmless_device(path: &Path) -> bool {
    let harmless =
        ["null", "zero", "full", "random", "urandom", "tty", "console", "stdout", "stderr", "ptmx"];
    let names: Vec<&str> = path.to_str().unwrap_or("").split('/').skip(1).collect();
    match names.as_slice() {
        ["dev", "pts" | "fd" | "shm", ..] => true,
        ["dev", name] => {
            harmless.contains(name)
                || name.strip_prefix("tty").is_some_and(|rest| !rest.is_empty())
                || name.starts_with("pty")
        }
        _ => false,
    }
}

/// Names for what is open already; what they lead to here is guard's own.
fn is_open_file(word: &[u8]) -> bool {
    [&b"/dev/stdout"[..], b"/dev/stderr", b"/dev/stdin"].contains(&word)
        || word.starts_with(b"/dev/fd/")
        || word.starts_with(b"/proc/self/fd/")
}

/// What is at a word, links followed, with its metadata. A disk that is not there at the moment counts.
fn there(invocation: &Invocation, word: &OsStr) -> Option<(Item, Option<Metadata>)> {
    if is_open_file(word.as_bytes()) || word == "-" {
        return None;
    }
    let (path, _) = touched::followed(invocation, word)?;
    match std::fs::metadata(&path) {
        Ok(metadata) => {
            let device = metadata.file_type().is_block_device() || metadata.file_type().is_char_device();
            let keeps = metadata.is_file() || device && !is_harmless_device(&path);
            let kind = if device { Kind::Device } else { Kind::File };
            keeps.then_some((item(path, kind), Some(metadata)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Some((item(path, Kind::Unseen), None))
        }
        Err(_) => is_missing_disk(&path).then(|| (item(path, Kind::Unseen), None)),
    }
}

fn item(path: PathBuf, kind: Kind) -> Item {
    Item { path, kind, extent: super::operand::Extent::Whole }
}

/// A disk that is not there at the moment, or a switch of the kernel that is not to be seen here.
pub(super) fn is_missing_disk(path: &Path) -> bool {
    path.starts_with("/dev") && !is_harmless_device(path) || matches!(named(path), Some("power" | "kernel"))
}

/// A file with something in it, or a device.
fn holds_something(item: &Item, metadata: Option<&Metadata>) -> bool {
    item.kind != Kind::File
        || metadata.is_some_and(|m| m.len() > 0)
        || named(&item.path).is_some_and(|kind| kind == "power" || kind == "kernel")
}

fn dd(command: &Command) -> Result<Vec<Item>, &'static str> {
    let invocation = &command.invocation;
    let flag = |name: &str| command.traits.has("flag", name);
    let value = |key: &[u8]| {
        let found = invocation.args().iter().rev().find_map(|w| w.as_bytes().strip_prefix(key));
        found.map(|bytes| OsString::from_vec(bytes.to_vec()))
    };
    let Some(output) = value(b"of=") else { return Err("it writes to standard output") };
    if let Some(input) = value(b"if=")
        && matches!(touched::followed(invocation, &input), Some((_, false)) | None)
        && !is_open_file(input.as_bytes())
        && !invocation.is_supposed()
    {
        return Err("what it reads is not there");
    }
    let Some((item, metadata)) = there(invocation, &output) else {
        return Err("what it writes to is new, or keeps nothing");
    };
    let nothing_written = command.option("--count").is_some_and(|n| size(n) == Some(0));
    let kept = match &metadata {
        _ if item.kind != Kind::File => nothing_written,
        _ if flag("excl") => true,
        _ if flag("notrunc") => flag("append") || nothing_written,
        Some(metadata) => seeks_beyond(command, metadata.len()),
        None => false,
    };
    if kept || !holds_something(&item, metadata.as_ref()) {
        return Err("what is there is kept");
    }
    Ok(vec![item])
}

/// `seek=` leaves what stands before it.
fn seeks_beyond(command: &Command, length: u64) -> bool {
    let Some(seek) = command.option("--seek").or(command.option("--oseek")).and_then(size) else {
        return false;
    };
    let block = command.option("--bs").or(command.option("--obs")).map_or(Some(512), size);
    let block = if command.traits.has("flag", "seek_bytes") { Some(1) } else { block };
    block.and_then(|block| seek.checked_mul(block)).is_some_and(|at| at >= length)
}

fn shred(command: &Command) -> Result<Vec<Item>, &'static str> {
    let removes = command.option("--remove").is_some();
    let passes = command.option("--iterations").is_none_or(|n| n.parse() != Ok(0_u64));
    if !passes && !removes && command.option("--zero").is_none() {
        return Err("it makes no pass");
    }
    let all = touched::words(command).filter_map(|word| there(&command.invocation, word));
    Ok(all.filter(|(item, m)| removes || holds_something(item, m.as_ref())).map(|(item, _)| item).collect())
}

fn tee(command: &Command) -> Result<Vec<Item>, &'static str> {
    let appends = command.option("--append").is_some();
    let all = touched::words(command).filter_map(|word| there(&command.invocation, word));
    Ok(all
        .filter(|(item, m)| match appends {
            true => item.kind != Kind::File || named(&item.path).is_some(),
            false => holds_something(item, m.as_ref()),
        })
        .map(|(item, _)| item)
        .collect())
}

/// How a new size is made of the old one.
fn truncate(command: &Command) -> Result<Vec<Item>, &'static str> {
    let reference = match command.option("--reference") {
        Some(file) => match std::fs::metadata(command.invocation.path(file)) {
            Ok(metadata) => Some(metadata.len()),
            Err(_) => return Err("the file it takes after is not there"),
        },
        None => None,
    };
    let said = command.option("--size").map(str::trim_start);
    let (change, number) = match (said, reference) {
        (Some(said), _) => match said.as_bytes().first() {
            Some(sign @ (b'+' | b'-' | b'<' | b'>' | b'/' | b'%')) => (*sign, said[1..].trim_start()),
            Some(_) | None if reference.is_some() => {
                return Err("a size beside --reference must be relative");
            }
            Some(_) | None => (b'=', said),
        },
        (None, Some(_)) => (b'=', ""),
        (None, None) => return Err("no size is given"),
    };
    let amount = match (number, reference) {
        ("", Some(length)) if said.is_none() => Some(length),
        (number, _) => size(number),
    };
    let Some(amount) = amount else { return Err("truncate does not know this size") };
    let blocks = command.option("--io-blocks").is_some();
    let shrinks = |metadata: &Metadata| {
        let amount =
            if blocks && said.is_some() { amount.saturating_mul(metadata.blksize()) } else { amount };
        let old = reference.unwrap_or(metadata.len());
        let new = match change {
            b'+' => old.saturating_add(amount),
            b'-' => old.saturating_sub(amount),
            b'<' => old.min(amount),
            b'>' => old.max(amount),
            b'/' => old - old.checked_rem(amount).unwrap_or(0),
            b'%' => old.div_ceil(amount.max(1)).saturating_mul(amount.max(1)),
            _ => amount,
        };
        new < metadata.len()
    };
    let all = touched::words(command).filter_map(|word| there(&command.invocation, word));
    let lost = all.filter(|(item, m)| item.kind != Kind::Device && m.as_ref().is_none_or(&shrinks));
    Ok(lost.filter(|(item, _)| !item.path.starts_with("/dev")).map(|(item, _)| item).collect())
}
