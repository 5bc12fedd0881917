//! The lexical rules of MySQL, SQLite, ClickHouse and BigQuery, one piece at a time.
//! Must never run past a quote that the server would still have open, nor stop before its end.

use super::Dialect;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Word,
    /// A quoted identifier, quotes included.
    Name,
    Text,
    Number,
    Param,
    Sign(u8),
    Space,
    Comment,
    /// MySQL's `/*!50000`: what follows up to `*/` is executed by some servers.
    Opening,
    /// A quote or comment that stays open.
    Unclosed,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub shape: Shape,
    pub start: usize,
    pub end: usize,
}

/// The piece that begins at `at`; `None` at the end.
pub fn piece(text: &str, at: usize, dialect: Dialect) -> Option<Piece> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..)?;
    let first = *rest.first()?;
    let two = rest.get(1).copied().unwrap_or(0);
    let while_ = |test: fn(u8) -> bool| rest.iter().take_while(|b| test(**b)).count();
    let (shape, length) = match first {
        b if is_space(b) => (Shape::Space, while_(is_space)),
        b'-' if two == b'-' && dashes_comment(rest, dialect) => (Shape::Comment, line(rest)),
        b'#' if hash_comments(rest, dialect) => (Shape::Comment, line(rest)),
        b'/' if two == b'*' => block(rest, dialect),
        b'\'' => quoted(rest, b'\'', Shape::Text, dialect),
        b'"' => quoted(rest, b'"', double(dialect), dialect),
        b'`' => quoted(rest, b'`', Shape::Name, dialect),
        b'[' if dialect == Dialect::Sqlite => match rest.iter().position(|b| *b == b']') {
            Some(end) => (Shape::Name, end + 1),
            None => (Shape::Unclosed, rest.len()),
        },
        b'[' if dialect == Dialect::Outline => bracketed(rest),
        b'0'..=b'9' => (Shape::Number, number(rest)),
        b'.' if two.is_ascii_digit() => (Shape::Number, number(rest)),
        b'?' => (Shape::Param, 1),
        b if is_word_start(b) => word(rest, dialect),
        sign => (Shape::Sign(sign), 1),
    };
    Some(Piece { shape, start: at, end: at + length })
}

/// SQL Server's `[name]`; a list, as of Cassandra, is none.
fn bracketed(rest: &[u8]) -> (Shape, usize) {
    let name = rest[1..].iter().take_while(|b| is_word(**b) || **b == b' ').count();
    let is_name =
        name > 0 && rest.get(1).is_some_and(|b| is_word_start(*b)) && rest.get(name + 1) == Some(&b']');
    if is_name { (Shape::Name, name + 2) } else { (Shape::Sign(b'['), 1) }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

fn is_word(b: u8) -> bool {
    is_word_start(b) || b.is_ascii_digit() || b == b'$'
}

/// MySQL's `--` is a comment only before a blank, a control character or the end.
fn dashes_comment(rest: &[u8], dialect: Dialect) -> bool {
    dialect != Dialect::MySql || rest.get(2).is_none_or(|b| *b <= b' ')
}

fn hash_comments(rest: &[u8], dialect: Dialect) -> bool {
    match dialect {
        Dialect::MySql | Dialect::BigQuery => true,
        Dialect::ClickHouse => matches!(rest.get(1), None | Some(b' ' | b'!')),
        Dialect::Sqlite | Dialect::Outline => false,
    }
}

/// What double quotes hold.
fn double(dialect: Dialect) -> Shape {
    match dialect {
        Dialect::MySql | Dialect::BigQuery => Shape::Text,
        Dialect::Sqlite | Dialect::ClickHouse | Dialect::Outline => Shape::Name,
    }
}

fn line(rest: &[u8]) -> usize {
    rest.iter().take_while(|b| **b != b'\n').count()
}

fn block(rest: &[u8], dialect: Dialect) -> (Shape, usize) {
    let conditional = match rest {
        [_, _, b'!', ..] => Some(3),
        [_, _, b'M', b'!', ..] => Some(4),
        _ => None,
    };
    if let (Some(at), Dialect::MySql) = (conditional, dialect) {
        let digits = rest[at..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
        return (Shape::Opening, at + if digits >= 5 { digits } else { 0 });
    }
    match find(&rest[2..], b"*/") {
        Some(end) => (Shape::Comment, end + 4),
        // SQLite ends an open comment with the input; nothing is hidden by it that would run.
        None => (Shape::Unclosed, rest.len()),
    }
}

/// Behind the `*/` of a comment whose inside begins at `at`.
pub fn end_of_comment(text: &str, at: usize) -> usize {
    find(&text.as_bytes()[at..], b"*/").map_or(text.len(), |end| at + end + 2)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|w| w == wanted)
}

/// A quoted part. A doubled quote stands for itself, except in BigQuery; a backslash hides the next byte where
/// the dialect has it.
fn quoted(rest: &[u8], quote: u8, shape: Shape, dialect: Dialect) -> (Shape, usize) {
    let triple = [quote; 3];
    if dialect == Dialect::BigQuery && quote != b'`' && rest.starts_with(&triple) {
        return match closing(&rest[3..], &triple, true) {
            Some(end) => (shape, end + 3),
            None => (Shape::Unclosed, rest.len()),
        };
    }
    let escapes = match dialect {
        Dialect::MySql => shape == Shape::Text,
        Dialect::ClickHouse | Dialect::BigQuery => true,
        Dialect::Sqlite | Dialect::Outline => false,
    };
    let mut at = 1;
    while let Some(end) = closing(&rest[at..], &[quote], escapes) {
        at += end;
        if dialect == Dialect::BigQuery || rest.get(at) != Some(&quote) {
            return (shape, at);
        }
        at += 1;
    }
    (Shape::Unclosed, rest.len())
}

/// Length up to and with the closing quote.
fn closing(rest: &[u8], quote: &[u8], escapes: bool) -> Option<usize> {
    let mut at = 0;
    while at < rest.len() {
        if escapes && rest[at] == b'\\' {
            at += 2;
        } else if rest[at..].starts_with(quote) {
            return Some(at + quote.len());
        } else {
            at += 1;
        }
    }
    None
}

/// A word, or a string with a prefix: `x'41'`, BigQuery's `r"\"`.
fn word(rest: &[u8], dialect: Dialect) -> (Shape, usize) {
    let length = rest.iter().take_while(|b| is_word(**b)).count();
    let raw = dialect == Dialect::BigQuery
        && matches!(rest[..length].to_ascii_lowercase().as_slice(), b"r" | b"b" | b"rb" | b"br");
    match rest.get(length) {
        Some(quote @ (b'\'' | b'"')) if raw => {
            let (shape, inner) = quoted(&rest[length..], *quote, Shape::Text, dialect);
            (shape, length + inner)
        }
        _ => (Shape::Word, length),
    }
}

fn number(rest: &[u8]) -> usize {
    let mut end = 0;
    while rest.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.' || *b == b'_') {
        let exponent = matches!(rest[end], b'e' | b'E') && matches!(rest.get(end + 1), Some(b'+' | b'-'));
        end += if exponent { 2 } else { 1 };
    }
    end
}
