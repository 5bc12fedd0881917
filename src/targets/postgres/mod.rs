//! The PostgreSQL server and database a psql reaches: host, port, user, dbname, hostaddr, as libpq resolves them.
//! Traits: `target.session` = read-only when the server certainly refuses writes.
//! Must never contact a server, and never put a password into a fact.

mod cluster;
#[cfg(feature = "full")]
mod connection;
mod conninfo;
mod endpoints;
mod moves;
#[cfg(feature = "full")]
mod opening;
mod read_only;
mod service;
mod settings;
mod tools;
mod uri;

#[cfg(test)]
mod tests;

#[cfg(feature = "full")]
pub use connection::{Connection, connection};
#[cfg(feature = "full")]
pub use opening::{NotHeld, Opening, opening};

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::psql::{self, Options, Run, Words};
use crate::reading::sql::Weight;
use crate::reading::{Command, Does};
use endpoints::{Endpoint, Endpoints};
use settings::{Settings, Stop, Surroundings};

pub use tools::resolve as resolve_tool;

pub fn resolve(command: &Command) -> Resolution {
    let options = match psql::command_line(&command.invocation) {
        Words::Runs(options) => options,
        Words::Stops(why) => return Resolution::Nothing(why),
        Words::Unsure(why) => return Resolution::Hits(unknown(command, &why)),
    };
    match places(command, &options) {
        Ok(places) => hits(command, places),
        Err(Stop::Refused(why)) => Resolution::Nothing(why),
        Err(Stop::Unknown(why)) => Resolution::Hits(unknown(command, &why)),
    }
}

/// A connection that statements run on.
struct Place {
    settings: Settings,
    endpoints: Endpoints,
}

/// The connections that matter, the one with the worst statement last.
fn places(command: &Command, options: &Options) -> Result<Vec<Place>, Stop> {
    let invocation = &command.invocation;
    let wrapper = options.wrapper.as_ref().map(|scan| cluster::variables(invocation, scan)).transpose()?;
    let surroundings = Surroundings { invocation, wrapper: wrapper.unwrap_or_default() };
    let mut first = settings::given(options, &surroundings)?;
    settings::fill(&mut first, &surroundings)?;
    let first = place(first)?;
    if !command.traits.has("moves", "yes") {
        return Ok(vec![first]);
    }
    let run = psql::foresee(invocation, options);
    let mut all: Vec<Result<Place, Stop>> = vec![Ok(first)];
    for to in &run.moves {
        let next = match all.last() {
            Some(Err(Stop::Unknown(why))) => Err(Stop::Unknown(why.clone())),
            Some(Err(Stop::Refused(_))) | None => moves::apply(None, to, &surroundings),
            Some(Ok(before)) => moves::apply(Some(&before.settings), to, &surroundings),
        };
        let next = next.and_then(place);
        all.push(next);
    }
    chosen(all, &run)
}

fn place(settings: Settings) -> Result<Place, Stop> {
    let endpoints = endpoints::of(&settings)?;
    Ok(Place { settings, endpoints })
}

/// Of all connections those on which something changes; else the last that is used.
fn chosen(all: Vec<Result<Place, Stop>>, run: &Run) -> Result<Vec<Place>, Stop> {
    let weight = |d: &psql::Done| if d.rolled_back { Weight::Slight } else { d.deed.kind.weight() };
    let worst = run.done.iter().max_by_key(|d| (weight(d), d.place)).map_or(run.moves.len(), |d| d.place);
    let main = if run.interactive { run.moves.len() } else { worst };
    let changes = |i: usize| run.done.iter().any(|d| d.place == i && weight(d) >= Weight::Bounded);
    let mut kept = Vec::new();
    let mut last = None;
    for (i, place) in all.into_iter().enumerate() {
        let wanted = i == main || changes(i);
        match place {
            Ok(place) if i == main => last = Some(place),
            Ok(place) if wanted => kept.push(place),
            Err(Stop::Unknown(why)) if wanted => return Err(Stop::Unknown(why)),
            // psql cannot get there, so nothing runs there.
            Err(Stop::Refused(why)) if i == main && kept.is_empty() && last.is_none() => {
                return Err(Stop::Refused(why));
            }
            Ok(_) | Err(_) => {}
        }
    }
    kept.extend(last);
    Ok(kept)
}

fn hits(command: &Command, places: Vec<Place>) -> Resolution {
    let mut targets = Targets::new("postgres");
    let Some(main) = places.last() else { return Resolution::Nothing("no connection is made".into()) };
    facts(&mut targets, &places, "dbname");
    objects(&mut targets, command);
    targets.typed = typed(&targets, main);
    if places.len() == 1
        && matches!(command.does, Does::Acts)
        && read_only::certain(command, &main.settings, &main.endpoints)
    {
        targets.traits.add("target.session", "read-only");
    }
    Resolution::Hits(targets)
}

/// Host, port, user, the database under the key `database`, and the rest where it is set. Where several connections differ, all values.
fn facts(targets: &mut Targets, places: &[Place], database: &'static str) {
    let ends = || places.iter().flat_map(|p| p.endpoints.all.iter());
    let mut sources: Vec<&str> = places.iter().map(|p| p.endpoints.host_source.as_str()).collect();
    let listed = |key: &'static str, all: Vec<Vec<Datum>>, sources: &[&str]| {
        let mut sources = sources.to_vec();
        sources.dedup();
        Fact::known(key, merged(all), sources.join("; then "))
    };
    let each = |part: fn(&Endpoint) -> Datum| -> Vec<Vec<Datum>> {
        places.iter().map(|p| p.endpoints.all.iter().map(part).collect()).collect()
    };
    targets.facts.push(listed("host", each(|e| Datum::Text(e.host.clone())), &sources));
    let source = |name: &str| -> Vec<&str> {
        places.iter().map(|p| p.settings.get(name).map_or("default", |s| s.source.as_str())).collect()
    };
    targets.facts.push(listed("port", each(Endpoint::port_datum), &source("port")));
    for (name, key) in [("user", "user"), ("dbname", database), ("service", "service")] {
        let values: Vec<Vec<Datum>> = places
            .iter()
            .filter_map(|p| Some(vec![Datum::Text(p.settings.get(name)?.value.clone())]))
            .collect();
        if !values.is_empty() {
            targets.facts.push(listed(key, values, &source(name)));
        }
    }
    if ends().any(|e| e.address.is_some()) {
        sources = source("hostaddr");
        let address = each(|e| e.address.clone().map_or(Datum::Null, Datum::Text));
        targets.facts.push(listed("hostaddr", address, &sources));
    }
    if ends().any(Endpoint::is_local) {
        targets.facts.push(match crate::sys::who::host_name() {
            Some(name) => Fact::text("machine", name, "gethostname"),
            None => Fact::unknown("machine", "the system does not say its host name", "gethostname"),
        });
    }
}

/// One connection's value, or those of all connections in order when they differ.
fn merged(mut all: Vec<Vec<Datum>>) -> Datum {
    all.dedup();
    endpoints::datum(all.into_iter().flatten().collect())
}

/// What the statements act on; a dropped database is a place of its own.
fn objects(targets: &mut Targets, command: &Command) {
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    if !command.traits.has("statement", "drop-database") {
        return;
    }
    let dropped: Vec<Datum> = command
        .traits
        .values("object")
        .filter_map(|o| o.strip_prefix("database ").map(|name| Datum::Text(name.to_owned())))
        .collect();
    if !dropped.is_empty() {
        targets.facts.push(Fact::known("object", endpoints::datum(dropped), "DROP DATABASE"));
    }
}

/// `orders@prod-db`; for DROP DATABASE the name of the dropped database.
fn typed(targets: &Targets, place: &Place) -> String {
    if let Some(name) = targets.text("object") {
        return name.to_owned();
    }
    let database = place.settings.get("dbname").map_or("", |s| s.value.as_str());
    let name = |endpoint: &Endpoint| match endpoint.is_socket() {
        true => crate::sys::who::host_name().unwrap_or_else(|| "local".into()),
        false => endpoint.host.clone(),
    };
    // Any of several hosts may serve: all of them are typed.
    let mut hosts: Vec<String> = place.endpoints.all.iter().map(name).collect();
    hosts.dedup();
    format!("{database}@{}", hosts.join(","))
}

fn unknown(command: &Command, why: &str) -> Targets {
    let mut targets = Targets::new("postgres");
    for key in ["host", "port", "user", "dbname"] {
        targets.facts.push(Fact::unknown(key, why, "psql's connection parameters"));
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    targets.typed = "psql".into();
    targets
}
