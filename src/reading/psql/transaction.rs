//! The transaction a session is in, as far as it decides whether a deed stays.
//! Must never undo a deed on a doubt: what may not have run turns nothing.

use super::session::Session;
use crate::reading::sql::{Rollback, Tokens, Turn};

/// An open transaction, or none.
#[derive(Default)]
pub struct Transaction {
    open: Option<Open>,
    /// A statement that may or may not have run turned it: nothing is certain any more.
    doubtful: bool,
}

struct Open {
    /// Index into `done` of its first deed.
    start: usize,
    /// Begun by BEGIN rather than by the string of one -c.
    explicit: bool,
    savepoints: Vec<(String, usize)>,
}

/// Statements before which psql sends no BEGIN of its own.
const CONTROL: &[&str] = &["begin", "start", "commit", "end", "rollback", "abort", "savepoint", "prepare"];

/// First or second words of statements that may run outside a transaction even with AUTOCOMMIT off.
const NEVER_INSIDE: &[&str] = &[
    "vacuum",
    "cluster",
    "discard",
    "reindex",
    "database",
    "tablespace",
    "system",
    "index",
    "unique",
    "subscription",
];

impl Transaction {
    /// Where deeds of the present transaction or savepoint begin.
    pub fn boundary(&self) -> usize {
        let within = |open: &Open| open.savepoints.last().map_or(open.start, |(_, at)| *at);
        self.open.as_ref().map_or(0, within)
    }

    /// The transaction of a string ends with it.
    pub fn end_of_string(&mut self) {
        if self.open.as_ref().is_some_and(|open| !open.explicit) {
            self.open = None;
        }
    }
}

impl Session<'_> {
    /// AUTOCOMMIT off begins a transaction; several statements in one string are one transaction anyway.
    pub(super) fn begin_implicitly(&mut self, first: Option<Tokens>, count: usize) {
        let (None, Some(first)) = (&self.transaction.open, first) else { return };
        let alone = first.any(0, CONTROL) || first.any(0, NEVER_INSIDE) || first.any(1, NEVER_INSIDE);
        let manual = self.variables.switch("AUTOCOMMIT", true) == Some(false) && !alone;
        if manual || count > 1 {
            self.open(manual);
        }
    }

    fn open(&mut self, explicit: bool) {
        self.transaction.open = Some(Open { start: self.done.len(), explicit, savepoints: Vec::new() });
    }

    /// Nothing is certain any more about what this connection's transactions undo.
    pub(super) fn doubt(&mut self) {
        self.transaction.doubtful = true;
    }

    /// psql's own BEGIN of -1.
    pub fn begin(&mut self) {
        self.open(true);
    }

    pub(super) fn turn(&mut self, turn: Turn, certain: bool) {
        if !certain {
            self.transaction.doubtful = true;
        }
        match turn {
            Turn::Begin => match &mut self.transaction.open {
                Some(open) => open.explicit = true,
                None => self.open(true),
            },
            Turn::Commit { chain } => self.close(chain),
            Turn::SetAside => self.close(false),
            Turn::Rollback { chain } => {
                self.undo_from(self.transaction.open.as_ref().map(|open| open.start));
                self.close(chain);
            }
            Turn::Savepoint(name) => {
                let at = self.done.len();
                if let Some(open) = &mut self.transaction.open {
                    open.savepoints.push((name, at));
                }
            }
            Turn::Release(name) => drop(self.savepoint(&name)),
            Turn::RollbackTo(name) => {
                let at = self.savepoint(&name);
                self.undo_from(at);
                if let (Some(at), Some(open)) = (at, &mut self.transaction.open) {
                    open.savepoints.push((name, at));
                }
            }
        }
    }

    /// Takes a savepoint and those after it; its index into `done`.
    fn savepoint(&mut self, name: &str) -> Option<usize> {
        let open = self.transaction.open.as_mut().filter(|open| open.explicit)?;
        let found = open.savepoints.iter().rposition(|(n, _)| n == name)?;
        let at = open.savepoints[found].1;
        open.savepoints.truncate(found);
        Some(at)
    }

    /// In a string of several statements the next one is again part of one transaction.
    fn close(&mut self, chain: bool) {
        let explicit = self.transaction.open.as_ref().is_some_and(|open| open.explicit);
        self.transaction.open = None;
        if chain {
            self.open(explicit);
        }
    }

    fn undo_from(&mut self, start: Option<usize>) {
        let Some(start) = start.filter(|_| !self.transaction.doubtful) else { return };
        for done in self.done.iter_mut().skip(start) {
            done.rolled_back |= done.deed.kind.rollback() == Rollback::Undoes;
        }
    }

    /// The connection ends: what was not committed is gone.
    pub fn disconnect(&mut self) {
        self.undo_from(self.transaction.open.as_ref().filter(|open| open.explicit).map(|open| open.start));
        self.transaction = Transaction::default();
    }

    /// COMMIT of -1.
    pub fn commit(&mut self) {
        self.close(false);
    }
}
