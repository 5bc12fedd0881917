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
    if command.verb == "system prune" {
        return system(command, targets);
    }
    let (noun, most, list): (_, _, &[&str]) = match command.verb.as_str() {
        // Without --all docker keeps those with a name; the list does not tell them apart.
        "volume prune" => ("unused volume", true, &["volume", "ls", "--quiet", "--filter", "dangling=true"]),
        "container prune" => ("stopped container", false, STOPPED),
        _ => return Plan::Nothing,
    };
    if command.option("--filter").is_some() {
        return Plan::Unable("a filter chooses among them".into());
    }
    let ask = Ask::like(&command.invocation, format!("{noun}s"), Reads::Docker(Things { noun, most }));
    ask_daemon(ask, command, targets, list)
}

/// `docker system prune`: how many containers stand still, and what could be freed.
fn system(command: &Command, targets: &Targets) -> Plan {
    if command.option("--filter").is_some() {
        return Plan::Unable("a filter chooses among what is unused".into());
    }
    if command.invocation.program() != "docker" {
        return Plan::Nothing;
    }
    let volumes = command.option("--volumes").is_some();
    let ask = Ask::like(&command.invocation, "what is unused", Reads::DockerDisk { volumes });
    let format = "--format={{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Reclaimable}}";
    ask_daemon(ask, command, targets, &["system", "df", format])
}

/// The same daemon, named explicitly.
fn ask_daemon(mut ask: Ask, command: &Command, targets: &Targets, list: &[&str]) -> Plan {
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

/// A line for each kind of thing: how many there are, how many are in use, and what the rest takes up.
pub fn disk(answer: &str, volumes: bool) -> Result<Seen, String> {
    let mut stopped = None;
    let mut parts = Vec::new();
    for line in answer.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, total, active, freed] = fields.as_slice() else {
            return Err("docker's answer cannot be read".into());
        };
        let (total, active) = (total.trim().parse::<u64>(), active.trim().parse::<u64>());
        let unused = total.ok().zip(active.ok()).map(|(total, active)| total.saturating_sub(active));
        match *kind {
            "Containers" => {
                stopped = unused;
                parts.extend(unused.map(|n| words::count(n, "stopped container")));
            }
            "Local Volumes" if !volumes => {}
            _ if freed.starts_with("0B") => {}
            kind => parts.push(format!("{} up to {freed}", kind.to_lowercase())),
        }
    }
    let stopped = stopped.ok_or("docker's answer names no containers")?;
    // Images, networks and volumes come on top; what of them is unused the daemon says only in bytes.
    Ok(Seen::new(Count::AtLeast(stopped), parts.join(", ")))
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
    use super::{disk, plan};
    use crate::invocation::{Invocation, Stdin};
    use crate::preview::Plan;
    use crate::reading::Command;
    use crate::rules::Count;
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
        command.verb = "system prune".into();
        let Plan::Ask(ask) = plan(&command, &targets) else { panic!("no look") };
        assert_eq!(ask.arguments[..3], ["--host=tcp://prod:2375", "system", "df"]);
        command.verb = "volume ls".into();
        assert!(matches!(plan(&command, &targets), Plan::Nothing));
    }

    #[test]
    fn what_a_system_prune_frees() {
        let answer = "Images\t12\t3\t4.1GB (80%)\nContainers\t5\t2\t12kB (1%)\nLocal Volumes\t4\t1\t3GB (9%)\n\
                      Build Cache\t0\t0\t0B\n";
        let seen = disk(answer, false).expect("read");
        assert_eq!(
            (seen.count, seen.words.as_str()),
            (Count::AtLeast(3), "images up to 4.1GB (80%), 3 stopped containers")
        );
        assert!(disk(answer, true).expect("read").words.ends_with("local volumes up to 3GB (9%)"));
        assert!(disk("", false).is_err() && disk("nonsense", false).is_err());
    }
}
