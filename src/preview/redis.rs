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
const WITH_VALUE: &[&str] = &["--cacert", "--cacertdir", "--cert", "--key", "--sni", "--user"];
const ALONE: &[&str] = &["--tls", "--insecure", "-4", "-6"];

pub fn plan(command: &Command, targets: &Targets) -> Plan {
    let verb = command.verb.split(' ').next().unwrap_or("").to_ascii_lowercase();
    let all = match verb.as_str() {
        "flushall" => true,
        "flushdb" => false,
        _ => return Plan::Nothing,
    };
    let uri = command.option("-u").unwrap_or("");
    if uri.contains('@') || command.option("--askpass").is_some() {
        return Plan::Unable("the command carries its own credentials".into());
    }
    if command.option("--cluster").is_some() {
        return Plan::Unable("it goes to every node of a cluster".into());
    }
    let text = |key: &str| match targets.fact(key).map(|f| &f.value) {
        Some(Value::Known(Datum::Text(text))) => Some(text.clone()),
        Some(Value::Known(Datum::Number(number))) => Some(number.to_string()),
        Some(Value::Known(Datum::Null | Datum::List(_)) | Value::Unknown(_)) | None => None,
    };
    let (host, port, db) = (text("host"), text("port"), text("db"));
    let socket = command.option("-s").filter(|s| !s.is_empty() && host.as_deref() == Some(*s));
    let (Some(host), Some(db)) = (host.as_deref(), db.as_deref()) else {
        return Plan::Unable("the server or the database is not known".into());
    };
    let place: Vec<&str> = match (socket, port.as_deref()) {
        (Some(socket), _) => vec!["-s", socket],
        (None, Some(port)) => vec!["-h", host, "-p", port],
        (None, None) => return Plan::Unable("the port is not known".into()),
    };
    let keys = if all { Keys::OfAll } else { Keys::OfOne(db.to_owned()) };
    let mut ask = Ask::like(&command.invocation, "keys", Reads::RedisKeys(keys));
    if let Some(password) = command.option("-a").or(command.option("--pass")).filter(|p| !p.is_empty()) {
        ask.environment = ask.environment.set("REDISCLI_AUTH", password.as_ref());
    }
    place.into_iter().for_each(|word| ask.arg(word));
    if !all {
        ask.arg("-n");
        ask.arg(db);
    }
    if uri.starts_with("rediss:") {
        ask.arg("--tls");
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
                let counts: Vec<u64> =
                    each.filter_map(|(_, rest)| rest.split(',').next()?.parse().ok()).collect();
                let keys = counts.iter().sum();
                let databases = words::count(counts.len() as u64, "database");
                Ok(Seen::new(Count::Exactly(keys), format!("{} in {databases}", words::count(keys, "key"))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, plan};
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::preview::Plan;
    use crate::reading::{Command, Opt};
    use crate::rules::Count;
    use crate::targets::{Datum, Fact, Targets};

    fn flush(verb: &str, options: &[(&str, &str)], db: &str) -> Plan {
        let invocation = Invocation::here(vec!["redis-cli".into()], Stdin::Unread).expect("a directory");
        let mut command = Command::new(&invocation.with_environment(Environment::default()), "redis-cli");
        command.verb = verb.into();
        let opt =
            |(name, value): &(&str, &str)| Opt { name: (*name).into(), value: Some((*value).into()), at: 0 };
        command.options = options.iter().map(opt).collect();
        let mut targets = Targets::new("redis");
        targets.facts.push(Fact::text("host", "cache.prod", "-h"));
        targets.facts.push(Fact::known("port", Datum::Number(6380), "-p"));
        targets.facts.push(Fact::text("db", db, "-n"));
        plan(&command, &targets)
    }

    #[test]
    fn the_server_is_named_and_the_password_is_not() {
        let Plan::Ask(ask) = flush("flushdb", &[("-a", "hunter2"), ("--tls", "")], "3") else {
            panic!("no look")
        };
        assert_eq!(ask.arguments, ["-h", "cache.prod", "-p", "6380", "-n", "3", "--tls", "DBSIZE"]);
        assert_eq!(ask.environment.get("REDISCLI_AUTH"), Some("hunter2".as_ref()));
        let Plan::Ask(ask) = flush("flushall", &[("-u", "rediss://cache.prod:6380")], "*") else {
            panic!("no look")
        };
        assert_eq!(ask.arguments, ["-h", "cache.prod", "-p", "6380", "--tls", "INFO", "keyspace"]);
        assert!(matches!(flush("flushdb", &[("-u", "redis://:pw@cache.prod")], "0"), Plan::Unable(_)));
        assert!(matches!(flush("get", &[], "0"), Plan::Nothing));
    }

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
