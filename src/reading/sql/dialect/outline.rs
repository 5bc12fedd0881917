//! SQL of servers that guard knows in outline: SQL Server, Oracle, Cassandra, Snowflake, DuckDB. What all SQL shares is
//! read by the common classifier. Must never take one statement for the whole text: SQL Server needs no semicolons.

use super::{Own, named, plain};
use crate::reading::sql::classify::{self, Prepared, Statement};
use crate::reading::sql::condition::constant;
use crate::reading::sql::{Deed, Kind, Tokens};

/// What words of a statement may begin another one, by the words that follow.
const BEGINS: &[(&str, &[&str])] = &[
    (
        "drop",
        &[
            "table",
            "database",
            "schema",
            "view",
            "procedure",
            "proc",
            "function",
            "index",
            "trigger",
            "user",
            "login",
        ],
    ),
    ("truncate", &["table"]),
    ("delete", &["from", "top"]),
    ("restore", &["database", "log"]),
    ("alter", &["table", "database", "login", "server", "role"]),
    ("merge", &["into"]),
    ("insert", &["into"]),
    ("exec", &[]),
    ("execute", &[]),
    ("shutdown", &[]),
];

/// Words behind which such a word belongs to the same statement: `ON DELETE`, `GRANT EXECUTE`, `WITH EXECUTE AS`.
const HOLDS: &[&str] = &[
    "on", "after", "for", "of", "instead", "grant", "revoke", "deny", "or", "with", "as", "then", "explain",
];

/// Statements that look, or steer the session.
const LOOKS: &[&str] = &[
    "acc",
    "accept",
    "apply",
    "attach",
    "break",
    "capture",
    "clear",
    "column",
    "commit",
    "compute",
    "connect",
    "consistency",
    "define",
    "desc",
    "describe",
    "detach",
    "disconnect",
    "else",
    "end",
    "exit",
    "expand",
    "from",
    "go",
    "goto",
    "help",
    "if",
    "install",
    "list",
    "load",
    "login",
    "ls",
    "paging",
    "password",
    "pivot",
    "pragma",
    "print",
    "prompt",
    "quit",
    "raiserror",
    "rem",
    "remark",
    "return",
    "save",
    "serial",
    "set",
    "show",
    "spool",
    "summarize",
    "throw",
    "timing",
    "tracing",
    "ttitle",
    "undefine",
    "unpivot",
    "use",
    "var",
    "variable",
    "waitfor",
    "whenever",
    "while",
];

/// Procedures of SQL Server that only show.
const SHOWS: &[&str] =
    &["sp_help", "sp_who", "sp_tables", "sp_columns", "sp_spaceused", "sp_lock", "sp_databases", "sp_stored"];

pub fn read(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let mut from = 0;
    while from < tokens.len() {
        let end = (from + 1..tokens.len()).find(|at| begins(tokens, *at)).unwrap_or(tokens.len());
        let piece = Tokens(&tokens.0[from..end]);
        match one(piece, prepared, deeds) {
            Own::Read => {}
            Own::Unknown => return Own::Unknown,
            Own::Common => match classify::classify(piece, prepared) {
                Statement::Known(known) => deeds.extend(known.deeds),
                Statement::Unknown(_) => return Own::Unknown,
            },
        }
        from = end;
    }
    Own::Read
}

fn begins(tokens: Tokens, at: usize) -> bool {
    let Some((_, next)) = BEGINS.iter().find(|(word, _)| tokens.is(at, word)) else { return false };
    let follows = next.is_empty() || tokens.any(at + 1, next);
    // CREATE PROCEDURE keeps its body: it runs when it is called.
    let stored = tokens.is(0, "create") && tokens.has(&["as"]);
    follows
        && !stored
        && !tokens.any(at - 1, HOLDS)
        && !tokens.sign(at - 1, b',')
        && !tokens.sign(at - 1, b'(')
}

fn one(tokens: Tokens, prepared: &mut Prepared, deeds: &mut Vec<Deed>) -> Own {
    let first = tokens.lower(0);
    match first.as_str() {
        "drop" => drop(tokens, deeds),
        "truncate" => named(deeds, Kind::Truncate, "TRUNCATE", "table", tokens, tokens.skip(1, &["table"])),
        "delete" => rows(tokens, deeds, Kind::DeleteWhere, Kind::DeleteAll, "DELETE"),
        "update" => rows(tokens, deeds, Kind::UpdateWhere, Kind::UpdateAll, "UPDATE"),
        "begin" if tokens.any(1, &["batch", "unlogged", "counter"]) => {
            let at = (1..tokens.len()).find(|i| tokens.any(*i, &["insert", "update", "delete"]));
            at.map_or(Own::Read, |at| read(tokens.from(at), prepared, deeds))
        }
        "begin" if tokens.len() == 1 || tokens.any(1, &["tran", "transaction", "work"]) => {
            plain(deeds, Kind::Transaction, "BEGIN")
        }
        "begin" => plain(deeds, Kind::DoBlock, "a block (what it does is not known)"),
        "declare" if tokens.sign(1, b'@') => plain(deeds, Kind::Set, "DECLARE"),
        "declare" => plain(deeds, Kind::DoBlock, "a block (what it does is not known)"),
        "exec" | "execute" => call(tokens, deeds),
        "call" => named(deeds, Kind::Call, "CALL", "procedure", tokens, 1),
        "restore" if tokens.any(1, &["headeronly", "filelistonly", "labelonly", "verifyonly"]) => {
            plain(deeds, Kind::Select, "RESTORE …ONLY")
        }
        "restore" => named(deeds, Kind::DropDatabase, "RESTORE over", "database", tokens, 2),
        "backup" | "unload" => plain(deeds, Kind::CopyToFile, "BACKUP"),
        "dbcc" | "startup" | "optimize" => plain(deeds, Kind::Maintain, "upkeep"),
        "shutdown" => plain(deeds, Kind::Shutdown, "SHUTDOWN"),
        "kill" => plain(deeds, Kind::TerminateBackend, "KILL"),
        "purge" => named(deeds, Kind::DropTable, "PURGE", "table", tokens, 2),
        "remove" | "rm" => plain(deeds, Kind::DeleteAll, "REMOVE files of a stage"),
        "put" | "import" | "undrop" => plain(deeds, Kind::CopyFrom, "data of a file"),
        "get" | "export" => plain(deeds, Kind::CopyToLocal, "data into a file"),
        "rename" => named(deeds, Kind::Rename, "RENAME", "table", tokens, 1),
        "revoke" | "deny" => plain(deeds, Kind::Revoke, "REVOKE"),
        "alter" if powerful(tokens) => plain(deeds, Kind::Superuser, "ALTER … of a role with all power"),
        "alter" if tokens.has(&["drop"]) && !tokens.has(&["constraint"]) && tokens.is(1, "table") => {
            named(deeds, Kind::AlterDropColumn, "ALTER TABLE … DROP", "table", tokens, 2)
        }
        "alter" => named(deeds, Kind::Alter, "ALTER", "object", tokens, 2),
        "grant" if powerful(tokens) => plain(deeds, Kind::Superuser, "GRANT of all power"),
        "grant" => plain(deeds, Kind::Grant, "GRANT"),
        "create" if tokens.is(1, "or") && tokens.is(2, "replace") && tokens.has(&["table"]) => named(
            deeds,
            Kind::DropTable,
            "CREATE OR REPLACE TABLE",
            "table",
            tokens,
            tokens.skip(3, &["transient", "table"]),
        ),
        "create" => plain(deeds, Kind::Create, "CREATE"),
        "insert" if tokens.any(1, &["overwrite"]) => plain(deeds, Kind::DeleteAll, "INSERT OVERWRITE"),
        "insert" if tokens.run(1, &["or", "replace"]) => plain(deeds, Kind::Upsert, "INSERT OR REPLACE"),
        "insert" => named(deeds, Kind::Insert, "INSERT", "table", tokens, tokens.skip(1, &["into"])),
        "copy" if tokens.has(&["from"]) => plain(deeds, Kind::CopyFrom, "COPY"),
        "copy" => plain(deeds, Kind::CopyToFile, "COPY into a file"),
        word if LOOKS.contains(&word) => plain(deeds, Kind::Select, "a look"),
        _ => Own::Common,
    }
}

fn drop(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let at = tokens.skip(2, &["if", "exists"]);
    match tokens.lower(1).as_str() {
        "database" | "keyspace" | "pluggable" => {
            named(deeds, Kind::DropDatabase, "DROP DATABASE", "database", tokens, at)
        }
        "schema" => named(deeds, Kind::DropSchema, "DROP SCHEMA", "schema", tokens, at),
        "tablespace" => named(deeds, Kind::DropTablespace, "DROP TABLESPACE", "tablespace", tokens, at),
        "user" if tokens.has(&["cascade"]) => {
            named(deeds, Kind::DropOwned, "DROP USER … CASCADE", "user", tokens, at)
        }
        "table" | "columnfamily" | "external" | "transient" => {
            named(deeds, Kind::DropTable, "DROP TABLE", "table", tokens, at)
        }
        _ => named(deeds, Kind::DropObject, "DROP", "object", tokens, at),
    }
}

/// DELETE and UPDATE: every row without a WHERE that leaves some out.
fn rows(tokens: Tokens, deeds: &mut Vec<Deed>, bounded: Kind, all: Kind, verb: &str) -> Own {
    let kind = match tokens.find(&["where"]) {
        Some(at) if constant(tokens.from(at + 1)) != Some(true) => bounded,
        Some(_) | None => all,
    };
    let at = tokens.find(&["from"]).map_or(1, |at| at + 1);
    named(deeds, kind, verb, "table", tokens, at)
}

fn call(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let name = tokens.name(1).map(|(name, _)| name.to_ascii_lowercase()).unwrap_or_default();
    let name = name.rsplit('.').next().unwrap_or("");
    if SHOWS.iter().any(|show| name.starts_with(show)) {
        return plain(deeds, Kind::Select, "a look");
    }
    if name == "xp_cmdshell" {
        return plain(deeds, Kind::CopyProgram, "a program on the server (xp_cmdshell)");
    }
    named(deeds, Kind::Call, "EXEC", "procedure", tokens, 1)
}

/// Roles that may do everything.
fn powerful(tokens: Tokens) -> bool {
    const ROLES: &[&str] = &[
        "sysadmin",
        "securityadmin",
        "accountadmin",
        "orgadmin",
        "dba",
        "sysdba",
        "superuser",
        "db_owner",
        "control",
    ];
    (1..tokens.len()).any(|at| tokens.any(at, ROLES)) || tokens.run(1, &["all"]) && !tokens.is(0, "alter")
}
