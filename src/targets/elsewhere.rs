//! What a command acts on that runs on another host or in a container: the target of the command that has it
//! run there. Must never look at this machine's files or environment: they are not the command's.

use super::{Fact, Resolution, Targets};
use crate::reading::{Command, redirection};
use std::path::{Component, Path};

/// Directories whose loss ends the machine, as the first part of a path.
const SYSTEM: &[&str] = &[
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "opt", "proc", "root", "sbin", "sys", "usr", "var",
];

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
    for operand in &command.operands {
        if command.tool == redirection::PROGRAM {
            if let Some(kind) = super::path::by_name(Path::new(operand), None) {
                targets.traits.add("target.path", kind);
            }
        } else {
            targets.traits.add("target.path", kind(operand));
            // `cd /etc && rm -rf ssh`
            let from = command.invocation.cwd();
            if from != Path::new("/") && !operand.starts_with(['/', '~', '$', '-']) {
                targets.traits.add("target.path", kind(&from.join(operand).to_string_lossy()));
            }
        }
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

/// What a path is by its words alone; nobody here knows what it leads to.
fn kind(operand: &str) -> &'static str {
    let glob_of_all = operand == "*" || operand == "." || operand == "..";
    let Some(path) = operand.strip_prefix('/') else {
        let home = operand.starts_with('~') && operand.matches('/').all(|_| false);
        return if home {
            "home"
        } else if glob_of_all {
            "cwd"
        } else {
            "unseen"
        };
    };
    let parts: Vec<_> = Path::new(path)
        .components()
        .filter_map(|c| match c {
            Component::Normal(part) => part.to_str(),
            Component::RootDir | Component::CurDir | Component::ParentDir | Component::Prefix(_) => None,
        })
        .collect();
    match parts.as_slice() {
        [] | ["*"] => "root",
        ["home" | "Users"] | ["home" | "Users", _] | ["root"] => "home",
        ["var", "lib", ..] => "data-directory",
        [first] | [first, "*"] if SYSTEM.contains(first) => "system",
        _ => "unseen",
    }
}
