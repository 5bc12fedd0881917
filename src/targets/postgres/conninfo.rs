//! libpq's connection strings: `key = value` lists and URIs. Source: PostgreSQL manual, "Connection Strings",
//! and libpq's own behaviour (15). Must never show a password.

/// Parameter and value, in the order given. A later one replaces an earlier one.
pub type Pairs = Vec<(String, String)>;

/// Every parameter of libpq up to version 18; a name that is not here is refused by those.
const KEYWORDS: &[&str] = &[
    "application_name",
    "authtype",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_issuer",
    "oauth_scope",
    "options",
    "passfile",
    "password",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "scram_client_key",
    "scram_server_key",
    "service",
    "servicefile",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "tty",
    "user",
];

/// Whether libpq knows a parameter.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// A connection string of either form; `Err`: libpq refuses it.
pub fn parse(text: &str) -> Result<Pairs, String> {
    match text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
        Some(rest) => super::uri::parse(rest),
        None => key_values(text),
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// `key = value key2='va lue'`: spaces round `=`, quotes, backslash hides the next character.
fn key_values(text: &str) -> Result<Pairs, String> {
    let mut pairs = Vec::new();
    let mut rest = skip_space(text.as_bytes());
    while !rest.is_empty() {
        let length = rest.iter().take_while(|b| **b != b'=' && !is_space(**b)).count();
        let name = String::from_utf8_lossy(&rest[..length]).into_owned();
        rest = skip_space(&rest[length..]);
        let Some(after) = rest.strip_prefix(b"=") else {
            // The word is not shown: it may be the rest of a password.
            return Err("a word of the connection string has no \"=\"".into());
        };
        let (value, left) = value(skip_space(after)).ok_or("a quote in the connection string stays open")?;
        pairs.push((name, value));
        rest = skip_space(left);
    }
    Ok(pairs)
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|b| is_space(**b)).count()..]
}

/// One value and what follows it; `None`: its quote stays open.
fn value(bytes: &[u8]) -> Option<(String, &[u8])> {
    let quoted = bytes.first() == Some(&b'\'');
    let mut value = Vec::new();
    let mut at = usize::from(quoted);
    loop {
        match bytes.get(at) {
            None if quoted => return None,
            None => break,
            Some(b'\'') if quoted => {
                at += 1;
                break;
            }
            Some(b) if !quoted && is_space(*b) => break,
            Some(b'\\') => {
                value.extend(bytes.get(at + 1));
                at += 2;
            }
            Some(b) => {
                value.push(*b);
                at += 1;
            }
        }
    }
    Some((String::from_utf8_lossy(&value).into_owned(), bytes.get(at..).unwrap_or(&[])))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn get(text: &str, key: &str) -> Option<String> {
        let pairs = parse(text).ok()?;
        pairs.into_iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    #[test]
    fn key_value_strings() {
        assert_eq!(get("dbname = prod user = alice host= prod-db", "host").as_deref(), Some("prod-db"));
        assert_eq!(get(r"host='a b' user=it\'s dbname='x\'y'", "user").as_deref(), Some("it's"));
        assert_eq!(get(r"dbname='x\'y'", "dbname").as_deref(), Some("x'y"));
        assert_eq!(get("host= dbname=prod", "host").as_deref(), Some("dbname=prod"));
        assert_eq!(get("host='' dbname=prod", "host").as_deref(), Some(""));
        assert_eq!(get("port=1 port=2", "port").as_deref(), Some("2"));
        assert!(parse("host prod").is_err() && parse("host='x").is_err());
    }

    #[test]
    fn uris() {
        assert_eq!(get("postgresql://alice:p@ss@prod-db/prod", "host").as_deref(), Some("ss@prod-db"));
        assert_eq!(get("postgres://a@h/%70rod?host=x&dbname=y", "dbname").as_deref(), Some("y"));
        assert_eq!(get("postgresql://%2Ftmp:5433/db", "host").as_deref(), Some("/tmp"));
        assert_eq!(get("postgresql://dead:1,prod-db:2/prod", "port").as_deref(), Some("1,2"));
        assert_eq!(get("postgresql://[::1]:9/x", "host").as_deref(), Some("::1"));
        assert_eq!(get("postgresql:///?service=prod", "service").as_deref(), Some("prod"));
        assert_eq!(get("postgresql://h/", "dbname"), None);
        assert_eq!(get("postgresql://h/db#x", "dbname").as_deref(), Some("db#x"));
        for wrong in [
            "postgresql://[::1",
            "postgresql://[]/",
            "postgresql://h/d?a",
            "postgresql://h/d?a=b=c",
            "postgresql://h/%zz",
            "postgresql://h/%00",
            "postgresql://[::1]x/",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
