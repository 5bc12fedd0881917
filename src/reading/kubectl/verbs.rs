//! Looking kubectl's commands and their options up in the table beside this file.
//! Must never answer for a command that is not in it.

use super::oc_table;
use super::verb_table::VERBS;
use crate::reading::grammar::{Spec, Takes, opt};
use std::collections::BTreeMap;

/// One command of kubectl's tree.
#[derive(Debug)]
pub struct Verb {
    /// The words that call it: `rollout undo`.
    pub words: &'static str,
    /// Other spellings of its last word.
    aliases: &'static str,
    /// It changes nothing, on the cluster or here.
    pub reads: bool,
    /// `-f/--filename=` takes a value, `--dry-run[=]` may carry one, `--all` takes none.
    options: &'static str,
}

pub(super) const fn reads(words: &'static str, aliases: &'static str, options: &'static str) -> Verb {
    Verb { words, aliases, reads: true, options }
}

pub(super) const fn changes(words: &'static str, aliases: &'static str, options: &'static str) -> Verb {
    Verb { words, aliases, reads: false, options }
}

/// Options of every command (`kubectl options`); `--kuberc` since 1.34.
const GLOBAL: &[Spec<'static>] = &[
    opt("as", '\0', Takes::Value),
    opt("as-group", '\0', Takes::Value),
    opt("as-uid", '\0', Takes::Value),
    opt("cache-dir", '\0', Takes::Value),
    opt("certificate-authority", '\0', Takes::Value),
    opt("client-certificate", '\0', Takes::Value),
    opt("client-key", '\0', Takes::Value),
    opt("cluster", '\0', Takes::Value),
    opt("context", '\0', Takes::Value),
    opt("disable-compression", '\0', Takes::Nothing),
    opt("insecure-skip-tls-verify", '\0', Takes::Nothing),
    opt("kubeconfig", '\0', Takes::Value),
    opt("kuberc", '\0', Takes::Value),
    opt("log-flush-frequency", '\0', Takes::Value),
    opt("match-server-version", '\0', Takes::Nothing),
    opt("namespace", 'n', Takes::Value),
    opt("password", '\0', Takes::Value),
    opt("profile", '\0', Takes::Value),
    opt("profile-output", '\0', Takes::Value),
    opt("request-timeout", '\0', Takes::Value),
    opt("server", 's', Takes::Value),
    opt("tls-server-name", '\0', Takes::Value),
    opt("token", '\0', Takes::Value),
    opt("user", '\0', Takes::Value),
    opt("username", '\0', Takes::Value),
    // Its long name has one letter; the grammar reaches it by the letter only, which is how it is written.
    opt("v", 'v', Takes::Value),
    opt("vmodule", '\0', Takes::Value),
    opt("warnings-as-errors", '\0', Takes::Nothing),
];

/// Whose commands: `oc` has all of kubectl's, and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Kubectl,
    Oc,
}

impl Program {
    pub fn of(name: &std::ffi::OsStr) -> Program {
        if name == "oc" { Program::Oc } else { Program::Kubectl }
    }

    fn verbs(self) -> impl Iterator<Item = &'static Verb> {
        let own: &'static [Verb] = match self {
            Program::Kubectl => &[],
            Program::Oc => oc_table::VERBS,
        };
        VERBS.iter().chain(own)
    }
}

impl Verb {
    /// Its own options and the global ones. A command's own option hides a global one of the same name
    /// (`debug --profile`); `-h/--help` joins when the command runs, not while it is looked for.
    pub fn specs(&self) -> Vec<Spec<'static>> {
        let mut specs: Vec<Spec<'static>> = self.options.split_ascii_whitespace().map(spec).collect();
        specs.extend(GLOBAL.iter().filter(|g| !self.owns(g)));
        specs
    }

    fn owns(&self, global: &Spec) -> bool {
        self.options.split_ascii_whitespace().any(|word| spec(word).long == global.long)
    }

    /// The last of its words.
    pub fn name(&self) -> &'static str {
        self.words.rsplit(' ').next().unwrap_or(self.words)
    }

    /// The command below `parent` (`""` for the program itself) that `word` calls.
    pub fn below(parent: &str, word: &str, of: Program) -> Option<&'static Verb> {
        of.verbs().find(|v| {
            let above = v.words.len() - v.name().len();
            v.words[..above].trim_end() == parent
                && (v.name() == word || v.aliases.split(' ').any(|a| a == word))
        })
    }

    /// Whether commands exist below it.
    pub fn has_below(&self, of: Program) -> bool {
        of.verbs().any(|v| v.words.strip_prefix(self.words).is_some_and(|rest| rest.starts_with(' ')))
    }
}

/// Kubectl itself, before a command is found.
pub fn global() -> Vec<Spec<'static>> {
    GLOBAL.to_vec()
}

/// An option of this long name, from the first command that has one.
pub fn anywhere(long: &str) -> Option<Spec<'static>> {
    VERBS.iter().find_map(|v| v.options.split_ascii_whitespace().map(spec).find(|s| s.long == long))
}

/// All of them, for who asks about many.
pub fn everywhere() -> BTreeMap<&'static str, Spec<'static>> {
    let all = VERBS.iter().rev().flat_map(|v| v.options.split_ascii_whitespace().rev().map(spec));
    all.map(|spec| (spec.long, spec)).collect()
}

/// A row's notation: `-f/--filename=`, `--dry-run[=]`, `--all`.
fn spec(word: &'static str) -> Spec<'static> {
    let (short, long) = match word.split_once('/') {
        Some((short, long)) => (short.as_bytes()[1] as char, long),
        None => ('\0', word),
    };
    let long = &long[2..];
    match (long.strip_suffix("[=]"), long.strip_suffix('=')) {
        (Some(name), _) => opt(name, short, Takes::Optional),
        (None, Some(name)) => opt(name, short, Takes::Value),
        (None, None) => opt(long, short, Takes::Nothing),
    }
}

/// Whether a command has an option of its own in the place of the global one: `create rolebinding --user`.
pub fn hides_global(words: &str, long: &str) -> bool {
    let verb = Program::Oc.verbs().find(|v| v.words == words);
    verb.is_some_and(|v| v.options.split_ascii_whitespace().any(|word| spec(word).long == long))
}

/// Whether these words are a command of kubectl's own.
pub fn is_command(words: &str) -> bool {
    Program::Oc.verbs().any(|v| v.words == words)
}

/// The first words of all commands.
pub fn top_level(of: Program) -> impl Iterator<Item = &'static str> {
    of.verbs().map(|v| v.words).filter(|w| !w.contains(' '))
}
