//! A line that is only looked at (`guard check --shell`) names things that need not be here: it is written before its
//! directory is cloned, or runs on another machine. What is missing is judged by its name, as if it were there.
//! Must never be asked about a command that is about to run: that one loses only what is there.

use super::path::{Missing, by_words, missing};
use super::{Datum, Fact, Resolution, Targets};
use crate::reading::mode::Mode;
use crate::reading::{Command, Does};

/// Stands beside every fact that was only supposed.
const NOT_HERE: &str = "not here; judged as if it were";

/// The resolution of a command of such a line; any other command's stays as it is.
pub fn instead(command: &Command, resolution: Resolution) -> Resolution {
    if !command.invocation.is_supposed() || matches!(command.does, Does::Nothing(_)) {
        return resolution;
    }
    match resolution {
        Resolution::Nothing(why) => Resolution::Hits(by_its_words(command, &why)),
        Resolution::Hits(targets) if unconfigured(command, &targets) => {
            Resolution::Hits(by_its_words(command, "there is no configuration of terraform"))
        }
        Resolution::Hits(targets) => Resolution::Hits(with_missing(command, targets)),
    }
}

/// A run of terraform in a directory that is not one of terraform's.
fn unconfigured(command: &Command, targets: &Targets) -> bool {
    let directory = targets.text("directory").map(|dir| command.invocation.path(dir));
    targets.family == "terraform"
        && (targets.traits.has("target.state", "empty") || command.verb == "force-unlock")
        && directory.and_then(|dir| std::fs::read_dir(dir).ok()).is_some_and(|entries| {
            let configures = |name: &str| [".tf", ".tf.json", ".tofu"].iter().any(|end| name.ends_with(end));
            entries.flatten().all(|e| !configures(&e.file_name().to_string_lossy()))
        })
}

/// No such repository, context or profile here: what the words say is all that is known.
fn by_its_words(command: &Command, why: &str) -> Targets {
    const PLACES: &[(&str, &str)] = &[
        ("--context", "context"),
        ("--kube-context", "context"),
        ("--profile", "profile"),
        ("--project", "project"),
        ("--app", "app"),
    ];
    let mut targets = Targets::new("local");
    for (option, key) in PLACES {
        if let Some(value) = command.option(option) {
            targets.facts.push(Fact::text(*key, value, format!("{option}; {NOT_HERE}")));
        }
    }
    targets.facts.push(Fact::none("here", format!("{why}; judged as if it were otherwise")));
    targets.typed.clone_from(&command.tool);
    targets
}

/// Programs that take something away from the paths that they name.
fn takes(command: &Command) -> bool {
    match command.tool.as_str() {
        "rm" | "unlink" | "shred" => true,
        // To nothing, or shorter; a size makes a file where there is none.
        "truncate" => {
            command.option("--size").is_some_and(|size| size == "0" || size.starts_with(['-', '<']))
        }
        "find" => command.traits.has("form", "delete"),
        "chown" | "chgrp" => true,
        "chmod" => {
            let mode = command.option("--mode").and_then(Mode::parse);
            // Everybody may write, or nobody may do anything.
            let grave = mode
                .is_some_and(|m| [0, 0o644].iter().all(|old| shuts_or_opens(m.adjust(*old, false, 0o022))));
            command.option("--recursive").is_some() || command.traits.has("flag", "set-id") || grave
        }
        _ => false,
    }
}

fn shuts_or_opens(bits: u32) -> bool {
    bits & 0o002 != 0 || bits == 0
}

fn with_missing(command: &Command, mut targets: Targets) -> Targets {
    if !takes(command) {
        return targets;
    }
    let recursive = command.tool == "find" || command.option("--recursive").is_some();
    let mut named: Vec<String> = Vec::new();
    for Missing { word, path } in missing(command, targets.objects.is_empty()) {
        for value in by_words(&path, recursive).into_iter().chain(by_words(&word, recursive)) {
            // find's tests choose below it; the place itself stays.
            let only_below = command.tool == "find" && value != "unseen" && value != "system";
            if !only_below {
                targets.traits.add("target.path", value);
            }
        }
        named.push(path);
    }
    if named.is_empty() {
        return targets;
    }
    if targets.objects.is_empty() {
        targets.typed.clone_from(&named[0]);
    }
    targets.objects.extend(named);
    targets.facts.retain(|fact| fact.key != "paths");
    targets.facts.insert(0, Fact::known("paths", Datum::texts(targets.objects.clone()), NOT_HERE));
    targets
}
