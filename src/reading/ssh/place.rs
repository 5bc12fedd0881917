//! Ways to write a host: `user@host`, `ssh://user@host:port`, the hops of ProxyJump.
//! Must never find a user or a port where ssh finds none.

/// A host with the user and the port that stand with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
}

/// The destination of the command line; the last `@` ends the user.
pub fn destination(word: &str) -> Result<Place, String> {
    if let Some(place) = uri(word) {
        return place;
    }
    match word.rsplit_once('@') {
        Some(("", _)) => Err(format!("{word} names no user before the @")),
        Some((user, host)) => Ok(Place { user: Some(user.into()), host: host.into(), port: None }),
        None => Ok(Place { host: word.into(), ..Place::default() }),
    }
}

/// `ssh://[user[;parameters]@]host[:port]`; `None` for another word.
fn uri(word: &str) -> Option<Result<Place, String>> {
    let rest = word.strip_prefix("ssh://")?;
    let wrong = || Err(format!("{word} is not an address that ssh takes"));
    let (user, rest) = match rest.split_once('@') {
        Some((user, rest)) => (Some(user.split(';').next().unwrap_or("")), rest),
        None => (None, rest),
    };
    let user = match user.map(decoded) {
        Some(None) => return Some(wrong()),
        Some(Some(user)) if user.is_empty() => return Some(wrong()),
        other => other.flatten(),
    };
    let Some((host, separator, rest)) = host_of(rest) else { return Some(wrong()) };
    let (port, path) = match separator {
        Some(':') if !rest.is_empty() => {
            let (number, path) = rest.split_once('/').unwrap_or((rest, ""));
            let Some(port) = port(number) else { return Some(wrong()) };
            (Some(port), path)
        }
        _ => (None, rest),
    };
    if host.is_empty() || !path.is_empty() {
        return Some(wrong());
    }
    Some(Ok(Place { user, host, port }))
}

/// `[user@]host[:port]`, as a hop of ProxyJump may also be written.
fn user_host_port(word: &str) -> Result<Place, String> {
    let wrong = || format!("{word} is not a host that ssh can jump over");
    let (user, rest) = match word.rsplit_once('@') {
        Some(("", _)) => return Err(wrong()),
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, word),
    };
    let (host, _, rest) = host_of(rest).filter(|(host, ..)| !host.is_empty()).ok_or_else(wrong)?;
    let port = if rest.is_empty() { None } else { Some(port(rest).ok_or_else(wrong)?) };
    Ok(Place { user, host, port })
}

/// The host in front, without brackets, the separator after it, and the rest.
fn host_of(text: &str) -> Option<(String, Option<char>, &str)> {
    if let Some(inside) = text.strip_prefix('[') {
        let (host, rest) = inside.split_once(']')?;
        let separator = rest.chars().next();
        return match separator {
            None => Some((host.to_owned(), None, "")),
            Some(':' | '/') => Some((host.to_owned(), separator, &rest[1..])),
            Some(_) => None,
        };
    }
    match text.find([':', '/']) {
        Some(at) => Some((text[..at].to_owned(), text[at..].chars().next(), &text[at + 1..])),
        None => Some((text.to_owned(), None, "")),
    }
}

/// A port by number, or by one of the names everybody's services(5) has.
pub fn port(text: &str) -> Option<u16> {
    match text {
        "ssh" => Some(22),
        "http" => Some(80),
        "https" => Some(443),
        _ => text.parse::<u16>().ok().filter(|p| *p > 0 && !text.starts_with('+')),
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|b| *b != 0)?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

/// What `ssh -G` prints for a ProxyJump; `None` for `none`. Hops before the last keep their spelling.
pub fn jump(text: &str) -> Result<Option<String>, String> {
    let text = text.split('#').next().unwrap_or("").trim_end();
    if text.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let hops: Vec<&str> = text.split(',').collect();
    let mut last = Place::default();
    for hop in &hops {
        last = match uri(hop) {
            Some(place) => place?,
            None => user_host_port(hop)?,
        };
    }
    let numeric = last.host.contains(':') || last.host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let mut out = String::new();
    for hop in &hops[..hops.len() - 1] {
        out = out + hop + ",";
    }
    if let Some(user) = &last.user {
        out = out + user + "@";
    }
    out += &if numeric { format!("[{}]", last.host) } else { last.host };
    if let Some(port) = last.port {
        out += &format!(":{port}");
    }
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_at_sign_ends_the_user() {
        let at = |word: &str| destination(word).map(|p| (p.user.unwrap_or_default(), p.host, p.port));
        assert_eq!(at("bob@alice@h"), Ok(("bob@alice".into(), "h".into(), None)));
        assert_eq!(at("ssh://bob@h:44"), Ok(("bob".into(), "h".into(), Some(44))));
        assert_eq!(at("ssh://b%40x;fp=1@[::1]:44"), Ok(("b@x".into(), "::1".into(), Some(44))));
        for wrong in ["@h", "ssh://@h", "ssh://h/path", "ssh://h:0", "ssh://", "ssh://h:99999"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_jump_is_written_as_ssh_does() {
        assert_eq!(jump("bastion"), Ok(Some("bastion".into())));
        assert_eq!(jump("a@b:1,c@10.0.0.1:22"), Ok(Some("a@b:1,c@[10.0.0.1]:22".into())));
        assert_eq!(jump("ssh://a@b:7"), Ok(Some("a@b:7".into())));
        assert_eq!(jump("NONE"), Ok(None));
        assert!(jump("a:x").is_err() && jump("@b").is_err() && jump("").is_err());
    }
}
