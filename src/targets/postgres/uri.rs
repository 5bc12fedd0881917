//! libpq's reading of a connection URI after its scheme, with its own corners: the first `@` before any slash
//! ends the user, `#` is no fragment, `+` is no space.

use super::conninfo::Pairs;

/// `[user[:password]@][host][:port][,…][/dbname][?name=value[&…]]`
pub fn parse(rest: &str) -> Result<Pairs, String> {
    let mut pairs = Vec::new();
    let mut rest = rest;
    if let Some(at) = rest.find(['@', '/']).filter(|at| rest.as_bytes()[*at] == b'@') {
        let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
        put(&mut pairs, "user", user)?;
        put(&mut pairs, "password", password)?;
        rest = &rest[at + 1..];
    }
    let (hosts, ports, after) = authority(rest)?;
    put(&mut pairs, "host", &hosts)?;
    put(&mut pairs, "port", &ports)?;
    let query = match after.strip_prefix('/') {
        Some(path) => {
            let end = path.find('?').unwrap_or(path.len());
            put(&mut pairs, "dbname", &path[..end])?;
            path[end..].strip_prefix('?')
        }
        None => after.strip_prefix('?'),
    };
    parameters(query.unwrap_or(""), &mut pairs)?;
    Ok(pairs)
}

/// Hosts and ports, each joined by commas, and what follows.
fn authority(rest: &str) -> Result<(String, String, &str), String> {
    let (mut hosts, mut ports) = (String::new(), String::new());
    let mut rest = rest;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            let end =
                inside.find(']').filter(|end| *end > 0).ok_or("the address in brackets is empty or open")?;
            hosts.push_str(&inside[..end]);
            rest = &inside[end + 1..];
            if !(rest.is_empty() || rest.starts_with([':', '/', '?', ','])) {
                return Err("something follows the address in brackets".into());
            }
        } else {
            let end = rest.find([':', '/', '?', ',']).unwrap_or(rest.len());
            hosts.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        if let Some(port) = rest.strip_prefix(':') {
            let end = port.find(['/', '?', ',']).unwrap_or(port.len());
            ports.push_str(&port[..end]);
            rest = &port[end..];
        }
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok((hosts, ports, rest)),
        }
        hosts.push(',');
        ports.push(',');
    }
}

fn parameters(query: &str, pairs: &mut Pairs) -> Result<(), String> {
    let mut rest = query;
    while !rest.is_empty() {
        let (one, next) = rest.split_once('&').unwrap_or((rest, ""));
        rest = next;
        let (name, value) = one.split_once('=').ok_or("a parameter of the URI has no \"=\"")?;
        if value.contains('=') {
            return Err("a parameter of the URI has two \"=\"".into());
        }
        let (name, value) = (decode(name)?, decode(value)?);
        if name == "ssl" && value == "true" {
            pairs.push(("sslmode".into(), "require".into()));
        } else {
            pairs.push((name, value));
        }
    }
    Ok(())
}

/// An empty part is left out: the next source counts.
fn put(pairs: &mut Pairs, name: &str, value: &str) -> Result<(), String> {
    if !value.is_empty() {
        pairs.push((name.into(), decode(value)?));
    }
    Ok(())
}

fn decode(text: &str) -> Result<String, String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        match (digit(bytes.next()), digit(bytes.next())) {
            (Some(high), Some(low)) if high + low > 0 => out.push((high * 16 + low) as u8),
            _ => return Err("a % in the URI is not followed by two digits".into()),
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}
