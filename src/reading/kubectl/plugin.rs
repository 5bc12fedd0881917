//! Commands that kubectl does not have: it runs `kubectl-VERB` from PATH, the longest name first, or stops.
//! Must never call a plugin harmless: nothing is known about it.

use super::line::Line;
use super::verbs::Program;
use super::{Read, headline, nothing, verbs};
use crate::invocation::{Invocation, ReadError};
use crate::reading::{Command, Doubt, Start};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A first word that is no command (kubectl pkg/cmd `HandlePluginCommand`). What it would start is `start`'s to say.
pub fn unknown_verb(invocation: &Invocation, words: &[String]) -> Read {
    let Some(first) = words.first().filter(|w| !w.starts_with('-')) else {
        return Read::alone(nothing(invocation, "kubectl takes no options before a plugin's name"));
    };
    let of = Program::of(invocation.program());
    if is_slip(first, of) && !may_exist(invocation, of, first) {
        let why = "kubectl has no such command, and no plugin is called so";
        return Read::alone(nothing(invocation, why));
    }
    let mut command = Command::new(invocation, "kubectl");
    command.headline = headline(invocation);
    command.verb = first.clone();
    command.operands = words[1..].to_vec();
    command.traits.add("form", "perhaps-a-plugin");
    Read { command, starts: vec![start(invocation, program(of), words).0] }
}

/// `kubectl create X` runs `kubectl-create-X` where kubectl has no such subcommand.
pub fn created(line: &Line, command: &Command) -> Option<Start> {
    if !command.traits.has("form", "perhaps-a-plugin") {
        return None;
    }
    let words: Vec<String> =
        std::iter::once("create".to_owned()).chain(line.operands.iter().cloned()).collect();
    let of = Program::of(command.invocation.program());
    Some(start(&command.invocation, program(of), &words).0)
}

/// The plugin that `PROGRAM WORDS…` runs: the longest name that PATH has, else the shortest there could be. Its own
/// rules read it; without any it is not known what it does. Also whether PATH has it.
pub fn start(invocation: &Invocation, program: &str, words: &[String]) -> (Start, bool) {
    let names: Vec<String> =
        words.iter().take_while(|w| !w.starts_with('-')).map(|w| w.replace('-', "_")).collect();
    let called = |n: usize| format!("{program}-{}", names[..n].join("-"));
    let found = (1..=names.len()).rev().find(|n| on_path(invocation, &called(*n)));
    let length = found.unwrap_or(1).min(names.len());
    let name = called(length);
    let why =
        format!("{} is a plugin or a newer command, and no rule file covers it", crate::text::show(&name));
    let first = words.first().map_or("", String::as_str);
    let at = invocation.args().iter().position(|w| w == first).map_or(0, |at| at + length);
    let mut argv: Vec<OsString> = vec![name.into()];
    argv.extend(invocation.args().iter().skip(at).cloned());
    let start = Start { invocation: invocation.nested(argv), doubt: Some(Doubt::unless_covered(why)) };
    (start, found.is_some())
}

fn on_path(invocation: &Invocation, name: &str) -> bool {
    let Some(path) = invocation.environment().get("PATH") else { return false };
    path.as_bytes().split(|b| *b == b':').any(|directory| {
        let file = Path::new(std::ffi::OsStr::from_bytes(directory)).join(name);
        !matches!(invocation.read(file), Err(ReadError::Missing))
    })
}

/// `kubectl create X` runs `kubectl-create-X` where kubectl has no such subcommand.
pub fn may_create(invocation: &Invocation, what: &str) -> bool {
    may_exist(invocation, Program::of(invocation.program()), &format!("create-{what}"))
}

/// A mistyped command: the beginning of one, or one slip away from it. Not just any unknown word, which a
/// newer kubectl may know.
fn is_slip(word: &str, of: Program) -> bool {
    is_slip_of(word, verbs::top_level(of))
}

/// As `is_slip`, among other programs' commands.
pub fn is_slip_of<'v>(word: &str, mut verbs: impl Iterator<Item = &'v str>) -> bool {
    !word.is_empty()
        && verbs.any(|v| (v.len() > word.len() && v.starts_with(word)) || one_slip_apart(word, v))
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

/// What plugins' names begin with.
fn program(of: Program) -> &'static str {
    match of {
        Program::Kubectl => "kubectl",
        Program::Oc => "oc",
    }
}

/// Whether PATH may hold the plugin, or one with a longer name that starts so.
fn may_exist(invocation: &Invocation, of: Program, name: &str) -> bool {
    let name = format!("{}-{}", program(of), name.replace('-', "_").replacen("create_", "create-", 1));
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
    use super::{Program, is_slip, one_slip_apart};

    #[test]
    fn one_slip_is_one_key() {
        for (a, b) in [("gte", "get"), ("ge", "get"), ("gett", "get"), ("gwt", "get"), ("delte", "delete")] {
            assert!(one_slip_apart(a, b) && one_slip_apart(b, a), "{a} {b}");
        }
        for (a, b) in [("get", "get"), ("gxx", "get"), ("teg", "get"), ("ctx", "get")] {
            assert!(!one_slip_apart(a, b), "{a} {b}");
        }
        let slip = |word| is_slip(word, Program::Kubectl);
        assert!(slip("gte") && slip("descri") && !slip("ctx") && !slip("obliterate"));
    }
}
