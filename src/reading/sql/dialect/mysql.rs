//! MySQL's and MariaDB's own statements. Must never take a statement that it does not know for harmless.
//! DDL commits by itself and not every table takes part in transactions, so no ROLLBACK takes anything back.

use super::{Own, named, plain};
use crate::reading::sql::classify::{Prepared, inner};
use crate::reading::sql::{Deed, Kind, Token, Tokens, condition};

/// Words between a verb and its table.
const MODIFIERS: &[&str] = &["low_priority", "high_priority", "delayed", "quick", "ignore"];

pub fn read(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    match tokens.lower(0).as_str() {
        "insert" | "replace" => insert(tokens, prepared, deeds),
        "delete" => delete(tokens, prepared, deeds),
        "update" => update(tokens, prepared, deeds),
        "with" => with(tokens, prepared, deeds),
        "drop" => drop(tokens, deeds),
        "alter" => alter(tokens, deeds),
        "create" => create(tokens, prepared, deeds),
        "rename" => named(deeds, Kind::Rename, "RENAME", "table", tokens, 2),
        "load" if tokens.any(1, &["data", "xml"]) => {
            let kind = if tokens.has(&["replace", "into"]) { Kind::Upsert } else { Kind::CopyFrom };
            let at = tokens.find(&["into"]).map_or(0, |i| tokens.skip(i + 1, &["table"]));
            named(deeds, kind, "LOAD DATA INTO", "table", tokens, at)
        }
        "load" => plain(deeds, Kind::Maintain, "LOAD INDEX"),
        "select" | "table" | "values" => select(tokens, prepared, deeds),
        "(" => Own::Common,
        "set" => set(tokens, deeds),
        "grant" if powerful(tokens) => plain(deeds, Kind::Superuser, "GRANT"),
        "grant" if hands_on(tokens) => plain(deeds, Kind::GrantWide, "GRANT"),
        "grant" => plain(deeds, Kind::Grant, "GRANT"),
        "revoke" => plain(deeds, Kind::Revoke, "REVOKE"),
        "reset" => match tokens.lower(1).as_str() {
            "master" | "binary" => plain(deeds, Kind::PurgeLogs, "RESET MASTER"),
            "slave" | "replica" => plain(deeds, Kind::Replication, "RESET REPLICA"),
            _ => plain(deeds, Kind::Maintain, "RESET"),
        },
        "purge" => plain(deeds, Kind::PurgeLogs, "PURGE BINARY LOGS"),
        "stop" | "change" => plain(deeds, Kind::Replication, "replication"),
        "start" if tokens.any(1, &["slave", "replica", "all", "group_replication"]) => {
            plain(deeds, Kind::Maintain, "START REPLICA")
        }
        "kill" => plain(deeds, Kind::TerminateBackend, "KILL"),
        "shutdown" | "restart" => plain(deeds, Kind::Shutdown, "SHUTDOWN"),
        "flush" => flush(tokens, deeds),
        "install" | "uninstall" => plain(deeds, Kind::Load, "INSTALL a plugin into the server"),
        "binlog" => plain(deeds, Kind::Call, "BINLOG, which replays changes"),
        "call" => Own::Common,
        // DO evaluates expressions here.
        "do" => {
            if inner(tokens.from(1), prepared, deeds) {
                plain(deeds, Kind::Select, "DO")
            } else {
                Own::Unknown
            }
        }
        "begin" | "start" | "commit" | "rollback" | "savepoint" | "release" | "xa" | "end" => {
            if tokens.has(&["not", "atomic"]) {
                return plain(deeds, Kind::DoBlock, "a block (what it does is not known)");
            }
            plain(deeds, Kind::Transaction, "transaction")
        }
        "prepare" => plain(deeds, Kind::ExecuteUnknown, "PREPARE from text"),
        "execute" => plain(deeds, Kind::ExecuteUnknown, "EXECUTE"),
        "deallocate" => plain(deeds, Kind::Set, "DEALLOCATE"),
        "show" | "describe" | "desc" | "help" | "use" | "check" | "checksum" => {
            plain(deeds, Kind::Select, "a look")
        }
        "explain" if tokens.is(1, "analyze") => explain(tokens, prepared, deeds),
        "explain" => plain(deeds, Kind::Explain, "EXPLAIN"),
        "analyze" if tokens.any(1, &["table", "local", "no_write_to_binlog"]) => {
            plain(deeds, Kind::Maintain, "ANALYZE TABLE")
        }
        // MariaDB's ANALYZE executes what follows.
        "analyze" => explain(tokens, prepared, deeds),
        "optimize" => named(deeds, Kind::VacuumFull, "OPTIMIZE", "table", tokens, 2),
        "repair" => named(deeds, Kind::VacuumFull, "REPAIR", "table", tokens, 2),
        "lock" => plain(deeds, Kind::Lock, "LOCK"),
        "unlock" => plain(deeds, Kind::Set, "UNLOCK"),
        "handler" | "cache" | "signal" | "resignal" | "get" => plain(deeds, Kind::Set, "session"),
        "import" => plain(deeds, Kind::Create, "IMPORT TABLE"),
        "clone" => plain(deeds, Kind::DropDatabase, "CLONE, which replaces the data directory"),
        "truncate" => Own::Common,
        _ => Own::Unknown,
    }
}

fn modifiers(tokens: Tokens, mut at: usize) -> usize {
    while tokens.any(at, MODIFIERS) {
        at += 1;
    }
    at
}

fn insert(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let at = tokens.skip(modifiers(tokens, 1), &["into"]);
    let overwrites = tokens.is(0, "replace") || tokens.has(&["on", "duplicate", "key", "update"]);
    let (kind, verb) = match (tokens.is(0, "replace"), overwrites) {
        (true, _) => (Kind::Upsert, "REPLACE INTO"),
        (false, true) => (Kind::Upsert, "INSERT … ON DUPLICATE KEY UPDATE of"),
        (false, false) => (Kind::Insert, "INSERT INTO"),
    };
    let Some((name, mut next)) = tokens.name(at) else { return Own::Unknown };
    deeds.push(Deed::new(kind, verb, "table", vec![name]));
    if tokens.sign(next, b'(') {
        next = tokens.closing(next) + 1;
    }
    if inner(tokens.from(next), prepared, deeds) { Own::Read } else { Own::Unknown }
}

/// Whether there is a WHERE or a LIMIT that bounds what is changed.
fn bounded(tokens: Tokens) -> bool {
    let Some(start) = tokens.find(&["where"]) else { return tokens.find(&["limit"]).is_some() };
    let end = tokens.top().find(|i| *i > start && tokens.any(*i, &["limit", "order", "returning"]));
    let end = end.unwrap_or(tokens.len());
    let condition = Tokens(&tokens.0[start + 1..end]);
    // Any number but 0 holds for every row here.
    let number = matches!(condition.0, [Token::Number(n)] if !n.trim_matches('0').is_empty());
    (condition::constant(condition) != Some(true) && !number) || tokens.find(&["limit"]).is_some()
}

/// `DELETE FROM t`, and the forms of several tables: `DELETE a, b FROM a JOIN b …`, `DELETE FROM a USING …`.
fn delete(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let at = tokens.skip(modifiers(tokens, 1), &["from"]);
    let names = tokens.names(at);
    if names.is_empty() {
        return Own::Unknown;
    }
    // A join or HISTORY bounds it as well, but nobody can tell to what.
    let kind = if bounded(tokens) { Kind::DeleteWhere } else { Kind::DeleteAll };
    deeds.push(Deed::new(kind, "DELETE FROM", "table", names));
    if inner(tokens.from(at), prepared, deeds) { Own::Read } else { Own::Unknown }
}

fn update(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let at = modifiers(tokens, 1);
    let (Some(set), names) = (tokens.find(&["set"]), tokens.names(at)) else { return Own::Unknown };
    if names.is_empty() {
        return Own::Unknown;
    }
    let kind = if bounded(tokens) { Kind::UpdateWhere } else { Kind::UpdateAll };
    deeds.push(Deed::new(kind, "UPDATE", "table", names));
    if inner(tokens.from(set + 1), prepared, deeds) { Own::Read } else { Own::Unknown }
}

/// WITH … DELETE, UPDATE or INSERT have this dialect's forms.
fn with(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let main = tokens.top().skip(1).find(|i| tokens.any(*i, &["delete", "update", "insert", "replace"]));
    let Some(main) = main else { return Own::Common };
    if !inner(Tokens(&tokens.0[..main]), prepared, deeds) {
        return Own::Unknown;
    }
    read(tokens.from(main), prepared, deeds)
}

fn explain(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let verbs = ["select", "delete", "update", "insert", "replace", "with", "table", "values"];
    let Some(at) = tokens.top().skip(1).find(|i| tokens.any(*i, &verbs)) else { return Own::Unknown };
    deeds.push(Deed::new(Kind::ExplainAnalyze, "ANALYZE", "", Vec::new()));
    match read(tokens.from(at), prepared, deeds) {
        Own::Read => Own::Read,
        Own::Common | Own::Unknown => Own::Unknown,
    }
}

fn select(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let into = tokens.find(&["into"]);
    match into {
        Some(at) if tokens.any(at + 1, &["outfile", "dumpfile"]) => {
            deeds.push(Deed::new(Kind::CopyToFile, "SELECT INTO a file on the server", "", Vec::new()));
        }
        // Into variables.
        Some(_) | None => deeds.push(Deed::new(Kind::Select, "SELECT", "", Vec::new())),
    }
    if inner(tokens, prepared, deeds) { Own::Read } else { Own::Unknown }
}

/// SET: a variable of the whole server, somebody's password, or the session's own.
fn set(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    if tokens.is(1, "password") {
        return plain(deeds, Kind::Alter, "SET PASSWORD");
    }
    let global = (1..tokens.len()).any(|i| {
        tokens.any(i, &["global", "persist", "persist_only"]) && (i == 1 || !tokens.sign(i - 1, b'.'))
    });
    plain(
        deeds,
        if global { Kind::AlterSystem } else { Kind::Set },
        if global { "SET GLOBAL" } else { "SET" },
    )
}

/// Rights over every database, or to become anybody.
fn powerful(tokens: Tokens) -> bool {
    let star = Token::Sign(b'*');
    let everywhere = tokens.0.windows(3).any(|w| w == [star, Token::Sign(b'.'), star]);
    let great = ["all", "super", "file", "create_user", "proxy", "system_user", "set_user_id", "shutdown"];
    let has = |word: &&str| (1..tokens.len()).any(|i| tokens.is(i, word));
    let kept = tokens.has(&["create", "user"]) || tokens.has(&["grant", "option"]);
    (everywhere && (kept || great.iter().any(has))) || tokens.is(1, "proxy")
}

/// Everything of a database, membership in a role, or rights that may be handed on.
fn hands_on(tokens: Tokens) -> bool {
    tokens.find(&["on"]).is_none() || tokens.has(&["grant", "option"]) || tokens.is(1, "all")
}

fn flush(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let locks = tokens.has(&["with", "read", "lock"]) || tokens.has(&["for", "export"]);
    plain(deeds, if locks { Kind::Lock } else { Kind::Maintain }, "FLUSH")
}

fn drop(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let at = |from: usize| tokens.skip(from, &["if", "exists"]);
    match tokens.lower(1).as_str() {
        // A schema is a database, and goes with every table in it.
        "database" | "schema" => named(deeds, Kind::DropDatabase, "DROP DATABASE", "database", tokens, at(2)),
        "table" | "tables" => named(deeds, Kind::DropTable, "DROP TABLE", "table", tokens, at(2)),
        "temporary" => named(deeds, Kind::Set, "DROP TEMPORARY TABLE", "", tokens, at(3)),
        "user" | "role" => plain(deeds, Kind::DropObject, "DROP USER"),
        "prepare" => plain(deeds, Kind::Set, "DROP PREPARE"),
        "event" | "package" | "spatial" | "logfile" | "undo" | "resource" => {
            plain(deeds, Kind::DropObject, "DROP")
        }
        "tablespace" => named(deeds, Kind::DropTablespace, "DROP TABLESPACE", "tablespace", tokens, 2),
        "view" | "index" | "procedure" | "function" | "trigger" | "server" | "sequence" => Own::Common,
        _ => Own::Unknown,
    }
}

fn alter(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let at = (1..4).find(|i| tokens.is(*i, "table")).filter(|_| !tokens.any(1, &["definer", "view"]));
    let Some(table) = at else {
        return match tokens.lower(1).as_str() {
            "instance" => plain(deeds, Kind::AlterSystem, "ALTER INSTANCE"),
            "user" | "database" | "schema" | "event" | "procedure" | "function" | "view" | "server"
            | "tablespace" | "sequence" | "logfile" | "resource" | "algorithm" | "definer" | "sql"
            | "undo" => plain(deeds, Kind::Alter, "ALTER"),
            _ => Own::Unknown,
        };
    };
    let start = tokens.skip(table + 1, &["if", "exists"]);
    let Some((name, next)) = tokens.name(start) else { return Own::Unknown };
    let rest = tokens.from(next);
    let clauses: Vec<usize> =
        std::iter::once(0).chain(rest.top().filter(|i| rest.sign(*i, b',')).map(|i| i + 1)).collect();
    let part = |i: &usize| rest.is(i + 1, "partition");
    let loses = |i: &usize| {
        rest.is(*i, "drop")
            && !rest.any(i + 1, &["index", "key", "primary", "foreign", "constraint", "check", "partition"])
    };
    let empties = |i: &usize| {
        (rest.any(*i, &["drop", "truncate"]) && part(i)) || rest.run(*i, &["discard", "tablespace"])
    };
    let kind = if clauses.iter().any(empties) {
        Kind::Truncate
    } else if clauses.iter().any(loses) {
        Kind::AlterDropColumn
    } else if clauses.iter().any(|i| rest.is(*i, "rename") && !rest.any(i + 1, &["index", "key"])) {
        Kind::Rename
    } else if clauses.iter().any(|i| rest.any(*i, &["modify", "change", "convert"])) {
        Kind::AlterType
    } else {
        Kind::Alter
    };
    deeds.push(Deed::new(kind, "ALTER TABLE", "table", vec![name]));
    Own::Read
}

fn create(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let replaces = tokens.run(1, &["or", "replace"]);
    let kinds = [
        "table",
        "database",
        "schema",
        "user",
        "role",
        "view",
        "index",
        "procedure",
        "function",
        "trigger",
        "event",
        "server",
        "sequence",
        "tablespace",
        "package",
        "logfile",
        "resource",
        "undo",
    ];
    let Some(at) = tokens.top().skip(1).take(14).find(|i| tokens.any(*i, &kinds)) else {
        return Own::Unknown;
    };
    let name = tokens.skip(at + 1, &["if", "not", "exists"]);
    if tokens.any(at, &["user", "role"]) {
        return plain(deeds, Kind::Create, "CREATE USER");
    }
    let (kind, verb) = match tokens.lower(at).as_str() {
        "table" if replaces => (Kind::DropTable, "CREATE OR REPLACE TABLE"),
        "database" | "schema" if replaces => (Kind::DropDatabase, "CREATE OR REPLACE DATABASE"),
        _ => (Kind::Create, "CREATE"),
    };
    let names = tokens.name(name).map(|(n, _)| n).into_iter().collect();
    deeds.push(Deed::new(kind, verb, "table", names));
    // CREATE TABLE … SELECT runs the query; bodies of routines run later.
    let query =
        tokens.top().find(|i| *i > name && tokens.is(*i, "select")).filter(|_| tokens.is(at, "table"));
    match query {
        Some(select) if !inner(tokens.from(select), prepared, deeds) => Own::Unknown,
        Some(_) | None => Own::Read,
    }
}
