//! The host an ssh reaches: hostname, user, port, proxyjump, as `ssh -G` says. Where `$HOME` is not the account's home
//! directory, also what the account's own configuration says. Must never ask a name service.

use super::{Datum, Fact, Resolution, Targets, Value};
use crate::reading::Command;
use crate::reading::ssh::{self, Connection, Slot, Stop};

pub fn resolve(command: &Command) -> Resolution {
    let line = match ssh::parse(&command.invocation) {
        Ok(line) => line,
        Err(why) => return Resolution::Nothing(why),
    };
    let Some(host) = line.host.clone() else { return Resolution::Nothing("no host is named".into()) };
    let mut targets = Targets::new("ssh");
    let mut refused = None;
    for found in ssh::connections(&command.invocation, &line) {
        let first = targets.facts.is_empty();
        match found {
            Ok(connection) if first => facts(&mut targets, &connection),
            Ok(connection) => account(&mut targets, &connection),
            Err(Stop::Refused(why)) => refused = Some(why),
            Err(Stop::Unknown(why)) if first => unknown(&mut targets, &host, &why),
            Err(Stop::Unknown(why)) => {
                targets.facts.push(Fact::unknown("account_hostname", why, "the account's ~/.ssh/config"));
            }
        }
    }
    if let Some(why) = refused.filter(|_| targets.facts.is_empty()) {
        return Resolution::Nothing(why);
    }
    targets.typed = targets.text("hostname").map_or(host, str::to_owned);
    Resolution::Hits(targets)
}

fn facts(targets: &mut Targets, connection: &Connection) {
    targets.facts.push(fact("hostname", &connection.hostname));
    if connection.hostname.value.as_deref() != Ok(&connection.alias) {
        targets.facts.push(Fact::text("alias", connection.alias.clone(), "the destination"));
    }
    targets.facts.push(fact("user", &connection.user));
    let port = match &connection.port.value {
        Ok(text) => match text.parse() {
            Ok(number) => Value::Known(Datum::Number(number)),
            Err(_) => Value::Known(Datum::Number(22)),
        },
        Err(why) => Value::Unknown(why.clone()),
    };
    targets.facts.push(Fact::of("port", port, connection.port.source.clone()));
    targets.facts.push(match &connection.proxyjump {
        Some(slot) => fact("proxyjump", slot),
        None => Fact::none("proxyjump", "not configured"),
    });
}

/// What the account's own configuration adds, where it says something else.
fn account(targets: &mut Targets, connection: &Connection) {
    let Ok(name) = &connection.hostname.value else { return };
    if targets.text("hostname") != Some(name) {
        let source = format!("{}, which ssh itself reads, not $HOME's", connection.hostname.source);
        targets.facts.push(Fact::text("account_hostname", name.clone(), source));
    }
}

fn fact(key: &'static str, slot: &Slot) -> Fact {
    let value = match &slot.value {
        Ok(text) => Value::Known(Datum::Text(text.clone())),
        Err(why) => Value::Unknown(why.clone()),
    };
    Fact::of(key, value, slot.source.clone())
}

fn unknown(targets: &mut Targets, host: &str, why: &str) {
    for key in ["hostname", "user", "port", "proxyjump"] {
        targets.facts.push(Fact::unknown(key, why, "ssh_config"));
    }
    targets.facts.push(Fact::text("alias", host, "the destination"));
}
