//! The machine and the units that systemctl and its like act on: host, port, units; `container` for -M.
//! Must never call a remote host this machine.

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::{Command, Does, systemd};

pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("systemd");
    let remote = command.option("--host").filter(|h| !h.is_empty());
    match remote {
        Some(word) => {
            let (host, port) = parted(word);
            targets.facts.push(Fact::text("host", host, "--host"));
            targets.facts.push(match port {
                Some(port) => Fact::known("port", Datum::Number(port), "--host"),
                None => Fact::none("port", "not given"),
            });
        }
        None => {
            targets.facts.push(Fact::text("host", "local", "default"));
            targets.facts.push(Fact::none("port", "this machine"));
            targets.facts.push(super::declared::machine());
        }
    }
    if let Some(container) = command.option("--machine").filter(|m| !m.is_empty()) {
        targets.facts.push(Fact::text("container", container, "--machine"));
    }
    let units = match (&command.does, command.tool.as_str()) {
        (Does::Nothing(_), _) if is_help(command) => Vec::new(),
        (_, "systemctl") => systemd::units(command),
        (_, "service") => command.operands.iter().map(|o| format!("{o}.service")).collect(),
        _ => Vec::new(),
    };
    targets.facts.push(Fact::known("units", Datum::texts(units.clone()), "the words of the command"));
    targets.objects = if units.is_empty() { command.operands.clone() } else { units };
    let here = targets.text("machine").map(str::to_owned);
    targets.typed = match remote {
        Some(word) => parted(word).0,
        None => here.unwrap_or_else(|| "local".into()),
    };
    Resolution::Hits(targets)
}

fn is_help(command: &Command) -> bool {
    command.option("--help").is_some() || command.option("--version").is_some()
}

/// `[user@]host[:port][/container]`: the host as ssh gets it, and the port.
fn parted(word: &str) -> (String, Option<i64>) {
    let word = word.split('/').next().unwrap_or(word);
    match word.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (host.to_owned(), Some(port)),
            Err(_) => (host.to_owned(), None),
        },
        Some(_) | None => (word.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Invocation, Stdin};
    use crate::reading::Tool;
    use crate::reading::tool::{OptionSpec, Takes};

    fn at(line: &str) -> String {
        let argv = line.split(' ').map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal).expect("cwd");
        let option = |long: &str, short, takes| OptionSpec { long: long.to_owned(), short, takes };
        let options =
            vec![option("host", Some('H'), Takes::Value), option("help", Some('h'), Takes::Nothing)];
        let tool = Tool { options, ..Tool::named("systemctl") };
        let command = crate::reading::read(&invocation, &tool).commands.remove(0);
        let Resolution::Hits(targets) = resolve(&command) else { panic!("{line}") };
        let fact = |key: &str| targets.fact(key).map_or("-".to_owned(), |f| f.value.to_string());
        format!("{} {} {}", fact("host"), fact("port"), fact("units"))
    }

    #[test]
    fn a_host_stands_anywhere_and_the_last_counts() {
        for (line, found) in [
            ("systemctl stop nginx", "local none nginx.service"),
            ("systemctl -Hprod stop nginx", "prod none nginx.service"),
            ("systemctl stop nginx --hos prod:2222 db", "prod 2222 nginx.service, db.service"),
            ("systemctl -H a stop -H root@b nginx", "root@b none nginx.service"),
            ("systemctl isolate rescue", "local none rescue.target"),
            ("systemctl poweroff --help", "local none "),
            ("systemctl reboot", "local none "),
        ] {
            assert_eq!(at(line), found, "{line}");
        }
    }
}
