//! What makes two commands the same to a grant: the rules that match, and everything known about what they hit. Must
//! never call two things the same because one of them is not known.

use crate::gates::things::things_of;
use crate::keys::{encode, sha256};
use crate::rules::{EnvironmentName, Judged, Verdict};
use crate::targets::{Targets, Value};
use std::os::unix::ffi::OsStrExt;

/// A digest of rules and target of every command of the line. `None` where something about them is not known: that is
/// never the same as anything.
pub fn what(verdict: &Verdict) -> Option<String> {
    let mut parts = vec!["guard-grant/v1".to_owned()];
    for judged in &verdict.commands {
        add(judged, &mut parts)?;
    }
    // Each part with its length before it, so that no two lists read alike.
    let framed: Vec<u8> = parts
        .iter()
        .flat_map(|part| [format!("{}:", part.len()).as_bytes(), part.as_bytes()].concat())
        .collect();
    Some(encode(&sha256(&[&framed])))
}

fn add(judged: &Judged, parts: &mut Vec<String>) -> Option<()> {
    let unknown = judged.environment == EnvironmentName::Unknown;
    if judged.unsure.is_some() || unknown {
        return None;
    }
    parts.push(judged.command.tool.clone());
    parts.push(judged.command.invocation.program().as_bytes().escape_ascii().to_string());
    parts.push(judged.command.invocation.place().unwrap_or("").to_owned());
    parts.push(judged.environment.word().to_owned());
    // What was confirmed, in the words that were shown.
    parts.push(judged.headline());
    parts.push(judged.matched.len().to_string());
    parts.extend(judged.matched.iter().map(|rule| rule.id.clone()));
    let things = things_of(judged);
    parts.push(things.len().to_string());
    for (_, identity) in &things {
        // What cannot be seen, or is not there yet, may be anything the next time.
        let (device, inode) = (*identity)?;
        parts.push(format!("{device}:{inode}"));
    }
    match judged.targets() {
        Some(targets) => target(targets, parts),
        None => {
            parts.push("no target".to_owned());
            Some(())
        }
    }
}

fn target(targets: &Targets, parts: &mut Vec<String>) -> Option<()> {
    parts.push(targets.typed.clone());
    parts.push(targets.inputs.len().to_string());
    for (path, content) in &targets.inputs {
        parts.push(path.as_os_str().as_bytes().escape_ascii().to_string());
        parts.push(content.to_string());
    }
    parts.push(targets.facts.len().to_string());
    for fact in &targets.facts {
        let Value::Known(datum) = &fact.value else { return None };
        parts.push(fact.key.clone().into_owned());
        parts.push(format!("{datum:?}"));
    }
    for list in [&targets.objects, &targets.deletes] {
        parts.push(list.len().to_string());
        parts.extend(list.iter().cloned());
    }
    Some(())
}
