//! Which command of kubectl's tree a line calls: cobra's own way of looking for it (spf13/cobra command.go,
//! `Find`), which differs from parsing: an option it does not know there takes the next word with it.
//! Must never improve on cobra: what it cannot find, kubectl refuses.

use super::verbs::{self, Program, Verb};
use crate::reading::grammar::{Spec, Takes};

/// The outcome of the search.
#[derive(Debug)]
#[must_use]
pub enum Found {
    /// A command, and the words that remain for it.
    Verb(&'static Verb, Vec<String>),
    /// Kubectl itself: it prints its help.
    Root,
    /// No command is called so.
    Unknown,
    /// It depends on whether an option that this table does not know takes a value.
    Unclear(String),
}

/// Looks for the command.
pub fn find(words: &[String], of: Program) -> Found {
    let mut rest = words.to_vec();
    let mut verb: Option<&'static Verb> = None;
    loop {
        let (parent, specs) = match verb {
            None => ("", verbs::global()),
            Some(verb) if verb.has_below(of) => (verb.words, verb.specs()),
            Some(verb) => return Found::Verb(verb, rest),
        };
        let first = first_operand(&rest, &specs);
        let Some(word) = first.word else {
            return verb.map_or(Found::Root, |v| Found::Verb(v, rest));
        };
        match Verb::below(parent, &word, of) {
            Some(below) => {
                if let Some(option) = first.unknown_option {
                    return Found::Unclear(option);
                }
                rest = without(&rest, &word, &specs);
                verb = Some(below);
            }
            None => return verb.map_or(Found::Unknown, |v| Found::Verb(v, rest)),
        }
    }
}

struct First {
    word: Option<String>,
    /// An option before it that no kubectl command of the table has.
    unknown_option: Option<String>,
}

/// The first word that is neither an option nor taken as one's value; cobra's `stripFlags`.
fn first_operand(words: &[String], specs: &[Spec]) -> First {
    let mut unknown_option = None;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if word == "--" {
            break;
        }
        if takes_next(word, specs) {
            if unknown_option.is_none() && is_foreign(word, specs) {
                unknown_option = Some(word.clone());
            }
            if words.len() - at <= 1 {
                break;
            }
            at += 1;
        } else if !word.is_empty() && !word.starts_with('-') {
            return First { word: Some(word.clone()), unknown_option };
        }
    }
    First { word: None, unknown_option }
}

/// The words without the one that named the command; cobra's `argsMinusFirstX`.
fn without(words: &[String], name: &str, specs: &[Spec]) -> Vec<String> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            break;
        }
        if takes_next(word, specs) {
            at += 1;
        } else if word == name {
            return words[..at].iter().chain(&words[at + 1..]).cloned().collect();
        }
        at += 1;
    }
    words.to_vec()
}

/// Whether cobra skips the word after this one: an option without `=` that is not known to stand alone.
fn takes_next(word: &str, specs: &[Spec]) -> bool {
    if word.contains('=') {
        return false;
    }
    match word.strip_prefix("--") {
        Some(long) => !stands_alone(specs.iter().find(|s| s.long == long.replace('_', "-"))),
        None if word.starts_with('-') && word.len() == 2 => {
            let letter = word[1..].chars().next();
            !stands_alone(specs.iter().find(|s| s.short.is_some() && s.short == letter))
        }
        None => false,
    }
}

fn stands_alone(spec: Option<&Spec>) -> bool {
    spec.is_some_and(|s| match s.takes {
        Takes::Nothing | Takes::Optional => true,
        Takes::Value => false,
    })
}

/// A long option that is neither expected here nor known to any command: a newer kubectl may know it, and
/// then as one that stands alone. The beginning of a known one is misspelt, and refused later.
fn is_foreign(word: &str, specs: &[Spec]) -> bool {
    let Some(long) = word.strip_prefix("--") else { return false };
    let long = long.replace('_', "-");
    long != "help" && !specs.iter().any(|s| s.long.starts_with(&long)) && verbs::anywhere(&long).is_none()
}

#[cfg(test)]
mod tests {
    use super::{Found, Program, find};

    fn found(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match find(&words, Program::Kubectl) {
            Found::Verb(verb, rest) => format!("{}|{}", verb.words, rest.join(" ")),
            Found::Root => "root".into(),
            Found::Unknown => "unknown".into(),
            Found::Unclear(option) => format!("unclear {option}"),
        }
    }

    #[test]
    fn options_before_the_command_are_skipped_as_cobra_does() {
        assert_eq!(found("delete pod x"), "delete|pod x");
        assert_eq!(found("--context prod -n a delete pod delete"), "delete|--context prod -n a pod delete");
        assert_eq!(found("-v 6 delete pod x"), "delete|-v 6 pod x");
        assert_eq!(found("--replicas 0 scale deploy/web"), "scale|--replicas 0 deploy/web");
        assert_eq!(found("--all=true delete pods"), "delete|--all=true pods");
        assert_eq!(found("--all delete pods"), "unknown");
        assert_eq!(found("-A delete pods"), "unknown");
        assert_eq!(found("-n get delete pods"), "delete|-n get pods");
        assert_eq!(found("--insecure-skip-tls-verify delete pods"), "delete|--insecure-skip-tls-verify pods");
        assert_eq!(found("--contex a delete get pods"), "delete|--contex a get pods");
        assert_eq!(found("--brand-new delete get pods"), "unclear --brand-new");
    }

    #[test]
    fn commands_below_commands() {
        assert_eq!(found("rollout restart deploy web"), "rollout restart|deploy web");
        assert_eq!(found("-n a rollout -n b undo deploy/web"), "rollout undo|-n a -n b deploy/web");
        assert_eq!(found("create ns a"), "create namespace|a");
        assert_eq!(found("create --dry-run deployment x"), "create deployment|--dry-run x");
        assert_eq!(found("create -f deployment x"), "create|-f deployment x");
        assert_eq!(found("rollout frob x"), "rollout|frob x");
        assert_eq!(found("-- delete pod x"), "root");
        assert_eq!(found("delet pod x"), "unknown");
    }
}
