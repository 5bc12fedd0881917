//! What a reader found out about a command, as names with values that rules can match.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A small multimap: one name may have several values (every kind of `delete pod,svc`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pairs: Vec<(&'static str, Cow<'static, str>)>,
    /// Where the pairs of a hash stand, once there are many: a script may drop thousands of tables.
    index: Option<Box<Index>>,
}

type Index = BTreeMap<u64, Vec<usize>>;

/// Fewer are found sooner by looking at each.
const FEW: usize = 16;

impl Traits {
    pub fn add(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        let value = value.into();
        if self.has(name, &value) {
            return;
        }
        self.pairs.push((name, value));
        let fresh = match self.pairs.len() {
            ..=FEW => return,
            length if self.index.is_none() => 0..length,
            length => length - 1..length,
        };
        let index = self.index.get_or_insert_default();
        for at in fresh {
            let (name, value) = &self.pairs[at];
            index.entry(hash(name, value)).or_default().push(at);
        }
    }

    pub fn has(&self, name: &str, value: &str) -> bool {
        let Some(index) = &self.index else { return self.values(name).any(|v| v == value) };
        let is = |at: &usize| self.pairs.get(*at).is_some_and(|(n, v)| *n == name && v == value);
        index.get(&hash(name, value)).is_some_and(|places| places.iter().any(is))
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

fn hash(name: &str, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, value).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::Traits;

    #[test]
    fn many_values_are_kept_once_and_in_order() {
        let mut traits = Traits::default();
        for round in 0..2 {
            for n in 0..100 {
                assert_eq!(traits.has("object", &n.to_string()), round == 1, "{n}");
                traits.add("object", n.to_string());
            }
        }
        assert!(traits.values("object").eq((0..100).map(|n| n.to_string())));
        assert!(!traits.has("kind", "7") && traits.iter().count() == 100);
    }
}
