//! What a psql session does from its first statement to its end: deeds, transactions, moves to other databases.
//! Must never call a deed rolled back unless that is certain.

use super::files;
use super::variables::Variables;
use crate::invocation::Invocation;
use crate::reading::sql::{self, Deed, Kind, Prepared, Rollback, Statement, Tokens, Turn};
use std::path::PathBuf;

/// A \connect: the words given, `None` for those left as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// -reuse-previous=on or off.
    pub reuse: Option<bool>,
    pub dbname: Option<String>,
    pub user: Option<String>,
    pub host: Option<String>,
    pub port: Option<String>,
}

/// One deed and where it happens.
#[derive(Clone, Debug)]
pub struct Done {
    pub deed: Deed,
    /// How many moves came before.
    pub place: usize,
    pub rolled_back: bool,
}

/// Everything found out while walking through commands and scripts.
pub struct Session<'i> {
    pub invocation: &'i Invocation,
    pub variables: Variables,
    pub done: Vec<Done>,
    pub moves: Vec<Move>,
    /// The first thing that could not be read with certainty.
    pub unsure: Option<String>,
    /// Something may lift a read-only default.
    pub lifts: bool,
    /// psql's working directory (\cd).
    pub directory: PathBuf,
    /// Standard input was read as a script and could not be seen.
    pub stdin_unread: bool,
    pub include_depth: usize,
    prepared: Prepared,
    transaction: Transaction,
    /// A statement set standard_conforming_strings.
    strings_changed: bool,
}

#[derive(Default)]
struct Transaction {
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

impl<'i> Session<'i> {
    pub fn new(invocation: &'i Invocation) -> Session<'i> {
        let options = invocation.var("PGOPTIONS").unwrap_or_default();
        Session {
            invocation,
            variables: Variables::default(),
            done: Vec::new(),
            moves: Vec::new(),
            unsure: None,
            lifts: false,
            directory: invocation.cwd().to_owned(),
            stdin_unread: false,
            include_depth: 0,
            prepared: Prepared::new(),
            transaction: Transaction::default(),
            strings_changed: options.contains("standard_conforming_strings"),
        }
    }

    pub fn not_sure(&mut self, why: impl Into<String>) {
        self.unsure.get_or_insert_with(|| why.into());
    }

    /// A deed that is no SQL statement: a program run, results executed.
    pub fn add(&mut self, kind: Kind, verb: &str) {
        self.push(Deed::new(kind, verb, "", Vec::new()));
    }

    fn push(&mut self, deed: Deed) {
        let place = self.moves.len();
        let boundary = self
            .transaction
            .open
            .as_ref()
            .map_or(0, |open| open.savepoints.last().map_or(open.start, |(_, at)| *at));
        let repeats = self.done.len() > boundary
            && self.done.last().is_some_and(|d| d.deed == deed && d.place == place && !d.rolled_back);
        if !repeats {
            self.done.push(Done { deed, place, rolled_back: false });
        }
    }

    /// Sends one string to the server, as one query. `certain`: it surely runs.
    /// Returns whether data lines follow in the script.
    pub fn send(&mut self, text: &str, certain: bool) -> bool {
        let cut = sql::cut(text);
        if cut.unclosed {
            self.not_sure("a quote or comment is not closed");
        }
        if cut.backslash && self.strings_changed {
            self.not_sure("what a backslash means in strings was changed");
        }
        self.strings_changed |= text.to_ascii_lowercase().contains("standard_conforming_strings");
        self.begin_implicitly(cut.statements.first().map(|s| Tokens(s)), cut.statements.len());
        let mut data_follows = false;
        for statement in &cut.statements {
            match sql::classify(Tokens(statement), &mut self.prepared) {
                Statement::Unknown(words) => self.not_sure(unknown(&words)),
                Statement::Known(known) => {
                    self.lifts |= known.lifts;
                    data_follows |= known.data_follows;
                    known.deeds.into_iter().for_each(|deed| self.push(deed));
                    if let Some(turn) = known.turn {
                        self.turn(turn, certain);
                    }
                }
            }
        }
        if self.transaction.open.as_ref().is_some_and(|open| !open.explicit) {
            self.transaction.open = None;
        }
        data_follows
    }

    /// \copy; returns whether data lines follow.
    pub fn copy(&mut self, words: &str) -> bool {
        let text = format!("copy {words}");
        let cut = sql::cut(&text);
        let Some(statement) = cut.statements.first() else { return false };
        match sql::copy_meta(Tokens(statement), &mut self.prepared) {
            Statement::Unknown(words) => {
                self.not_sure(unknown(&words));
                false
            }
            Statement::Known(known) => {
                known.deeds.into_iter().for_each(|deed| self.push(deed));
                known.data_follows
            }
        }
    }

    /// AUTOCOMMIT off begins a transaction; several statements in one string are one transaction anyway.
    fn begin_implicitly(&mut self, first: Option<Tokens>, count: usize) {
        let (None, Some(first)) = (&self.transaction.open, first) else { return };
        let begins = first.any(
            0,
            &["begin", "start", "commit", "end", "rollback", "abort", "vacuum", "cluster", "discard"],
        ) || first.run(0, &["create", "database"])
            || first.run(0, &["drop", "database"])
            || first.run(0, &["alter", "system"]);
        let manual = self.variables.switch("AUTOCOMMIT", true) == Some(false) && !begins;
        if manual || count > 1 {
            self.open(manual);
        }
    }

    fn open(&mut self, explicit: bool) {
        self.transaction.open = Some(Open { start: self.done.len(), explicit, savepoints: Vec::new() });
    }

    /// psql's own BEGIN of -1.
    pub fn begin(&mut self) {
        self.open(true);
    }

    fn turn(&mut self, turn: Turn, certain: bool) {
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

    /// \connect.
    pub fn go(&mut self, to: Move) {
        let connection_string = to.dbname.as_deref().is_some_and(is_connection_string);
        if connection_string && (to.user.is_some() || to.host.is_some() || to.port.is_some()) {
            return; // psql refuses the mixture and stays
        }
        self.disconnect();
        self.prepared.clear();
        self.moves.push(to);
    }

    pub fn home_path(&self, name: &str) -> String {
        files::tilde(self.invocation, name)
    }
}

fn unknown(words: &str) -> String {
    if words.is_empty() {
        "a statement that is not known".into()
    } else {
        format!(
            "a statement that begins with {} is not known",
            crate::text::show_line(words.to_uppercase(), 40)
        )
    }
}

/// libpq's test for a connection string in the place of a database name.
pub fn is_connection_string(text: &str) -> bool {
    text.starts_with("postgresql://") || text.starts_with("postgres://") || text.contains('=')
}
