//! Where PostgreSQL's programs beside psql connect, and which database they act on: often not the same.
//! Must never take the database a program connects to for the one it drops.

use super::settings::{self, Setting, Stop, Surroundings};
use super::{Place, cluster, facts, place, typed};
use crate::reading::Command;
use crate::reading::pg_tools::archive;
use crate::reading::psql::{Options, client, wrapper};
use crate::targets::{Datum, Fact, Resolution, Targets};

/// The database of the connection, by the program's own rules.
enum Database {
    /// From the command line; a connection string is taken apart.
    Named(String, &'static str),
    /// libpq's own defaults.
    Default,
    /// PGDATABASE, else PGUSER, else the system user: the programs' own order, which leaves -U out.
    Environment,
    /// What serves to connect when another database is acted on.
    Maintenance(&'static str),
}

pub fn resolve(command: &Command) -> Resolution {
    match connection(command) {
        Ok((place, surroundings_user)) => hits(command, place, &surroundings_user),
        Err(Stop::Refused(why)) => Resolution::Nothing(why),
        Err(Stop::Unknown(why)) => Resolution::Hits(unknown(command, &why)),
    }
}

fn connection(command: &Command) -> Result<(Place, Option<Setting>), Stop> {
    let invocation = &command.invocation;
    let scan = client::find(invocation).wrapper.then(|| wrapper::scan(invocation.args())).transpose();
    let scan = scan.map_err(Stop::Refused)?;
    let set = scan.map(|scan| cluster::variables(invocation, &scan)).transpose()?;
    let surroundings = Surroundings { invocation, wrapper: set.unwrap_or_default() };
    let option = |name: &str| command.option(name).map(str::to_owned);
    let mut options = Options {
        host: option("--host"),
        port: option("--port"),
        user: option("--username").map(|user| (user, "-U")),
        ..Options::default()
    };
    let own = environment(&surroundings);
    let mut source = None;
    match database(command) {
        Database::Named(name, from) => options.dbname = Some((name, from)),
        Database::Maintenance(name) => options.dbname = Some((name.into(), "default for maintenance")),
        Database::Environment => {
            source = own.as_ref().map(|s| s.source.clone());
            options.dbname = own.as_ref().map(|s| (s.value.clone(), "default"));
        }
        Database::Default => {}
    }
    let mut settings = settings::given(&options, &surroundings)?;
    if let (Some(source), Some(named)) = (source, settings.get_mut("dbname")) {
        named.source = source;
    }
    settings::fill(&mut settings, &surroundings)?;
    Ok((place(settings)?, own))
}

/// PGDATABASE, PGUSER, the system user.
fn environment(surroundings: &Surroundings) -> Option<Setting> {
    let system = || {
        let name = surroundings.invocation.user().map(str::to_owned).or_else(crate::sys::who::user_name)?;
        Some(Setting { value: name, source: "default: name of the system user".into() })
    };
    surroundings.var("PGDATABASE").or_else(|| surroundings.var("PGUSER")).or_else(system)
}

fn database(command: &Command) -> Database {
    let option = |name: &str, shown: &'static str| {
        command.option(name).map(|value| Database::Named(value.to_owned(), shown))
    };
    let operand = || command.operands.first().map(|name| Database::Named(name.clone(), "first operand"));
    let maintenance = || option("--maintenance-db", "--maintenance-db");
    // A program cannot drop or make the database that it is connected to.
    let spare = if command.operands.first().is_some_and(|name| name == "postgres") {
        "template1"
    } else {
        "postgres"
    };
    match command.tool.as_str() {
        "dropdb" | "createdb" => maintenance().unwrap_or(Database::Maintenance(spare)),
        "createuser" | "dropuser" => Database::Maintenance("postgres"),
        "vacuumdb" | "reindexdb" | "clusterdb" if command.option("--all").is_some() => {
            maintenance().unwrap_or(Database::Maintenance("postgres"))
        }
        "vacuumdb" | "reindexdb" | "clusterdb" => {
            option("--dbname", "-d").or_else(operand).unwrap_or(Database::Environment)
        }
        "pg_dumpall" => option("--dbname", "-d")
            .or_else(|| option("--database", "-l"))
            .unwrap_or(Database::Maintenance("postgres")),
        "pgbench" => operand().unwrap_or(Database::Environment),
        "pg_basebackup" | "pg_receivewal" => {
            option("--dbname", "-d").unwrap_or(Database::Maintenance("replication"))
        }
        _ => option("--dbname", "-d").or_else(operand).unwrap_or(Database::Default),
    }
}

fn hits(command: &Command, place: Place, own: &Option<Setting>) -> Resolution {
    let mut targets = Targets::new("postgres");
    let places = [place];
    facts(&mut targets, &places, "connect_db");
    let connected = places[0].settings.get("dbname").cloned();
    let object = object(command, connected.as_ref(), own);
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    targets.typed = match (command.tool.as_str(), &object.value) {
        ("dropdb", crate::targets::Value::Known(Datum::Text(name))) => name.clone(),
        ("pg_restore", crate::targets::Value::Known(Datum::Text(name)))
            if command.traits.has("kind", "clean-create") =>
        {
            name.clone()
        }
        _ => typed(&targets, &places[0]),
    };
    targets.facts.push(object);
    Resolution::Hits(targets)
}

/// What is acted on: a database, a role, or everything.
fn object(command: &Command, connected: Option<&Setting>, own: &Option<Setting>) -> Fact {
    let named = command.operands.first().cloned();
    let of = |setting: Option<&Setting>| match setting {
        Some(setting) => Fact::text("object", setting.value.clone(), setting.source.clone()),
        None => Fact::unknown("object", "no database is named", "the words of the command"),
    };
    match command.tool.as_str() {
        "dropdb" | "dropuser" | "createdb" | "createuser" => match named {
            Some(name) => Fact::text("object", name, "first operand"),
            None if command.tool == "createdb" => of(own.as_ref()),
            None if command.tool == "createuser" && command.option("--interactive").is_none() => {
                match command.invocation.var("PGUSER").or_else(crate::sys::who::user_name) {
                    Some(name) => Fact::text("object", name, "PGUSER, or the system user"),
                    None => Fact::unknown("object", "the system does not know this user", "getpwuid"),
                }
            }
            None => Fact::unknown("object", "the program asks for the name", "the words of the command"),
        },
        "pg_dumpall" | "pg_basebackup" => Fact::text("object", "*", "every database"),
        "vacuumdb" | "reindexdb" | "clusterdb" if command.option("--all").is_some() => {
            Fact::text("object", "*", "--all")
        }
        "pg_restore" if command.option("--create").is_some() => {
            match archive::database(&command.invocation, named.as_deref()) {
                Ok(name) => Fact::text("object", name, "the archive"),
                Err(why) => Fact::unknown("object", why, "the archive"),
            }
        }
        _ => of(connected),
    }
}

fn unknown(command: &Command, why: &str) -> Targets {
    let mut targets = Targets::new("postgres");
    for key in ["host", "port", "user", "connect_db", "object"] {
        targets.facts.push(Fact::unknown(key, why, "the connection parameters"));
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    targets.typed = command.tool.clone();
    targets
}
