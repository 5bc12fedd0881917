//! flyctl and heroku: the pack says which verbs and options there are; here is what they refuse, and the command
//! that heroku runs in a dyno.

use super::{Command, Does, Reading, Start, Tool, generic};
use crate::invocation::Invocation;

/// Reads one command of either.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if let Some(option) = shortened(&command, tool) {
        command.does = Does::Nothing(format!("{} does not know the option {option}", tool.program));
    }
    if ["-h", "--help"].iter().any(|h| command.option(h).is_some()) || command.verb == "help" {
        command.does = Does::Nothing("help only".into());
    }
    let starts = started(&command);
    Reading { commands: vec![command], starts }
}

/// Options that every command of either has: a beginning of one is no other option. Of further options the pack may
/// not list all, and a beginning of one could be a real one.
const NEVER_SHORT: &[&str] = &["app", "confirm"];

/// Neither completes an option: `--ap` is refused, and nothing is contacted.
fn shortened<'c>(command: &'c Command, tool: &Tool) -> Option<&'c str> {
    let is_beginning = |name: &str| {
        let body = name.strip_prefix("--").filter(|b| !b.is_empty());
        body.is_some_and(|b| {
            NEVER_SHORT.iter().any(|long| long.len() > b.len() && long.starts_with(b))
                && tool.options.iter().all(|o| o.long != b)
        })
    };
    command.options.iter().map(|o| o.name.as_str()).find(|name| is_beginning(name))
}

/// `heroku run CMD`, `flyctl ssh console -C CMD`: a shell in the app reads the words.
fn started(command: &Command) -> Vec<Start> {
    let line = match (command.tool.as_str(), command.verb.as_str()) {
        _ if command.does != Does::Acts => return Vec::new(),
        ("heroku", "run" | "run:detached") => command.operands.join(" "),
        ("flyctl", "ssh console" | "machine exec" | "console") => match command.option("--command") {
            Some(line) => line.to_owned(),
            None => command.operands.get(1..).unwrap_or_default().join(" "),
        },
        _ => return Vec::new(),
    };
    if line.is_empty() {
        return Vec::new();
    }
    let argv = ["sh", "-c", &line].map(Into::into).to_vec();
    vec![Start { invocation: command.invocation.elsewhere(argv, "a machine of the app"), doubt: None }]
}
