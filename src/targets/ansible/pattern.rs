//! Host patterns: `web:&prod:!db1`, globs, `~regex`, `group[0:2]` (InventoryManager of ansible-core 2.19).
//! Must never answer a regular expression by guessing.

use super::inventory::{Inventory, Names};
use crate::reading::ssh::matches as ssh_pattern;
use std::collections::HashSet;

/// The hosts a pattern stands for, in order; implicit localhost among them.
pub fn hosts(inventory: &Inventory, pattern: &str) -> Result<Vec<String>, String> {
    let parts = split(pattern);
    let is = |sign: char| parts.iter().filter(move |p| p.starts_with(sign));
    let regular: Vec<&String> = parts.iter().filter(|p| !p.starts_with(['&', '!'])).collect();
    let mut found = Names::default();
    if regular.is_empty() {
        found = inventory.hosts.clone();
    }
    for part in regular {
        one(inventory, part)?.iter().for_each(|host| found.add(host));
    }
    let set = |part: &str| one(inventory, &part[1..]).map(HashSet::<String>::from_iter);
    for part in is('&') {
        let kept = set(part)?;
        found.retain(|h| kept.contains(h));
    }
    for part in is('!') {
        let gone = set(part)?;
        found.retain(|h| !gone.contains(h));
    }
    Ok(found.into_list())
}

/// At commas, or else at colons outside brackets.
fn split(pattern: &str) -> Vec<String> {
    let trimmed = |parts: Vec<&str>| {
        parts.into_iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect::<Vec<_>>()
    };
    if pattern.contains(',') {
        return trimmed(pattern.split(',').collect()).iter().flat_map(|p| split(p)).collect();
    }
    if pattern.trim().parse::<std::net::Ipv6Addr>().is_ok() {
        return vec![pattern.trim().to_owned()];
    }
    let mut parts = Vec::new();
    let (mut from, mut depth) = (0, 0usize);
    for (at, c) in pattern.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => {
                parts.push(&pattern[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pattern[from..]);
    trimmed(parts)
}

fn one(inventory: &Inventory, part: &str) -> Result<Vec<String>, String> {
    if part.starts_with('~') {
        return Err(format!("the regular expression {part}"));
    }
    let (name, range) = subscript(part);
    let is_glob = name.contains(['*', '?', '[']);
    if name.contains('[') {
        return Err(format!("the pattern {part}"));
    }
    let mut found = Names::default();
    let mut any_group = false;
    for group in inventory.group_names().filter(|g| ssh_pattern(g, name)) {
        any_group = true;
        inventory.members(group).iter().for_each(|host| found.add(host));
    }
    if !any_group || is_glob || name.contains('.') {
        inventory.hosts.iter().filter(|h| ssh_pattern(h, name)).for_each(|host| found.add(host));
    }
    let found = found.into_list();
    if found.is_empty() && !any_group && ["localhost", "127.0.0.1", "::1"].contains(&name) {
        return Ok(vec![name.to_owned()]);
    }
    Ok(match range {
        Some(range) => range.of(found),
        None => found,
    })
}

/// `[n]` or `[from:to]`, both ends included.
struct Range {
    from: i64,
    to: Option<i64>,
}

impl Range {
    fn of(&self, hosts: Vec<String>) -> Vec<String> {
        let count = hosts.len() as i64;
        let absolute = |n: i64| if n < 0 { n + count } else { n };
        let to = self.to.map_or(count - 1, absolute);
        let from = absolute(self.from);
        hosts
            .into_iter()
            .enumerate()
            .filter(|(i, _)| (from..=to).contains(&(*i as i64)))
            .map(|(_, h)| h)
            .collect()
    }
}

fn subscript(part: &str) -> (&str, Option<Range>) {
    let Some((name, inside)) = part.strip_suffix(']').and_then(|p| p.rsplit_once('[')) else {
        return (part, None);
    };
    let number = |text: &str| text.parse::<i64>().ok();
    let range = match inside.split_once([':', '-']).filter(|(a, _)| !a.is_empty() || inside.starts_with(':'))
    {
        Some((from, to)) => match (if from.is_empty() { Some(0) } else { number(from) }, to) {
            (Some(from), "") => Some(Range { from, to: None }),
            (Some(from), to) => number(to).map(|to| Range { from, to: Some(to) }),
            (None, _) => None,
        },
        None => number(inside).map(|n| Range { from: n, to: Some(n) }),
    };
    match range {
        Some(range) => (name, Some(range)),
        None => (part, None),
    }
}
