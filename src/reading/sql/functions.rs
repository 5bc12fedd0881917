//! Function calls inside a statement: a SELECT can do anything through a function. Known readers are
//! harmless, a few known others have their own class, everything else is unknown.
//! Must never take a call for something else; taking something else for a call only asks once too often.

use super::function_table::PURE;
use super::kind::Kind;
use super::tokens::{Token, Tokens};

/// Every call that is not a known reader: its class and the function's name.
pub fn calls(tokens: Tokens) -> Vec<(Kind, String)> {
    let mut found: Vec<(Kind, String)> = Vec::new();
    for open in (1..tokens.len()).filter(|i| tokens.sign(*i, b'(')) {
        if let Some((kind, name)) = call(tokens, open)
            && !found.iter().any(|(k, n)| *k == kind && *n == name)
        {
            found.push((kind, name));
        }
    }
    found
}

/// What stands before the parenthesis at `open`.
fn call(tokens: Tokens, open: usize) -> Option<(Kind, String)> {
    let at = open - 1;
    let name = match tokens.0[at] {
        Token::Word(word) => word.to_lowercase(),
        Token::Name(name) => name.to_owned(),
        Token::Text(_) | Token::Number(_) | Token::Param | Token::Sign(_) => return None,
    };
    let qualified = at >= 2 && tokens.sign(at - 1, b'.');
    if !qualified && matches!(tokens.0[at], Token::Word(_)) && not_a_call(tokens, at, open, &name) {
        return None;
    }
    if qualified && !matches!(tokens.lower(at - 2).as_str(), "pg_catalog" | "information_schema") {
        let schema = tokens.name(at - 2).map_or_else(String::new, |(full, _)| full);
        return Some((Kind::UnknownFunction, schema));
    }
    kind_of(&name).map(|kind| (kind, name))
}

/// A word before a parenthesis that is syntax: a reserved word, an alias with columns, a WITH name with columns.
fn not_a_call(tokens: Tokens, at: usize, open: usize, name: &str) -> bool {
    if RESERVED.contains(&name) {
        return true;
    }
    let before = at.checked_sub(1);
    let previous = before.map(|i| tokens.lower(i)).unwrap_or_default();
    let after_parenthesis = before.is_some_and(|i| tokens.sign(i, b')'));
    match name {
        "by" if ["group", "order", "partition"].contains(&previous.as_str()) => return true,
        "sets" if previous == "grouping" => return true,
        "conflict" if previous == "on" => return true,
        "set" if previous == "update" => return true,
        "materialized" if ["as", "not"].contains(&previous.as_str()) => return true,
        "bernoulli" | "system" if previous == "tablesample" => return true,
        "operator" => return true,
        _ => {}
    }
    if after_parenthesis {
        return !before.is_some_and(|close| distinct_on(tokens, close));
    }
    previous == "as" || names_a_query(tokens, open)
}

/// `DISTINCT ON (…) f(…)`: the only place where a call follows a closing parenthesis.
fn distinct_on(tokens: Tokens, close: usize) -> bool {
    (0..close).any(|i| {
        tokens.run(i, &["distinct", "on"]) && tokens.sign(i + 2, b'(') && tokens.closing(i + 2) == close
    })
}

/// `WITH name (columns) AS (SELECT …`.
fn names_a_query(tokens: Tokens, open: usize) -> bool {
    let mut at = tokens.closing(open) + 1;
    if !tokens.is(at, "as") {
        return false;
    }
    at = tokens.skip(tokens.skip(at + 1, &["not"]), &["materialized"]);
    tokens.sign(at, b'(') && begins_statement(tokens, at + 1)
}

/// Whether a sub-statement begins here.
pub fn begins_statement(tokens: Tokens, at: usize) -> bool {
    tokens.any(at, &["select", "with", "values", "table"])
        || tokens.run(at, &["insert", "into"])
        || tokens.run(at, &["delete", "from"])
        || tokens.run(at, &["merge", "into"])
        || (tokens.is(at, "update") && (at..tokens.len()).any(|i| tokens.is(i, "set")))
}

/// `None` for a known reader.
fn kind_of(name: &str) -> Option<Kind> {
    if PURE.binary_search(&name).is_ok() {
        return None;
    }
    Some(match name {
        "pg_terminate_backend" | "pg_cancel_backend" => Kind::TerminateBackend,
        "lo_unlink"
        | "pg_drop_replication_slot"
        | "lo_truncate"
        | "lo_truncate64"
        | "pg_replication_origin_drop" => Kind::DestroyingFunction,
        "setval" => Kind::Sequence,
        "set_config" => Kind::Set,
        "pg_notify" => Kind::Notify,
        "pg_reload_conf"
        | "pg_rotate_logfile"
        | "pg_switch_wal"
        | "pg_promote"
        | "pg_wal_replay_pause"
        | "pg_wal_replay_resume"
        | "pg_stat_reset"
        | "pg_stat_reset_shared"
        | "pg_stat_statements_reset"
        | "pg_create_physical_replication_slot"
        | "pg_create_logical_replication_slot"
        | "pg_backup_start"
        | "pg_backup_stop"
        | "pg_create_restore_point" => Kind::AdminFunction,
        _ => Kind::UnknownFunction,
    })
}

/// Words that can never be called: reserved, or with a grammar of their own.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "between",
    "case",
    "cast",
    "check",
    "collate",
    "cross",
    "default",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "fetch",
    "for",
    "foreign",
    "from",
    "full",
    "group",
    "having",
    "ilike",
    "in",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "notnull",
    "offset",
    "on",
    "only",
    "or",
    "outer",
    "primary",
    "references",
    "returning",
    "right",
    "rollup",
    "row",
    "select",
    "similar",
    "some",
    "symmetric",
    "tablesample",
    "then",
    "to",
    "union",
    "unique",
    "using",
    "values",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];

#[cfg(test)]
mod tests {
    use super::super::tokens::{Tokens, cut};
    use super::{Kind, calls};

    fn names(sql: &str) -> Vec<String> {
        calls(Tokens(&cut(sql).statements[0])).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn known_readers_and_syntax_are_no_unknown_calls() {
        for sql in [
            "SELECT count(*), now(), pg_size_pretty(pg_database_size('x')) FROM (VALUES (1)) AS t(a)",
            "SELECT * FROM generate_series(1,3) g(i) WHERE i IN (1,2) AND EXISTS (SELECT 1)",
            "WITH d(a,b) AS (SELECT 1,2), e(c) AS NOT MATERIALIZED (SELECT 3) SELECT * FROM d",
            "SELECT sum(x) FILTER (WHERE x > 0) OVER (PARTITION BY (y) ORDER BY (z)) FROM t GROUP BY GROUPING SETS ((a), (b))",
            "SELECT CAST(a AS numeric(10,2)), b::varchar(10), pg_catalog.upper(c), ARRAY(SELECT 1), \"now\"()",
        ] {
            assert_eq!(names(sql), [""; 0], "{sql}");
        }
    }

    #[test]
    fn every_other_call_is_found() {
        assert_eq!(names("SELECT purge()"), ["purge"]);
        assert_eq!(names("SELECT * FROM purge() AS (a int)"), ["purge"]);
        assert_eq!(names("SELECT DISTINCT ON (a) purge() FROM t"), ["purge"]);
        assert_eq!(names("SELECT public.count(1), \"Purge\"(2)"), ["public.count", "Purge"]);
        assert_eq!(
            names("SELECT (purge()).*, x FROM t WHERE NOT purge(1) ORDER BY wipe (1)"),
            ["purge", "wipe"]
        );
        assert_eq!(
            calls(Tokens(&cut("select pg_terminate_backend(1)").statements[0]))[0].0,
            Kind::TerminateBackend
        );
    }
}
