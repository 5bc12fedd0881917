//! The environment a command gets. Lookups follow getenv(3): the first entry of a name counts.

use crate::sys::entry;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

/// `NAME=value` entries in order. Cheap to clone: nested commands mostly share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    entries: Rc<Vec<OsString>>,
}

impl Environment {
    pub fn of_process() -> Environment {
        Environment { entries: Rc::new(entry::environment()) }
    }

    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Environment {
        let entries = pairs.into_iter().map(|(k, v)| OsString::from(format!("{k}={v}"))).collect();
        Environment { entries: Rc::new(entries) }
    }

    /// `NAME=value` as the process would get them.
    pub fn entries(&self) -> &[OsString] {
        &self.entries
    }

    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.entries.iter().find_map(|entry| value_of(entry, name))
    }

    /// Every name in it that is text.
    pub fn names(&self) -> Vec<String> {
        let name = |entry: &OsString| entry.to_str()?.split_once('=').map(|(name, _)| name.to_owned());
        self.entries.iter().filter_map(name).collect()
    }

    /// The same environment with one variable set or replaced.
    #[must_use]
    pub fn set(&self, name: &str, value: &OsStr) -> Environment {
        let mut entry = OsString::from(name);
        entry.push("=");
        entry.push(value);
        let mut entries: Vec<OsString> = self.without(name).entries.to_vec();
        entries.push(entry);
        Environment { entries: Rc::new(entries) }
    }

    /// The same environment with many variables set, or without them.
    #[must_use]
    pub fn changed<'a>(&self, changes: &BTreeMap<&'a str, Option<&'a OsStr>>) -> Environment {
        if changes.is_empty() {
            return self.clone();
        }
        let name = |entry: &'_ OsString| -> Option<String> {
            let bytes = entry.as_bytes();
            let end = bytes.iter().position(|b| *b == b'=')?;
            std::str::from_utf8(&bytes[..end]).ok().map(str::to_owned)
        };
        let stays = |e: &&OsString| name(e).is_none_or(|name| !changes.contains_key(name.as_str()));
        let mut entries: Vec<OsString> = self.entries.iter().filter(stays).cloned().collect();
        for (name, value) in changes.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
            let mut entry = OsString::from(name);
            entry.push("=");
            entry.push(value);
            entries.push(entry);
        }
        Environment { entries: Rc::new(entries) }
    }

    /// The same environment without one variable.
    #[must_use]
    pub fn without(&self, name: &str) -> Environment {
        let entries = self.entries.iter().filter(|e| value_of(e, name).is_none()).cloned().collect();
        Environment { entries: Rc::new(entries) }
    }
}

fn value_of<'a>(entry: &'a OsStr, name: &str) -> Option<&'a OsStr> {
    let bytes = entry.as_bytes();
    let value = bytes.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
    Some(OsStr::from_bytes(value))
}
