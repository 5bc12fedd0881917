//! ClickHouse's own statements: mutations by ALTER, partitions, SYSTEM, DETACH, EXCHANGE.
//! Must never take a mutation for a change of definition.

use super::{Own, named, plain};
use crate::reading::sql::{Deed, Kind, Tokens};

pub fn read(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    match tokens.lower(0).as_str() {
        "alter" if tokens.any(1, &["table", "temporary"]) => alter(tokens, deeds),
        "alter" => Own::Common,
        "drop" => drop(tokens, deeds),
        "truncate" => truncate(tokens, deeds),
        "undrop" => named(deeds, Kind::Create, "UNDROP", "table", tokens, 2),
        "detach" => {
            let at = tokens.skip(2, &["if", "exists"]);
            named(deeds, Kind::DetachPartition, "DETACH", "table", tokens, at)
        }
        "attach" => named(deeds, Kind::Create, "ATTACH", "table", tokens, 2),
        "rename" => named(deeds, Kind::Rename, "RENAME", "table", tokens, 2),
        "exchange" => named(deeds, Kind::Rename, "EXCHANGE", "table", tokens, 2),
        "optimize" => named(deeds, Kind::Maintain, "OPTIMIZE", "table", tokens, 2),
        "kill" => plain(deeds, Kind::TerminateBackend, "KILL"),
        "system" => system(tokens, deeds),
        "backup" => plain(deeds, Kind::CopyToFile, "BACKUP"),
        "restore" => plain(deeds, Kind::Upsert, "RESTORE"),
        "create" if tokens.is(1, "or") => {
            let at = tokens.top().find(|i| tokens.any(*i, &["table", "view", "dictionary", "function"]));
            let at = at.map_or(3, |i| i + 1);
            let kind =
                if tokens.any(at - 1, &["table", "dictionary"]) { Kind::DropTable } else { Kind::Create };
            named(deeds, kind, "CREATE OR REPLACE", "table", tokens, at)
        }
        "create" if tokens.any(1, &["dictionary", "quota", "row", "settings", "named", "live"]) => {
            plain(deeds, Kind::Create, "CREATE")
        }
        "replace" => named(deeds, Kind::DropTable, "REPLACE TABLE", "table", tokens, 2),
        "insert" if tokens.has(&["function"]) => {
            plain(deeds, Kind::CopyToFile, "INSERT INTO FUNCTION, which writes elsewhere")
        }
        "insert" => named(deeds, Kind::Insert, "INSERT INTO", "table", tokens, into(tokens)),
        "exists" | "describe" | "desc" | "show" | "check" | "explain" | "use" | "watch" => {
            plain(deeds, Kind::Select, "a look")
        }
        "move" => plain(deeds, Kind::Alter, "MOVE"),
        "delete" if !tokens.is(1, "from") => Own::Unknown,
        "grant" if powerful(tokens) => plain(deeds, Kind::Superuser, "GRANT of everything"),
        "with" | "select" if tokens.find(&["into", "outfile"]).is_some() => {
            plain(deeds, Kind::CopyToLocal, "SELECT INTO OUTFILE")
        }
        "from" => plain(deeds, Kind::Select, "SELECT"),
        _ => Own::Common,
    }
}

fn into(tokens: Tokens) -> usize {
    tokens.skip(tokens.skip(1, &["into"]), &["table"])
}

fn powerful(tokens: Tokens) -> bool {
    let all = tokens.any(1, &["all", "role", "access"]);
    all && tokens.has(&["on"])
        && tokens.0.windows(3).any(|w| {
            use crate::reading::sql::Token::Sign;
            w == [Sign(b'*'), Sign(b'.'), Sign(b'*')]
        })
}

/// The heaviest of an ALTER's commands.
fn alter(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let start = tokens.skip(tokens.skip(1, &["temporary"]), &["table"]);
    let kind = if tokens.has(&["delete", "where"]) {
        mutation(tokens, Kind::DeleteWhere, Kind::DeleteAll)
    } else if tokens.top().any(|i| tokens.is(i, "update")) {
        mutation(tokens, Kind::UpdateWhere, Kind::UpdateAll)
    } else if tokens.has(&["drop", "partition"])
        || tokens.has(&["drop", "part"])
        || tokens.has(&["drop", "detached"])
        || tokens.has(&["replace", "partition"])
    {
        Kind::Truncate
    } else if tokens.has(&["clear", "column"]) || tokens.has(&["drop", "column"]) {
        Kind::AlterDropColumn
    } else if tokens.has(&["modify", "ttl"]) || tokens.has(&["materialize", "ttl"]) {
        Kind::AlterTypeUsing
    } else if tokens.has(&["detach"]) || tokens.has(&["move", "partition"]) {
        Kind::DetachPartition
    } else {
        Kind::Alter
    };
    named(deeds, kind, "ALTER TABLE", "table", tokens, start)
}

fn mutation(tokens: Tokens, bounded: Kind, all: Kind) -> Kind {
    let Some(at) = tokens.find(&["where"]) else { return all };
    if super::super::condition::constant(tokens.from(at + 1)) == Some(true) { all } else { bounded }
}

fn drop(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let names = |at: usize| tokens.skip(at, &["if", "exists"]);
    match tokens.lower(1).as_str() {
        // A database goes with every table in it.
        "database" | "schema" => {
            named(deeds, Kind::DropDatabase, "DROP DATABASE", "database", tokens, names(2))
        }
        "table" => named(deeds, Kind::DropTable, "DROP TABLE", "table", tokens, names(2)),
        "temporary" => named(deeds, Kind::DropObject, "DROP TEMPORARY TABLE", "table", tokens, names(3)),
        "dictionary" => named(deeds, Kind::DropObject, "DROP DICTIONARY", "dictionary", tokens, names(2)),
        "quota" | "row" | "settings" | "profile" | "named" => plain(deeds, Kind::DropObject, "DROP"),
        _ => Own::Common,
    }
}

fn truncate(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    if tokens.any(1, &["database", "all"]) {
        let at = tokens.top().find(|i| tokens.any(*i, &["database", "from"])).map_or(2, |i| i + 1);
        let at = tokens.skip(at, &["if", "exists"]);
        return named(deeds, Kind::DropSchema, "TRUNCATE every table of", "database", tokens, at);
    }
    let at = tokens.skip(tokens.skip(tokens.skip(1, &["temporary"]), &["table"]), &["if", "exists"]);
    named(deeds, Kind::Truncate, "TRUNCATE", "table", tokens, at)
}

/// SYSTEM steers the server: some of it ends it, or loses replicas.
fn system(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let kind = match tokens.lower(1).as_str() {
        "shutdown" | "kill" => Kind::Shutdown,
        "drop" if tokens.is(2, "replica") || tokens.is(2, "database") => Kind::Truncate,
        "stop" | "restart" | "suspend" | "restore" => Kind::AdminFunction,
        "flush" | "reload" | "sync" | "start" | "drop" | "wait" | "unfreeze" => Kind::Maintain,
        _ => return Own::Unknown,
    };
    plain(deeds, kind, &format!("SYSTEM {}", tokens.lower(1).to_uppercase()))
}
