//! Bodies of routines and triggers: the semicolons in them end no statement.
//! Must never hold a semicolon back outside CREATE: what follows would be lost.

use super::Dialect;
use crate::reading::sql::{Token, Tokens};

/// How deep the statement so far is in BEGIN and CASE, counted on from semicolon to semicolon.
#[derive(Clone, Copy, Debug, Default)]
pub struct Depth {
    counted: usize,
    depth: i32,
}

impl Depth {
    /// Whether a semicolon after these tokens, the ones of last time and more, stands inside CREATE … BEGIN … END.
    pub fn holds(&mut self, dialect: Dialect, current: &[Token]) -> bool {
        if !has_body(dialect, Tokens(current)) {
            return false;
        }
        self.depth += depth(Tokens(current), self.counted);
        self.counted = current.len();
        self.depth > 0
    }
}

/// Whether a semicolon after these tokens stands inside CREATE … BEGIN … END.
pub fn holds(dialect: Dialect, current: &[Token]) -> bool {
    Depth::default().holds(dialect, current)
}

fn has_body(dialect: Dialect, tokens: Tokens) -> bool {
    let kinds: &[&str] = match dialect {
        Dialect::Sqlite => &["trigger"],
        Dialect::MySql => &["procedure", "function", "trigger", "event", "package"],
        Dialect::BigQuery => &["procedure"],
        Dialect::Outline => &["procedure", "proc", "function", "trigger", "package", "type"],
        Dialect::ClickHouse => return false,
    };
    tokens.is(0, "create") && (1..tokens.len().min(16)).any(|i| tokens.any(i, kinds))
}

/// How many BEGIN and CASE are open. `END IF` and its kin close what is not counted.
/// What comes next to the last one is a semicolon, which changes nothing.
fn depth(tokens: Tokens, from: usize) -> i32 {
    let mut depth = 0;
    for at in from..tokens.len() {
        let after_end = at > 0 && tokens.is(at - 1, "end");
        if tokens.any(at, &["begin", "case"]) && !after_end {
            depth += 1;
        } else if tokens.is(at, "end") && !tokens.any(at + 1, &["if", "loop", "while", "repeat", "for"]) {
            depth -= 1;
        }
    }
    depth
}
