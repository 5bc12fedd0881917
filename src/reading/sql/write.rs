//! Statements that change rows: INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY.
//! Must never count a condition that holds for every row as a condition.

use super::Deed;
use super::classify::{Prepared, inner, query, read};
use super::condition;
use super::functions::begins_statement;
use super::kind::Kind;
use super::tokens::{Token, Tokens};

pub fn insert(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let Some((name, mut at)) = tokens.name(tokens.skip(1, &["into"])) else { return false };
    if !tokens.is(1, "into") {
        return false;
    }
    if tokens.is(at, "as") {
        at += 2;
    }
    if tokens.sign(at, b'(') && !begins_statement(tokens, at + 1) && !tokens.sign(at + 1, b'(') {
        at = tokens.closing(at) + 1;
    }
    let overwrites = tokens.find(&["do", "update"]).is_some();
    let kind = if overwrites { Kind::Upsert } else { Kind::Insert };
    let verb = if overwrites { "INSERT … ON CONFLICT DO UPDATE of" } else { "INSERT INTO" };
    deeds.push(Deed::new(kind, verb, "table", vec![name]));
    inner(tokens.from(at), prepared, deeds)
}

pub fn update(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let Some((name, _)) = tokens.name(tokens.skip(1, &["only"])) else { return false };
    let Some(set) = tokens.find(&["set"]) else { return false };
    let kind = if bounded(tokens) { Kind::UpdateWhere } else { Kind::UpdateAll };
    deeds.push(Deed::new(kind, "UPDATE", "table", vec![name]));
    inner(tokens.from(set + 1), prepared, deeds)
}

pub fn delete(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    if !tokens.is(1, "from") {
        return false;
    }
    let Some((name, next)) = tokens.name(tokens.skip(2, &["only"])) else { return false };
    let kind = if bounded(tokens) { Kind::DeleteWhere } else { Kind::DeleteAll };
    deeds.push(Deed::new(kind, "DELETE FROM", "table", vec![name]));
    inner(tokens.from(next), prepared, deeds)
}

/// Whether there is a condition that depends on the row.
fn bounded(tokens: Tokens) -> bool {
    let Some(start) = tokens.find(&["where"]) else { return false };
    let end = tokens.top().find(|i| *i > start && tokens.is(*i, "returning")).unwrap_or(tokens.len());
    condition::constant(Tokens(&tokens.0[start + 1..end])) != Some(true)
}

pub fn merge(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    if !tokens.is(1, "into") {
        return false;
    }
    let Some((name, next)) = tokens.name(tokens.skip(2, &["only"])) else { return false };
    let (kind, verb) = if tokens.has(&["then", "delete"]) {
        (Kind::MergeDelete, "MERGE … DELETE from")
    } else if tokens.has(&["then", "update"]) {
        (Kind::Merge, "MERGE … UPDATE of")
    } else {
        (Kind::Insert, "MERGE INTO")
    };
    deeds.push(Deed::new(kind, verb, "table", vec![name]));
    // INSERT (columns) of a WHEN branch looks like a call; everything else is looked through.
    for at in (next..tokens.len()).filter(|i| tokens.is(*i, "insert") && tokens.sign(i + 1, b'(')) {
        let values = tokens.closing(at + 1);
        if !inner(tokens.from(values), prepared, deeds) {
            return false;
        }
    }
    let until = (next..tokens.len()).find(|i| tokens.is(*i, "insert") && tokens.sign(i + 1, b'('));
    inner(Tokens(&tokens.0[next..until.unwrap_or(tokens.len())]), prepared, deeds)
}

pub fn truncate(tokens: Tokens, deeds: &mut Vec<Deed>) -> bool {
    let names = tokens.names(tokens.skip(1, &["table"]));
    let understood = !names.is_empty();
    deeds.push(Deed::new(Kind::Truncate, "TRUNCATE", "table", names));
    understood
}

/// Whose files and programs COPY names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Server,
    Client,
}

/// `COPY name [(columns)] | (query) FROM | TO 'file' | PROGRAM 'command' | STDIN | STDOUT`.
pub fn copy(tokens: Tokens, side: Side, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let Some(at) = direction(tokens) else { return false };
    let from = tokens.is(at, "from");
    let start = tokens.skip(1, &["binary"]);
    let table = if tokens.sign(start, b'(') { None } else { tokens.name(start).map(|(name, _)| name) };
    if tokens.sign(start, b'(') {
        let inside = Tokens(&tokens.0[start + 1..tokens.closing(start)]);
        let read_inside = if inside.is(0, "select") {
            query(inside, prepared, deeds)
        } else {
            read(inside, prepared, deeds)
        };
        if from || !read_inside {
            return false;
        }
    } else if table.is_none() {
        return false;
    }
    let standard = ["stdin", "stdout", "pstdin", "pstdout"].iter().any(|w| tokens.is(at + 1, w));
    let program = tokens.is(at + 1, "program") && matches!(tokens.0.get(at + 2), Some(Token::Text(_)));
    let direction = if from { "FROM" } else { "TO" };
    let (kind, verb) = match (program, side, from) {
        (true, Side::Server, _) => (Kind::CopyProgram, format!("COPY {direction} PROGRAM on the server")),
        (true, Side::Client, _) => (Kind::Shell, format!("\\copy {direction} PROGRAM on this machine")),
        (false, _, true) => (Kind::CopyFrom, "COPY FROM into".into()),
        (false, _, false) if standard => (Kind::Select, "COPY TO STDOUT of".into()),
        (false, Side::Server, false) => (Kind::CopyToFile, "COPY TO a file on the server, of".into()),
        (false, Side::Client, false) => (Kind::CopyToLocal, "\\copy to a file of".into()),
    };
    deeds.push(Deed::new(kind, verb, "table", table.into_iter().collect()));
    true
}

fn direction(tokens: Tokens) -> Option<usize> {
    tokens.top().find(|i| *i > 1 && tokens.any(*i, &["from", "to"]))
}

/// Data lines follow in the script.
pub fn copies_from_stdin(tokens: Tokens) -> bool {
    direction(tokens).is_some_and(|at| tokens.run(at, &["from", "stdin"]))
}
