//! What a docker prune takes: a list from the same daemon. Must never name a daemon that the command would not use.

use super::reads::Reads;
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::rules::Count;
use crate::targets::Targets;

/// What is listed, one a line.
#[derive(Clone, Debug)]
pub struct Things {
    noun: &'static str,
    /// Some of them may stay.
    most: bool,
}

const STOPPED: &[&str] = &[
    "container",
    "ls",
    "--all",
    "--quiet",
    "--filter",
    "status=created",
    "--filter",
    "status=exited",
    "--filter",
    "status=dead",
];

pub fn plan(command: &Command, targets: &Targets) -> Plan {
    let (noun, most, list): (_, _, &[&str]) = match command.verb.as_str() {
        // Without --all docker keeps those with a name; the list does not tell them apart.
        "volume prune" => ("unused volume", true, &["volume", "ls", "--quiet", "--filter", "dangling=true"]),
        "container prune" => ("stopped container", false, STOPPED),
        _ => return Plan::Nothing,
    };
    if command.option("--filter").is_some() {
        return Plan::Unable("a filter chooses among them".into());
    }
    let mut ask = Ask::like(&command.invocation, format!("{noun}s"), Reads::Docker(Things { noun, most }));
    if let Some(config) = command.option("--config").filter(|v| !v.is_empty()) {
        ask.option("--config", config);
    }
    // One of the two: docker refuses both together.
    let text = |key: &str| targets.text(key).filter(|v| !v.is_empty());
    match (text("context"), text("host")) {
        (Some(context), _) => ask.option("--context", context),
        (None, Some(host)) => ask.option("--host", host),
        (None, None) => return Plan::Unable("the daemon is not known".into()),
    }
    list.iter().for_each(|word| ask.arg(*word));
    ask.plan()
}

impl Things {
    pub fn read(&self, answer: &str) -> Result<Seen, String> {
        let n = answer.lines().filter(|line| !line.trim().is_empty()).count() as u64;
        let at_most = if self.most && n > 0 { "at most " } else { "" };
        Ok(Seen::new(Count::Exactly(n), format!("{at_most}{}", words::count(n, self.noun))))
    }
}

#[cfg(test)]
mod tests {
    use super::plan;
    use crate::invocation::{Invocation, Stdin};
    use crate::preview::Plan;
    use crate::reading::Command;
    use crate::targets::{Fact, Targets};

    #[test]
    fn the_same_daemon_is_asked() {
        let invocation = Invocation::here(vec!["docker".into()], Stdin::Unread).expect("a directory");
        let mut command = Command::new(&invocation, "docker");
        command.verb = "volume prune".into();
        let mut targets = Targets::new("docker");
        assert!(matches!(plan(&command, &targets), Plan::Unable(_)));
        targets.facts.push(Fact::text("host", "tcp://prod:2375", "--host"));
        let Plan::Ask(ask) = plan(&command, &targets) else { panic!("no look") };
        assert_eq!(ask.arguments[..2], ["--host=tcp://prod:2375", "volume"]);
        command.verb = "volume ls".into();
        assert!(matches!(plan(&command, &targets), Plan::Nothing));
    }
}
