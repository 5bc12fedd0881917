//! Which devices a formatter or a partitioning program writes to, links followed. Must never open one.

use super::touched;
use crate::reading::{Command, Does};
use crate::targets::fact::path_text;
use crate::targets::{Datum, Fact, Resolution, Targets, declared::machine};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Programs whose first operand is the device; all operands of the others are.
const FIRST: &[&str] = &["badblocks", "blkdiscard", "cryptsetup", "nvme", "parted", "resize2fs", "sfdisk"];

/// Programs whose operands need not be paths: an array, a mapping, a label.
const NAMES: &[&str] = &["cryptsetup", "losetup", "mdadm", "swapoff", "umount"];

/// Resolves such a command.
pub fn resolve(command: &Command) -> Resolution {
    if let Does::Nothing(why) = &command.does {
        return Resolution::Nothing(why.clone());
    }
    let mut targets = Targets::new("path");
    let words = if FIRST.contains(&command.tool.as_str()) { 1 } else { usize::MAX };
    // A word named again is looked for once.
    let mut known: HashMap<&OsStr, String> = HashMap::new();
    let args = command.invocation.args();
    let named = command.operands.iter().enumerate().take(words);
    let devices: Vec<String> = named
        .map(|(i, word)| {
            let bytes =
                command.operand_at.get(i).and_then(|at| args.get(*at)).map_or(OsStr::new(word), |w| w);
            known.entry(bytes).or_insert_with(|| device(&mut targets, command, word, bytes)).clone()
        })
        .collect();
    targets.typed = match devices.as_slice() {
        [] => command.tool.clone(),
        [one] => one.clone(),
        all => format!("{} devices", all.len()),
    };
    targets.objects.clone_from(&devices);
    targets.facts.push(match devices.as_slice() {
        [] => Fact::none("device", "none is named"),
        [one] => Fact::text("device", one.clone(), "the operand, links followed"),
        all => Fact::known("device", Datum::texts(all.to_vec()), "the operands, links followed"),
    });
    targets.facts.push(machine());
    Resolution::Hits(targets)
}

fn device(targets: &mut Targets, command: &Command, word: &str, bytes: &OsStr) -> String {
    match touched::followed(&command.invocation, bytes) {
        Some((path, true)) => {
            targets.traits.add("target.device", kind(&path));
            path_text(&path)
        }
        // Not there yet: a volume that appears, or a name that only the program knows.
        Some((path, false)) if word.contains('/') || !NAMES.contains(&command.tool.as_str()) => {
            targets.traits.add("target.device", "new");
            path_text(&path)
        }
        Some((_, false)) | None => {
            targets.traits.add("target.device", "new");
            word.to_owned()
        }
    }
}

fn kind(path: &Path) -> &'static str {
    match std::fs::metadata(path).map(|m| m.file_type()) {
        Ok(kind) if kind.is_block_device() => "block",
        Ok(kind) if kind.is_char_device() => "character",
        Ok(kind) if kind.is_dir() => "directory",
        Ok(kind) if kind.is_file() => "image",
        Ok(_) | Err(_) => "unseen",
    }
}
