//! The database a PostgreSQL connection string names, read as lib/pq reads it: a URL or `key=value` words,
//! with libpq's variables below. Must never carry a password out.

use crate::invocation::Invocation;

/// Where the `pg` backend connects, without secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) user: String,
    pub(super) host: String,
    pub(super) port: String,
    pub(super) database: String,
}

/// The error says what cannot be known.
pub(super) fn parse(text: &str, invocation: &Invocation) -> Result<Connection, String> {
    let pairs = match text.strip_prefix("postgres://").or(text.strip_prefix("postgresql://")) {
        Some(rest) => url(rest),
        None => words(text),
    };
    let pairs = pairs.ok_or("the connection string cannot be read")?;
    if invocation.var_filled("PGSERVICE").is_some() {
        return Err("PGSERVICE is set, which terraform's driver does not support".into());
    }
    let find = |key: &str, variable: &str| {
        let own = pairs.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.clone());
        own.or_else(|| invocation.var_filled(variable)).filter(|v| !v.is_empty())
    };
    let user = find("user", "PGUSER").or_else(crate::sys::who::user_name);
    let user = user.ok_or("neither the connection string nor the system names a user")?;
    Ok(Connection {
        host: find("host", "PGHOST").unwrap_or_else(|| "localhost".into()),
        port: find("port", "PGPORT").unwrap_or_else(|| "5432".into()),
        database: find("dbname", "PGDATABASE").unwrap_or_else(|| user.clone()),
        user,
    })
}

type Pairs = Vec<(String, String)>;

/// `user:password@host:port/database?key=value`, without its scheme.
fn url(rest: &str) -> Option<Pairs> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (userinfo, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let mut pairs = Pairs::new();
    let mut add = |key: &str, value: &str| -> Option<()> {
        if !value.is_empty() {
            pairs.push((key.to_owned(), decoded(value)?));
        }
        Some(())
    };
    add("user", userinfo.split(':').next().unwrap_or(""))?;
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        Some(_) | None => (place, ""),
    };
    add("host", host.trim_start_matches('[').trim_end_matches(']'))?;
    add("port", port)?;
    add("dbname", path)?;
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=')?;
        // The driver sorts both into one list; which of two wins is not worth guessing.
        if matches!(key, "dbname" | "host" | "port" | "user") && pairs.iter().any(|(k, _)| k == key) {
            return None;
        }
        if matches!(key, "dbname" | "host" | "port" | "user") {
            pairs.push((key.to_owned(), decoded(value)?));
        }
    }
    Some(pairs)
}

/// `key=value key = 'va lue'`, with backslash escapes.
fn words(text: &str) -> Option<Pairs> {
    let mut pairs = Pairs::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let mut value = String::new();
        let mut letters = after.trim_start().chars();
        let quoted = letters.as_str().starts_with('\'');
        if quoted {
            letters.next();
        }
        loop {
            match letters.next() {
                Some('\'') if quoted => break,
                Some('\\') => value.push(letters.next()?),
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if quoted => return None,
                None => break,
            }
        }
        pairs.push((key.trim().to_owned(), value));
        rest = letters.as_str().trim_start();
    }
    Some(pairs)
}

fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<String, String> {
        let here = Invocation::here(vec!["terraform".into()], Stdin::Unread).unwrap();
        let here = here.with_environment(Environment::from_pairs(environment.iter().copied()));
        parse(text, &here).map(|c| format!("{}@{}:{}/{}", c.user, c.host, c.port, c.database))
    }

    #[test]
    fn urls_and_words_name_the_same_places() {
        let want = Ok("al@db:5433/prod".to_owned());
        assert_eq!(read("postgres://al:s%40c@db:5433/prod?sslmode=disable", &[]), want);
        assert_eq!(read("postgresql://al@db:5433?dbname=prod", &[]), want);
        assert_eq!(read("user=al host = db port='5433' dbname=pr\\od password='x y'", &[]), want);
        assert_eq!(read("postgres://u@[::1]:1/a%2Fb", &[]), Ok("u@::1:1/a/b".into()));
    }

    #[test]
    fn variables_fill_what_the_string_leaves_out() {
        assert_eq!(
            read("", &[("PGDATABASE", "prod"), ("PGUSER", "al")]),
            Ok("al@localhost:5432/prod".into())
        );
        assert_eq!(
            read("postgres://al@db/staging", &[("PGDATABASE", "prod")]),
            Ok("al@db:5432/staging".into())
        );
        assert_eq!(read("postgres://al@db", &[]), Ok("al@db:5432/al".into()));
        assert!(read("", &[("PGSERVICE", "x")]).is_err());
        assert!(read("postgres://al@db/a?dbname=b", &[]).is_err());
    }
}
