//! What a wrapper or shell acts on: what the programs act on that it starts. Must never mix two places: what runs
//! on another host or in a container has the target of the command that leads there.

use super::Judged;
use crate::reading::{Does, goes_through};
use crate::targets::{Datum, Fact, Value};
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;

impl Judged {
    /// The facts of its own target and of what it starts, one for each key.
    pub fn facts(&self) -> Vec<Fact> {
        let own = self.targets().map_or(&[][..], |t| &t.facts);
        if self.inner.is_empty() {
            return own.to_vec();
        }
        let mut all = Facts::default();
        all.add(own);
        all.add(&self.inner);
        all.list()
    }
}

/// Hands every fact up to the wrappers and shells around its command, inner ones first.
pub(super) fn pass_up(commands: &mut [Judged], parents: &[Option<usize>]) {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); commands.len()];
    for (at, parent) in parents.iter().enumerate() {
        if let Some(list) = parent.and_then(|p| children.get_mut(p)) {
            list.push(at);
        }
    }
    for (at, list) in children.iter().enumerate().rev() {
        let unsure = matches!(commands[at].command.does, Does::Unsure(_));
        if unsure || !goes_through(commands[at].command.invocation.program().as_bytes()) {
            continue;
        }
        let place = commands[at].command.invocation.place().map(str::to_owned);
        let mut inner = Facts::default();
        for child in list.iter().map(|child| &commands[*child]) {
            if child.command.invocation.place() == place.as_deref() {
                inner.add(&child.facts());
            }
        }
        let mut inner = inner.list();
        if inner.is_empty() && commands[at].resolution.is_none() {
            inner.extend(nothing(&commands[at], list.is_empty()));
        }
        commands[at].inner = inner;
    }
}

/// The empty list of a wrapper that is known to start nothing, with the reason.
fn nothing(judged: &Judged, alone: bool) -> Option<Fact> {
    let why = match &judged.command.does {
        Does::Unsure(_) => return None,
        Does::Nothing(why) => why.as_str(),
        Does::Acts if alone => "it starts nothing that guard has rules for",
        Does::Acts => return None,
    };
    Some(Fact::known("paths", Datum::List(Vec::new()), why))
}

/// Facts of several commands under one key: lists are joined, different values become a list.
struct Group {
    first: Fact,
    items: Vec<Datum>,
    seen: BTreeSet<String>,
    several: bool,
}

#[derive(Default)]
struct Facts(Vec<Group>);

impl Facts {
    fn add(&mut self, facts: &[Fact]) {
        for fact in facts {
            match self.0.iter_mut().find(|group| group.first.key == fact.key) {
                Some(group) => group.add(fact),
                None => self.0.push(Group::new(fact)),
            }
        }
    }

    fn list(self) -> Vec<Fact> {
        self.0.into_iter().map(Group::fact).collect()
    }
}

impl Group {
    fn new(fact: &Fact) -> Group {
        let mut group =
            Group { first: fact.clone(), items: Vec::new(), seen: BTreeSet::new(), several: false };
        group.take(&fact.value);
        group
    }

    fn add(&mut self, fact: &Fact) {
        match (&self.first.value, &fact.value) {
            (Value::Unknown(_), _) => return,
            (Value::Known(_), Value::Unknown(_)) => self.first = fact.clone(),
            (a, b) if a == b => return,
            (Value::Known(_), Value::Known(_)) => {}
        }
        self.several = true;
        self.take(&fact.value);
    }

    fn take(&mut self, value: &Value) {
        let one = match value {
            Value::Unknown(_) => return,
            Value::Known(Datum::List(items)) => items.as_slice(),
            Value::Known(one @ (Datum::Null | Datum::Text(_) | Datum::Number(_))) => {
                std::slice::from_ref(one)
            }
        };
        for datum in one {
            if self.seen.insert(format!("{datum:?}")) {
                self.items.push(datum.clone());
            }
        }
    }

    fn fact(self) -> Fact {
        match &self.first.value {
            Value::Known(_) if self.several => {
                Fact { value: Value::Known(Datum::List(self.items)), ..self.first }
            }
            Value::Known(_) | Value::Unknown(_) => self.first,
        }
    }
}
