//! Commands that kubectl does not have: it runs `kubectl-VERB` from PATH, the longest name first, or stops.
//! Must never call a plugin harmless: nothing is known about it.

use super::{headline, nothing, verbs};
use crate::invocation::{Invocation, ReadError};
use crate::reading::{Command, Does};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Commands that OpenShift's `oc` adds and that change nothing on the cluster.
const OC_READS: &[&str] =
    &["login", "logout", "project", "projects", "status", "whoami", "registry", "extract"];

/// A first word that is no command (kubectl pkg/cmd `HandlePluginCommand`).
pub fn unknown_verb(invocation: &Invocation, words: &[String]) -> Command {
    let Some(first) = words.first().filter(|w| !w.starts_with('-')) else {
        return nothing(invocation, "kubectl takes no options before a plugin's name");
    };
    let verb = words.iter().find(|w| !w.starts_with('-')).map_or("", String::as_str);
    if is_slip(first) && !may_exist(invocation, first) {
        return nothing(invocation, "kubectl has no such command, and no plugin is called so");
    }
    let mut command = Command::new(invocation, "kubectl");
    command.headline = headline(invocation);
    if invocation.program() == "oc" && OC_READS.contains(&verb) {
        command.verb = verb.to_owned();
        return command;
    }
    command.verb = verb.to_owned();
    command.operands = words[1..].to_vec();
    let shown = crate::text::show(first);
    command.does =
        Does::Unsure(format!("{shown} is not a command of kubectl up to 1.33; a plugin can do anything"));
    command
}

/// `kubectl create X` runs `kubectl-create-X` where kubectl has no such subcommand.
pub fn may_create(invocation: &Invocation, what: &str) -> bool {
    may_exist(invocation, &format!("create-{what}"))
}

/// A mistyped command: the beginning of one, or one slip away from it. Not just any unknown word, which a
/// newer kubectl may know.
fn is_slip(word: &str) -> bool {
    !word.is_empty()
        && verbs::top_level()
            .any(|v| (v.len() > word.len() && v.starts_with(word)) || one_slip_apart(word, v))
}

/// One letter missing, too many, wrong, or two neighbours swapped.
fn one_slip_apart(a: &str, b: &str) -> bool {
    let (a, b) = if a.len() <= b.len() { (a.as_bytes(), b.as_bytes()) } else { (b.as_bytes(), a.as_bytes()) };
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match b.len() - a.len() {
        0 => match (rest_a, rest_b) {
            ([_, x @ ..], [_, y @ ..]) if x == y => true,
            ([x1, x2, x @ ..], [y1, y2, y @ ..]) => x1 == y2 && x2 == y1 && x == y,
            _ => false,
        },
        1 => rest_b.get(1..) == Some(rest_a),
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::{is_slip, one_slip_apart};

    #[test]
    fn one_slip_is_one_key() {
        for (a, b) in [("gte", "get"), ("ge", "get"), ("gett", "get"), ("gwt", "get"), ("delte", "delete")] {
            assert!(one_slip_apart(a, b) && one_slip_apart(b, a), "{a} {b}");
        }
        for (a, b) in [("get", "get"), ("gxx", "get"), ("teg", "get"), ("ctx", "get")] {
            assert!(!one_slip_apart(a, b), "{a} {b}");
        }
        assert!(is_slip("gte") && is_slip("descri") && !is_slip("ctx") && !is_slip("obliterate"));
    }
}
