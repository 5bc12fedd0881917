//! Keys that a redis-cli removes: DBSIZE of the same database of the same server. Must never carry a password in a word.

use super::reads::Reads;
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::rules::Count;
use crate::targets::{Datum, Targets, Value};

/// How an answer is read.
#[derive(Clone, Debug)]
pub enum Keys {
    /// DBSIZE.
    OfOne(String),
    /// INFO keyspace: every database of the server.
    OfAll,
}

/// TLS options, forwarded as given.
const WITH_VALUE: &[&str] = &["--cacert", "--cacertdir", "--cert", "--key", "--sni", "--user", "-s"];
const ALONE: &[&str] = &["--tls", "--insecure", "-4", "-6"];
/// Options that hold a secret or name the place in a way that cannot be repeated.
const SECRET: &[&str] = &["-u", "--pass", "--askpass"];

pub fn plan(command: &Command, targets: &Targets) -> Plan {
    let verb = command.verb.split(' ').next().unwrap_or("").to_ascii_lowercase();
    let all = match verb.as_str() {
        "flushall" => true,
        "flushdb" => false,
        _ => return Plan::Nothing,
    };
    if SECRET.iter().any(|name| command.option(name).is_some()) {
        return Plan::Unable("the command carries its own credentials".into());
    }
    let text = |key: &str| match targets.fact(key).map(|f| &f.value) {
        Some(Value::Known(Datum::Text(text))) => Some(text.clone()),
        Some(Value::Known(Datum::Number(number))) => Some(number.to_string()),
        Some(Value::Known(Datum::Null | Datum::List(_)) | Value::Unknown(_)) | None => None,
    };
    let (Some(host), Some(port), Some(db)) = (text("host"), text("port"), text("db").or(Some("0".into()))) else {
        return Plan::Unable("the server is not known".into());
    };
    let keys = if all { Keys::OfAll } else { Keys::OfOne(db.clone()) };
    let mut ask = Ask::like(&command.invocation, "keys", Reads::RedisKeys(keys));
    if let Some(password) = command.option("-a").filter(|p| !p.is_empty()) {
        ask.environment = ask.environment.set("REDISCLI_AUTH", password.as_ref());
    }
    for (name, value) in [("-h", &host), ("-p", &port), ("-n", &db)] {
        ask.arg(name);
        ask.arg(value);
    }
    for name in WITH_VALUE {
        if let Some(value) = command.option(name).filter(|v| !v.is_empty()) {
            ask.arg(*name);
            ask.arg(value);
        }
    }
    ALONE.iter().filter(|name| command.option(name).is_some()).for_each(|name| ask.arg(*name));
    let question: &[&str] = if all { &["INFO", "keyspace"] } else { &["DBSIZE"] };
    question.iter().for_each(|word| ask.arg(*word));
    ask.plan()
}

impl Keys {
    pub fn read(&self, answer: &str) -> Result<Seen, String> {
        // Errors are printed on standard output, with status 0.
        let answer = answer.trim();
        let strange = || format!("redis says {}", answer.chars().take(80).collect::<String>());
        match self {
            Keys::OfOne(db) => {
                let bare = answer.strip_prefix("(integer)").unwrap_or(answer).trim();
                let keys: u64 = bare.parse().map_err(|_| strange())?;
                Ok(Seen::new(Count::Exactly(keys), format!("{} in database {db}", words::count(keys, "key"))))
            }
            Keys::OfAll => {
                if !answer.starts_with("# Keyspace") {
                    return Err(strange());
                }
                let each = answer.lines().filter_map(|l| l.trim().split_once(":keys="));
                let counts: Vec<u64> = each.filter_map(|(_, rest)| rest.split(',').next()?.parse().ok()).collect();
                let keys = counts.iter().sum();
                let databases = words::count(counts.len() as u64, "database");
                Ok(Seen::new(Count::Exactly(keys), format!("{} in {databases}", words::count(keys, "key"))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use crate::rules::Count;

    #[test]
    fn answers_and_complaints() {
        let of = |keys: &Keys, answer: &str| keys.read(answer).map(|s| (s.count, s.words));
        let one = Keys::OfOne("3".into());
        assert_eq!(of(&one, "1204\n"), Ok((Count::Exactly(1204), "1,204 keys in database 3".into())));
        assert_eq!(of(&one, "(integer) 1\n"), Ok((Count::Exactly(1), "1 key in database 3".into())));
        assert!(of(&one, "NOAUTH Authentication required.\n").is_err());
        let info = "# Keyspace\r\ndb0:keys=3,expires=0,avg_ttl=0\r\ndb2:keys=39,expires=1,avg_ttl=5\r\n";
        assert_eq!(of(&Keys::OfAll, info), Ok((Count::Exactly(42), "42 keys in 2 databases".into())));
        assert!(of(&Keys::OfAll, "NOPERM\n").is_err());
    }
}
