//! What makes two commands the same to a grant: their words, the rules that match, and everything known about what they hit. Must
//! never call two things the same because one of them is not known.

use crate::gates::approval::Live;
use crate::gates::things::things_of;
use crate::invocation::Stdin;
use crate::keys::{encode, sha256};
use crate::rules::{EnvironmentName, Judged};
use crate::targets::{Targets, Value};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

/// A digest of the command line, and of rules and target of every command of it. `None` where something about them is not
/// known: that is never the same as anything.
pub fn what(live: &Live<'_>) -> Option<String> {
    let verdict = live.verdict;
    let mut parts = vec!["guard-grant/v1".to_owned()];
    words(live, &mut parts)?;
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

/// What would be started: headlines and objects name a part of what a statement does, and are cut.
fn words(live: &Live<'_>, parts: &mut Vec<String>) -> Option<()> {
    parts.push(live.argv.len().to_string());
    parts.extend(live.argv.iter().map(|word| word.as_bytes().escape_ascii().to_string()));
    let program = std::fs::metadata(live.program).ok()?;
    parts.push(live.program.as_os_str().as_bytes().escape_ascii().to_string());
    // An inode's number is given again; the time of its last change is not.
    let changed = (program.ctime(), program.ctime_nsec());
    parts.push(format!("{}:{}:{}.{:09}", program.dev(), program.ino(), changed.0, changed.1));
    parts.push(std::env::current_dir().ok()?.as_os_str().as_bytes().escape_ascii().to_string());
    parts.push(match live.stdin {
        Stdin::Terminal => "terminal".to_owned(),
        Stdin::Unread => "unread".to_owned(),
        Stdin::Content(bytes) => encode(&sha256(&[bytes])),
        Stdin::TooMuch => return None,
    });
    Some(())
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
