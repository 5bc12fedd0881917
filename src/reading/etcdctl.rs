//! etcdctl: how much `del` takes (`selection`: `key`, `range`, `everything`). Must never take the second word for
//! another key: it is the end of a range.

use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;

/// Reads one command. etcdctl stops when a variable and an option say the same thing, whatever they say.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if let Some(option) = shadowed(&command) {
        command.does =
            Does::Nothing(format!("{option} is given as an option and as a variable: etcdctl stops"));
    }
    if command.verb == "del" && command.operands.len() > 2 && command.does == Does::Acts {
        command.does = Does::Nothing("del takes a key and the end of a range: etcdctl stops".into());
    }
    if command.verb == "del" {
        let selection = selection(&command);
        command.traits.add("selection", selection);
    }
    Reading::of(command)
}

fn selection(command: &Command) -> &'static str {
    let has = |name| command.option(name).is_some_and(|v| v != "false");
    let open = has("--prefix") || has("--from-key");
    let all = open || command.operands.get(1).is_some_and(|end| end == "\0");
    match command.operands.first().map(String::as_str) {
        Some("") if all => "everything",
        Some("") if command.operands.len() > 1 => "range",
        _ if open || command.operands.len() > 1 => "range",
        _ => "key",
    }
}

fn shadowed(command: &Command) -> Option<&str> {
    let variable = |option: &str| {
        format!("ETCDCTL_{}", option.trim_start_matches('-').replace('-', "_").to_ascii_uppercase())
    };
    command
        .options
        .iter()
        .map(|o| o.name.as_str())
        .find(|name| name.starts_with("--") && command.invocation.var_filled(&variable(name)).is_some())
}
