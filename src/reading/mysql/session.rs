//! What a mysql session does: statements on databases, and where USE and connect move it.
//! Must never call anything taken back: DDL commits by itself, and not every table knows transactions.

use super::script::{self, Then};
use crate::invocation::{Invocation, ReadError};
use crate::reading::includes::{self, Includes};
use crate::reading::sql::dialect::{self, Dialect};
use crate::reading::sql::{Deed, Kind, Prepared, Statement, Tokens};
use std::path::Path;

/// Where a statement runs, as far as the script says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `None`: none chosen, or the one of the command line.
    pub database: Option<String>,
    /// Another host, by `connect`.
    pub host: Option<String>,
}

/// One deed and where it happens.
#[derive(Clone, Debug)]
pub struct Done {
    pub deed: Deed,
    pub place: Place,
}

/// Everything found out while walking through a script.
pub struct Session<'i> {
    invocation: &'i Invocation,
    pub done: Vec<Done>,
    pub place: Place,
    pub delimiter: String,
    pub named_commands: bool,
    pub unsure: Option<String>,
    /// Lines for a shell on this machine.
    pub lines: Vec<String>,
    prepared: Prepared,
    depth: usize,
    includes: Includes,
}

impl<'i> Session<'i> {
    pub fn new(invocation: &'i Invocation) -> Session<'i> {
        Session {
            invocation,
            done: Vec::new(),
            place: Place::default(),
            delimiter: ";".into(),
            named_commands: false,
            unsure: None,
            lines: Vec::new(),
            prepared: Prepared::new(),
            depth: 0,
            includes: Includes::default(),
        }
    }

    pub fn not_sure(&mut self, why: impl Into<String>) {
        self.unsure.get_or_insert_with(|| why.into());
    }

    fn push(&mut self, deed: Deed) {
        if self.done.last().is_none_or(|d| d.deed != deed || d.place != self.place) {
            self.done.push(Done { deed, place: self.place.clone() });
        }
    }

    /// A string that the server gets; it may hold several statements. Comments that only some servers execute
    /// are read both ways.
    pub fn send(&mut self, text: &str) {
        let upper = text.to_ascii_uppercase();
        if ["NO_BACKSLASH_ESCAPES", "ANSI_QUOTES"].iter().any(|mode| upper.contains(mode)) {
            self.not_sure("what quotes and backslashes mean may be changed (sql_mode)");
        }
        self.read(text, true);
        if text.contains("/*!") || text.contains("/*M!") {
            self.read(text, false);
        }
    }

    fn read(&mut self, text: &str, conditional: bool) {
        let cut = dialect::cut(text, Dialect::MySql, conditional);
        if cut.unclosed {
            self.not_sure("a quote or comment is not closed");
        }
        for statement in &cut.statements {
            let tokens = Tokens(statement);
            if tokens.is(0, "use")
                && let Some((name, _)) = tokens.name(1)
            {
                self.use_database(&name);
                continue;
            }
            match dialect::classify(tokens, Dialect::MySql, &mut self.prepared) {
                Statement::Known(known) => known.deeds.into_iter().for_each(|deed| self.push(deed)),
                Statement::Unknown(words) => {
                    let words = crate::text::show_line(words.to_uppercase(), 40);
                    self.not_sure(format!("a statement that begins with {words} is not known"));
                }
            }
        }
    }

    pub fn use_database(&mut self, name: &str) {
        if !name.is_empty() {
            self.place.database = Some(name.to_owned());
        }
    }

    /// `connect [database [host]]`
    pub fn connect(&mut self, words: &str) {
        let mut words = words.split_whitespace().map(|w| w.trim_end_matches(';')).filter(|w| !w.is_empty());
        if let Some(database) = words.next() {
            self.place.database = Some(database.to_owned());
        }
        if let Some(host) = words.next() {
            self.place.host = Some(host.to_owned());
        }
    }

    pub fn set_delimiter(&mut self, word: &str) {
        // The client refuses an empty one and one with a backslash.
        if !word.is_empty() && !word.contains('\\') {
            self.delimiter = word.to_owned();
        }
    }

    pub fn shell(&mut self, line: &str) {
        self.lines.push(line.trim().to_owned());
        self.push(Deed::new(Kind::Shell, "a program on this machine (system)", "", Vec::new()));
    }

    pub fn source(&mut self, name: &str) -> Then {
        let name = match (name.strip_prefix("~/"), self.invocation.home()) {
            (Some(rest), Some(home)) => home.join(rest).to_string_lossy().into_owned(),
            _ => name.to_owned(),
        };
        if self.depth > 32 {
            self.not_sure(includes::WHY);
            return Then::GoOn;
        }
        match self.invocation.read(Path::new(&name)) {
            Ok(bytes) if !self.includes.enter_small(Path::new(&name), bytes.len()) => {
                self.not_sure(includes::WHY);
                Then::GoOn
            }
            Ok(bytes) => {
                self.depth += 1;
                let then = script::run(self, &String::from_utf8_lossy(&bytes));
                self.depth -= 1;
                then
            }
            Err(ReadError::Missing) => Then::GoOn,
            Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => {
                self.not_sure(format!("{} cannot be looked at: {why}", crate::text::show_line(name, 60)));
                Then::GoOn
            }
        }
    }
}
