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
}

pub fn plan(command: &Command, targets: &Targets) -> Plan {
    let (noun, list): (_, &[&str]) = match command.verb.as_str() {
        "volume prune" => ("unused volume", &["volume", "ls", "--quiet", "--filter", "dangling=true"]),
        "container prune" => {
            ("stopped container", &["container", "ls", "--all", "--quiet", "--filter", "status=exited"])
        }
        _ => return Plan::Nothing,
    };
    if command.option("--filter").is_some() {
        return Plan::Unable("a filter chooses among them".into());
    }
    let mut ask = Ask::like(&command.invocation, format!("{noun}s"), Reads::Docker(Things { noun }));
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
        // Containers that were never started, or volumes with a name, may or may not be taken.
        Ok(Seen::new(Count::AtLeast(n), format!("about {}", words::count(n, self.noun))))
    }
}
