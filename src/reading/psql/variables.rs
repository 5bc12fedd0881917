//! psql's own variables: -v, \set, \gset, and those psql sets itself.
//! Must never take a variable whose value is not known for an unset one.

use std::cell::Cell;
use std::collections::HashMap;

/// Bytes that all values together may hold: `\set a :a:a` doubles a value with each line.
const MOST_HELD: usize = 64 << 10;
/// Bytes that references may put into statements and arguments, in all.
const MOST_GIVEN: usize = 4 << 20;

/// What `:name` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    Unset,
    Known(String),
    /// Set at run time: from a query, a program, a prompt, or by psql itself.
    Dynamic,
}

/// The variables as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    set: HashMap<String, Option<String>>,
    /// Prefixes of \gset: the rest of the names are the columns of a query.
    prefixes: Vec<String>,
    /// Bytes of the known values.
    held: usize,
    /// Bytes given out so far.
    given: Cell<usize>,
}

/// Set by psql, with values that depend on the session.
const BY_PSQL: &[&str] = &[
    "AUTOCOMMIT",
    "COMP_KEYWORD_CASE",
    "DBNAME",
    "ECHO",
    "ECHO_HIDDEN",
    "ENCODING",
    "ERROR",
    "FETCH_COUNT",
    "HIDE_TABLEAM",
    "HIDE_TOAST_COMPRESSION",
    "HISTCONTROL",
    "HISTFILE",
    "HISTSIZE",
    "HOST",
    "IGNOREEOF",
    "LASTOID",
    "LAST_ERROR_MESSAGE",
    "LAST_ERROR_SQLSTATE",
    "ON_ERROR_ROLLBACK",
    "ON_ERROR_STOP",
    "PORT",
    "PROMPT1",
    "PROMPT2",
    "PROMPT3",
    "QUIET",
    "ROW_COUNT",
    "SERVER_VERSION_NAME",
    "SERVER_VERSION_NUM",
    "SERVICE",
    "SHELL_ERROR",
    "SHELL_EXIT_CODE",
    "SHOW_ALL_RESULTS",
    "SHOW_CONTEXT",
    "SINGLELINE",
    "SINGLESTEP",
    "SQLSTATE",
    "USER",
    "VERBOSITY",
    "VERSION",
    "VERSION_NAME",
    "VERSION_NUM",
    "WATCH_INTERVAL",
];

impl Variables {
    /// Beyond `MOST_GIVEN` a known value counts as one that is not known.
    pub fn get(&self, name: &str) -> Variable {
        match self.set.get(name) {
            Some(Some(value)) => {
                self.given.set(self.given.get().saturating_add(value.len()));
                if self.given.get() > MOST_GIVEN {
                    return Variable::Dynamic;
                }
                Variable::Known(value.clone())
            }
            Some(None) => Variable::Dynamic,
            None if BY_PSQL.contains(&name) => Variable::Dynamic,
            None if self.prefixes.iter().any(|p| name.starts_with(p.as_str())) => Variable::Dynamic,
            None => Variable::Unset,
        }
    }

    /// `None`: the value is known only at run time. So is one that would make the values larger than `MOST_HELD`.
    pub fn put(&mut self, name: &str, value: Option<String>) {
        self.remove(name);
        let value = value.filter(|value| value.len() <= MOST_HELD - self.held);
        self.held += value.as_ref().map_or(0, String::len);
        self.set.insert(name.to_owned(), value);
    }

    pub fn remove(&mut self, name: &str) {
        let value = self.set.remove(name).flatten();
        self.held -= value.map_or(0, |value| value.len());
    }

    /// \gset: any name with this prefix may now be set.
    pub fn put_columns(&mut self, prefix: &str) {
        for (name, value) in &mut self.set {
            if name.starts_with(prefix) {
                self.held -= value.take().map_or(0, |value| value.len());
            }
        }
        self.prefixes.push(prefix.to_owned());
    }

    /// A switch of psql's: `None` when it is not known.
    pub fn switch(&self, name: &str, default: bool) -> Option<bool> {
        match self.set.get(name) {
            None => Some(default),
            Some(None) => None,
            Some(Some(value)) if value.is_empty() => Some(true),
            Some(Some(value)) => boolean(value),
        }
    }
}

/// Names psql accepts: letters, digits, underscores, everything beyond ASCII.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_name_byte)
}

pub fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// psql's booleans: unique prefixes of true, false, yes, no; `on`, `of`, `off`, `1`, `0`.
pub fn boolean(text: &str) -> Option<bool> {
    let text = text.to_ascii_lowercase();
    let prefix = |word: &str| !text.is_empty() && word.starts_with(&text);
    if prefix("true") || prefix("yes") || text == "on" || text == "1" {
        Some(true)
    } else if prefix("false") || prefix("no") || text == "of" || text == "off" || text == "0" {
        Some(false)
    } else {
        None
    }
}
