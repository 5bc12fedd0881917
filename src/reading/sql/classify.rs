//! What one statement does, by its first word. Must never let an unlisted first word pass as harmless.

use super::define;
use super::functions::{self, begins_statement};
use super::kind::Kind;
use super::tokens::{Token, Tokens};
use super::transaction::{self, Turn};
use super::{Deed, write};
use std::collections::HashMap;

/// Statements stored by PREPARE, by name.
pub type Prepared = HashMap<String, Vec<Deed>>;

/// A statement that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub deeds: Vec<Deed>,
    pub turn: Option<Turn>,
    /// It could lift a read-only default.
    pub lifts: bool,
    /// Data lines follow it in a script: COPY … FROM STDIN.
    pub data_follows: bool,
}

/// The classifier's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Statement {
    Known(Known),
    /// Not understood; the words it begins with.
    Unknown(String),
}

/// Classifies one statement and remembers what PREPARE stores.
pub fn classify(tokens: Tokens, prepared: &mut Prepared) -> Statement {
    let mut deeds = Vec::new();
    if nests_too_deep(tokens) || !read(tokens, prepared, &mut deeds) {
        let words: Vec<String> = (0..2).map(|i| tokens.lower(i)).filter(|w| !w.is_empty()).collect();
        return Statement::Unknown(words.join(" "));
    }
    let opaque = |d: &Deed| {
        matches!(
            d.kind,
            Kind::DoBlock | Kind::Call | Kind::ExecuteUnknown | Kind::UnknownFunction | Kind::Load
        )
    };
    let lifts = transaction::lifts_read_only(tokens) || deeds.iter().any(opaque);
    let data_follows = tokens.is(0, "copy") && write::copies_from_stdin(tokens);
    Statement::Known(Known { deeds, turn: transaction::turn(tokens), lifts, data_follows })
}

/// Statements hold statements; nobody writes hundreds of levels, and following them takes stack.
fn nests_too_deep(tokens: Tokens) -> bool {
    let mut depth = 0_i32;
    let mut deepest = 0;
    let mut openers = 0;
    for (i, token) in tokens.0.iter().enumerate() {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') => depth -= 1,
            Token::Word(_) => {
                openers +=
                    i32::from(tokens.any(i, &["with", "explain", "prepare", "declare", "not", "copy"]));
            }
            Token::Name(_) | Token::Text(_) | Token::Number(_) | Token::Param | Token::Sign(_) => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > 200 || openers > 1000
}

/// `\copy` takes the words of COPY, but files and programs are the client's.
pub fn copy_meta(tokens: Tokens, prepared: &mut Prepared) -> Statement {
    let mut deeds = Vec::new();
    if nests_too_deep(tokens) || !write::copy(tokens, write::Side::Client, prepared, &mut deeds) {
        return Statement::Unknown("\\copy".into());
    }
    let data_follows = write::copies_from_stdin(tokens) && !tokens.has(&["pstdin"]);
    Statement::Known(Known { deeds, turn: None, lifts: false, data_follows })
}

/// False: not understood.
pub(super) fn read(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let mut plain = |kind: Kind, verb: &str| {
        deeds.push(Deed::new(kind, verb, "", Vec::new()));
        true
    };
    if tokens.sign(0, b'(') {
        return begins_query(tokens) && query(tokens, prepared, deeds);
    }
    match tokens.lower(0).as_str() {
        "select" | "values" | "table" => query(tokens, prepared, deeds),
        "with" => with(tokens, prepared, deeds),
        "insert" => write::insert(tokens, prepared, deeds),
        "update" => write::update(tokens, prepared, deeds),
        "delete" => write::delete(tokens, prepared, deeds),
        "merge" => write::merge(tokens, prepared, deeds),
        "truncate" => write::truncate(tokens, deeds),
        "copy" => write::copy(tokens, write::Side::Server, prepared, deeds),
        "explain" => explain(tokens, prepared, deeds),
        "prepare" | "execute" => stored(tokens, prepared, deeds),
        "declare" => cursor(tokens, prepared, deeds),
        "drop" => define::drop(tokens, deeds),
        "alter" => define::alter(tokens, deeds),
        "create" => define::create(tokens, prepared, deeds),
        "grant" | "revoke" | "reassign" => define::privileges(tokens, deeds),
        "vacuum" | "analyze" | "analyse" | "cluster" | "reindex" | "refresh" | "checkpoint" | "lock" => {
            define::upkeep(tokens, deeds)
        }
        "comment" => plain(Kind::Comment, "COMMENT"),
        "security" if tokens.is(1, "label") => plain(Kind::Comment, "SECURITY LABEL"),
        "import" if tokens.run(1, &["foreign", "schema"]) => plain(Kind::Create, "IMPORT FOREIGN SCHEMA"),
        "do" => plain(Kind::DoBlock, "DO block (what it does is not known)"),
        "call" => named(tokens, Kind::Call, "CALL", "procedure", deeds),
        "load" => plain(Kind::Load, "LOAD a library into the server"),
        "set" | "reset" | "discard" => plain(Kind::Set, "SET"),
        "show" => plain(Kind::Select, "SHOW"),
        "fetch" | "move" | "close" | "deallocate" => plain(Kind::Cursor, "cursor"),
        "listen" | "unlisten" => plain(Kind::Select, "LISTEN"),
        "notify" => plain(Kind::Notify, "NOTIFY"),
        "rollback" if tokens.is(1, "prepared") => plain(Kind::RollbackPrepared, "ROLLBACK PREPARED"),
        "commit" if tokens.is(1, "prepared") => plain(Kind::Notify, "COMMIT PREPARED"),
        _ if transaction::turn(tokens).is_some() => plain(Kind::Transaction, "transaction"),
        _ => false,
    }
}

fn begins_query(tokens: Tokens) -> bool {
    let first = (0..tokens.len()).find(|i| !tokens.sign(*i, b'(')).unwrap_or(0);
    tokens.any(first, &["select", "values", "table", "with"])
}

pub(super) fn named(
    tokens: Tokens,
    kind: Kind,
    verb: &str,
    class: &'static str,
    deeds: &mut Vec<Deed>,
) -> bool {
    let name = tokens.name(1).map(|(name, _)| name);
    deeds.push(Deed::new(kind, verb, class, name.into_iter().collect()));
    true
}

/// SELECT, VALUES, TABLE: what it calls, what its WITH changes, where INTO puts it.
pub(super) fn query(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    match tokens.find(&["into"]) {
        Some(at) => {
            let name = tokens.name(skip_temporary(tokens, at + 1)).map(|(name, _)| name);
            deeds.push(Deed::new(Kind::SelectInto, "SELECT INTO", "table", name.into_iter().collect()));
        }
        None => deeds.push(Deed::new(Kind::Select, "SELECT", "", Vec::new())),
    }
    inner(tokens, prepared, deeds)
}

fn skip_temporary(tokens: Tokens, mut at: usize) -> usize {
    while tokens.any(at, &["temporary", "temp", "unlogged", "local", "global", "table"]) {
        at += 1;
    }
    at
}

/// Calls anywhere in it, and sub-statements in parentheses that change data.
pub(super) fn inner(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    for (kind, name) in functions::calls(tokens) {
        let deed = Deed::new(kind, "SELECT", "function", vec![name]);
        if !deeds.contains(&deed) {
            deeds.push(deed);
        }
    }
    sub_statements(tokens, prepared, deeds)
}

fn sub_statements(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let mut at = 0;
    while at < tokens.len() {
        let changes = tokens.sign(at, b'(')
            && begins_statement(tokens, at + 1)
            && tokens.any(at + 1, &["insert", "update", "delete", "merge"]);
        if changes {
            let end = tokens.closing(at);
            if !read(Tokens(&tokens.0[at + 1..end]), prepared, deeds) {
                return false;
            }
            at = end;
        }
        at += 1;
    }
    true
}

/// WITH … and the statement it serves.
fn with(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let main = tokens.top().skip(1).find(|i| begins_statement(tokens, *i));
    let Some(main) = main else {
        // The main query is in parentheses of its own: WITH a AS (…) (SELECT …).
        return query(tokens, prepared, deeds);
    };
    inner(Tokens(&tokens.0[..main]), prepared, deeds) && read(tokens.from(main), prepared, deeds)
}

/// EXPLAIN plans; EXPLAIN ANALYZE executes.
fn explain(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let mut at = 1;
    let mut executes = false;
    if tokens.sign(1, b'(') && !begins_statement(tokens, 2) && !tokens.sign(2, b'(') {
        let end = tokens.closing(1);
        executes = option_is_on(Tokens(&tokens.0[2..end]), &["analyze", "analyse"]);
        at = end + 1;
    } else {
        while tokens.any(at, &["analyze", "analyse", "verbose"]) {
            executes |= !tokens.is(at, "verbose");
            at += 1;
        }
    }
    deeds.push(Deed::new(
        if executes { Kind::ExplainAnalyze } else { Kind::Explain },
        "EXPLAIN",
        "",
        Vec::new(),
    ));
    let mut planned = Vec::new();
    let understood = read(tokens.from(at), prepared, &mut planned);
    if executes {
        deeds.append(&mut planned);
    }
    understood || !executes
}

/// `(ANALYZE, COSTS off)`: the last mention counts; no value means on.
pub(super) fn option_is_on(options: Tokens, names: &[&str]) -> bool {
    let mut on = false;
    for i in options.top().filter(|i| options.any(*i, names) && (*i == 0 || options.sign(i - 1, b','))) {
        on = match options.0.get(i + 1) {
            None | Some(Token::Sign(_)) => true,
            Some(Token::Word(word) | Token::Name(word)) => {
                !["false", "off"].iter().any(|f| word.eq_ignore_ascii_case(f))
            }
            Some(Token::Number(number)) => *number != "0",
            Some(Token::Text(text)) => {
                !["'false'", "'off'", "'0'"].iter().any(|f| text.eq_ignore_ascii_case(f))
            }
            Some(Token::Param) => true,
        };
    }
    on
}

/// PREPARE stores, EXECUTE runs what was stored; the same name from elsewhere is not known.
fn stored(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    if tokens.run(0, &["prepare", "transaction"]) {
        deeds.push(Deed::new(Kind::Transaction, "PREPARE TRANSACTION", "", Vec::new()));
        return true;
    }
    let Some((name, next)) = tokens.name(1) else { return false };
    if tokens.is(0, "execute") {
        match prepared.get(&name) {
            Some(known) => deeds.extend(known.iter().cloned()),
            None => deeds.push(Deed::new(Kind::ExecuteUnknown, "EXECUTE", "statement", vec![name])),
        }
        return inner(tokens.from(next), prepared, deeds);
    }
    let body = if tokens.sign(next, b'(') { tokens.closing(next) + 1 } else { next };
    let mut inside = Vec::new();
    if !tokens.is(body, "as") || !read(tokens.from(body + 1), prepared, &mut inside) {
        return false;
    }
    prepared.insert(name, inside);
    deeds.push(Deed::new(Kind::Prepare, "PREPARE", "", Vec::new()));
    true
}

/// DECLARE c CURSOR … FOR query: the query runs when fetched.
fn cursor(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    match tokens.find(&["for"]) {
        Some(at) => read(tokens.from(at + 1), prepared, deeds),
        None => false,
    }
}
