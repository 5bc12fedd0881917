//! PostgreSQL's programs beside psql: what their words amount to. Options are those of the rule files; here
//! stands what follows from them. Must never take a usage error of a newer version than is known for harmless.
//! Traits: `kind` (of a restore, of a role), `object`, `input` = stdin-unread.

pub mod archive;
mod role;

#[cfg(test)]
mod tests;

use super::psql::{client, wrapper};
use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;

/// Reads one command; the words of Debian's pg_wrapper are taken off first.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = match words(invocation) {
        Ok(inner) => generic::command(&inner, tool),
        Err(why) => {
            let mut command = Command::new(invocation, &tool.program);
            command.does = Does::Nothing(why);
            command
        }
    };
    command.invocation = invocation.clone();
    if matches!(command.does, Does::Nothing(_)) {
        return Reading::of(command);
    }
    refuse_unknown(&mut command, tool);
    if let Err(why) = interpret(&mut command)
        && matches!(command.does, Does::Acts)
    {
        command.does = Does::Nothing(why);
    }
    Reading::of(command)
}

/// The command as the program itself gets it, without pg_wrapper's own option.
fn words(invocation: &Invocation) -> Result<Invocation, String> {
    if !client::find(invocation).wrapper {
        return Ok(invocation.clone());
    }
    let args = wrapper::scan(invocation.args())?.args;
    let argv = invocation.argv().iter().take(1).cloned().chain(args).collect();
    Ok(invocation.nested(argv))
}

/// A version that is known refuses what is in no table; another may take it.
fn refuse_unknown(command: &mut Command, tool: &Tool) {
    let listed = |name: &str| {
        tool.options
            .iter()
            .any(|o| name == format!("--{}", o.long) || name.strip_prefix('-') == Some(&o.long))
    };
    let stranger = command.options.iter().find(|o| !listed(&o.name)).map(|o| o.name.clone());
    let why = match (&command.does, stranger) {
        (Does::Unsure(why), _) => why.clone(),
        (Does::Acts | Does::Nothing(_), Some(name)) => {
            format!("option {} is not one that guard knows", crate::text::show_line(name, 40))
        }
        (Does::Acts | Does::Nothing(_), None) => return,
    };
    let refuses = client::find(&command.invocation).refuses_what_is_not_known();
    command.does = if refuses { Does::Nothing(why) } else { Does::Unsure(why) };
}

/// What the program would do; `Err`: it refuses its words, or only prints.
fn interpret(command: &mut Command) -> Result<(), String> {
    let count = command.operands.len();
    let most = |most: usize| {
        if count > most { Err(format!("{count} operands where there is room for {most}")) } else { Ok(()) }
    };
    let first = command.operands.first().cloned();
    let tool = command.tool.clone();
    match tool.as_str() {
        "dropdb" | "dropuser" => {
            most(1)?;
            let asks = tool == "dropuser" && command.option("--interactive").is_some();
            let name = if asks { first.unwrap_or_default() } else { first.ok_or("it needs a name")? };
            let kind = if tool == "dropdb" { "database" } else { "role" };
            act(command, &format!("drop {kind}"), kind, name);
        }
        "createdb" => {
            most(2)?;
            act(command, "create database", "database", first.unwrap_or_default());
        }
        "createuser" => {
            most(1)?;
            role::read(command);
            act(command, "create role", "role", first.unwrap_or_default());
        }
        "vacuumdb" | "reindexdb" | "clusterdb" => {
            most(1)?;
            upkeep(command, first)?;
        }
        "pg_restore" => {
            most(1)?;
            restore(command)?;
        }
        "pg_dump" => {
            most(1)?;
            plain(command, "dump", "dump database", first);
        }
        "pg_dumpall" => {
            most(0)?;
            plain(command, "dump all", "dump all databases", None);
        }
        "pgbench" => benchmark(command, first)?,
        "vacuumlo" => {
            first.ok_or("it needs a database")?;
            let names = command.operands.clone();
            names.iter().for_each(|name| command.traits.add("object", format!("database {name}")));
            plain(command, "remove large objects", "remove large objects from", Some(names.join(", ")));
        }
        "pg_basebackup" | "pg_receivewal" | "pg_recvlogical" => {
            most(0)?;
            let verb = if tool == "pg_basebackup" { "base backup" } else { "stream" };
            plain(command, verb, verb, None);
        }
        _ => on_files(command, first)?,
    }
    Ok(())
}

fn act(command: &mut Command, verb: &str, class: &str, name: String) {
    command.verb = verb.to_owned();
    command.headline = format!("{verb} {}", crate::text::show_line(&name, 80)).trim_end().to_owned();
    if !name.is_empty() {
        command.traits.add("object", format!("{class} {name}"));
    }
}

fn plain(command: &mut Command, verb: &str, words: &str, name: Option<String>) {
    command.verb = verb.to_owned();
    let name = name.unwrap_or_default();
    command.headline = format!("{words} {}", crate::text::show_line(name, 80)).trim_end().to_owned();
}

fn upkeep(command: &mut Command, first: Option<String>) -> Result<(), String> {
    let named = command.option("--dbname").map(str::to_owned);
    if first.is_some() && named.is_some() {
        return Err("two databases are named".into());
    }
    let all = command.option("--all").is_some();
    if all && first.is_some() {
        return Err("--all and a database exclude each other".into());
    }
    let verb = command.tool.trim_end_matches("db").to_owned();
    let full = if verb == "vacuum" && command.option("--full").is_some() { " in full" } else { "" };
    let name = if all { "all databases".to_owned() } else { named.or(first).unwrap_or_default() };
    let words = format!("{verb}{full}");
    plain(command, &verb, &words, Some(name));
    Ok(())
}

/// Options that choose a part of an archive.
const PARTS: &[&str] =
    &["--table", "--schema", "--function", "--index", "--trigger", "--use-list", "--filter"];

fn restore(command: &mut Command) -> Result<(), String> {
    let has = |name: &str| command.option(name).is_some();
    let (database, file) = (has("--dbname"), has("--file"));
    if has("--list") {
        return Err("it lists the archive".into());
    }
    if database && file {
        return Err("-d and -f exclude each other".into());
    }
    if file {
        return Err("it writes a script".into());
    }
    if !database {
        return Err("without -d nothing is restored".into());
    }
    for (one, other) in
        [("--data-only", "--schema-only"), ("--clean", "--data-only"), ("--create", "--single-transaction")]
    {
        if has(one) && has(other) {
            return Err(format!("{one} and {other} exclude each other"));
        }
    }
    if has("--if-exists") && !has("--clean") {
        return Err("--if-exists needs --clean".into());
    }
    let part = PARTS.iter().any(|name| has(name));
    let (kind, words) = match (has("--clean"), has("--create")) {
        (true, true) => ("clean-create", "drop the archive's database and restore it"),
        (true, false) if part => ("clean-part", "drop and restore a part of the archive in"),
        (true, false) => ("clean", "drop what is in the archive and restore it in"),
        (false, _) => ("add", "restore into"),
    };
    let name = if kind == "clean-create" { None } else { command.option("--dbname").map(shown_database) };
    command.traits.add("kind", kind);
    if command.operands.is_empty() && matches!(command.invocation.stdin(), crate::invocation::Stdin::Unread) {
        command.traits.add("input", "stdin-unread");
    }
    plain(command, "restore", words, name);
    Ok(())
}

/// A connection string may hold a password; its words are not shown here.
fn shown_database(name: &str) -> String {
    if super::psql::is_connection_string(name) { "the database".into() } else { name.to_owned() }
}

fn benchmark(command: &mut Command, first: Option<String>) -> Result<(), String> {
    let shows = command.option("--show-script").is_some();
    let lists = command.option_values("--builtin").any(|b| b == "list");
    if shows || lists {
        return Err("it shows a script".into());
    }
    if command.operands.len() > 1 {
        return Err("it takes one database".into());
    }
    let steps = command.option("--init-steps").unwrap_or("dtgvp");
    let loses = steps.contains(['d', 'g', 'G']);
    if command.option("--initialize").is_some() || command.option("--init-steps").is_some() && !loses {
        let verb = if loses { "initialise" } else { "initialise in part" };
        plain(command, verb, "make pgbench's tables anew in", first);
    } else if command.option("--file").is_some() {
        plain(command, "run script", "run a load of scripts on", first);
    } else {
        plain(command, "run", "put load on", first);
    }
    Ok(())
}

/// Programs that work on a data directory of this machine.
fn on_files(command: &mut Command, first: Option<String>) -> Result<(), String> {
    let has = |name: &str| command.option(name).is_some();
    let operands = command.operands.clone();
    match command.tool.as_str() {
        "pg_ctl" => {
            let verb = first.ok_or("it needs to be told what to do")?;
            command.operands.remove(0);
            plain(command, &verb, &format!("{verb} the server"), None);
        }
        "initdb" if has("--show") || has("--sync-only") => return Err("it makes nothing".into()),
        "initdb" => plain(command, "make", "make the data directory", first),
        "pg_resetwal" => plain(command, "reset", "throw the write-ahead log away of", first),
        "pg_rewind" => plain(command, "rewind", "rewind the data directory", None),
        "pg_upgrade" => plain(command, "upgrade", "upgrade the data directory", None),
        "pg_archivecleanup" => {
            let [place, oldest] = operands.as_slice() else { return Err("it needs two words".into()) };
            plain(
                command,
                "clean up",
                &format!("remove archived log before {oldest} from"),
                Some(place.clone()),
            );
        }
        "pg_dropcluster" => {
            let [version, cluster] = operands.as_slice() else { return Err("it needs two words".into()) };
            let name = format!("{version}/{cluster}");
            act(command, "drop cluster", "cluster", name);
        }
        _ => cluster_control(command, &operands)?,
    }
    Ok(())
}

/// `pg_ctlcluster 15 main stop`, `15-main stop`, `15/main stop`; words after `--` go to pg_ctl.
fn cluster_control(command: &mut Command, operands: &[String]) -> Result<(), String> {
    let few = "it needs a version, a cluster and what to do";
    let first = operands.first().ok_or(few)?;
    let (name, verb) = match first.split_once(['-', '/']) {
        Some((version, cluster)) => (format!("{version}/{cluster}"), operands.get(1).ok_or(few)?),
        None => (format!("{first}/{}", operands.get(1).ok_or(few)?), operands.get(2).ok_or(few)?),
    };
    let verb = verb.clone();
    act(command, &verb, "cluster", name);
    Ok(())
}
