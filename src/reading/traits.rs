//! What a reader found out about a command, as names with values that rules can match.

use std::borrow::Cow;

/// A small multimap: one name may have several values (every kind of `delete pod,svc`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pairs: Vec<(&'static str, Cow<'static, str>)>,
}

impl Traits {
    pub fn add(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        let value = value.into();
        if !self.has(name, &value) {
            self.pairs.push((name, value));
        }
    }

    pub fn has(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|v| v == value)
    }

    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(n, _)| *n == name).map(|(_, v)| v.as_ref())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.pairs.iter().map(|(n, v)| (*n, v.as_ref()))
    }

    pub fn extend(&mut self, other: Traits) {
        for (name, value) in other.pairs {
            self.add(name, value);
        }
    }
}
