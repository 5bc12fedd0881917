//! What a command acts on that runs on another host or in a container: the target of the command that has it
//! run there. Must never look at this machine's files or environment: they are not the command's.

use super::{Fact, Resolution, Targets, path, process};
use crate::reading::{Command, redirection};
use std::path::Path;

/// Resolves a command at `place`; `outer` is what the command acts on that has it run there.
pub fn resolve(command: &Command, place: &str, outer: Option<&Targets>) -> Resolution {
    if command.tool == "ssh" {
        return further(command, outer);
    }
    let mut targets = match outer {
        Some(outer) => Targets { objects: Vec::new(), deletes: Vec::new(), ..outer.clone() },
        None => Targets::new("local"),
    };
    if outer.is_none() {
        targets.facts.push(Fact::unknown("place", format!("it runs on {place}"), "the words of the command"));
    }
    if place == crate::reading::docker::CLOSED {
        // Nobody's files.
    } else if command.tool == redirection::PROGRAM {
        let kinds = command.operands.iter().filter_map(|o| path::by_name(Path::new(o), None));
        kinds.for_each(|kind| targets.traits.add("target.path", kind));
    } else if command.tool == "kill" {
        let kinds = command.operands.iter().map(|o| process::by_words(o));
        kinds.for_each(|kind| targets.traits.add("target.kind", kind));
    } else {
        add_paths(&mut targets, command);
    }
    targets.headline = None;
    Resolution::Hits(targets)
}

/// An ssh from that place to the next: its own words say where, its configuration over there is not known.
fn further(command: &Command, outer: Option<&Targets>) -> Resolution {
    match (super::ssh::resolve(command), outer) {
        (Resolution::Hits(mut targets), Some(outer)) => {
            let through = Fact::text("through", outer.typed.clone(), "the command that carries it");
            targets.facts.push(through);
            Resolution::Hits(targets)
        }
        (resolution, _) => resolution,
    }
}

/// What the operands are by their words alone; nobody here knows what they lead to.
fn add_paths(targets: &mut Targets, command: &Command) {
    let whole = |name: &str| command.option(name).is_some();
    let recursive = command.tool == "find" || whole("--recursive") || whole("--archive");
    let from = command.invocation.cwd();
    for operand in touched(command) {
        path::by_words(operand, recursive)
            .into_iter()
            .for_each(|value| targets.traits.add("target.path", value));
        if operand.starts_with("/dev/") {
            targets.traits.add("target.device", "block");
        }
        // `cd /etc && rm -rf ssh`
        if from != Path::new("/") && !operand.starts_with(['/', '~', '$', '-']) {
            let joined = from.join(operand);
            let found = path::by_words(&joined.to_string_lossy(), recursive);
            found.into_iter().for_each(|value| targets.traits.add("target.path", value));
        }
    }
    if command.tool == "mv" {
        let sources = command.operands.split_last().map_or(&[][..], |(_, sources)| sources);
        for value in sources.iter().flat_map(|source| path::by_words(source, true)) {
            targets.traits.add("target.moved", value);
        }
    }
}

/// The operands that something happens to: of a copy, only its destination.
fn touched(command: &Command) -> Vec<&str> {
    match command.tool.as_str() {
        "cp" | "install" | "ln" | "mv" => {
            let named = command.option("--target-directory");
            named.or(command.operands.last().map(String::as_str)).into_iter().collect()
        }
        _ => command.operands.iter().map(String::as_str).collect(),
    }
}
