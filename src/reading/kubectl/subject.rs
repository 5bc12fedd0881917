//! What a command is about: the kinds and objects that its operands name, by each command's own order of
//! operands. Used by the rules' view of a command and by the target resolver, so that both see the same.

use super::raw::RawPath;
use super::resources::{self, Refused, Resources, Type};
use super::values::comma_list;
use crate::reading::{Command, Opt};

/// The subject of a command that was read.
pub fn of_command(command: &Command) -> Resources {
    match command.option("--raw").filter(|r| !r.is_empty()) {
        Some(path) => of_raw(path),
        None => of(&command.verb, &command.operands).unwrap_or_default(),
    }
}

/// The subject of a verb's operands, or why kubectl refuses them.
pub fn of(verb: &str, operands: &[String]) -> Result<Resources, Refused> {
    match verb.strip_prefix("adm ").unwrap_or(verb) {
        "delete" | "scale" | "edit" | "autoscale" | "expose" | "patch" | "get" | "describe" | "wait"
        | "rollout restart" | "rollout undo" | "rollout pause" | "rollout resume" | "rollout status"
        | "rollout history" | "set subject" => resources::parse(operands),
        "label" | "annotate" | "taint" | "set env" | "set image" | "set resources" | "set selector"
        | "set serviceaccount" => resources::parse(before_pairs(operands)),
        "drain" | "cordon" | "uncordon" => Ok(named("node", operands)),
        "exec" | "rsh" | "attach" | "port-forward" | "logs" | "debug" => first(operands),
        "cp" | "rsync" => Ok(named("pod", &pods_of_paths(operands))),
        "new-project" | "project" => Ok(named("project", operands.get(..1).unwrap_or_default())),
        "run" => Ok(named("pod", operands.get(..1).unwrap_or_default())),
        "certificate approve" | "certificate deny" => Ok(named("certificatesigningrequest", operands)),
        _ => Ok(created(verb, operands)),
    }
}

/// The operands up to the first `key=value` or `key-`; the first operand is always a type.
fn before_pairs(operands: &[String]) -> &[String] {
    let pair = |word: &String| word.contains('=') || word.ends_with('-');
    let end = operands.iter().skip(1).position(pair).map_or(operands.len(), |i| i + 1);
    &operands[..end]
}

/// `POD` or `TYPE/NAME`.
fn first(operands: &[String]) -> Result<Resources, Refused> {
    match operands.first() {
        Some(word) if word.contains('/') => resources::parse(&operands[..1]),
        Some(_) => Ok(named("pod", &operands[..1])),
        None => Ok(Resources::default()),
    }
}

/// Objects of one kind; a `kind/` before a name is dropped.
fn named(kind: &str, names: &[String]) -> Resources {
    let bare = |name: &String| format!("{kind}/{}", name.rsplit('/').next().unwrap_or(name));
    Resources { types: vec![Type::of(kind)], objects: names.iter().map(bare).collect() }
}

/// `[[NAMESPACE/]POD:]PATH`: the pods of a `cp`.
fn pods_of_paths(operands: &[String]) -> Vec<String> {
    operands.iter().filter_map(|o| o.split_once(':')).map(|(pod, _)| pod.to_owned()).collect()
}

/// The namespace that a `cp` names in its paths.
pub fn namespace_of_paths(operands: &[String]) -> Option<&str> {
    operands
        .iter()
        .filter_map(|o| o.split_once(':'))
        .find_map(|(pod, _)| pod.split_once('/'))
        .map(|(ns, _)| ns)
}

/// `create namespace a`, `create secret generic a`.
fn created(verb: &str, operands: &[String]) -> Resources {
    let Some(what) = verb.strip_prefix("create ") else { return Resources::default() };
    let kind = what.split(' ').next().unwrap_or(what);
    let kind = if kind == "quota" { "resourcequota" } else { kind };
    named(kind, operands.get(..1).unwrap_or_default())
}

fn of_raw(path: &str) -> Resources {
    let raw = RawPath::of(path);
    let types: Vec<Type> = raw.resource.iter().map(|r| Type::of(r)).collect();
    let objects = types.iter().zip(&raw.name).map(|(t, n)| format!("{}/{n}", t.name)).collect();
    Resources { types, objects }
}

/// Every file that `-f` names, in order, and the kustomization of `-k`.
pub fn files(options: &[Opt]) -> (Vec<String>, Option<String>) {
    let values = |name: &'static str| {
        options.iter().filter(move |o| o.name == name).map(|o| o.value.as_deref().unwrap_or(""))
    };
    let files = values("--filename").flat_map(comma_list).collect();
    (files, values("--kustomize").next_back().filter(|k| !k.is_empty()).map(str::to_owned))
}
