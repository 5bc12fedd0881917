//! pulumi: the stack, from the words, the variable or what `pulumi stack select` wrote down.
//! Must never take the selection of another checkout for this one's.

mod selected;
mod sha1;

use super::{Fact, Resolution, Targets};
use crate::reading::Command;

/// Verbs whose first operand is the stack.
const NAMED: &[&str] =
    &["stack rm", "stack select", "stack init", "cancel", "stack unselect", "deployment cancel", "stack tag"];

/// Which stack one command acts on.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("pulumi");
    targets.facts.push(stack(command));
    if let Some(directory) = command.option("--cwd").filter(|d| !d.is_empty()) {
        targets.facts.push(Fact::text("cwd", directory, "-C"));
    }
    if let Some(backend) = command.invocation.var_filled("PULUMI_BACKEND_URL") {
        targets.facts.push(Fact::text("backend", backend, "$PULUMI_BACKEND_URL"));
    }
    targets.objects.clone_from(&command.operands);
    targets.typed = targets.text("stack").unwrap_or("pulumi").to_owned();
    Resolution::Hits(targets)
}

fn stack(command: &Command) -> Fact {
    let key = "stack";
    let named = NAMED.contains(&command.verb.as_str());
    if let Some(stack) = command.operands.first().filter(|s| named && !s.is_empty()) {
        return Fact::text(key, stack.clone(), "the command's words");
    }
    if let Some(stack) = command.option("--stack").filter(|s| !s.is_empty()) {
        return Fact::text(key, stack, "--stack");
    }
    for variable in ["PULUMI_OPTION_STACK", "PULUMI_STACK"] {
        if let Some(stack) = command.invocation.var_filled(variable) {
            return Fact::text(key, stack, format!("${variable}"));
        }
    }
    match selected::stack(command) {
        Ok(stack) => Fact::text(key, stack, "pulumi stack select"),
        Err(why) => Fact::unknown(key, why, "~/.pulumi/workspaces").shown_as("(selected stack)"),
    }
}
