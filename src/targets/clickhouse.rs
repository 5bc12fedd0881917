//! The server that clickhouse-client reaches: host, port, user, database, from options, a connection string,
//! variables and its configuration. Must never pass over a configuration that it cannot read.

use super::{Datum, Fact, Resolution, Targets, declared};
use crate::invocation::{Invocation, ReadError};
use crate::reading::clickhouse::{self, Line};
use crate::reading::{Command, Does};
use std::path::PathBuf;

type Found = Option<(String, String)>;

pub fn resolve(command: &Command) -> Resolution {
    let line = match clickhouse::line(&command.invocation) {
        Ok(line) => line,
        Err(Does::Nothing(why)) => return Resolution::Nothing(why),
        Err(Does::Unsure(why)) => return Resolution::Hits(unknown(command, &why)),
        Err(Does::Acts) => return Resolution::Nothing("no words".into()),
    };
    match configuration(&command.invocation, &line) {
        Ok(configuration) => Resolution::Hits(hits(command, &line, configuration.as_deref())),
        Err(why) => Resolution::Hits(unknown(command, &why)),
    }
}

/// The text of the configuration file, if there is one.
fn configuration(invocation: &Invocation, line: &Line) -> Result<Option<String>, String> {
    let named = line.last("config-file").or_else(|| line.last("config"));
    let files: Vec<PathBuf> = match named {
        Some(file) => vec![invocation.path(file)],
        None => {
            let home = invocation.home().map(|h| h.join(".clickhouse-client/config"));
            let bases = [
                Some(invocation.path("clickhouse-client")),
                home,
                Some("/etc/clickhouse-client/config".into()),
            ];
            let ends = ["xml", "yaml", "yml"];
            bases
                .into_iter()
                .flatten()
                .flat_map(|b| ends.map(|end| PathBuf::from(format!("{}.{end}", b.display()))))
                .collect()
        }
    };
    for file in files {
        match invocation.read(&file) {
            Ok(bytes) if file.extension().is_none_or(|e| e != "yaml" && e != "yml") => {
                return Ok(Some(String::from_utf8_lossy(&bytes).into_owned()));
            }
            Ok(_) => return Err("the configuration is YAML, which is not looked at".into()),
            Err(ReadError::Missing) => {}
            Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => return Err(why.to_string()),
        }
    }
    Ok(None)
}

/// The text of the first `<name>…</name>`.
fn tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let open = format!("<{name}>");
    let start = text.find(&open)? + open.len();
    let end = text[start..].find(&format!("</{name}>"))?;
    Some(text[start..start + end].trim()).filter(|v| !v.is_empty())
}

/// The part of the configuration that a connection's name chooses, and what stands outside of all of them.
fn parts<'t>(text: &'t str, connection: Option<&str>, host: Option<&str>) -> (Option<&'t str>, String) {
    let block = tag(text, "connections_credentials").unwrap_or("");
    let outside = text.replace(block, "");
    let wanted = connection.or(host);
    let mut rest = block;
    while let Some(one) = tag(rest, "connection") {
        if wanted.is_some() && tag(one, "name") == wanted {
            return (Some(one), outside);
        }
        let end = rest.find("</connection>").map_or(rest.len(), |at| at + "</connection>".len());
        rest = &rest[end..];
    }
    (None, outside)
}

fn hits(command: &Command, line: &Line, configuration: Option<&str>) -> Targets {
    let invocation = &command.invocation;
    let uri = clickhouse::connection_string(line).map(parse);
    let text = configuration.unwrap_or("");
    let (credentials, outside) = parts(text, line.last("connection"), line.last("host"));
    let find =
        |option: &str, variable: &str, tag_name: &str, from_uri: fn(&Uri) -> Option<String>| -> Found {
            let given = line.last(option).filter(|_| credentials.is_none() || option != "host");
            let named = |value: &str, source: &str| (value.to_owned(), source.to_owned());
            given
                .map(|v| named(v, &format!("--{option}")))
                .or_else(|| uri.as_ref().and_then(from_uri).map(|v| named(&v, "connection string")))
                .or_else(|| {
                    let inside = credentials
                        .and_then(|c| tag(c, if tag_name == "host" { "hostname" } else { tag_name }));
                    inside.map(|v| named(v, "connection in the configuration"))
                })
                .or_else(|| line.last(option).map(|v| named(v, &format!("--{option}"))))
                .or_else(|| invocation.var_filled(variable).map(|v| named(&v, &format!("${variable}"))))
                .or_else(|| tag(&outside, tag_name).map(|v| named(v, "configuration")))
        };
    let secure = line.has("secure") && !line.has("no-secure")
        || tag(&outside, "secure").is_some_and(|s| s == "1" || s == "true")
        || uri.as_ref().is_some_and(|u| u.secure);
    let or = |found: Found, default: &str| found.unwrap_or((default.to_owned(), "default".to_owned()));
    let host = or(find("host", "CLICKHOUSE_HOST", "host", |u| u.host.clone()), "localhost");
    let port =
        or(find("port", "CLICKHOUSE_PORT", "port", |u| u.port.clone()), if secure { "9440" } else { "9000" });
    let user = or(find("user", "CLICKHOUSE_USER", "user", |u| u.user.clone()), "default");
    let database = or(find("database", "CLICKHOUSE_DATABASE", "database", |u| u.database.clone()), "default");
    let mut targets = Targets::new("clickhouse");
    let hosts: Vec<&str> = host.0.split(',').collect();
    targets.facts.push(match hosts.as_slice() {
        [one] => Fact::text("host", *one, host.1.clone()),
        _ => Fact::known("host", Datum::texts(hosts.iter().copied()), host.1.clone()),
    });
    targets.facts.push(match port.0.parse() {
        Ok(number) => Fact::known("port", Datum::Number(number), port.1),
        Err(_) => Fact::text("port", port.0, port.1),
    });
    targets.facts.push(Fact::text("user", user.0, user.1));
    targets.facts.push(Fact::text("database", database.0.clone(), database.1));
    if hosts.iter().any(|h| *h == "localhost" || h.starts_with("127.")) {
        targets.facts.push(declared::machine());
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    targets.typed = format!("{}@{}", database.0, host.0);
    targets
}

/// `clickhouse://user:password@host:port/database?secure`
#[derive(Default)]
struct Uri {
    host: Option<String>,
    port: Option<String>,
    user: Option<String>,
    database: Option<String>,
    secure: bool,
}

fn parse(text: &str) -> Uri {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (credentials, hosts) = place.rsplit_once('@').unwrap_or(("", place));
    let filled = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
    let (host, port) = match hosts.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
        Some(_) | None => (hosts, ""),
    };
    Uri {
        host: filled(host),
        port: filled(port),
        user: filled(credentials.split(':').next().unwrap_or("")),
        database: filled(database),
        secure: query.split('&').any(|q| q == "secure" || q == "s" || q == "secure=1"),
    }
}

fn unknown(command: &Command, why: &str) -> Targets {
    let mut targets = Targets::new("clickhouse");
    for key in ["host", "port", "user", "database"] {
        targets.facts.push(Fact::unknown(key, why, "the words of the command, or its configuration"));
    }
    targets.typed = command.tool.clone();
    targets
}
