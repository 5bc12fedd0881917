//! BigQuery's own statements: datasets are SCHEMAs, CREATE OR REPLACE TABLE loses the old one, EXPORT DATA.
//! Must never take a script's control words for harmless: what they steer is not followed.

use super::{Own, named, plain};
use crate::reading::sql::{Deed, Kind, Tokens};

pub fn read(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    match tokens.lower(0).as_str() {
        "drop" => drop(tokens, deeds),
        "create" if tokens.run(1, &["or", "replace"]) => {
            let loses = tokens.any(3, &["table", "model", "snapshot"]);
            let kind = if loses { Kind::DropTable } else { Kind::Create };
            named(deeds, kind, "CREATE OR REPLACE", "table", tokens, 4)
        }
        "create"
            if tokens.any(1, &["external", "model", "snapshot", "capacity", "reservation", "assignment"]) =>
        {
            plain(deeds, Kind::Create, "CREATE")
        }
        "create" if tokens.any(1, &["search", "row", "vector"]) => plain(deeds, Kind::Create, "CREATE"),
        "truncate" => named(deeds, Kind::Truncate, "TRUNCATE TABLE", "table", tokens, 2),
        "delete" if !tokens.is(1, "from") => {
            let bounded = tokens
                .find(&["where"])
                .is_some_and(|at| super::super::condition::constant(tokens.from(at + 1)) != Some(true));
            let kind = if bounded { Kind::DeleteWhere } else { Kind::DeleteAll };
            named(deeds, kind, "DELETE FROM", "table", tokens, 1)
        }
        "insert" => named(deeds, Kind::Insert, "INSERT INTO", "table", tokens, tokens.skip(1, &["into"])),
        "merge" if !tokens.is(1, "into") => {
            let kind = if tokens.has(&["then", "delete"]) || tokens.has(&["source", "then", "delete"]) {
                Kind::MergeDelete
            } else {
                Kind::Merge
            };
            named(deeds, kind, "MERGE", "table", tokens, 1)
        }
        "export" => plain(deeds, Kind::CopyToFile, "EXPORT DATA"),
        "load" => {
            let kind = if tokens.is(2, "overwrite") { Kind::Truncate } else { Kind::CopyFrom };
            named(deeds, kind, "LOAD DATA", "table", tokens, 3)
        }
        "undrop" => plain(deeds, Kind::Create, "UNDROP"),
        "alter" if tokens.has(&["set", "options"]) => plain(deeds, Kind::Alter, "ALTER … SET OPTIONS"),
        "execute" => plain(deeds, Kind::ExecuteUnknown, "EXECUTE IMMEDIATE"),
        "declare" | "assert" | "raise" | "return" => plain(deeds, Kind::Set, "script"),
        "begin" if tokens.len() > 1 && !tokens.is(1, "transaction") => Own::Unknown,
        "if" | "loop" | "while" | "for" | "repeat" | "case" => Own::Unknown,
        // Roles on a dataset are what decides who may do what.
        "grant" => plain(deeds, Kind::Superuser, "GRANT of a role"),
        "from" => plain(deeds, Kind::Select, "SELECT"),
        _ => Own::Common,
    }
}

fn drop(tokens: Tokens, deeds: &mut Vec<Deed>) -> Own {
    let at = |from: usize| tokens.skip(from, &["if", "exists"]);
    match tokens.lower(1).as_str() {
        "schema" => {
            let kind = if tokens.find(&["cascade"]).is_some() { Kind::DropSchema } else { Kind::EmptySchema };
            named(deeds, kind, "DROP SCHEMA", "dataset", tokens, at(2))
        }
        "snapshot" | "external" => named(deeds, Kind::DropTable, "DROP TABLE", "table", tokens, at(3)),
        "model" => named(deeds, Kind::DropTable, "DROP MODEL", "model", tokens, at(2)),
        "search" | "vector" | "row" | "all" | "capacity" | "reservation" | "assignment" => {
            plain(deeds, Kind::DropObject, "DROP")
        }
        _ => Own::Common,
    }
}
