//! Hosts and groups of ansible's inventories: INI, YAML, lists on the command line, directories.
//! Must never run an inventory: a script or a plugin makes the whole unknown.

use crate::invocation::{Invocation, ReadError};
use crate::reading::kubectl::yaml::{self, Node};
use std::collections::{BTreeMap, HashSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Names of hosts in order, and what each group holds.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    pub hosts: Names,
    groups: BTreeMap<String, Group>,
    /// How often a host was named, also one that was named before.
    named: usize,
}

#[derive(Clone, Debug, Default)]
struct Group {
    hosts: Names,
    children: Names,
}

/// Names in order, each once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    list: Vec<String>,
    known: HashSet<String>,
}

impl Names {
    pub fn add(&mut self, name: &str) {
        if !self.known.contains(name) {
            self.known.insert(name.to_owned());
            self.list.push(name.to_owned());
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    pub fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        self.list.retain(|name| stays(name));
        self.known.retain(|name| stays(name));
    }

    pub fn iter(&self) -> impl Iterator<Item = &String> {
        self.list.iter()
    }

    pub fn into_list(self) -> Vec<String> {
        self.list
    }
}

/// More hosts are not listed: a range names a hundred thousand in ten letters.
const MOST_HOSTS: usize = 20_000;

/// Extensions that a directory of inventories leaves out (INVENTORY_IGNORE_EXTS).
const IGNORED: &[&str] =
    &[".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".ini", ".cfg", ".retry"];

impl Inventory {
    fn add(&mut self, group: &str, host: &str) -> Result<(), String> {
        self.hosts.add(host);
        self.groups.entry(group.to_owned()).or_default().hosts.add(host);
        self.named += 1;
        if self.hosts.list.len() > MOST_HOSTS || self.named > 4 * MOST_HOSTS {
            Err("more hosts than guard lists".into())
        } else {
            Ok(())
        }
    }

    fn child(&mut self, group: &str, child: &str) {
        self.groups.entry(child.to_owned()).or_default();
        self.groups.entry(group.to_owned()).or_default().children.add(child);
    }

    /// Every group's name, `all` and `ungrouped` too.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        let made = ["all", "ungrouped"].into_iter().filter(|g| !self.groups.contains_key(*g));
        self.groups.keys().map(String::as_str).chain(made)
    }

    /// The hosts of a group and of those below it.
    pub fn members(&self, name: &str) -> Vec<String> {
        if name == "all" {
            return self.hosts.list.clone();
        }
        let mut found = Names::default();
        self.collect(name, &mut found, &mut HashSet::new());
        if name == "ungrouped" {
            let groups = self.groups.iter().filter(|(n, _)| *n != "ungrouped" && *n != "all");
            let named: HashSet<&String> = groups.flat_map(|(_, g)| g.hosts.iter()).collect();
            self.hosts.iter().filter(|h| !named.contains(h)).for_each(|h| found.add(h));
        }
        found.list
    }

    fn collect<'i>(&'i self, name: &'i str, found: &mut Names, seen: &mut HashSet<&'i str>) {
        let Some(group) = self.groups.get(name).filter(|_| seen.insert(name)) else { return };
        group.hosts.iter().for_each(|host| found.add(host));
        group.children.iter().for_each(|child| self.collect(child, found, seen));
    }

    /// Adds one source: a list with commas, a file, a directory. `Err`: what is in it cannot be known.
    pub fn take(&mut self, invocation: &Invocation, source: &str) -> Result<(), String> {
        if source.contains(',') {
            for word in source.split(',').map(str::trim).filter(|w| !w.is_empty()) {
                self.add("ungrouped", without_port(word))?;
            }
            return Ok(());
        }
        self.path(invocation, &invocation.path(expanded(invocation, source)), 0)
    }

    fn path(&mut self, invocation: &Invocation, path: &Path, depth: usize) -> Result<(), String> {
        let shown = path.display().to_string();
        if let Some(place) = invocation.place() {
            return Err(format!("{shown} is on {place}"));
        }
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => return self.directory(invocation, path, depth),
            Ok(meta) if meta.permissions().mode() & 0o111 != 0 => {
                return Err(format!("{shown} is a program"));
            }
            Ok(_) | Err(_) => {}
        }
        let bytes = match invocation.read(path) {
            Ok(bytes) => bytes,
            // ansible warns and goes on without it.
            Err(ReadError::Missing) => return Ok(()),
            Err(error) => return Err(format!("{shown} cannot be read: {error}")),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let failed = |why: String| format!("{shown}: {why}");
        match path.extension().and_then(|e| e.to_str()) {
            Some("yml" | "yaml" | "json") => self.yaml(&text).map_err(failed),
            Some("toml") => Err(failed("TOML".into())),
            _ if text.starts_with("$ANSIBLE_VAULT") => Err(failed("it is encrypted".into())),
            _ => self.ini(&text).map_err(failed),
        }
    }

    fn directory(&mut self, invocation: &Invocation, path: &Path, depth: usize) -> Result<(), String> {
        let listed =
            std::fs::read_dir(path).map_err(|e| format!("{} cannot be listed: {e}", path.display()))?;
        let mut entries: Vec<PathBuf> = listed.flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            let name = entry.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let ignored = IGNORED.iter().any(|e| name.ends_with(e)) || name.starts_with('.');
            if !ignored && !["group_vars", "host_vars", "vars_plugins"].contains(&name.as_str()) && depth < 8
            {
                self.path(invocation, &entry, depth + 1)?;
            }
        }
        Ok(())
    }

    fn ini(&mut self, text: &str) -> Result<(), String> {
        let (mut group, mut kind) = ("ungrouped".to_owned(), "hosts".to_owned());
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(section) = line.strip_prefix('[').and_then(|l| l.split_once(']')).map(|(s, _)| s) {
                let (name, what) = section.split_once(':').unwrap_or((section, "hosts"));
                (group, kind) = (name.trim().to_owned(), what.trim().to_owned());
                self.groups.entry(group.clone()).or_default();
                continue;
            }
            let word = line.split_whitespace().next().unwrap_or("").trim_matches(['"', '\'']);
            match kind.as_str() {
                "hosts" => {
                    for host in ranges(word)? {
                        self.add(&group, &host)?;
                    }
                }
                "children" => self.child(&group, word),
                "vars" => {}
                other => return Err(format!("the section kind {other}")),
            }
        }
        Ok(())
    }

    fn yaml(&mut self, text: &str) -> Result<(), String> {
        let node = yaml::first_document(text)?;
        if node.get("plugin").is_some() {
            return Err("it asks a plugin".into());
        }
        match &node {
            Node::Map(map) => map.entries().try_for_each(|(name, group)| self.group(name, group, 0)),
            Node::Null => Ok(()),
            Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => {
                Err("it is no mapping of groups".into())
            }
        }
    }

    fn group(&mut self, name: &str, node: &Node, depth: usize) -> Result<(), String> {
        if depth > 30 {
            return Err("groups nested too deep".into());
        }
        self.groups.entry(name.to_owned()).or_default();
        if let Some(Node::Map(hosts)) = node.get("hosts") {
            for (word, _) in hosts.entries() {
                for host in ranges(word)? {
                    self.add(name, &host)?;
                }
            }
        }
        if let Some(Node::Map(children)) = node.get("children") {
            for (child, inside) in children.entries() {
                self.child(name, child);
                self.group(child, inside, depth + 1)?;
            }
        }
        Ok(())
    }
}

fn expanded(invocation: &Invocation, path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), invocation.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// `web[01:10:2].example:22`: every host it stands for, without the port.
pub fn ranges(word: &str) -> Result<Vec<String>, String> {
    let plain = without_port(word);
    let Some((before, rest)) = plain.split_once('[') else { return Ok(vec![plain.to_owned()]) };
    let Some((inside, after)) = rest.split_once(']') else { return Err(format!("the range {word}")) };
    if !inside.contains(':') || inside.matches(':').count() > 2 {
        return Ok(vec![plain.to_owned()]);
    }
    let middles = steps(inside).ok_or_else(|| format!("the range {word}"))?;
    let tails = ranges(after)?;
    if middles.len().saturating_mul(tails.len()) > MOST_HOSTS {
        return Err(format!("the range {word} names more hosts than guard lists"));
    }
    let with = |middle: String| tails.iter().map(move |tail| format!("{before}{middle}{tail}"));
    Ok(middles.into_iter().flat_map(with).collect())
}

fn without_port(word: &str) -> &str {
    match word.rsplit_once(':') {
        Some((host, port))
            if !port.is_empty()
                && port.bytes().all(|b| b.is_ascii_digit())
                && balanced(host)
                && !is_v6(word) =>
        {
            host
        }
        Some(_) | None => word,
    }
}

fn balanced(text: &str) -> bool {
    text.matches('[').count() == text.matches(']').count()
}

fn is_v6(word: &str) -> bool {
    word.parse::<std::net::Ipv6Addr>().is_ok()
}

/// `a:c`, `01:10`, `1:9:2`; the number of digits stays.
fn steps(inside: &str) -> Option<Vec<String>> {
    const MOST: u32 = MOST_HOSTS as u32;
    let mut parts = inside.split(':');
    let (from, to) = (parts.next()?, parts.next()?);
    let step: usize = parts.next().map_or(Some(1), |s| s.parse().ok()).filter(|s| *s > 0)?;
    let from = if from.is_empty() { "0" } else { from };
    if let (Ok(first), Ok(last)) = (from.parse::<u32>(), to.parse::<u32>()) {
        let width = if from.len() > 1 && from.starts_with('0') { from.len() } else { 0 };
        let range = (first <= last && last - first < MOST).then_some(first..=last)?;
        return Some(range.step_by(step).map(|n| format!("{n:0width$}")).collect());
    }
    let one = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    let (first, last) = (one(from)?, one(to)?);
    (first <= last).then(|| (first..=last).step_by(step).map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stands_for_its_hosts() {
        for (word, hosts) in [
            ("web[1:3]", &["web1", "web2", "web3"][..]),
            ("db-[a:c].x", &["db-a.x", "db-b.x", "db-c.x"]),
            ("n[08:10]", &["n08", "n09", "n10"]),
            ("n[1:5:2]:22", &["n1", "n3", "n5"]),
            ("a[1:2]b[1:2]", &["a1b1", "a1b2", "a2b1", "a2b2"]),
            ("h:2222", &["h"]),
            ("::1", &["::1"]),
        ] {
            assert_eq!(ranges(word).expect("a range"), hosts, "{word}");
        }
        assert!(ranges("n[3:1]").is_err());
    }

    #[test]
    fn groups_hold_what_their_children_hold() {
        let mut inventory = Inventory::default();
        inventory.ini("lone\n[web]\nw[1:2] ansible_host=10.0.0.1 # x\n[db]\nd1\n[prod:children]\nweb\ndb\n[prod:vars]\na=b\n").expect("ini");
        assert_eq!(inventory.members("prod"), ["w1", "w2", "d1"]);
        assert_eq!(inventory.members("all").len(), 4);
        assert_eq!(inventory.members("ungrouped"), ["lone"]);
        let mut other = Inventory::default();
        other.yaml("all:\n  children:\n    prod:\n      hosts:\n        p1:\n        'p[2:3]':\n    dev: {hosts: {d1: {}}}\n").expect("yaml");
        assert_eq!(other.members("prod"), ["p1", "p2", "p3"]);
        assert_eq!(other.members("all").len(), 4);
        assert!(Inventory::default().yaml("plugin: amazon.aws.aws_ec2\n").is_err());
    }
}
