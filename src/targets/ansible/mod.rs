//! The hosts that ansible acts on: the plays' patterns (moved by -e) in the inventories, cut down by the limit.
//! Traits: `target.kind`, as the reading's `kind`.
//! Must never call a host list complete when an inventory is a program, or a pattern a template that is not known.

mod config;
mod inventory;
mod pattern;

#[cfg(test)]
mod tests;

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::Command;
use crate::reading::ansible::{self, Missing, vars};
use crate::reading::kubectl::yaml::Node;
use inventory::Inventory;

pub fn resolve(command: &Command) -> Resolution {
    let mut resolution = places(command);
    if let Resolution::Hits(targets) = &mut resolution {
        for kind in command.traits.values("kind") {
            targets.traits.add("target.kind", kind.to_owned());
        }
    }
    resolution
}

fn places(command: &Command) -> Resolution {
    if command.operands.is_empty() {
        return Resolution::Nothing("it names no hosts".into());
    }
    let patterns = match patterns(command) {
        Ok(patterns) => patterns,
        Err(Missing::Refused(why)) => return Resolution::Nothing(why),
        Err(Missing::Unknown(why)) => return Resolution::Hits(unknown(command, &why, Vec::new())),
    };
    let sources = config::inventories(command);
    let found = sources.as_ref().map_err(Clone::clone).and_then(|sources| {
        let mut inventory = Inventory::default();
        sources.iter().try_for_each(|s| inventory.take(&command.invocation, &s.text))?;
        hosts(command, &inventory, &patterns)
    });
    let (local, remote) = match found {
        Ok(hosts) => hosts,
        Err(why) => return Resolution::Hits(unknown(command, &why, patterns)),
    };
    let mut targets = Targets::new("ansible");
    let sources = sources.unwrap_or_default();
    let source = sources.iter().map(|s| s.source.as_str()).collect::<Vec<_>>().join(", ");
    targets.typed = match remote.as_slice() {
        [] => "localhost".into(),
        [one] => one.clone(),
        many => format!("{} hosts", many.len()),
    };
    targets.objects.clone_from(&remote);
    if remote.is_empty() && local.is_empty() && !limited(command).is_empty() {
        return Resolution::Nothing("the limit leaves no hosts".into());
    }
    targets.facts.push(Fact::known("hosts", Datum::texts(remote), source.clone()));
    targets.facts.push(Fact::known("patterns", Datum::texts(patterns), "the plays, -e and --limit"));
    targets.facts.push(Fact::known("inventory", Datum::texts(sources.into_iter().map(|s| s.text)), source));
    if !local.is_empty() {
        targets.facts.push(super::declared::machine());
    }
    Resolution::Hits(targets)
}

fn unknown(command: &Command, why: &str, patterns: Vec<String>) -> Targets {
    let mut targets = Targets::new("ansible");
    targets.facts.push(Fact::unknown("hosts", why, "the inventory"));
    if !patterns.is_empty() {
        targets.typed.clone_from(&patterns[0]);
        targets.facts.push(Fact::known("patterns", Datum::texts(patterns), "the plays and -e"));
    } else {
        targets.typed.clone_from(&command.tool);
    }
    targets
}

/// The pattern of every play, templates replaced.
fn patterns(command: &Command) -> Result<Vec<String>, Missing> {
    if command.tool == "ansible" {
        return Ok(command.operands.first().cloned().into_iter().collect());
    }
    let extra = vars::extra(command).map_err(Missing::Unknown)?;
    let mut all = Vec::new();
    let plays = ansible::plays(command);
    for play in plays.as_ref().as_ref().map_err(Clone::clone)? {
        let mut known = extra.clone();
        if let Some(own) = play.node.get("vars") {
            known.take(own, true);
        }
        let Some(hosts) = play.node.get("hosts") else { continue };
        let text = match hosts {
            Node::Text(_) | Node::List(_) | Node::Number(_) => vars::plain(hosts),
            Node::Null | Node::Bool(_) | Node::Map(_) => None,
        };
        let text = text.ok_or_else(|| Missing::Unknown("a play without readable hosts".into()))?;
        let pattern = vars::rendered(&text, &known)
            .map_err(|why| Missing::Unknown(format!("the hosts of a play: {why}")))?;
        if !all.contains(&pattern) {
            all.push(pattern);
        }
    }
    Ok(all)
}

/// The limits of `-l`.
fn limited(command: &Command) -> Vec<&str> {
    command.option_values("--limit").collect()
}

/// This machine where no inventory names it, and the hosts of the inventories.
fn hosts(
    command: &Command,
    inventory: &Inventory,
    patterns: &[String],
) -> Result<(Vec<String>, Vec<String>), String> {
    let mut found: Vec<String> = Vec::new();
    for one in patterns {
        for host in pattern::hosts(inventory, one)? {
            if !found.contains(&host) {
                found.push(host);
            }
        }
    }
    if let Some(limit) = limited(command).last().filter(|l| !l.is_empty()) {
        let kept = pattern::hosts(inventory, &limit_of(command, limit)?)?;
        found.retain(|h| kept.contains(h));
    }
    let implicit =
        |h: &String| ["localhost", "127.0.0.1", "::1"].contains(&h.as_str()) && !inventory.hosts.has(h);
    Ok(found.into_iter().partition(implicit))
}

/// A limit with the lines of its `@file` parts in their place.
fn limit_of(command: &Command, limit: &str) -> Result<String, String> {
    let mut parts = Vec::new();
    for part in limit.split(',') {
        match part.strip_prefix('@') {
            Some(file) => {
                let bytes = command.invocation.read(file).map_err(|e| format!("--limit @{file}: {e}"))?;
                parts.extend(String::from_utf8_lossy(&bytes).lines().map(|l| l.trim().to_owned()));
            }
            None => parts.push(part.to_owned()),
        }
    }
    Ok(parts.join(","))
}
