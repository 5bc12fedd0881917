//! The places a connection may go: hosts, addresses and ports, matched as libpq matches their lists.

use super::settings::{Setting, Settings, Stop};
use crate::targets::Datum;
use std::path::Path;

/// One place. `address` is where it really goes when it is given; the host is then only a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: String,
    pub address: Option<String>,
    pub port: String,
}

/// All places, tried in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    pub all: Vec<Endpoint>,
    pub host_source: String,
}

/// Splits and matches the lists.
pub fn of(settings: &Settings) -> Result<Endpoints, Stop> {
    let list = |name: &str| -> Vec<String> {
        let filled = settings.get(name).filter(|s| !s.value.is_empty());
        filled.map_or_else(Vec::new, |s| s.value.split(',').map(str::to_owned).collect())
    };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = if addresses.is_empty() { hosts.len().max(1) } else { addresses.len() };
    if !hosts.is_empty() && hosts.len() != count {
        return Err(Stop::Refused(format!("{} host names for {count} addresses", hosts.len())));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(Stop::Refused(format!("{} ports for {count} hosts", ports.len())));
    }
    let mut all = Vec::new();
    for i in 0..count {
        let address = addresses.get(i).filter(|a| !a.is_empty()).cloned();
        let host = hosts.get(i).filter(|h| !h.is_empty()).cloned();
        let host = host.or_else(|| address.clone()).unwrap_or_else(socket_directory);
        let port = ports.get(i).or(ports.first().filter(|_| ports.len() == 1)).filter(|p| !p.is_empty());
        all.push(Endpoint { host, address, port: port.cloned().unwrap_or_else(|| "5432".into()) });
    }
    // What is no number at all ends the attempt; a number out of range only that host's.
    if integer(&all[0].port).is_none() || all.iter().all(|e| number(&e.port).is_none()) {
        return Err(Stop::Refused("the port is no number from 1 to 65535".into()));
    }
    if all.iter().all(|e| e.address.as_deref().is_some_and(|a| !may_be_address(a))) {
        return Err(Stop::Refused("hostaddr is no network address".into()));
    }
    Ok(Endpoints { host_source: host_source(settings), all })
}

/// Whether libc may take a text for a numeric address: its digits, before the name of an interface.
fn may_be_address(text: &str) -> bool {
    let number = text.split('%').next().unwrap_or("");
    !number.is_empty() && number.chars().all(|c| c.is_ascii_hexdigit() || ['.', ':', 'x', 'X'].contains(&c))
}

fn host_source(settings: &Settings) -> String {
    let filled = |name: &str| settings.get(name).filter(|s: &&Setting| !s.value.is_empty());
    match (filled("host"), filled("hostaddr")) {
        (Some(host), _) => host.source.clone(),
        (None, Some(address)) => format!("hostaddr ({})", address.source),
        (None, None) if is_debian() => "libpq default (Debian)".into(),
        (None, None) => "libpq default".into(),
    }
}

fn is_debian() -> bool {
    Path::new("/etc/postgresql-common").is_dir() || Path::new("/etc/debian_version").exists()
}

/// Compiled into libpq: /var/run/postgresql in distributions, /tmp upstream.
fn socket_directory() -> String {
    let packaged = is_debian() || Path::new("/var/run/postgresql").is_dir();
    if packaged { "/var/run/postgresql".into() } else { "/tmp".into() }
}

/// A port that can be connected to.
fn number(text: &str) -> Option<i64> {
    integer(text).filter(|n| (1..=65535).contains(n)).map(i64::from)
}

/// strtol(3), spaces allowed round it, as an int.
fn integer(text: &str) -> Option<i32> {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b').parse().ok()
}

impl Endpoint {
    /// A socket or a loopback address: this machine.
    pub fn is_local(&self) -> bool {
        let place = self.address.as_ref().unwrap_or(&self.host);
        self.is_socket() || place == "localhost" || place == "::1" || place.starts_with("127.")
    }

    pub fn is_socket(&self) -> bool {
        self.address.is_none() && self.host.starts_with(['/', '@'])
    }

    pub fn port_datum(&self) -> Datum {
        number(&self.port).map_or_else(|| Datum::Text(self.port.clone()), Datum::Number)
    }
}

/// One value alone, several as a list.
pub fn datum(mut all: Vec<Datum>) -> Datum {
    match all.len() {
        1 => all.remove(0),
        _ => Datum::List(all),
    }
}
