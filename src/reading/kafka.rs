//! Apache Kafka's command-line tools: one action each, given as an option; jopt-simple's grammar (unique prefixes,
//! options anywhere). Must never take two actions for one: the tools refuse them.

use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;

const ACTIONS: &[&str] = &[
    "--list",
    "--describe",
    "--create",
    "--delete",
    "--alter",
    "--delete-offsets",
    "--reset-offsets",
    "--add",
    "--remove",
];

/// Options of which one says where the cluster is; none is an error.
const PLACES: &[&str] = &["--bootstrap-server", "--bootstrap-controller", "--zookeeper"];

fn no_topic(command: &Command) -> bool {
    ["--topic", "--topic-id"].iter().all(|o| command.option(o).is_none())
}

/// Reads one command; the action is the verb.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let mut actions: Vec<&str> = ACTIONS.iter().copied().filter(|a| command.option(a).is_some()).collect();
    let one_action = tool.options.iter().any(|o| ACTIONS.contains(&format!("--{}", o.long).as_str()));
    if command.does == Does::Acts {
        if one_action && actions.len() != 1 {
            command.does = Does::Nothing(format!("{} wants exactly one action", tool.program));
        } else if PLACES.iter().all(|p| command.option(p).is_none()) {
            command.does = Does::Nothing(format!("{} needs --bootstrap-server", tool.program));
        } else if actions == ["--delete"] && tool.program == "kafka-topics.sh" && no_topic(&command) {
            command.does = Does::Nothing("--delete needs --topic".into());
        }
    }
    command.verb = actions.pop().map_or_else(String::new, |a| a.trim_start_matches('-').to_owned());
    Reading::of(command)
}
