//! What readers of database shells gather: deeds, and what could not be read. Shared by sqlite3, clickhouse-client
//! and bq. Traits: `statement`, `object`, `session` = interactive, `input` = stdin-unread, stream.

use super::sql::dialect::{self, Dialect};
use super::sql::{Deed, Kind, Weight};
use super::{Command, Does};
use crate::invocation::{Invocation, ReadError};
use std::path::Path;

/// What would run.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    pub deeds: Vec<Deed>,
    pub unsure: Option<String>,
    pub interactive: bool,
    pub unread: bool,
    /// Lines for a shell on this machine.
    pub lines: Vec<String>,
    /// Files that commands of the shell itself write here.
    pub written: Vec<String>,
}

/// More objects than this are not listed one by one.
const OBJECTS_SHOWN: usize = 500;

impl Statements {
    pub fn not_sure(&mut self, why: impl Into<String>) {
        self.unsure.get_or_insert_with(|| why.into());
    }

    pub fn sql(&mut self, text: &str, dialect: Dialect) {
        match dialect::deeds(text, dialect) {
            Ok(mut deeds) => self.deeds.append(&mut deeds),
            Err(why) => {
                // What comes before may be known; the whole is not.
                self.not_sure(why);
            }
        }
    }

    /// A script; `None` where there is nothing to read, or it cannot be known.
    pub fn file(&mut self, invocation: &Invocation, name: &str) -> Option<Vec<u8>> {
        match invocation.read(Path::new(name)) {
            Ok(bytes) => Some(bytes),
            Err(ReadError::Missing) => None,
            Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => {
                self.not_sure(format!("{} cannot be looked at: {why}", crate::text::show_line(name, 60)));
                None
            }
        }
    }

    pub fn add(&mut self, kind: Kind, verb: &str) {
        self.deeds.push(Deed::new(kind, verb, "", Vec::new()));
    }

    /// A pipe or file on standard input that was not read, or a stream.
    pub fn unread(&mut self) {
        self.unread = true;
        self.not_sure("SQL comes from a pipe or file on standard input that was not read");
    }

    pub fn stream(&mut self) {
        self.not_sure("SQL comes from a stream that cannot be read before it runs");
    }

    /// Puts it into the command's traits, verb and headline.
    pub fn describe(self, command: &mut Command) {
        command.verb = if self.interactive { "session" } else { "run" }.into();
        let worst = self.deeds.iter().rev().max_by_key(|d| d.kind.weight());
        command.headline = match worst {
            Some(deed) => crate::text::show_line(deed.phrase(), 100),
            None if self.interactive => "an interactive session".into(),
            None => "no statement".into(),
        };
        for deed in &self.deeds {
            command.traits.add("statement", deed.kind.word());
            let listed = deed.kind.weight() > Weight::Reads && !deed.class.is_empty();
            for name in deed.names.iter().filter(|_| listed).take(OBJECTS_SHOWN) {
                command.traits.add("object", format!("{} {name}", deed.class));
            }
        }
        if self.interactive {
            command.traits.add("session", "interactive");
        }
        if self.unread {
            command.traits.add("input", "stdin-unread");
        }
        if let Some(why) = self.unsure {
            command.does = Does::Unsure(why);
        }
    }
}
