//! Statements that define and undefine: DROP, ALTER, CREATE, GRANT, upkeep.
//! Must never show an option's value: they hold passwords.

use super::Deed;
use super::classify::{Prepared, option_is_on, read};
use super::functions::begins_statement;
use super::kind::Kind;
use super::tokens::Tokens;

/// Object types of DROP and ALTER whose name follows at once, longest first, with the class shown.
const OBJECTS: &[(&[&str], &str)] = &[
    (&["text", "search", "configuration"], "text search"),
    (&["text", "search", "dictionary"], "text search"),
    (&["text", "search", "parser"], "text search"),
    (&["text", "search", "template"], "text search"),
    (&["foreign", "data", "wrapper"], "wrapper"),
    (&["foreign", "table"], "foreign table"),
    (&["materialized", "view"], "materialized view"),
    (&["event", "trigger"], "event trigger"),
    (&["access", "method"], "access method"),
    (&["operator", "class"], "operator class"),
    (&["operator", "family"], "operator family"),
    (&["procedural", "language"], "language"),
    (&["user", "mapping"], "user mapping"),
    (&["large", "object"], "large object"),
    (&["default", "privileges"], ""),
    (&["owned", "by"], "role"),
    (&["table"], "table"),
    (&["database"], "database"),
    (&["schema"], "schema"),
    (&["tablespace"], "tablespace"),
    (&["view"], "view"),
    (&["index"], "index"),
    (&["sequence"], "sequence"),
    (&["function"], "function"),
    (&["procedure"], "procedure"),
    (&["routine"], "routine"),
    (&["aggregate"], "aggregate"),
    (&["type"], "type"),
    (&["domain"], "domain"),
    (&["extension"], "extension"),
    (&["trigger"], "trigger"),
    (&["policy"], "policy"),
    (&["rule"], "rule"),
    (&["role"], "role"),
    (&["user"], "role"),
    (&["group"], "role"),
    (&["server"], "server"),
    (&["publication"], "publication"),
    (&["subscription"], "subscription"),
    (&["collation"], "collation"),
    (&["conversion"], "conversion"),
    (&["operator"], "operator"),
    (&["cast"], "cast"),
    (&["language"], "language"),
    (&["statistics"], "statistics"),
    (&["transform"], "transform"),
];

/// The object type at `at`: its class and the index after it.
fn object(tokens: Tokens, at: usize) -> Option<(&'static str, usize)> {
    OBJECTS.iter().find(|(words, _)| tokens.run(at, words)).map(|(words, class)| (*class, at + words.len()))
}

/// The words from 0 to `end`, as typed, in capitals: `DROP TABLE`.
fn verb(tokens: Tokens, end: usize) -> String {
    (0..end).map(|i| tokens.lower(i).to_uppercase()).collect::<Vec<_>>().join(" ")
}

pub fn drop(tokens: Tokens, deeds: &mut Vec<Deed>) -> bool {
    let Some((class, next)) = object(tokens, 1) else { return false };
    let start = tokens.skip(tokens.skip(next, &["concurrently"]), &["if", "exists"]);
    let names = if tokens.is(start, "for") { Vec::new() } else { tokens.names(start) };
    let cascade = tokens.find(&["cascade"]).is_some();
    let kind = match class {
        "table" => Kind::DropTable,
        "database" => Kind::DropDatabase,
        "tablespace" => Kind::DropTablespace,
        "schema" if cascade => Kind::DropSchema,
        "schema" => Kind::EmptySchema,
        "role" if tokens.is(1, "owned") => Kind::DropOwned,
        _ if cascade => Kind::DropCascade,
        _ => Kind::DropObject,
    };
    deeds.push(Deed::new(kind, verb(tokens, next), class, names));
    true
}

pub fn alter(tokens: Tokens, deeds: &mut Vec<Deed>) -> bool {
    if tokens.is(1, "system") {
        deeds.push(Deed::new(Kind::AlterSystem, "ALTER SYSTEM", "", Vec::new()));
        return true;
    }
    let Some((class, next)) = object(tokens, 1) else { return false };
    let start = tokens.skip(tokens.skip(next, &["if", "exists"]), &["only"]);
    let name = tokens.name(start);
    let actions = name.as_ref().map_or(start, |(_, after)| *after);
    let kind = change(tokens, class, actions);
    deeds.push(Deed::new(kind, verb(tokens, next), class, name.map(|(n, _)| n).into_iter().collect()));
    true
}

/// The heaviest change an ALTER makes.
fn change(tokens: Tokens, class: &str, actions: usize) -> Kind {
    let rest = tokens.from(actions);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(rest.top().filter(|i| rest.sign(*i, b',')).map(|i| i + 1))
        .map(|i| i + usize::from(i == 0 && rest.sign(0, b'*')))
        .collect();
    let relation = matches!(class, "table" | "foreign table");
    let loses = |i: &usize| {
        let at = rest.skip(i + 1, &["column"]);
        rest.is(*i, "drop")
            && ((relation && (at > i + 1 || !rest.is(i + 1, "constraint"))) || rest.is(i + 1, "attribute"))
    };
    let types = |i: &usize| rest.is(*i, "alter") && (i + 2..i + 6).any(|j| rest.is(j, "type")) && relation;
    if starts.iter().any(loses) {
        Kind::AlterDropColumn
    } else if starts.iter().any(types) {
        if rest.find(&["using"]).is_some() { Kind::AlterTypeUsing } else { Kind::AlterType }
    } else if class == "role" && (rest.has(&["superuser"]) || rest.has(&["bypassrls"])) {
        Kind::Superuser
    } else if starts.iter().any(|i| rest.is(*i, "rename") || rest.run(*i, &["set", "schema"])) {
        Kind::Rename
    } else if rest.find(&["detach", "partition"]).is_some() {
        Kind::DetachPartition
    } else if class.is_empty() && rest.find(&["revoke"]).is_some() {
        Kind::Revoke
    } else {
        Kind::Alter
    }
}

/// CREATE adds; CREATE … AS and SELECT run a query, a role may be made all-powerful.
pub fn create(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> bool {
    let mut at = tokens.skip(1, &["or", "replace"]);
    while tokens.any(
        at,
        &[
            "temporary",
            "temp",
            "unlogged",
            "local",
            "global",
            "unique",
            "recursive",
            "constraint",
            "trusted",
            "default",
        ],
    ) {
        at += 1;
    }
    let Some((class, next)) = object(tokens, at) else { return false };
    let names = tokens.name(tokens.skip(tokens.skip(next, &["concurrently"]), &["if", "not", "exists"]));
    let after = names.as_ref().map_or(next, |(_, after)| *after);
    let all_powerful = class == "role" && (tokens.has(&["superuser"]) || tokens.has(&["bypassrls"]));
    let kind = if all_powerful { Kind::Superuser } else { Kind::Create };
    deeds.push(Deed::new(kind, verb(tokens, next), class, names.map(|(n, _)| n).into_iter().collect()));
    if !matches!(class, "table" | "materialized view") {
        return true;
    }
    let body = tokens.top().find(|i| {
        *i > after.saturating_sub(1)
            && tokens.is(*i, "as")
            && (begins_statement(tokens, i + 1) || tokens.is(i + 1, "execute") || tokens.sign(i + 1, b'('))
    });
    body.is_none_or(|at| read(tokens.from(at + 1), prepared, deeds))
}

pub fn privileges(tokens: Tokens, deeds: &mut Vec<Deed>) -> bool {
    let (kind, shown) = match tokens.lower(0).as_str() {
        "revoke" => (Kind::Revoke, "REVOKE"),
        "reassign" => (Kind::Alter, "REASSIGN OWNED"),
        _ if grants_server_role(tokens) => (Kind::Superuser, "GRANT of a role of the server"),
        _ if hands_on(tokens) => (Kind::GrantWide, "GRANT"),
        _ => (Kind::Grant, "GRANT"),
    };
    deeds.push(Deed::new(kind, shown, "", Vec::new()));
    true
}

/// `GRANT pg_execute_server_program TO bob`.
fn grants_server_role(tokens: Tokens) -> bool {
    tokens.find(&["on"]).is_none() && tokens.names(1).iter().any(|name| name.starts_with("pg_"))
}

/// `… TO PUBLIC`, everything of a database or schema, membership in a role, or rights that may be handed on.
fn hands_on(tokens: Tokens) -> bool {
    let Some(on) = tokens.find(&["on"]) else { return true };
    let to = tokens.find(&["to"]).unwrap_or(tokens.len());
    let container = tokens.any(on + 1, &["database", "schema", "tablespace", "all"]);
    let public = (to + 1..tokens.len()).any(|i| tokens.is(i, "public"));
    public || tokens.has(&["with", "grant", "option"]) || (tokens.is(1, "all") && container)
}

/// VACUUM, ANALYZE, CLUSTER, REINDEX, REFRESH, CHECKPOINT, LOCK: data stays, locks differ.
pub fn upkeep(tokens: Tokens, deeds: &mut Vec<Deed>) -> bool {
    let options = if tokens.sign(1, b'(') { Tokens(&tokens.0[2..tokens.closing(1)]) } else { Tokens(&[]) };
    let first = tokens.lower(0);
    let kind = match first.as_str() {
        "vacuum" if tokens.is(1, "full") || option_is_on(options, &["full"]) => Kind::VacuumFull,
        "cluster" => Kind::VacuumFull,
        "reindex" if tokens.has(&["concurrently"]) => Kind::Maintain,
        "reindex" => Kind::Reindex,
        "refresh" => Kind::Refresh,
        "lock" => Kind::Lock,
        _ => Kind::Maintain,
    };
    let mut at = if tokens.sign(1, b'(') { tokens.closing(1) + 1 } else { 1 };
    while tokens.any(at, &["full", "freeze", "verbose", "analyze", "analyse"]) {
        at += 1;
    }
    let (class, next) = object(tokens, at).unwrap_or(("table", at));
    let names = tokens.names(tokens.skip(next, &["concurrently"]));
    deeds.push(Deed::new(kind, first.to_uppercase(), class, names));
    true
}
