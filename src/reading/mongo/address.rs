//! The address of mongosh: a bare word is a database on this machine, whatever it looks like.
//! Source: uri-generator.ts. Must never take such a word for a host.

use super::super::percent::decoded;
use super::{Line, Stop};

/// Where it connects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// `host:port`; empty without a connection. A host of `mongodb+srv` has no port: DNS says more.
    pub hosts: Vec<String>,
    pub database: String,
    pub user: Option<String>,
    pub source: &'static str,
    /// Operands that are scripts.
    pub files: Vec<String>,
}

const PORT: &str = "27017";

pub fn address(line: &Line) -> Result<Address, Stop> {
    let mut operands = line.operands.iter();
    let mut address = Address { database: "test".into(), source: "default", ..Address::default() };
    let specifier = match line.operands.first() {
        Some(first) if line.last("nodb").is_none() && is_address(first) => operands.next().cloned(),
        Some(_) | None => None,
    };
    address.files = operands.cloned().collect();
    if line.last("nodb").is_some() {
        return Ok(address);
    }
    let host = line.last("host").filter(|h| !h.is_empty());
    let port = line.last("port").filter(|p| !p.is_empty());
    address.user = line.last("username").filter(|u| !u.is_empty()).map(str::to_owned);
    match (host, specifier) {
        (Some(host), specifier) => with_host(&mut address, host, port, specifier.as_deref())?,
        (None, None) => {
            address.hosts = vec![format!("127.0.0.1:{}", port.unwrap_or(PORT))];
            address.source = if port.is_some() { "--port" } else { "default" };
        }
        (None, Some(text)) => match scheme(&text) {
            Some((rest, srv)) => {
                no_port(port)?;
                uri(&mut address, rest, srv)?;
            }
            None => plain(&mut address, &text, port)?,
        },
    }
    if let Some(database) = line.last("db").filter(|d| !d.is_empty()) {
        address.database = database.to_owned();
    }
    Ok(address)
}

fn scheme(text: &str) -> Option<(&str, bool)> {
    let srv = text.strip_prefix("mongodb+srv://").map(|rest| (rest, true));
    srv.or_else(|| text.strip_prefix("mongodb://").map(|rest| (rest, false)))
}

/// Whether the first operand is an address rather than a script.
fn is_address(word: &str) -> bool {
    scheme(word).is_some() || ![".js", ".mongodb", ".mongo"].iter().any(|end| word.ends_with(end))
}

fn no_port(port: Option<&str>) -> Result<(), Stop> {
    match port {
        Some(_) => Err(Stop::Nothing("a host and port both in the address and as options".into())),
        None => Ok(()),
    }
}

/// `--host [set/]h1[:p1][,h2…]`; the operand can then only be a database.
fn with_host(
    address: &mut Address,
    host: &str,
    port: Option<&str>,
    operand: Option<&str>,
) -> Result<(), Stop> {
    address.source = "--host";
    if let Some(operand) = operand {
        if operand.contains(['/', '\\', '.', ' ', '"', '$']) {
            return Err(Stop::Nothing("an address cannot go with --host".into()));
        }
        address.database = operand.to_owned();
    }
    let list = host.rsplit_once('/').map_or(host, |(_, list)| list);
    for one in list.split(',').filter(|h| !h.is_empty()) {
        let (_, own) = split_port(one);
        if port.is_some_and(|p| own.is_some_and(|o| o != p)) {
            return Err(Stop::Nothing("--port and the port in --host differ".into()));
        }
        address.hosts.push(with_port(one, port));
    }
    if address.hosts.is_empty() {
        return Err(Stop::Nothing("--host names no host".into()));
    }
    Ok(())
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            (name, Some(port))
        }
        Some(_) | None => (host, None),
    }
}

fn with_port(host: &str, port: Option<&str>) -> String {
    match split_port(host) {
        (_, Some(_)) => host.to_owned(),
        (name, None) => format!("{name}:{}", port.unwrap_or(PORT)),
    }
}

/// `host:port/db`, `host/db`, a host with dots, or a database.
fn plain(address: &mut Address, text: &str, port: Option<&str>) -> Result<(), Stop> {
    address.source = "address";
    let (place, database) = text.split_once('/').map_or((text, None), |(p, d)| (p, Some(d)));
    let (host, own) = split_port(place);
    let fits = host.len() > 1
        && host.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && !database.is_some_and(|d| d.contains(char::is_whitespace));
    if !fits {
        if text.contains(['/', '\\', '.', ' ', '"', '$']) {
            return Err(Stop::Nothing("the address is not valid".into()));
        }
        address.database = text.to_owned();
        address.hosts = vec![format!("127.0.0.1:{}", port.unwrap_or(PORT))];
        return Ok(());
    }
    let database = database.filter(|d| !d.is_empty());
    if own.is_none() && database.is_none() && !host.contains('.') {
        address.database = host.to_owned();
        address.hosts = vec![format!("127.0.0.1:{}", port.unwrap_or(PORT))];
        return Ok(());
    }
    no_port(port)?;
    address.hosts = vec![format!("{host}:{}", own.unwrap_or(PORT))];
    if let Some(database) = database.and_then(|d| d.split('?').next()).filter(|d| !d.is_empty()) {
        address.database = database.to_owned();
    }
    Ok(())
}

/// `user:password@h1:p1,h2/db?options`
fn uri(address: &mut Address, rest: &str, srv: bool) -> Result<(), Stop> {
    address.source = "URI";
    let (place, tail) = rest.split_once(['/', '?']).map_or((rest, ""), |(p, t)| (p, t));
    // With an unescaped / in the password the last @ would stand in the tail; such a URI is refused.
    let (credentials, hosts) = place.rsplit_once('@').map_or((None, place), |(c, h)| (Some(c), h));
    if let Some(user) = credentials.and_then(|c| c.split(':').next()).filter(|u| !u.is_empty()) {
        address.user = Some(decoded(user));
    }
    let one = |host: &str| if srv { host.to_owned() } else { with_port(host, None) };
    address.hosts = hosts.split(',').filter(|h| !h.is_empty()).map(one).collect();
    if address.hosts.is_empty() {
        return Err(Stop::Nothing("the URI names no host".into()));
    }
    let slash = rest[place.len()..].starts_with('/');
    let database = tail.split('?').next().filter(|d| slash && !d.is_empty());
    if let Some(database) = database {
        address.database = decoded(database);
    }
    Ok(())
}
