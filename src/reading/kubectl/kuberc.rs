//! kuberc: a person's own aliases and default options, applied to the words before kubectl parses them
//! (kubectl pkg/kuberc.go). Must never be read for a command that only reads.

use super::find::{Found, find};
use super::verbs::{Program, Verb};
use super::yaml::{self, Node};
use crate::invocation::{Invocation, ReadError};

/// Whether kubectl applies a kuberc file, as far as can be known without asking it for its version.
#[derive(Debug)]
#[must_use]
pub enum Kuberc {
    /// Switched off, or there is none.
    Off,
    On(Preference),
    /// Since 1.34 it is applied unless it is switched off, before that only when it is switched on.
    Perhaps(Preference),
    /// There is one that cannot be read.
    Unreadable(String),
}

/// What a kuberc file says.
#[derive(Debug)]
pub struct Preference {
    aliases: Vec<Alias>,
    defaults: Vec<(String, Vec<Setting>)>,
    /// The file as shown.
    pub file: String,
}

#[derive(Debug)]
struct Alias {
    name: String,
    command: String,
    prepend: Vec<String>,
    append: Vec<String>,
    settings: Vec<Setting>,
}

/// An option's default: name without dashes, and value.
pub type Setting = (String, String);

/// The words with an alias replaced, and the options that hold unless they are given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub words: Vec<String>,
    pub settings: Vec<Setting>,
}

/// Looks for the file; `explicit` is `--kuberc`.
pub fn load(invocation: &Invocation, explicit: Option<&str>) -> Kuberc {
    let switch = invocation.var("KUBECTL_KUBERC");
    let variable = invocation.var_filled("KUBERC");
    if switch.as_deref() == Some("false") || variable.as_deref() == Some("off") {
        return Kuberc::Off;
    }
    let (path, shown) = match (explicit.filter(|e| !e.is_empty()), variable) {
        (Some(path), _) => (path.into(), path.to_owned()),
        (None, Some(path)) => ((&path).into(), path),
        (None, None) => {
            let home = invocation.home().unwrap_or_default();
            (home.join(".kube/kuberc"), "~/.kube/kuberc".to_owned())
        }
    };
    let bytes = match invocation.read(path) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Kuberc::Off,
        Err(error) => return Kuberc::Unreadable(format!("{shown}: {error}")),
    };
    match preference(&bytes, shown.clone()) {
        Ok(preference) if switch.as_deref() == Some("true") => Kuberc::On(preference),
        Ok(preference) => Kuberc::Perhaps(preference),
        Err(why) => Kuberc::Unreadable(format!("{shown}: {why}")),
    }
}

fn preference(bytes: &[u8], file: String) -> Result<Preference, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    let all = yaml::documents(text)?;
    let mut known = all.iter().filter(|d| is_preference(d));
    let (Some(doc), None) = (known.next(), known.next()) else {
        return Err("not one Preference of kubectl.config.k8s.io v1alpha1 or v1beta1".into());
    };
    let overrides = list(doc, "overrides").chain(list(doc, "defaults"));
    Ok(Preference {
        aliases: list(doc, "aliases").map(alias).collect(),
        defaults: overrides.map(|n| (field(n, "command"), settings(n))).collect(),
        file,
    })
}

fn is_preference(doc: &Node) -> bool {
    let version = doc.get("apiVersion").and_then(Node::text).unwrap_or("");
    let known = ["kubectl.config.k8s.io/v1alpha1", "kubectl.config.k8s.io/v1beta1"].contains(&version);
    known && doc.get("kind").and_then(Node::text) == Some("Preference")
}

fn alias(node: &Node) -> Alias {
    let words = |key| list(node, key).filter_map(Node::text).map(str::to_owned).collect();
    Alias {
        name: field(node, "name"),
        command: field(node, "command"),
        prepend: words("prependArgs"),
        append: words("appendArgs"),
        settings: settings(node),
    }
}

/// `flags` in v1alpha1, `options` since.
fn settings(node: &Node) -> Vec<Setting> {
    let all = list(node, "flags").chain(list(node, "options"));
    all.map(|flag| (field(flag, "name"), field(flag, "default"))).collect()
}

fn list<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    node.get(key).map_or(&[][..], Node::items).iter()
}

fn field(node: &Node, key: &str) -> String {
    match node.get(key) {
        Some(Node::Text(text) | Node::Number(text)) => text.clone(),
        Some(Node::Bool(value)) => value.to_string(),
        Some(Node::Null | Node::List(_) | Node::Map(_)) | None => String::new(),
    }
}

impl Preference {
    /// Applies aliases, then defaults, as kubectl does.
    pub fn apply(&self, words: &[String]) -> Applied {
        let mut applied = Applied { words: words.to_vec(), settings: Vec::new() };
        match find(words, Program::Kubectl) {
            Found::Verb(verb, _) => self.defaults_for(verb, &mut applied),
            Found::Unknown => self.alias_for(&mut applied),
            Found::Root | Found::Unclear(_) => {}
        }
        applied
    }

    /// Commands are compared by their last word only.
    fn defaults_for(&self, verb: &Verb, applied: &mut Applied) {
        let same = |command: &str| command.split_whitespace().last() == Some(verb.name());
        for (_, settings) in self.defaults.iter().filter(|(command, _)| same(command)) {
            let open = settings.iter().filter(|(name, _)| !is_given(name, verb, &applied.words));
            applied.settings.extend(open.cloned());
        }
    }

    fn alias_for(&self, applied: &mut Applied) {
        let Some(at) = applied.words.iter().position(|w| !w.starts_with('-')) else { return };
        let Some(alias) = self.aliases.iter().find(|a| a.name == applied.words[at]) else { return };
        let command: Vec<String> = alias.command.split_whitespace().map(str::to_owned).collect();
        let Found::Verb(verb, _) = find(&command, Program::Kubectl) else { return };
        applied.settings = alias.settings.clone();
        applied.settings.retain(|(name, _)| !is_given(name, verb, &applied.words));
        let mut words = applied.words[..at].to_vec();
        words.extend(command.into_iter().chain(alias.prepend.iter().cloned()));
        words.extend(applied.words[at + 1..].iter().chain(&alias.append).cloned());
        applied.words = words;
    }
}

/// kubectl's own approximation (`searchInArgs`): a word that looks like the option counts, wherever it stands.
fn is_given(name: &str, verb: &Verb, words: &[String]) -> bool {
    let short = verb.specs().iter().find(|s| s.long == name).and_then(|s| s.short);
    words.iter().any(|word| match word.strip_prefix("--") {
        Some(long) => long == name || long.split_once('=').is_some_and(|(n, _)| n == name),
        None => {
            let letters = word.strip_prefix('-').unwrap_or("").split('=').next().unwrap_or("");
            short.is_some_and(|s| letters.contains(s))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::preference;

    const FILE: &str = "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\naliases:\n- name: show\n  command: \
        delete\n  appendArgs: [\"--context=prod\"]\n- name: nuke\n  command: delete\n  prependArgs: [pods]\n  flags:\n  \
        - name: all\n    default: \"true\"\noverrides:\n- command: delete\n  flags:\n  - name: context\n    default: prod\n";

    fn apply(line: &str) -> (String, String) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let applied = preference(FILE.as_bytes(), "f".into()).expect("loads").apply(&words);
        let settings: Vec<String> = applied.settings.iter().map(|(n, v)| format!("{n}={v}")).collect();
        (applied.words.join(" "), settings.join(" "))
    }

    #[test]
    fn aliases_and_defaults() {
        assert_eq!(apply("show pod x"), ("delete pod x --context=prod".into(), String::new()));
        assert_eq!(apply("nuke -n a"), ("delete pods -n a".into(), "all=true".into()));
        assert_eq!(apply("delete pod x"), ("delete pod x".into(), "context=prod".into()));
        assert_eq!(apply("delete pod x --context=b"), ("delete pod x --context=b".into(), String::new()));
        assert_eq!(apply("get pod x"), ("get pod x".into(), String::new()));
    }

    #[test]
    fn v1beta1_has_other_names_and_strangers_are_refused() {
        let file = FILE
            .replace("v1alpha1", "v1beta1")
            .replace("flags:", "options:")
            .replace("overrides:", "defaults:");
        let applied = preference(file.as_bytes(), "f".into()).map(|p| p.apply(&["delete".into()]).settings);
        assert_eq!(applied, Ok(vec![("context".into(), "prod".into())]));
        assert!(preference(b"kind: Other", "f".into()).is_err());
    }
}
