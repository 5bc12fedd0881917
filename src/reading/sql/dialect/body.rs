//! Bodies of routines and triggers: the semicolons in them end no statement.
//! Must never hold a semicolon back outside CREATE: what follows would be lost.

use super::Dialect;
use crate::reading::sql::{Token, Tokens};

/// Whether a semicolon after these tokens stands inside CREATE … BEGIN … END.
pub fn holds(dialect: Dialect, current: &[Token]) -> bool {
    let tokens = Tokens(current);
    let kinds: &[&str] = match dialect {
        Dialect::Sqlite => &["trigger"],
        Dialect::MySql => &["procedure", "function", "trigger", "event", "package"],
        Dialect::BigQuery => &["procedure"],
        Dialect::Outline => &["procedure", "proc", "function", "trigger", "package", "type"],
        Dialect::ClickHouse => return false,
    };
    if !tokens.is(0, "create") || !(1..tokens.len().min(16)).any(|i| tokens.any(i, kinds)) {
        return false;
    }
    depth(tokens) > 0
}

/// How many BEGIN and CASE are open. `END IF` and its kin close what is not counted.
fn depth(tokens: Tokens) -> i32 {
    let mut depth = 0;
    for at in 0..tokens.len() {
        let after_end = at > 0 && tokens.is(at - 1, "end");
        if tokens.any(at, &["begin", "case"]) && !after_end {
            depth += 1;
        } else if tokens.is(at, "end") && !tokens.any(at + 1, &["if", "loop", "while", "repeat", "for"]) {
            depth -= 1;
        }
    }
    depth
}
