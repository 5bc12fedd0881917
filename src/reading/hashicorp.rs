//! vault, consul and nomad: the pack says which options and verbs there are; their command library refuses options
//! before the first word, and some options only print what would be done.

use super::{Does, Reading, Tool, generic};
use crate::invocation::Invocation;

/// Only print a request or a policy, and send nothing.
const PRINT_ONLY: &[&str] = &["--output-curl-string", "--output-policy"];

/// Reads one command of any of the three.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let early =
        invocation.args().first().and_then(|w| w.to_str()).filter(|w| w.starts_with('-') && *w != "-");
    if let Some(option) = early.filter(|_| !command.verb.is_empty()) {
        command.does = Does::Nothing(format!("{} takes {option} only behind the verb", tool.program));
    } else if ["--help", "--h"].iter().any(|h| command.option(h).is_some()) || command.verb == "help" {
        command.does = Does::Nothing("help only".into());
    } else if let Some(option) = PRINT_ONLY.iter().find(|o| says_yes(command.option(o))) {
        command.does = Does::Nothing(format!("{option} only prints what would be sent"));
    } else if command.verb == "node drain" && command.option("--enable").is_none() {
        // Without it, the command only watches or takes the drain back.
        command.verb = "node drain status".to_owned();
    }
    Reading::of(command)
}

/// A boolean of Go's flag package: absent, bare, or with a value that it parses.
fn says_yes(value: Option<&str>) -> bool {
    value.is_some_and(|v| !matches!(v, "0" | "f" | "F" | "false" | "False" | "FALSE"))
}
