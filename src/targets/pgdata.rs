//! PostgreSQL's programs that work on a data directory or a Debian cluster of this machine: which one.
//! Must never guess a directory: without -D and PGDATA the programs stop.

use super::{Fact, Resolution, Targets, declared};
use crate::reading::Command;

/// Programs, the option that names the data directory, and whether $PGDATA stands in for it.
const PROGRAMS: &[(&str, &str, bool)] = &[
    ("initdb", "--pgdata", true),
    ("pg_ctl", "--pgdata", true),
    ("pg_resetwal", "--pgdata", false),
    ("pg_rewind", "--target-pgdata", false),
    ("pg_upgrade", "--new-datadir", false),
];

pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("postgres");
    let place = match command.tool.as_str() {
        "pg_ctl" if command.verb == "kill" => Ok(None),
        "pg_dropcluster" | "pg_ctlcluster" => {
            let name = command.traits.values("object").find_map(|o| o.strip_prefix("cluster "));
            Ok(name.map(|name| Fact::text("cluster", name, "the words of the command")))
        }
        _ => directory(command).map(Some),
    };
    match place {
        Ok(Some(fact)) => {
            targets.typed = fact_text(&fact);
            targets.facts.push(fact);
        }
        Ok(None) => targets.typed = command.tool.clone(),
        Err(why) => return Resolution::Nothing(why),
    }
    targets.facts.push(declared::machine());
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    Resolution::Hits(targets)
}

fn fact_text(fact: &Fact) -> String {
    match &fact.value {
        super::Value::Known(datum) => datum.to_string(),
        super::Value::Unknown(_) => String::new(),
    }
}

/// The data directory: an option, an operand, a variable.
fn directory(command: &Command) -> Result<Fact, String> {
    let row = PROGRAMS.iter().find(|(name, _, _)| *name == command.tool);
    let (option, variable) = row.map_or(("", false), |(_, option, variable)| (*option, *variable));
    let by_operand = matches!(command.tool.as_str(), "initdb" | "pg_resetwal" | "pg_archivecleanup");
    let operand = command.operands.first().filter(|_| by_operand).cloned();
    let second = match command.tool.as_str() {
        "pg_upgrade" => "PGDATANEW",
        _ => "PGDATA",
    };
    let named = command.option(option).map(|d| (d.to_owned(), option.to_owned()));
    let found = named
        .or_else(|| operand.map(|d| (d, "first operand".to_owned())))
        .or_else(|| {
            let taken = variable || second == "PGDATANEW";
            let value = command.invocation.var_filled(second).filter(|_| taken)?;
            Some((value, format!("${second}")))
        })
        .filter(|(directory, _)| !directory.is_empty());
    match found {
        Some((directory, source)) => Ok(Fact::path("pgdata", &command.invocation.path(directory), source)),
        None => Err("no data directory is given".into()),
    }
}
