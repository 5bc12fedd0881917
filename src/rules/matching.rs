//! One rule against one reading and its targets.

use super::glob;
use super::pack::{Condition, Rule};
use crate::reading::Command;
use crate::targets::Targets;

/// Whether a rule applies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Match<'r> {
    Yes,
    /// All that the reading tells fits; the rest depends on the target, which is not resolved yet.
    Maybe,
    No(Miss<'r>),
}

/// Why a rule does not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss<'r> {
    /// How many conditions of `when` held before this one did not.
    When { held: usize, failed: &'r Condition },
    /// `when` holds, but so does this exception.
    Unless(&'r [Condition]),
}

/// Matches a rule; `targets` is `None` while they are not resolved.
pub fn match_rule<'r>(rule: &'r Rule, command: &Command, targets: Option<&Targets>) -> Match<'r> {
    let mut maybe = false;
    for (held, condition) in rule.when.iter().enumerate() {
        match holds(condition, command, targets) {
            Some(true) => {}
            Some(false) => return Match::No(Miss::When { held, failed: condition }),
            None => maybe = true,
        }
    }
    for group in &rule.unless {
        let answers: Vec<Option<bool>> = group.iter().map(|c| excepts(c, command, targets)).collect();
        if answers.iter().all(|a| *a == Some(true)) {
            return Match::No(Miss::Unless(group));
        }
        maybe |= answers.iter().all(|a| *a != Some(false));
    }
    if maybe { Match::Maybe } else { Match::Yes }
}

/// Whether a rule is about a verb; `None` when it names none.
pub fn verb_fits(rule: &Rule, verb: &str) -> Option<bool> {
    let condition = rule.when.iter().find(|condition| condition.key == "verb")?;
    Some(condition.any.iter().any(|pattern| glob::matches(pattern, verb)))
}

/// Whether one condition holds of the reading alone.
pub fn condition_holds(condition: &Condition, command: &Command) -> bool {
    holds(condition, command, None) == Some(true)
}

/// As `holds`, but an exception for an option that is merely there is none where it is switched off:
/// `--dry-run=false`, also where the rule file does not say that it is a flag.
fn excepts(condition: &Condition, command: &Command, targets: Option<&Targets>) -> Option<bool> {
    let off = |value: &str| matches!(value, "false" | "False" | "FALSE" | "f" | "F" | "0");
    match condition.key.strip_prefix("option ") {
        Some(names) if condition.any == ["*"] => {
            Some(names.split('|').any(|name| command.option(name).is_some_and(|value| !off(value))))
        }
        Some(_) | None => holds(condition, command, targets),
    }
}

/// `None`: it depends on the target.
fn holds(condition: &Condition, command: &Command, targets: Option<&Targets>) -> Option<bool> {
    let any = |value: &str| condition.any.iter().any(|pattern| glob::matches(pattern, value));
    let key = condition.key.as_str();
    if key.starts_with("target.") {
        return targets.map(|t| t.traits.values(key).any(any));
    }
    Some(match key {
        "verb" => any(&command.verb),
        "operand" => command.operands.iter().any(|o| any(o)),
        _ => match key.strip_prefix("option ") {
            Some(names) => names.split('|').any(|name| command.option(name).is_some_and(any)),
            None => command.traits.values(key).any(any),
        },
    })
}
