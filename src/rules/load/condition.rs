//! `when` and `unless`: what must hold, and what must not.

use super::{At, at};
use crate::rules::pack::Condition;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

/// One group of conditions, or a list of groups. Read as plain values: an untagged enum would lose the spans,
/// and with them every group.
pub fn exceptions(unless: Spanned<Value>) -> Result<Vec<Vec<Condition>>, At> {
    let span = unless.span();
    let groups = match unless.into_inner() {
        Value::Array(groups) => groups,
        group => vec![group],
    };
    groups
        .into_iter()
        .map(|group| match group {
            Value::Table(pairs) => conditions(
                pairs
                    .into_iter()
                    .map(|(k, v)| (Spanned::new(span.clone(), k), Spanned::new(span.clone(), v)))
                    .collect(),
            ),
            _ => Err(at(
                span.start,
                "unless is not a table",
                "write { option = \"--dry-run\" } or a list of such",
            )),
        })
        .collect()
}

/// `{ verb = "delete", kind = ["ns"], option = "--force", value = "true" }`; `value` belongs to `option`,
/// and `options = { "--a" = "*", "--b" = ["1", "2"] }` asks for several.
pub fn conditions(table: BTreeMap<Spanned<String>, Spanned<Value>>) -> Result<Vec<Condition>, At> {
    let mut list = Vec::new();
    let value = table.iter().find(|(k, _)| k.get_ref() == "value").map(|(k, v)| (k.span().start, v));
    let has_option = table.keys().any(|k| k.get_ref() == "option");
    if let Some((offset, _)) = value.filter(|_| !has_option) {
        return Err(at(offset, "value without option", "write { option = \"--name\", value = \"…\" }"));
    }
    for (key, patterns) in &table {
        let here = patterns.span().start;
        match key.get_ref().as_str() {
            "value" => {}
            "option" => {
                let any = value.map_or(Ok(vec!["*".to_owned()]), |(_, v)| texts(v.get_ref(), here))?;
                list.push(option_condition(&texts(patterns.get_ref(), here)?, any, here)?);
            }
            "options" => {
                let Value::Table(pairs) = patterns.get_ref() else {
                    return Err(at(
                        here,
                        "options is not a table",
                        "write options = { \"--force\" = \"*\" }",
                    ));
                };
                for (name, any) in pairs {
                    list.push(option_condition(std::slice::from_ref(name), texts(any, here)?, here)?);
                }
            }
            name => {
                let known = KEYS.contains(&name);
                if !known {
                    let hint = format!("known keys: {}", KEYS.join(", "));
                    return Err(at(key.span().start, format!("unknown condition {name}"), hint));
                }
                list.push(Condition { key: trait_key(name), any: texts(patterns.get_ref(), here)? });
            }
        }
    }
    if list.is_empty() {
        return Err(at(0, "a rule without conditions would match everything", "name at least a verb"));
    }
    Ok(list)
}

/// Conditions that rules may name besides `option`, `options` and `value`: what the readers in src/reading
/// and, after `target-`, the resolvers in src/targets find out.
const KEYS: &[&str] = &[
    "dry-run",
    "flag",
    "form",
    "input",
    "kind",
    "moves",
    "object",
    "operand",
    "read-only",
    "scope",
    "selection",
    "session",
    "setting",
    "statement",
    "verb",
    // What a resolver finds out.
    "target-backend",
    "target-device",
    "target-form",
    "target-kind",
    "target-moved",
    "target-path",
    "target-plan",
    "target-push",
    "target-run",
    "target-session",
    "target-state",
    "target-workspace",
];

fn trait_key(name: &str) -> String {
    match name.strip_prefix("target-") {
        Some(rest) => format!("target.{rest}"),
        None => name.to_owned(),
    }
}

/// Any of the options, with a value that any of the patterns matches.
fn option_condition(names: &[String], any: Vec<String>, offset: usize) -> Result<Condition, At> {
    if let Some(name) = names.iter().find(|n| !n.starts_with('-') || n.contains('|')) {
        return Err(at(offset, format!("option {name:?}"), "options are written with their dashes: --force"));
    }
    Ok(Condition { key: format!("option {}", names.join("|")), any })
}

/// One string, or a list of them.
pub fn texts(value: &Value, offset: usize) -> Result<Vec<String>, At> {
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(all) if !all.is_empty() => all
            .iter()
            .map(|v| v.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| at(offset, "not a list of strings", "")),
        _ => Err(at(offset, "neither a string nor a list of strings", "")),
    }
}
