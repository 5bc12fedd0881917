//! What ssh_config(5) settles for one connection, three-valued: set, not set, or behind a condition nobody can tell.
//! Must never let a later value win: the first counts, wherever it stands.

use std::collections::BTreeMap;

/// Whether a line of a file counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Active {
    Yes,
    No,
    /// It depends on something that is not known, and on what.
    Maybe(String),
}

impl Active {
    /// Both must hold.
    pub fn and(self, other: Active) -> Active {
        match (self, other) {
            (Active::No, _) | (_, Active::No) => Active::No,
            (Active::Maybe(why), _) | (_, Active::Maybe(why)) => Active::Maybe(why),
            (Active::Yes, Active::Yes) => Active::Yes,
        }
    }

    pub fn when(holds: bool) -> Active {
        if holds { Active::Yes } else { Active::No }
    }

    pub fn negated(self) -> Active {
        match self {
            Active::Yes => Active::No,
            Active::No => Active::Yes,
            Active::Maybe(why) => Active::Maybe(why),
        }
    }
}

/// A value, or why it is not known, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub value: Result<String, String>,
    pub source: String,
}

/// Options that say where a connection goes and what it runs; all others are passed over.
const KEPT: &[&str] = &[
    "hostname",
    "user",
    "port",
    "proxyjump",
    "proxycommand",
    "remotecommand",
    "localcommand",
    "permitlocalcommand",
    "knownhostscommand",
    "sessiontype",
    "stdinnull",
    "forkafterauthentication",
    "canonicalizehostname",
    "canonicalizepermittedcnames",
    "refuseconnection",
    "tag",
];

/// Those whose value is the rest of the line.
const WHOLE_LINE: &[&str] =
    &["proxyjump", "proxycommand", "remotecommand", "localcommand", "knownhostscommand"];

/// The canonical name of an option that is kept.
pub fn kept(keyword: &str) -> Option<&'static str> {
    KEPT.iter().find(|k| **k == keyword).copied()
}

pub fn takes_whole_line(keyword: &str) -> bool {
    WHOLE_LINE.contains(&keyword)
}

/// First values, by option.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    slots: BTreeMap<&'static str, Slot>,
}

impl Settings {
    pub fn get(&self, name: &str) -> Option<&Slot> {
        self.slots.get(name)
    }

    /// A value that is known; `none` counts as not set for commands.
    pub fn known(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|s| s.value.as_deref().ok())
    }

    /// Whether a yes/no option is on; one that is not known counts as the given answer.
    pub fn is_on(&self, name: &str, unknown: bool) -> bool {
        match self.get(name).map(|s| s.value.as_deref()) {
            Some(Ok(value)) => ["yes", "true"].contains(&value.to_ascii_lowercase().as_str()),
            Some(Err(_)) => unknown,
            None => false,
        }
    }

    /// Takes a value unless there is one.
    pub fn set(&mut self, name: &'static str, value: &str, active: &Active, source: &str) {
        // A jump and a command of one's own exclude each other; the first of both counts.
        let rival = match name {
            "proxyjump" => Some("proxycommand"),
            "proxycommand" => Some("proxyjump"),
            _ => None,
        };
        if self.slots.contains_key(name) || rival.is_some_and(|r| self.slots.contains_key(r)) {
            return;
        }
        let value = match active {
            Active::No => return,
            Active::Yes => Ok(value.to_owned()),
            Active::Maybe(why) => Err(why.clone()),
        };
        self.slots.insert(name, Slot { value, source: source.to_owned() });
    }

    /// Replaces a value: ssh takes the resolved host name into use before it reads its files again.
    pub fn replace(&mut self, name: &'static str, value: Result<String, String>, source: &str) {
        self.slots.insert(name, Slot { value, source: source.to_owned() });
    }
}
