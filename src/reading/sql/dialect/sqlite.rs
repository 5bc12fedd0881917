//! SQLite's own statements: ATTACH, PRAGMA, VACUUM, REPLACE, triggers. Must never take a PRAGMA that writes for
//! one that shows.

use super::{Own, named, plain};
use crate::reading::sql::{Deed, Kind, Tokens};

/// PRAGMAs that, given a value, change what is in the file.
const WRITING: &[&str] = &[
    "application_id",
    "auto_vacuum",
    "encoding",
    "journal_mode",
    "page_size",
    "schema_version",
    "user_version",
    "writable_schema",
    "wal_checkpoint",
    "incremental_vacuum",
    "optimize",
];

pub fn read(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    match tokens.lower(0).as_str() {
        "replace" => named(deeds, Kind::Upsert, "REPLACE INTO", "table", tokens, 2),
        "insert" | "update" if tokens.is(1, "or") => conflict(tokens, deeds),
        "attach" | "detach" => plain(deeds, Kind::Set, "ATTACH"),
        "pragma" => {
            let (name, next) = tokens.name(1).unwrap_or_default();
            let name = name.rsplit('.').next().unwrap_or("").to_owned();
            let sets = tokens.sign(next, b'=') || tokens.sign(next, b'(');
            let writes = WRITING.contains(&name.as_str()) && (sets || name == "wal_checkpoint");
            plain(deeds, if writes { Kind::Alter } else { Kind::Set }, "PRAGMA")
        }
        "vacuum" if tokens.find(&["into"]).is_some() => plain(deeds, Kind::CopyToFile, "VACUUM INTO a file"),
        "vacuum" => plain(deeds, Kind::Maintain, "VACUUM"),
        "reindex" | "analyze" => plain(deeds, Kind::Maintain, "REINDEX"),
        "end" => plain(deeds, Kind::Transaction, "transaction"),
        "explain" => plain(deeds, Kind::Explain, "EXPLAIN"),
        "create" if tokens.has(&["virtual", "table"]) || tokens.has(&["trigger"]) => {
            plain(deeds, Kind::Create, "CREATE")
        }
        _ => Own::Common,
    }
}

/// `INSERT OR REPLACE INTO t`, `UPDATE OR IGNORE t SET …`.
fn conflict(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    if tokens.is(0, "insert") {
        let kind = if tokens.is(2, "replace") { Kind::Upsert } else { Kind::Insert };
        return named(deeds, kind, "INSERT OR … INTO", "table", tokens, tokens.skip(3, &["into"]));
    }
    let kind = match tokens.find(&["where"]) {
        Some(at) if super::super::condition::constant(tokens.from(at + 1)) != Some(true) => Kind::UpdateWhere,
        Some(_) | None => Kind::UpdateAll,
    };
    named(deeds, kind, "UPDATE", "table", tokens, 3)
}
