//! SQL of servers other than PostgreSQL: the same questions, with each one's quotes, comments and statements.
//! What all of them share is read by the common classifier. Must never take a word of one dialect for another's.

mod bigquery;
mod body;
mod clickhouse;
mod lex;
mod mysql;
mod mysql_function_table;
mod outline;
mod sqlite;

#[cfg(test)]
mod tests;

pub use lex::{Piece, Shape, piece};

use super::classify::{self, Known, Prepared, Statement};
use super::tokens::{Cut, Token, Tokens};
use super::{Deed, Kind};

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// MySQL and MariaDB.
    MySql,
    Sqlite,
    ClickHouse,
    BigQuery,
    /// Servers known in outline: SQL Server, Oracle, Cassandra, Snowflake, DuckDB.
    Outline,
}

/// The statements of a text, cut at semicolons. `conditional`: comments that only some servers execute
/// (`/*!50000 … */`) count as text.
pub fn cut(text: &str, dialect: Dialect, conditional: bool) -> Cut<'_> {
    let mut result = Cut::default();
    let mut current: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut inside_conditional = false;
    let mut depth = body::Depth::default();
    while let Some(piece) = piece(text, at, dialect) {
        at = piece.end;
        let slice = &text[piece.start..piece.end];
        match piece.shape {
            Shape::Opening if conditional => inside_conditional = true,
            Shape::Opening => at = lex::end_of_comment(text, piece.end),
            Shape::Sign(b'*') if inside_conditional && text[piece.end..].starts_with('/') => {
                inside_conditional = false;
                at += 1;
            }
            Shape::Space | Shape::Comment => {}
            Shape::Unclosed => result.unclosed = true,
            Shape::Sign(b';') if !depth.holds(dialect, &current) => {
                depth = body::Depth::default();
                if !current.is_empty() {
                    result.statements.push(std::mem::take(&mut current));
                }
            }
            Shape::Word => current.push(Token::Word(slice)),
            Shape::Name => current.push(Token::Name(inner(slice))),
            Shape::Text => current.push(Token::Text(slice)),
            Shape::Number => current.push(Token::Number(slice)),
            Shape::Param => current.push(Token::Param),
            Shape::Sign(sign) => current.push(Token::Sign(sign)),
        }
    }
    if !current.is_empty() {
        result.statements.push(current);
    }
    result
}

/// What a text does, statement by statement; `Err`: why that is not known.
pub fn deeds(text: &str, dialect: Dialect) -> Result<Vec<Deed>, String> {
    let cut = cut(text, dialect, true);
    let mut prepared = Prepared::new();
    let mut all = Vec::new();
    for statement in &cut.statements {
        match classify(Tokens(statement), dialect, &mut prepared) {
            Statement::Known(known) => all.extend(known.deeds),
            Statement::Unknown(words) => {
                let words = crate::text::show_line(words.to_uppercase(), 40);
                return Err(format!("a statement that begins with {words} is not known"));
            }
        }
    }
    if cut.unclosed { Err("a quote or comment is not closed".into()) } else { Ok(all) }
}

/// Whether a text ends with the end of a statement, or holds none.
pub fn is_complete(text: &str, dialect: Dialect) -> bool {
    let cut = cut(text, dialect, true);
    let mut at = 0;
    let mut last = None;
    while let Some(piece) = piece(text, at, dialect) {
        at = piece.end;
        if !matches!(piece.shape, Shape::Space | Shape::Comment) {
            last = Some(piece.shape);
        }
    }
    let open = cut.statements.last().is_some_and(|s| body::holds(dialect, s));
    !cut.unclosed && !open && last.is_none_or(|shape| shape == Shape::Sign(b';'))
}

/// A quoted name without its quotes.
fn inner(slice: &str) -> &str {
    slice.get(1..slice.len().saturating_sub(1)).unwrap_or("")
}

/// Classifies one statement.
pub fn classify(tokens: Tokens, dialect: Dialect, prepared: &mut Prepared) -> Statement {
    let mut deeds = Vec::new();
    let own = match dialect {
        Dialect::MySql => mysql::read(tokens, prepared, &mut deeds),
        Dialect::Sqlite => sqlite::read(tokens, &mut deeds),
        Dialect::ClickHouse => clickhouse::read(tokens, &mut deeds),
        Dialect::BigQuery => bigquery::read(tokens, &mut deeds),
        Dialect::Outline => outline::read(tokens, prepared, &mut deeds),
    };
    match own {
        Own::Read => {}
        Own::Unknown => return unknown(tokens),
        Own::Common => match classify::classify(tokens, prepared) {
            Statement::Known(known) => deeds.extend(known.deeds),
            Statement::Unknown(words) => return Statement::Unknown(words),
        },
    }
    deeds.retain(|deed| {
        let call = matches!(deed.kind, Kind::UnknownFunction);
        !(call && deed.names.iter().all(|name| harmless(dialect, name)))
    });
    Statement::Known(Known { deeds, ..Known::default() })
}

/// What a dialect's own reader makes of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
enum Own {
    Read,
    /// Nothing of its own: the common classifier reads it.
    Common,
    Unknown,
}

fn unknown(tokens: Tokens) -> Statement {
    let words: Vec<String> = (0..2).map(|i| tokens.lower(i)).filter(|w| !w.is_empty()).collect();
    Statement::Unknown(words.join(" "))
}

/// Whether a function that PostgreSQL does not have changes nothing in this dialect.
fn harmless(dialect: Dialect, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match dialect {
        Dialect::MySql => mysql_function_table::PURE.binary_search(&name.as_str()).is_ok(),
        // They have no functions that users write and that could change data; these few reach outside.
        Dialect::Sqlite => {
            !["load_extension", "writefile", "edit", "fts3_tokenizer"].contains(&name.as_str())
        }
        Dialect::ClickHouse => name != "executable",
        Dialect::BigQuery => name != "external_query",
        // Functions of these servers change no data; packages and system functions may.
        Dialect::Outline => !["system$", "dbms_", "utl_"].iter().any(|p| name.contains(p)),
    }
}

/// A deed without names.
fn plain(deeds: &mut Vec<Deed>, kind: Kind, verb: &str) -> Own {
    deeds.push(Deed::new(kind, verb, "", Vec::new()));
    Own::Read
}

/// A deed on the names that stand at `at`.
fn named(
    deeds: &mut Vec<Deed>,
    kind: Kind,
    verb: &str,
    class: &'static str,
    tokens: Tokens,
    at: usize,
) -> Own {
    deeds.push(Deed::new(kind, verb, class, tokens.names(at)));
    Own::Read
}
