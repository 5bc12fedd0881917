//! The Redis or Valkey server that redis-cli reaches: host, port, db. Must never show one database where a command
//! acts on all of them.

use super::{Datum, Fact, Resolution, Targets, declared};
use crate::reading::Command;
use crate::reading::redis::{self, Done, Line, Stop};

/// Commands that act on the whole server.
const EVERYWHERE: &[&str] = &[
    "flush-all",
    "script",
    "shutdown",
    "configure",
    "flush-scripts",
    "replicate",
    "debug",
    "swap",
    "module",
    "grant",
    "unknown",
];

pub fn resolve(command: &Command) -> Resolution {
    let line = match redis::line(&command.invocation) {
        Ok(line) => line,
        Err(Stop::Nothing(why)) => return Resolution::Nothing(why),
        Err(Stop::Unsure(why)) => return Resolution::Hits(unknown(command, &why)),
    };
    let mut targets = Targets::new("redis");
    place(&mut targets, &line);
    targets.facts.push(database(command, &line));
    if let Some(user) = &line.user {
        targets.facts.push(Fact::text("user", user.clone(), "--user or URI"));
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    let shown = |key: &str| targets.fact(key).map(|f| f.value.to_string()).unwrap_or_default();
    targets.typed = match line.socket {
        Some(_) => format!("{}/{}", shown("host"), shown("db")),
        None => format!("{}:{}/{}", shown("host"), shown("port"), shown("db")),
    };
    Resolution::Hits(targets)
}

fn place(targets: &mut Targets, line: &Line) {
    if let Some(at) = line.words.iter().find(|w| cluster_address(line, w)) {
        let (host, port) = at.rsplit_once(':').unwrap_or((at, "6379"));
        targets.facts.push(Fact::text("host", host, "--cluster"));
        targets.facts.push(port_fact(port, "--cluster"));
        return;
    }
    if let Some(socket) = &line.socket {
        targets.facts.push(Fact::text("host", socket.clone(), "-s"));
        targets.facts.push(Fact::none("port", "a socket"));
        targets.facts.push(declared::machine());
        return;
    }
    let (host, source) = match &line.host {
        Some(host) => (host.clone(), "-h or URI"),
        None => ("127.0.0.1".to_owned(), "default"),
    };
    let local = host == "localhost" || host == "::1" || host.starts_with("127.");
    targets.facts.push(Fact::text("host", host, source));
    match &line.port {
        Some(port) => targets.facts.push(port_fact(port, "-p or URI")),
        None => targets.facts.push(port_fact("6379", "default")),
    }
    if local {
        targets.facts.push(declared::machine());
    }
}

fn cluster_address(line: &Line, word: &str) -> bool {
    line.options.iter().any(|o| o.name == "--cluster") && word.contains(':')
}

fn port_fact(port: &str, source: &str) -> Fact {
    match port.parse() {
        Ok(number) => Fact::known("port", Datum::Number(number), source),
        Err(_) => Fact::text("port", port, source),
    }
}

/// The database of the options or of SELECT; `*` for what acts on all of them.
fn database(command: &Command, line: &Line) -> Fact {
    let run = redis::foresee(&command.invocation, line);
    let changes: Vec<&Done> = run.done.iter().filter(|d| d.kind != "read").collect();
    if changes.iter().any(|d| EVERYWHERE.contains(&d.kind)) {
        return Fact::text("db", "*", "the command acts on every database");
    }
    let own = line.database.clone().unwrap_or_else(|| "0".into());
    let all = if changes.is_empty() { run.done.iter().collect() } else { changes };
    let mut names: Vec<String> =
        all.iter().map(|d| d.database.clone().unwrap_or_else(|| own.clone())).collect();
    names.dedup();
    let datum = |name: &str| name.parse().map_or_else(|_| Datum::Text(name.to_owned()), Datum::Number);
    let source = if line.database.is_some() { "-n or URI" } else { "default" };
    match names.as_slice() {
        [] => Fact::known("db", datum(&own), source),
        [one] if *one == own => Fact::known("db", datum(one), source),
        [one] => Fact::known("db", datum(one), "SELECT"),
        several => Fact::known("db", Datum::List(several.iter().map(|n| datum(n)).collect()), "SELECT"),
    }
}

fn unknown(command: &Command, why: &str) -> Targets {
    let mut targets = Targets::new("redis");
    for key in ["host", "port", "db"] {
        targets.facts.push(Fact::unknown(key, why, "the words of the command"));
    }
    targets.typed = command.tool.clone();
    targets
}
