//! The target of a program that has no resolver of its own: the facts that its rule file declares, or this
//! machine and directory. Must never take a variable's value where an option was given.

use super::{Datum, Fact, Targets};
use crate::reading::tool::FactSpec;
use crate::reading::{Command, Tool};

/// What the rule file says the command acts on; without a word of it, this machine in this directory.
pub fn resolve(command: &Command, tool: Option<&Tool>) -> Targets {
    match tool.filter(|t| !t.facts.is_empty()) {
        Some(tool) => declared(command, tool),
        None => local(command),
    }
}

fn declared(command: &Command, tool: &Tool) -> Targets {
    let mut targets = Targets::new(tool.program.clone());
    for spec in &tool.facts {
        targets.facts.push(fact(command, spec));
    }
    let names: Vec<String> = targets
        .facts
        .iter()
        .filter_map(|f| match &f.value {
            super::Value::Known(Datum::Text(text)) if !text.is_empty() => Some(text.clone()),
            super::Value::Known(Datum::Number(number)) => Some(number.to_string()),
            super::Value::Known(Datum::List(items)) => items.first().map(ToString::to_string),
            super::Value::Known(Datum::Null | Datum::Text(_)) | super::Value::Unknown(_) => None,
        })
        .collect();
    targets.typed = names.into_iter().next().unwrap_or_else(|| command.tool.clone());
    targets.objects = command.operands.clone();
    targets
}

fn fact(command: &Command, spec: &FactSpec) -> Fact {
    let key = spec.key.clone();
    for option in &spec.options {
        let values: Vec<&str> = command.option_values(option).filter(|v| !v.is_empty()).collect();
        if let Some(last) = values.last() {
            let value = if spec.many { list(&values) } else { Datum::Text((*last).to_owned()) };
            return Fact::known(key, value, option.clone());
        }
    }
    let operand = spec.operand.checked_sub(1).and_then(|at| command.operands.get(at..)).unwrap_or(&[]);
    for variable in &spec.variables {
        if let Some(value) = command.invocation.var_filled(variable) {
            let value = if spec.many { list(&[&value]) } else { Datum::Text(value) };
            return Fact::known(key, value, format!("${variable}"));
        }
    }
    if let Some(first) = operand.first() {
        let all: Vec<&str> = operand.iter().map(String::as_str).collect();
        let value = if spec.many { list(&all) } else { Datum::Text(first.clone()) };
        return Fact::known(key, value, "the words of the command");
    }
    match (&spec.default, &spec.unknown) {
        (Some(default), _) if spec.many => Fact::known(key, list(&[default]), "default"),
        (Some(default), _) => Fact::text(key, default.clone(), "default"),
        (None, Some(why)) => Fact::unknown(key, why.clone(), "nothing on the command line or in a variable"),
        (None, None) => Fact::none(key, "not given"),
    }
}

fn list(values: &[&str]) -> Datum {
    Datum::texts(values.iter().flat_map(|v| v.split(',')).map(str::trim).filter(|v| !v.is_empty()))
}

/// They act on this machine, in this directory.
fn local(command: &Command) -> Targets {
    let mut targets = Targets::new("local");
    targets.facts.push(Fact::path("cwd", command.invocation.cwd(), "working directory"));
    targets.facts.push(machine());
    targets.typed = command.tool.clone();
    targets
}

/// This machine's name.
pub fn machine() -> Fact {
    match crate::sys::who::host_name() {
        Some(name) => Fact::text("machine", name, "gethostname"),
        None => Fact::unknown("machine", "the system does not say its host name", "gethostname"),
    }
}
