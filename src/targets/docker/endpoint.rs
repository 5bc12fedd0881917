//! Which daemon docker talks to: flags over variables over the context of the configuration, and how an address is
//! completed (docker/cli v28, cli/command/cli.go and opts/hosts.go). Must never contact it.

use super::sha256;
use crate::invocation::{Invocation, ReadError};
use crate::reading::grammar::Parsed;
use crate::reading::kubectl::yaml;
use std::path::PathBuf;

/// A daemon: the context that leads to it, where one does, and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub context: Option<String>,
    pub context_source: String,
    pub host: Result<String, String>,
    pub host_source: String,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Refused(String),
    Unknown(String),
}

/// Where docker looks when nothing says anything.
const SOCKET: &str = "unix:///var/run/docker.sock";

/// The daemon of a command line; `globals` are the options before the command.
pub fn of(invocation: &Invocation, globals: &Parsed) -> Result<Endpoint, Stop> {
    let hosts: Vec<&str> =
        globals.options.iter().filter(|o| o.name == "--host").filter_map(|o| o.value.as_deref()).collect();
    let context = globals.last("--context").filter(|c| !c.is_empty());
    let tls = globals.has("--tls")
        || globals.has("--tlsverify")
        || invocation.var_filled("DOCKER_TLS_VERIFY").is_some();
    if context.is_some() && !hosts.is_empty() {
        return Err(Stop::Refused("--host and --context exclude each other".into()));
    }
    if hosts.len() > 1 {
        return Err(Stop::Refused("--host is given more than once".into()));
    }
    if let Some(context) = context {
        return named(invocation, globals, context, "--context", tls);
    }
    if let Some(host) = hosts.first() {
        return addressed(host, "--host", tls);
    }
    if let Some(host) = invocation.var_filled("DOCKER_HOST") {
        return addressed(&host, "$DOCKER_HOST", tls);
    }
    if let Some(context) = invocation.var_filled("DOCKER_CONTEXT") {
        return named(invocation, globals, &context, "$DOCKER_CONTEXT", tls);
    }
    match current(invocation, globals)? {
        Some((context, source)) => named(invocation, globals, &context, &source, tls),
        None => named(invocation, globals, "default", "default", tls),
    }
}

/// A host by address; no context has a say.
fn addressed(host: &str, source: &str, tls: bool) -> Result<Endpoint, Stop> {
    let host = complete(host, tls).map_err(Stop::Refused)?;
    Ok(Endpoint {
        context: None,
        context_source: format!("{source} wins over every context"),
        host: Ok(host),
        host_source: source.to_owned(),
    })
}

/// The daemon of a named context.
fn named(
    invocation: &Invocation,
    globals: &Parsed,
    name: &str,
    source: &str,
    tls: bool,
) -> Result<Endpoint, Stop> {
    let endpoint = |host, host_source: String| Endpoint {
        context: Some(name.to_owned()),
        context_source: source.to_owned(),
        host,
        host_source,
    };
    if name == "default" {
        return match invocation.var_filled("DOCKER_HOST") {
            Some(host) => {
                complete(&host, tls).map_err(Stop::Refused).map(|h| endpoint(Ok(h), "$DOCKER_HOST".into()))
            }
            None => Ok(endpoint(
                Ok(if tls { "tcp://localhost:2376" } else { SOCKET }.to_owned()),
                "default".into(),
            )),
        };
    }
    let directory = configuration(invocation, globals)
        .ok_or_else(|| Stop::Unknown("there is no home directory".into()))?;
    let file = directory.join("contexts/meta").join(sha256::hex(name.as_bytes())).join("meta.json");
    let shown = format!("context {name} in {}", directory.display());
    let bytes = match invocation.read(&file) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Err(Stop::Refused(format!("there is no {shown}"))),
        Err(error) => return Ok(endpoint(Err(format!("{} cannot be read: {error}", file.display())), shown)),
    };
    let host = match json(&bytes) {
        Ok(meta) => match meta.at(&["Endpoints", "docker", "Host"]).and_then(|h| h.text()) {
            Some(host) if !host.is_empty() => Ok(host.to_owned()),
            _ => Err(format!("{} names no docker endpoint", file.display())),
        },
        Err(why) => Err(format!("{} is not JSON: {why}", file.display())),
    };
    Ok(endpoint(host, shown))
}

/// The configuration's own context, and where it stands.
fn current(invocation: &Invocation, globals: &Parsed) -> Result<Option<(String, String)>, Stop> {
    let Some(directory) = configuration(invocation, globals) else { return Ok(None) };
    let file = directory.join("config.json");
    let unknown = |why: String| Err(Stop::Unknown(format!("{} {why}", file.display())));
    let bytes = match invocation.read(&file) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Ok(None),
        Err(error) => return unknown(format!("cannot be read: {error}")),
    };
    match json(&bytes) {
        Ok(config) => {
            let name = config.get("currentContext").and_then(|c| c.text()).filter(|c| !c.is_empty());
            Ok(name.map(|c| (c.to_owned(), format!("currentContext, {}", file.display()))))
        }
        // docker warns and goes on without it.
        Err(why) => unknown(format!("is not JSON: {why}")),
    }
}

/// The directory of config.json and the contexts.
pub fn configuration(invocation: &Invocation, globals: &Parsed) -> Option<PathBuf> {
    let given = globals.last("--config").filter(|c| !c.is_empty()).map(str::to_owned);
    if let Some(directory) = given.or_else(|| invocation.var_filled("DOCKER_CONFIG")) {
        return Some(invocation.path(directory));
    }
    invocation.home().or_else(crate::sys::who::passwd_home).map(|home| home.join(".docker"))
}

pub fn json(bytes: &[u8]) -> Result<yaml::Node, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let mut values = yaml::json_values(text)?;
    if values.len() == 1 { Ok(values.remove(0)) } else { Err("not one value".to_owned()) }
}

/// An address with what docker adds: the scheme, the host, the port.
fn complete(address: &str, tls: bool) -> Result<String, String> {
    let address = address.trim();
    let port = if tls { 2376 } else { 2375 };
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        None if address.is_empty() => {
            return Ok(if tls { format!("tcp://localhost:{port}") } else { SOCKET.to_owned() });
        }
        None => ("tcp", address),
    };
    match scheme {
        "tcp" => {
            let (host, path) =
                rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
            let (name, number) = match host.rsplit_once(':') {
                Some((name, number)) if !number.contains(']') => (name, number.to_owned()),
                _ => (host, String::new()),
            };
            let name = if name.is_empty() { "localhost" } else { name };
            let number = if number.is_empty() { port.to_string() } else { number };
            Ok(format!("tcp://{name}:{number}{path}"))
        }
        "unix" if rest.is_empty() => Ok(SOCKET.to_owned()),
        "unix" | "npipe" | "fd" | "ssh" => Ok(address.to_owned()),
        _ => Err(format!("{address} is no address of a daemon")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_completed() {
        for (given, tls, whole) in [
            ("prod", false, "tcp://prod:2375"),
            ("prod:99", false, "tcp://prod:99"),
            ("tcp://", false, "tcp://localhost:2375"),
            ("tcp://:9", true, "tcp://localhost:9"),
            ("tcp://prod", true, "tcp://prod:2376"),
            ("unix://", false, SOCKET),
            ("", false, SOCKET),
            ("ssh://u@h", false, "ssh://u@h"),
            ("tcp://[::1]", false, "tcp://[::1]:2375"),
        ] {
            assert_eq!(complete(given, tls).as_deref(), Ok(whole), "{given}");
        }
        assert!(complete("http://x", false).is_err());
    }
}
