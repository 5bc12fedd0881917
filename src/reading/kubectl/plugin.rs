//! Commands that kubectl does not have: it runs `kubectl-VERB` from PATH, the longest name first, or stops.
//! Must never call a plugin harmless: nothing is known about it.

use super::{headline, nothing, verbs};
use crate::invocation::{Invocation, ReadError};
use crate::reading::{Command, Does};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A first word that is no command (kubectl pkg/cmd `HandlePluginCommand`).
pub fn unknown_verb(invocation: &Invocation, words: &[String]) -> Command {
    let Some(first) = words.first().filter(|w| !w.starts_with('-')) else {
        return nothing(invocation, "kubectl takes no options before a plugin's name");
    };
    let verb = words.iter().find(|w| !w.starts_with('-')).map_or("", String::as_str);
    if is_beginning_of_a_command(first) && !may_exist(invocation, first) {
        return nothing(invocation, "kubectl does not abbreviate commands, and no plugin is called so");
    }
    let mut command = Command::new(invocation, "kubectl");
    command.verb = verb.to_owned();
    command.operands = words[1..].to_vec();
    command.headline = headline(invocation);
    let shown = crate::text::show(first);
    command.does =
        Does::Unsure(format!("{shown} is not a command of kubectl up to 1.33; a plugin can do anything"));
    command
}

/// `kubectl create X` runs `kubectl-create-X` where kubectl has no such subcommand.
pub fn may_create(invocation: &Invocation, what: &str) -> bool {
    may_exist(invocation, &format!("create-{what}"))
}

fn is_beginning_of_a_command(word: &str) -> bool {
    !word.is_empty() && verbs::top_level().any(|v| v.len() > word.len() && v.starts_with(word))
}

/// Whether PATH may hold the plugin, or one with a longer name that starts so.
fn may_exist(invocation: &Invocation, name: &str) -> bool {
    let name = format!("kubectl-{}", name.replace('-', "_").replacen("create_", "create-", 1));
    let Some(path) = invocation.environment().get("PATH") else { return false };
    path.as_bytes().split(|b| *b == b':').any(|directory| {
        let directory = Path::new(std::ffi::OsStr::from_bytes(directory));
        let missing = matches!(invocation.read(directory.join(&name)), Err(ReadError::Missing));
        !missing || longer_name(&invocation.path(directory), &name)
    })
}

fn longer_name(directory: &Path, name: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else { return false };
    let start = format!("{name}-");
    entries.flatten().any(|e| e.file_name().as_bytes().starts_with(start.as_bytes()))
}
